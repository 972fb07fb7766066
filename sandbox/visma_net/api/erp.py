"""The door of the ERP: finds the operation of a path in any case of letters, and runs it for the token's company."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.responses import json_response
from sandbox.visma_net.errors import Refusal, empty
from sandbox.visma_net.store import Row, Store, Table

if TYPE_CHECKING:
    from sandbox.visma_net.app import VismaNetSimulator

METHODS = ("GET", "POST", "PUT", "DELETE")
OLD_HOST = "https://integration.visma.net"
OLD_PATH = "API/controller/api/"
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


Work = Callable[[Call], Response]
Route = tuple[str, str, Work]
"""Method, path with `{}` for each key, and what is done."""


class Erp:
    def __init__(self, simulator: VismaNetSimulator, routes: Iterable[Route]) -> None:
        self.simulator = simulator
        self.table = [(method, _pattern(path), work) for method, path, work in routes]

    def routes(self) -> Iterable[Rule]:
        yield Rule(f"{self.simulator.base_path}/<path:rest>", endpoint=self.serve, methods=METHODS)

    def serve(self, request: Request, rest: str) -> Response:
        rest = rest[len(OLD_PATH) :] if rest.lower().startswith(OLD_PATH.lower()) else rest
        exact = not self.simulator.switches["paths_any_case"]
        matching = [
            (method, match, work)
            for method, pattern, work in self.table
            if (match := (re.compile(pattern.pattern) if exact else pattern).fullmatch(rest))
        ]
        if not matching:
            raise Refusal(404, f"No HTTP resource was found that matches the request URI '{request.url}'.")
        for method, match, work in matching:
            if method == request.method:
                return self._run(request, tuple(decoded(key) for key in match.groups()), work)
        raise Refusal(405, f"The requested resource does not support http method '{request.method}'.")

    def _run(self, request: Request, keys: tuple[str, ...], work: Work) -> Response:
        if "erp-api-background" in request.headers and "/background/" not in request.path.lower():
            return self.simulator.background.accept(request)
        store = self.simulator.store_of(request)
        if store:
            return work(Call(request, store, keys))
        if keys or request.method != "GET":
            raise Refusal(404, "The record could not be found.")
        return json_response([])

    # What the resources share

    def created(self, call: Call, path: str, row: Row) -> Response:
        """201 with nothing but headers; the number is the last part of the location."""
        old = self.simulator.switches["location_host"] == "old"
        root = f"{OLD_HOST}/{OLD_PATH}" if old else f"{self.simulator.root(call.request)}{self.simulator.base_path}/"
        headers = {"Location": f"{root}{path}/{row.key}", "ETag": row.etag}
        if self.simulator.switches["created_body"] == "none":
            return empty(201, headers)
        return json_response({}, 201, headers)

    def changed(self, row: Row) -> Response:
        return empty(204, {"ETag": row.etag})

    def single(self, row: Row, shown: dict[str, Any]) -> Response:
        return json_response(shown, headers={"ETag": row.etag})


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path).replace(r"\{\}", "([^/]+)"), re.IGNORECASE)


def decoded(key: str) -> str:
    """`b64(...)` stands for a key with reserved characters."""
    found = _B64.fullmatch(key)
    if not found:
        return key
    coded = found[1]
    try:
        return base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Refusal(400, f"The key {key} could not be decoded.") from None


def row_of(table: Table, key: str, what: str) -> Row:
    row = table.get(key)
    if row is None:
        raise Refusal(404, f"{what} {key} could not be found.")
    return row


def check_match(call: Call, row: Row) -> None:
    """If-Match is optional; one that names another version is refused."""
    wanted = call.request.headers.get("If-Match")
    if wanted and wanted.strip() != "*" and row.stamp not in versions(wanted):
        raise Refusal(412, "The record has been changed by another process.")


def versions(header: str) -> set[str]:
    return {each.strip().removeprefix("W/").strip('"') for each in header.split(",")}
