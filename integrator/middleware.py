"""The way of requests that no person makes."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import resolve

PATHS = ("/hooks/",)


def without_session(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Send webhooks straight to their view, past all middleware below this one: they have no session and no messages.

    What stands above it in `MIDDLEWARE` (TLS and security headers, the check of the host, framing) holds for them too.
    """

    def respond(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PATHS):
            return get_response(request)
        view = resolve(request.path_info)
        response: HttpResponseBase = view.func(request, *view.args, **view.kwargs)
        return response

    return respond
