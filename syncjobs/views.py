"""Webhook intake: store, enqueue, answer. No call leaves this process."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from syncjobs import event_store, webhooks


@csrf_exempt
@require_POST
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """Take in one notification for the connection that this token names.

    200 says that it is stored, also when it was refused for what it holds: sending it again would change nothing.
    404: no such connection. 413: too large to be a notification; that is noted.
    """
    connection = event_store.find_receiver(token)
    if connection is None:
        return JsonResponse({"stored": False}, status=404)
    limit = settings.WEBHOOK_MAX_BYTES
    size, body = int(request.META.get("CONTENT_LENGTH") or 0), b""
    if size <= limit:
        body = request.META["wsgi.input"].read(limit + 1) if _is_chunked(request) else request.body
        size = len(body)
    if size > limit:
        webhooks.refuse_oversized(connection, size)
        return JsonResponse({"stored": True, "accepted": False}, status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    accepted = webhooks.receive(connection, body, headers)
    return JsonResponse({"stored": True, "accepted": accepted})


def _is_chunked(request: HttpRequest) -> bool:
    """A body in chunks has no length, so Django takes it for empty; the server says whether it knows where it ends."""
    return not request.META.get("CONTENT_LENGTH") and bool(request.META.get("wsgi.input_terminated"))
