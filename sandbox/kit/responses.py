"""JSON responses, as all simulators send them."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from sandbox.kit import exact_json

JSON = "application/json; charset=utf-8"


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON response whose decimals keep their digits."""
    return Response(exact_json.dumps(body), status, headers, content_type=JSON)
