"""Webhook intake: store, ring, answer. No call leaves this process."""

from __future__ import annotations

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from connections.models import Connection
from syncjobs import webhooks
from syncjobs.models import WebhookEvent

log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """Take in one notification for the connection that this token names.

    200 says that it is stored, also when it was refused for what it holds: sending it again would change nothing.
    404: no such connection. 413: too large to be a notification; the inbox notes it.
    """
    connection = Connection.objects.filter(webhook_token=token).first()
    if connection is None:
        return JsonResponse({"stored": False}, status=404)
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > settings.WEBHOOK_MAX_BYTES:
        webhooks.refuse_oversized(connection, size)
        return JsonResponse({"stored": True, "accepted": False}, status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    event = webhooks.receive(connection, request.body, headers)
    return JsonResponse({"stored": True, "accepted": event.state != WebhookEvent.State.REFUSED})
