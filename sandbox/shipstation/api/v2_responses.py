"""How the simulated V2 words its errors and pages its lists."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from sandbox.kit import exact_json
from sandbox.kit.responses import json_response
from sandbox.shipstation import clock
from sandbox.shipstation.api.v1_responses import Answered


def v2_error(status: int, code: str, message: str, kind: str = "validation", source: str = "ShipStation") -> Response:
    fault = {"error_source": source, "error_type": kind, "error_code": code, "message": message}
    return json_response({"request_id": str(uuid.uuid4()), "errors": [fault]}, status)


def v2_missing(what: str) -> Answered:
    return Answered(v2_error(404, "invalid_identifier", f"{what} not found."))


def v2_refused(code: str, message: str, status: int = 400) -> Answered:
    kind = "validation" if status == 400 else "business_rules"
    return Answered(v2_error(status, code, message, kind))


def v2_body(request: Request, *required: str) -> dict[str, Any]:
    try:
        found = exact_json.loads(request.get_data() or b"null")
    except exact_json.DecodeError:
        raise v2_refused("invalid_object", "Body of request is not valid JSON.") from None
    if not isinstance(found, dict):
        raise v2_refused("request_body_required", "Body of request cannot be null.")
    for name in required:
        if found.get(name) is None:
            raise v2_refused("field_value_required", f"'{name}' should not be empty.")
    return found


def number_of(text: str | None, what: str) -> int:
    """The V1 number inside a V2 id."""
    if not text or not text.startswith("se-") or not text[3:].isdigit():
        raise v2_refused("invalid_identifier", f"'{text}' is not a valid {what}.")
    return int(text[3:])


def instant(request: Request, name: str) -> float | None:
    text = request.args.get(name)
    try:
        # The plus sign of an offset that was not escaped arrives as a blank.
        return clock.instant_of_zulu(re.sub(r"(T.*) ", r"\1+", text)) if text else None
    except ValueError:
        raise v2_refused("invalid_field_value", f"'{name}' is not a valid date-time.") from None


def whole(request: Request, name: str, default: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isdigit() or int(text) < 1:
        raise v2_refused("invalid_field_value", f"'{name}' must be a positive number.")
    return int(text)


def v2_paged(
    request: Request,
    base_url: str,
    name: str,
    rows: list[Any],
    view: Callable[[Any], Any],
    most: int = 500,
) -> Response:
    """The wanted page of the rows in V2's envelope; past the end the list is empty."""
    page, size = whole(request, "page", 1), min(whole(request, "page_size", 25), most)
    pages = max(1, -(-len(rows) // size))
    plain = {key: value for key, value in request.args.items() if key not in ("page", "page_size")}

    def link(number: int) -> dict[str, str]:
        query = urlencode(plain | {"page": number, "page_size": size})
        return {"href": f"{base_url}{request.path}?{query}"}

    links = {
        "first": link(1),
        "last": link(pages),
        "prev": link(page - 1) if 1 < page <= pages else {},
        "next": link(page + 1) if page < pages else {},
    }
    shown = [view(row) for row in rows[(page - 1) * size : page * size]]
    return json_response({name: shown, "total": len(rows), "page": page, "pages": pages, "links": links})
