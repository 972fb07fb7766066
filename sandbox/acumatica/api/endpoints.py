"""The endpoints of the contract-based API: those of the product, and a customer's own."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.acumatica.api.sessions import Sessions
from sandbox.kit.context import Context
from sandbox.kit.responses import json_response

BUILD = "26.101.0225"
VERSIONS = ("24.200.001", "25.200.001")
CONTRACT_5 = "26.200.001"


class Endpoints:
    def __init__(self, context: Context, sessions: Sessions, base_path: str) -> None:
        self.context, self.sessions, self.base_path = context, sessions, base_path

    def routes(self) -> Iterable[Rule]:
        yield Rule(f"{self.base_path}/entity", endpoint=self.list, methods=["GET"])

    def serves(self, endpoint: str, version: str) -> bool:
        known = {(name.lower(), number.lower()) for name, number in (*self._product(), *self._own())}
        return (endpoint.lower(), version.lower()) in known

    def list(self, request: Request) -> Response:
        """Needs no session; with one it names the customers' own endpoints too."""
        known = [*self._product(), *(self._own() if self.sessions.current(request) else ())]
        endpoints = [
            {"name": name, "version": version, "href": f"{self.base_path}/entity/{name}/{version}/"}
            for name, version in known
        ]
        if self.context.switches["bare_endpoint_list"]:
            return json_response(endpoints)
        build = {"acumaticaBuildVersion": BUILD, "databaseVersion": BUILD}
        return json_response({"version": build, "endpoints": endpoints})

    def _product(self) -> Iterable[tuple[str, str]]:
        versions = (*VERSIONS, CONTRACT_5) if self.context.switches["contract5"] else VERSIONS
        return [("Default", version) for version in versions]

    def _own(self) -> Iterable[tuple[str, str]]:
        for endpoint in self.context.switches["extra_endpoints"]:
            name, _, version = endpoint.partition("/")
            yield name, version
