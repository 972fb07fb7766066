"""Who may call each API and how often, and the responses of calls that do not reach it."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context
from sandbox.kit.rate_limits import RateLimit
from sandbox.kit.responses import json_response
from sandbox.shipstation.api.v1.responses import exception, refused
from sandbox.shipstation.api.v2.responses import error_response


class V1Access:
    def __init__(self, context: Context, credentials: Mapping[str, str]) -> None:
        self.context = context
        self.limit = RateLimit(context, "v1_limit", 40)
        pair = f"{credentials['api_key']}:{credentials['api_secret']}"
        self.authorization = "Basic " + base64.b64encode(pair.encode()).decode()

    def refusal(self, request: Request) -> Response | None:
        """Refused calls count too."""
        if not self.limit.take():
            return json_response({"message": "Too Many Requests"}, 429)
        if self.context.switches["revoked"] or request.headers.get("Authorization") != self.authorization:
            return json_response({"message": "Invalid API credentials"}, 401)
        if self.context.switches["plan_lacks_v1"]:
            return json_response({"message": "Your plan does not include API access"}, 402)
        return None

    def set_headers(self, response: Response) -> None:
        self.limit.set_headers(response, "X-Rate-Limit-")

    def throttled(self, seconds: int) -> Response:
        headers = {"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": str(seconds)}
        return json_response({"message": "Too Many Requests"}, 429, headers)

    def failed(self, status: int) -> Response:
        """A 500 has the envelope of an unhandled failure."""
        match status:
            case 500:
                return exception("Execution Timeout Expired.", "System.Data.SqlClient.SqlException")
            case 404:
                return refused("No HTTP resource was found that matches the request URI.", 404)
            case 405:
                return refused("The requested resource does not support this method.", 405)
            case 401:
                return json_response({"message": "Invalid API credentials"}, 401)
        return json_response({"message": "An internal error occurred"}, status)


class V2Access:
    def __init__(self, context: Context, credentials: Mapping[str, str]) -> None:
        self.context = context
        self.limit = RateLimit(context, "v2_limit", 200)
        self.key = credentials["v2_api_key"]

    def refusal(self, request: Request) -> Response | None:
        if self.context.switches["revoked"] or request.headers.get("API-Key") != self.key:
            return error_response(401, "unauthorized", "The API key is invalid.", kind="security")
        return None if self.limit.take() else self.throttled(self.limit.seconds_left())

    def throttled(self, seconds: int) -> Response:
        response = error_response(429, "rate_limit_exceeded", "Rate limit exceeded.", kind="system")
        response.headers["Retry-After"] = str(seconds)
        return response

    def failed(self, status: int) -> Response:
        """A 500 has no body."""
        return Response(b"", status) if status >= 500 else error_response(status, "unspecified", "Failed.")
