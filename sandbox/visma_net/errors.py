"""The shapes in which Visma.net refuses, and the small responses that all resources share."""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from sandbox.kit.responses import json_response

NO_LICENCE = "12027"
_TYPES = "https://salesorder.visma.net/problems/"


class Refusal(HTTPException):
    """Ends a request with this response. `message` is what a person would read."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message, error(status, message))
        self.code = status
        self.message = message


def error(status: int, message: str) -> Response:
    """Business and validation errors of the ERP."""
    return json_response({"message": message}, status)


def platform_error(status: int, message: str, code: str, error_id: str) -> Response:
    """Errors of the platform itself: licence, rights."""
    body = {
        "ExceptionType": "IPPException",
        "ExceptionMessage": message,
        "ExceptionFaultCode": code,
        "ExceptionMessageID": f"{code}_{error_id}",
        "ExceptionDetails": "",
    }
    return json_response(body, status)


def problem(status: int, title: str, faults: dict[str, tuple[str, str]] | None = None) -> Response:
    """RFC 7807, with machine codes: `faults` is field -> (code, message)."""
    body: dict[str, Any] = {"type": f"{_TYPES}{status}", "title": title, "status": status}
    if faults:
        body["errors"] = {field: [message] for field, (_, message) in faults.items()}
        body["details"] = [
            {"code": code, "message": message, "parameters": {"property": field}}
            for field, (code, message) in faults.items()
        ]
    response = json_response(body, status)
    response.content_type = "application/problem+json; charset=utf-8"
    return response


def empty(status: int, headers: dict[str, str] | None = None) -> Response:
    response = Response(b"", status, headers)
    del response.headers["Content-Type"]
    return response


def gateway_page(status: int) -> Response:
    page = f"<html><head><title>{status}</title></head><body><h1>{status} Bad Gateway</h1></body></html>"
    return Response(page, status, content_type="text/html")


def not_found(kind: str, key: str) -> Refusal:
    return Refusal(404, f"{kind} {key} could not be found.")
