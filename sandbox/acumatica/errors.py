"""How Acumatica refuses, in the shape of its HttpError."""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from sandbox.kit.responses import json_response

STACK = "   at PX.Api.ContractBased.EntityService.Process()"
REVIEW = "record raised at least one error. Please review the errors."


class Refusal(HTTPException):
    """Ends what is being done with this response; nothing was changed."""

    def __init__(self, status: int, message: str = "", kind: str = "PX.Data.PXException", body: Any = None) -> None:
        response = error(status, message, kind) if body is None else json_response(body, status)
        super().__init__(message, response)
        self.code = self.status = status
        self.message, self.kind = message, kind


def error(status: int, message: str, kind: str = "PX.Data.PXException") -> Response:
    body = {
        "message": "An error has occurred.",
        "exceptionMessage": message,
        "exceptionType": kind,
        "stackTrace": STACK,
    }
    return json_response(body, status)


def invalid(field: str, message: str) -> Refusal:
    """400: the request cannot be read."""
    return Refusal(400, body={"message": "The request is invalid.", "modelState": {field: [message]}})


def no_entity() -> Refusal:
    """A key that does not exist gives 500 with this type, not 404."""
    return Refusal(
        500,
        "No entity satisfies the condition.",
        "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException",
    )


def disabled(button: str) -> Refusal:
    return Refusal(500, f"The {button} button is disabled.", "PX.Data.PXActionDisabledException")


def plain(text: str, status: int) -> Response:
    """A response of the web server rather than of Acumatica."""
    return Response(text, status, content_type="text/plain; charset=utf-8")
