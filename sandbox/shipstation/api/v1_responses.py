"""How the simulated V1 reads queries and bodies, pages lists and words its refusals.

The key case of error bodies differs by kind of error, as on the real ASP.NET service.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from sandbox.kit import exact_json
from sandbox.kit.responses import json_response
from sandbox.shipstation import clock
from sandbox.shipstation.rules.documents import Unreadable

MAX_PAGE = 500


class Answered(HTTPException):
    """Ends a handler with this answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response=response)
        self.code = response.status_code


def invalid(state: dict[str, list[str]]) -> Response:
    return json_response({"Message": "The request is invalid.", "ModelState": state}, 400)


def refused(message: str, status: int = 400) -> Response:
    return json_response({"Message": message}, status)


def not_found(what: str) -> Answered:
    return Answered(refused(f"The requested {what} was not found.", 404))


def exception(message: str, kind: str = "System.Exception") -> Response:
    """The envelope of an unhandled or business failure."""
    body = {
        "Message": "An error has occurred.",
        "ExceptionMessage": message,
        "ExceptionType": kind,
        "StackTrace": "   at ShipStation.Api.Controllers.ApiController.Execute()",
    }
    return json_response(body, 500)


def done(message: str) -> Response:
    return json_response({"success": True, "message": message})


def body_of(request: Request, parameter: str) -> Any:
    """The posted JSON; `parameter` names it in the ModelState of a refusal."""
    try:
        return exact_json.loads(request.get_data() or b"null")
    except exact_json.DecodeError:
        reason = "Unexpected character encountered while parsing value. Path '', line 1, position 1."
        raise Answered(invalid({parameter: [reason]})) from None


def fields_of(request: Request, *required: str) -> dict[str, Any]:
    """The posted JSON object with its required fields."""
    found = body_of(request, "request")
    if not isinstance(found, dict):
        raise Answered(invalid({"request": ["Cannot deserialize the value into an object."]}))
    missing = [name for name in required if found.get(name) is None]
    if missing:
        raise Answered(invalid({f"request.{name}": [f"'{name}' is required."] for name in missing}))
    return found


def whole_of(fields: dict[str, Any], name: str) -> int:
    """An id in a body; digits in a string are taken too."""
    value = fields[name]
    try:
        return int(value)
    except (TypeError, ValueError):
        reason = f"Could not convert string to integer: {value}. Path '{name}'."
        raise Answered(invalid({f"request.{name}": [reason]})) from None


class Query:
    """The query string; names in any case, as ShipStation's own webhook URLs differ in theirs."""

    def __init__(self, request: Request) -> None:
        self.values = {name.lower(): value for name, value in request.args.items() if value != ""}

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """The same for every page of a list."""
        paging = ("page", "pagesize")
        return tuple(sorted(item for item in self.values.items() if item[0] not in paging))

    def text(self, name: str) -> str | None:
        return self.values.get(name.lower())

    def whole(self, name: str) -> int | None:
        value = self.text(name)
        try:
            return None if value is None else int(value)
        except ValueError:
            raise self._wrong(name, f"The value '{value}' is not valid for Int32.") from None

    def flag(self, name: str) -> bool:
        return (self.text(name) or "").lower() == "true"

    def moment(self, name: str) -> str | None:
        """A date as Pacific text with seven digits; text without an offset is Pacific already."""
        value = self.text(name)
        try:
            return None if value is None else clock.normal(value)
        except ValueError:
            raise self._wrong(name, f"The value '{value}' is not valid for Nullable`1.") from None

    def sort(self, *allowed: str) -> str:
        """The wanted order of rows, in lower case; empty for the list's own."""
        value = (self.text("sortBy") or "").lower()
        return value if value in {one.lower() for one in allowed} else ""

    @property
    def descending(self) -> bool:
        return (self.text("sortDir") or "").upper() == "DESC"

    def page(self) -> tuple[int, int]:
        size = self.whole("pageSize")
        return max(self.whole("page") or 1, 1), max(1, min(100 if size is None else size, MAX_PAGE))

    def _wrong(self, name: str, reason: str) -> Answered:
        return Answered(invalid({name: [reason]}))


def paged(name: str, rows: Sequence[bytes], total: int, page: int, size: int, zero: bool) -> Response:
    """The list envelope around documents that are JSON text already.

    The service is seen to say `pages: 0` beside a list that is not empty; `zero` asks for that.
    """
    pages = 0 if zero else -(-total // size)
    tail = f'],"total":{total},"page":{page},"pages":{pages}}}'
    text = b'{"%s":[' % name.encode() + b",".join(rows) + tail.encode()
    return Response(text, content_type="application/json; charset=utf-8")


def unreadable(fault: Unreadable) -> Response:
    return invalid({fault.path: [fault.reason]})
