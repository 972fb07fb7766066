"""A small simulator for the tests of the kit: it keeps what it was sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.faults import Fault
from sandbox.kit.responses import json_response
from sandbox.kit.simulator import Simulator


class Echo(Simulator):
    slug: ClassVar[str] = "echo"
    base_path: ClassVar[str] = "/api"
    vendor_faults: ClassVar[dict[str, str]] = {"teapot": "returns 418"}
    default_switches: ClassVar[dict[str, Any]] = {"loud": False}

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.kept: list[str] = []

    def routes(self) -> Iterable[Rule]:
        yield Rule("/api/notes", endpoint=self.keep, methods=["POST"])
        yield Rule("/api/notes", endpoint=lambda request: json_response(self.kept), methods=["GET"])

    def keep(self, request: Request) -> Response:
        self.kept.append(request.get_data(as_text=True))
        return json_response({"kept": len(self.kept)})

    def finish(self, request: Request, response: Response) -> Response:
        response.headers["X-Finished"] = "yes"
        return response

    def vendor_fault(self, request: Request, fault: Fault) -> Response:
        return self.finish(request, json_response({}, 418))

    def state(self) -> dict[str, Any]:
        return {"kept": self.kept}

    def do_add(self, text: str) -> dict[str, int]:
        self.kept.append(text)
        return {"kept": len(self.kept)}
