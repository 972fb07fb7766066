"""Where systems send a person back to after a sign-in by browser."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from audit.trail import actor
from connections import browser_sign_in as signing_in
from connections.models import Connection
from syncjobs import dispatch


@never_cache
@require_GET
def signed_in(request: HttpRequest) -> HttpResponse:
    """Finish the sign-in, enqueue a test and redirect to the connection's page, which shows the result.

    Also refusals lead there, so that the code does not stay in the browser's address. Whoever is not signed in to the
    console any more comes by its login.
    """
    state = request.GET.get("state", "")
    if not request.user.is_authenticated:
        messages.error(request, f"You were no longer signed in to the console. {signing_in.AGAIN}")
    elif not (request.user.is_staff and request.user.has_perm("connections.enter_secrets")):
        messages.error(request, "Signing in by browser needs the right to enter credentials, which you do not have.")
    else:
        _finish(request, state)
    response = HttpResponseRedirect(_page(signing_in.connection_id(state)))
    response["Referrer-Policy"] = "no-referrer"
    return response


def _finish(request: HttpRequest, state: str) -> None:
    code, refusal = request.GET.get("code", ""), request.GET.get("error", "")
    try:
        connection = signing_in.finish(state, code, refusal, request.session, actor(request))
    except signing_in.SignInFailed as failed:
        messages.error(request, f"{failed.message} What to do: {failed.next_step}")
        return
    label = connection.declaration.label
    if connection.usable:
        dispatch.enqueue("probe", connection.pk)
        messages.success(
            request, f"Signed in to {label}. The connection is being tested; its flows go on by themselves."
        )
    else:
        messages.success(request, f"Signed in to {label}. The connection stays paused until somebody resumes it.")


def _page(key: int | None) -> str:
    if key is not None and Connection.objects.filter(pk=key).exists():
        return reverse("admin:connections_connection_change", args=[key])
    return reverse("admin:connections_connection_changelist")
