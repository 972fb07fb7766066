"""The shapes in which Visma.net says no, and the small answers that all resources share."""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from sandbox.kit.responses import json_response

NO_LICENCE = "12027"
_TYPES = "https://salesorder.visma.net/problems/"


class Refusal(HTTPException):
    """Ends a request with this answer. `words` is what a person would read."""

    def __init__(self, status: int, words: str, response: Response | None = None) -> None:
        super().__init__(words, response or message(status, words))
        self.code = status
        self.words = words


def message(status: int, words: str) -> Response:
    """Business and validation errors of the ERP."""
    return json_response({"message": words}, status)


def platform(status: int, words: str, code: str, ident: str) -> Response:
    """Errors of the platform itself: licence, rights."""
    body = {
        "ExceptionType": "IPPException",
        "ExceptionMessage": words,
        "ExceptionFaultCode": code,
        "ExceptionMessageID": f"{code}_{ident}",
        "ExceptionDetails": "",
    }
    return json_response(body, status)


def problem(status: int, title: str, faults: dict[str, tuple[str, str]] | None = None) -> Response:
    """RFC 7807, with machine codes: `faults` is field -> (code, message)."""
    body: dict[str, Any] = {"type": f"{_TYPES}{status}", "title": title, "status": status}
    if faults:
        body["errors"] = {field: [words] for field, (_, words) in faults.items()}
        body["details"] = [
            {"code": code, "message": words, "parameters": {"property": field}}
            for field, (code, words) in faults.items()
        ]
    response = json_response(body, status)
    response.content_type = "application/problem+json; charset=utf-8"
    return response


def empty(status: int, headers: dict[str, str] | None = None) -> Response:
    response = Response(b"", status, headers)
    del response.headers["Content-Type"]
    return response


def gateway(status: int) -> Response:
    page = f"<html><head><title>{status}</title></head><body><h1>{status} Bad Gateway</h1></body></html>"
    return Response(page, status, content_type="text/html")


def missing(what: str, key: str) -> Refusal:
    return Refusal(404, f"{what} {key} could not be found.")
