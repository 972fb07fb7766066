"""The ERP over HTTP: finds the operation of a path in any case of letters, and runs it for the token's company."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context
from sandbox.kit.responses import json_response
from sandbox.visma_net.api.companies import Companies
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.store import Row, Store

BASE_PATH = "/erp"
OLD_PATH = "API/controller/api/"
METHODS = ("GET", "POST", "PUT", "DELETE")
_B64 = re.compile(r"b64\(([A-Za-z0-9_-]*)\)", re.IGNORECASE)


@dataclass(frozen=True)
class Call:
    """One request, the company it is for, and the keys in its path."""

    request: Request
    store: Store
    keys: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.keys[0]


Handler = Callable[[Call], Response]
Route = tuple[str, str, Handler]
"""Method, path with `{}` for each key, and its handler."""


class Erp:
    """`accept` takes a request that is to be worked off in the background."""

    def __init__(
        self, context: Context, companies: Companies, routes: Iterable[Route], accept: Callable[[Request], Response]
    ) -> None:
        self.context, self.companies, self.accept = context, companies, accept
        self.table = [(method, _pattern(path), handler) for method, path, handler in routes]

    def routes(self) -> Iterable[Rule]:
        yield Rule(f"{BASE_PATH}/<path:rest>", endpoint=self.serve, methods=METHODS)

    def serve(self, request: Request, rest: str) -> Response:
        rest = rest[len(OLD_PATH) :] if rest.lower().startswith(OLD_PATH.lower()) else rest
        exact = not self.context.switches["paths_any_case"]
        matching = [
            (method, match, handler)
            for method, pattern, handler in self.table
            if (match := (re.compile(pattern.pattern) if exact else pattern).fullmatch(rest))
        ]
        if not matching:
            raise Refusal(404, f"No HTTP resource was found that matches the request URI '{request.url}'.")
        for method, match, handler in matching:
            if method == request.method:
                return self._run(request, tuple(decoded(key) for key in match.groups()), handler)
        raise Refusal(405, f"The requested resource does not support http method '{request.method}'.")

    def _run(self, request: Request, keys: tuple[str, ...], handler: Handler) -> Response:
        if "erp-api-background" in request.headers and "/background/" not in request.path.lower():
            return self.accept(request)
        store = self.companies.of(request)
        if store:
            return handler(Call(request, store, keys))
        if keys or request.method != "GET":
            raise Refusal(404, "The record could not be found.")
        return json_response([])


def root_of(request: Request) -> str:
    return request.host_url.rstrip("/")


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path).replace(r"\{\}", "([^/]+)"), re.IGNORECASE)


def decoded(key: str) -> str:
    """`b64(...)` stands for a key with reserved characters."""
    match = _B64.fullmatch(key)
    if not match:
        return key
    coded = match[1]
    try:
        return base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Refusal(400, f"The key {key} could not be decoded.") from None


def check_match(call: Call, row: Row) -> None:
    """If-Match is optional; one that names another version is refused."""
    header = call.request.headers.get("If-Match")
    if header and header.strip() != "*" and row.stamp not in versions(header):
        raise Refusal(412, "The record has been changed by another process.")


def versions(header: str) -> set[str]:
    return {version.strip().removeprefix("W/").strip('"') for version in header.split(",")}
