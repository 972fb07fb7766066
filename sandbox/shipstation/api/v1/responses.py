"""How the simulated V1 reads bodies, pages lists and words its refusals.

The key case of error bodies differs by kind of error, as on the real ASP.NET service.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from sandbox.kit import exact_json
from sandbox.kit.responses import JSON, json_response
from sandbox.shipstation.rules.readers import Unreadable
from sandbox.shipstation.rules.statuses import Locked

PDF = "JVBERi0xLjQKJeLjz9MKMSAwIG9iago8PD4+CmVuZG9iagp0cmFpbGVyCjw8Pj4KJSVFT0YK"
"""What stands for a label."""


def invalid(state: dict[str, list[str]]) -> Response:
    return json_response({"Message": "The request is invalid.", "ModelState": state}, 400)


def unreadable(error: Unreadable) -> Response:
    return invalid({error.path: [error.reason]})


def refused(message: str, status: int = 400) -> Response:
    return json_response({"Message": message}, status)


def not_found(resource: str) -> HTTPException:
    return HTTPException(response=refused(f"The requested {resource} was not found.", 404))


def exception(message: str, kind: str = "System.Exception") -> Response:
    """The envelope of an unhandled or business failure."""
    body = {
        "Message": "An error has occurred.",
        "ExceptionMessage": message,
        "ExceptionType": kind,
        "StackTrace": "   at ShipStation.Api.Controllers.ApiController.Execute()",
    }
    return json_response(body, 500)


def null_reference() -> Response:
    return exception("Object reference not set to an instance of an object.", "System.NullReferenceException")


def locked(error: Locked) -> Response:
    return exception(str(error), "System.InvalidOperationException")


def done(message: str) -> Response:
    return json_response({"success": True, "message": message})


def raw(document: bytes) -> Response:
    """A document that is JSON text already."""
    return Response(document, content_type=JSON)


def body_of(request: Request, parameter: str) -> Any:
    """The posted JSON; `parameter` names it in the ModelState of a refusal."""
    try:
        return exact_json.loads(request.get_data() or b"null")
    except exact_json.DecodeError:
        reason = "Unexpected character encountered while parsing value. Path '', line 1, position 1."
        raise HTTPException(response=invalid({parameter: [reason]})) from None


def fields_of(request: Request, *required: str) -> dict[str, Any]:
    """The posted JSON object with its required fields."""
    fields = body_of(request, "request")
    if not isinstance(fields, dict):
        raise HTTPException(response=invalid({"request": ["Cannot deserialize the value into an object."]}))
    missing = [name for name in required if fields.get(name) is None]
    if missing:
        state = {f"request.{name}": [f"'{name}' is required."] for name in missing}
        raise HTTPException(response=invalid(state))
    return fields


def whole_of(fields: dict[str, Any], name: str) -> int:
    """An id in a body; digits in a string are taken too."""
    value = fields[name]
    try:
        return int(value)
    except (TypeError, ValueError):
        reason = f"Could not convert string to integer: {value}. Path '{name}'."
        raise HTTPException(response=invalid({f"request.{name}": [reason]})) from None


def paged(name: str, rows: Sequence[bytes], total: int, page: int, size: int, zero: bool) -> Response:
    """The list envelope around documents that are JSON text already.

    The service is seen to say `pages: 0` beside a list that is not empty; `zero` asks for that.
    """
    pages = 0 if zero else -(-total // size)
    tail = f'],"total":{total},"page":{page},"pages":{pages}}}'
    return raw(b'{"%s":[' % name.encode() + b",".join(rows) + tail.encode())
