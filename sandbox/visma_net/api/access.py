"""Who may come in: the window of calls, the token, the licence and the scopes, each with its refusal."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context
from sandbox.kit.rate_limits import RateLimit
from sandbox.visma_net.api.companies import TENANT, Companies
from sandbox.visma_net.api.connect import VismaConnect
from sandbox.visma_net.api.erp import BASE_PATH, OLD_PATH
from sandbox.visma_net.api.sales_orders import PREFIX as SALES
from sandbox.visma_net.api.tokens import Token
from sandbox.visma_net.errors import NO_LICENCE, empty, error, gateway_page, platform_error, problem

RIGHTS = {"GET": "read", "POST": "create", "PUT": "update", "DELETE": "delete"}
POLICY, OLD_POLICY = "4-fixed-window", "6-fixed-window"


class Access:
    def __init__(self, context: Context, connect: VismaConnect, companies: Companies) -> None:
        self.context, self.connect, self.companies = context, connect, companies
        self.limit = RateLimit(context, "limit", 15000)

    def check(self, request: Request) -> Response | None:
        """The refusal of a request to an API; None lets it through and notes its company."""
        switches = self.context.switches
        token = self.connect.current(request)
        key = _window(token)
        if self._counts(request) and not self.limit.take(key):
            return throttled(self.context, self.limit.seconds_left(key))
        if token is None or not switches["approved"] or token.tenant not in self.companies.tenants:
            return unauthorized(request)
        if switches["no_licence"]:
            return no_licence(self.context)
        request.environ[TENANT] = token.tenant
        return None if token.may(self._right(request)) else forbidden(request)

    def set_headers(self, request: Request, response: Response) -> None:
        """Say how many calls are left in the window."""
        if self._counts(request):
            self.limit.set_headers(response, "X-RateLimit-", _window(self.connect.current(request)))
            old = OLD_PATH.lower() in request.path.lower()
            response.headers.setdefault("X-RateLimit-Policy", OLD_POLICY if old else POLICY)

    def _counts(self, request: Request) -> bool:
        return bool(self.context.switches["v3_counts"]) or not request.path.startswith(SALES)

    def _right(self, request: Request) -> str:
        if request.path.startswith(SALES):
            return "salesorder:read" if request.method == "GET" else "salesorder:write"
        if "/action/" in request.path.lower():
            return f"erp:{self.context.switches['action_scope']}"
        return f"erp:{RIGHTS.get(request.method, 'update')}"


def is_api(path: str) -> bool:
    return path.startswith((f"{BASE_PATH}/", f"{SALES}/"))


def _window(token: Token | None) -> str:
    return f"{token.tenant}/{token.client}" if token else ""


def unauthorized(request: Request) -> Response:
    if request.path.startswith(SALES):
        return problem(401, "Unauthorized")
    return empty(401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})


def forbidden(request: Request) -> Response:
    if request.path.startswith(SALES):
        return problem(403, "Forbidden")
    return error(403, "The token has no scope for this operation.")


def no_licence(context: Context) -> Response:
    status = int(context.switches["no_licence_status"])
    return platform_error(status, "No license for this company.", NO_LICENCE, str(context.new_id()))


def throttled(context: Context, seconds: int | None = None) -> Response:
    """429 in the shape that a switch says; the real one is not documented."""
    wait = int(context.switches["throttle_seconds"]) if seconds is None else seconds
    headers = {"Retry-After": str(wait)}
    match context.switches["throttle_body"]:
        case "empty":
            return empty(429, headers)
        case "html":
            response = gateway_page(429)
        case _:
            response = error(429, "API calls quota exceeded.")
    response.headers.update(headers)
    return response
