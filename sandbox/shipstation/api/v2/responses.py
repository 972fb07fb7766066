"""How the simulated V2 words its errors and pages its lists."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from sandbox.kit import exact_json
from sandbox.kit.responses import json_response
from sandbox.shipstation import clock


def error_response(
    status: int, code: str, message: str, kind: str = "validation", source: str = "ShipStation"
) -> Response:
    entry = {"error_source": source, "error_type": kind, "error_code": code, "message": message}
    return json_response({"request_id": str(uuid.uuid4()), "errors": [entry]}, status)


def missing(resource: str) -> HTTPException:
    return HTTPException(response=error_response(404, "invalid_identifier", f"{resource} not found."))


def refused(code: str, message: str, status: int = 400) -> HTTPException:
    kind = "validation" if status == 400 else "business_rules"
    return HTTPException(response=error_response(status, code, message, kind))


def body_of(request: Request, *required: str) -> dict[str, Any]:
    """The posted JSON object with its required fields."""
    try:
        fields = exact_json.loads(request.get_data() or b"null")
    except exact_json.DecodeError:
        raise refused("invalid_object", "Body of request is not valid JSON.") from None
    if not isinstance(fields, dict):
        raise refused("request_body_required", "Body of request cannot be null.")
    for name in required:
        if fields.get(name) is None:
            raise refused("field_value_required", f"'{name}' should not be empty.")
    return fields


def number_of(text: str | None, field: str) -> int:
    """The V1 number inside a V2 id."""
    if not text or not text.startswith("se-") or not text[3:].isdigit():
        raise refused("invalid_identifier", f"'{text}' is not a valid {field}.")
    return int(text[3:])


def instant(request: Request, name: str) -> float | None:
    text = request.args.get(name)
    try:
        # The plus sign of an offset that was not escaped arrives as a blank.
        return clock.instant_of_zulu(re.sub(r"(T.*) ", r"\1+", text)) if text else None
    except ValueError:
        raise refused("invalid_field_value", f"'{name}' is not a valid date-time.") from None


def whole(request: Request, name: str, default: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isdigit() or int(text) < 1:
        raise refused("invalid_field_value", f"'{name}' must be a positive number.")
    return int(text)


def paged(
    request: Request,
    base_url: str,
    name: str,
    rows: list[Any],
    view: Callable[[Any], Any],
    largest: int = 500,
) -> Response:
    """The wanted page of the rows in V2's envelope; past the end the list is empty."""
    page, size = whole(request, "page", 1), min(whole(request, "page_size", 25), largest)
    pages = max(1, -(-len(rows) // size))
    links = _links(request, base_url, page, pages, size)
    shown = [view(row) for row in rows[(page - 1) * size : page * size]]
    return json_response({name: shown, "total": len(rows), "page": page, "pages": pages, "links": links})


def _links(request: Request, base_url: str, page: int, pages: int, size: int) -> dict[str, dict[str, str]]:
    kept = {key: value for key, value in request.args.items() if key not in ("page", "page_size")}

    def link(number: int) -> dict[str, str]:
        query = urlencode(kept | {"page": number, "page_size": size})
        return {"href": f"{base_url}{request.path}?{query}"}

    return {
        "first": link(1),
        "last": link(pages),
        "prev": link(page - 1) if 1 < page <= pages else {},
        "next": link(page + 1) if page < pages else {},
    }
