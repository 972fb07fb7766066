"""How Acumatica refuses, in the shape of its HttpError."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from sandbox.kit.responses import json_response

STACK = "   at PX.Api.ContractBased.EntityService.Process()"
REVIEW = "record raised at least one error. Please review the errors."


class Refusal(Exception):
    """Ends what is being done with an answer; nothing was changed."""

    def __init__(self, status: int, words: str = "", kind: str = "PX.Data.PXException", body: Any = None) -> None:
        super().__init__(words)
        self.status, self.words, self.kind, self.body = status, words, kind, body

    def response(self) -> Response:
        return (
            json_response(self.body, self.status)
            if self.body is not None
            else error(self.status, self.words, self.kind)
        )


def error(status: int, words: str, kind: str = "PX.Data.PXException") -> Response:
    return json_response(
        {
            "message": "An error has occurred.",
            "exceptionMessage": words,
            "exceptionType": kind,
            "stackTrace": STACK,
        },
        status,
    )


def invalid(field: str, words: str) -> Refusal:
    """400: the request cannot be read."""
    return Refusal(400, body={"message": "The request is invalid.", "modelState": {field: [words]}})


def no_entity() -> Refusal:
    """The answer to a key that does not exist is 500 with this type, not 404."""
    return Refusal(
        500,
        "No entity satisfies the condition.",
        "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException",
    )


def disabled(button: str) -> Refusal:
    return Refusal(500, f"The {button} button is disabled.", "PX.Data.PXActionDisabledException")


def plain(text: str, status: int) -> Response:
    """An answer of the web server rather than of Acumatica."""
    return Response(text, status, content_type="text/plain; charset=utf-8")
