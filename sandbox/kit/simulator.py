"""The base class of every simulated system: its routes, its switches, and the control API.

A vendor's `app.py` holds one class made from `Simulator`; `sandbox.kit.server` serves it over real sockets. Product
code never imports this package: a connection reaches a simulator by its base URL, like the real system.

Control API, under `/_control` of each simulator, JSON both ways:

    GET  /_control/state     everything the simulated system holds, for comparing two systems' contents
    GET  /_control/calls     calls served since the start: {"total": n, "GET /orders": n, ...}
    GET  /_control/faults    armed faults, and how many of each kind were injected so far
    POST /_control/faults    {"kind": "cut_after", "path": "/orders/createorders", "method": "POST",
                              "times": 1, "chance": 1.0, "seconds": 2.0} arms a fault
    DELETE /_control/faults  disarms all
    POST /_control/settings  {"name": value} changes a switch of the simulator (`default_switches`)
    POST /_control/do/<name> {...} runs an action, the method `do_<name>(**arguments)`: what a person would click
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import asdict
from functools import cached_property
from random import Random
from typing import Any, ClassVar

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit import exact_json
from sandbox.kit.context import Context
from sandbox.kit.faults import Fault, FaultInjector
from sandbox.kit.responses import json_response

CONTROL = "/_control"


class Simulator:
    """One simulated system. Subclasses give `slug`, `credentials`, `routes`, and their state.

    Every request runs under the lock of the context, one at a time, so handlers may change state freely; waiting for
    a slow fault happens outside of it. A subclass calls `super().__init__` first: its parts need `self.context`.
    """

    slug: ClassVar[str]
    base_path: ClassVar[str] = ""
    addresses: ClassVar[dict[str, str]] = {}
    """Paths of the further addresses that its vendor asks for beside `base_url`, by setting."""
    default_switches: ClassVar[dict[str, Any]] = {}
    vendor_faults: ClassVar[dict[str, str]] = {}
    credentials: ClassVar[dict[str, Any]] = {}
    operator_path: ClassVar[str] = ""
    """Where a person works with it in the browser, if it has such a page."""

    def __init__(self, seed: int = 1) -> None:
        switches = {"delay": 0.0, "clock_offset": 0.0, **deepcopy(self.default_switches)}
        self.context = Context(seed, Random(seed), switches)
        self.switches = self.context.switches
        self.lock = self.context.lock
        self.random = self.context.random
        self.injected = self.context.injected
        self.fault_injector = FaultInjector(self.context, self)
        self.faults = self.fault_injector.armed
        self.calls: Counter[str] = Counter()
        self.actions: object = self
        """Whose methods `do_<name>` are the actions of a person."""

    def now(self) -> float:
        return self.context.now()

    def new_id(self) -> uuid.UUID:
        return self.context.new_id()

    @property
    def base_url(self) -> str:
        return self.context.base_url

    @cached_property
    def map(self) -> Map:
        return Map([*self.routes(), *self._control_routes()], strict_slashes=False)

    # What a vendor's simulator provides

    def routes(self) -> Iterable[Rule]:
        """Rules whose endpoint is a handler `(request, **path_arguments) -> Response`."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Everything it holds, as plain JSON."""
        raise NotImplementedError

    def guard(self, request: Request) -> Response | None:
        """A response before any handler: not signed in, over the limit. None lets the request through."""
        return None

    def finish(self, request: Request, response: Response) -> Response:
        """A last touch on every response of the vendor's API, such as rate headers."""
        return response

    def throttled(self, request: Request) -> Response:
        return json_response({"message": "Too Many Requests"}, 429)

    def failed(self, request: Request, status: int) -> Response:
        return json_response({"message": "An error has occurred."}, status)

    def vendor_fault(self, request: Request, fault: Fault) -> Response:
        """Respond under one of `vendor_faults`."""
        raise NotImplementedError(fault.kind)

    # Serving

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        if request.path.startswith(CONTROL):
            with self.lock:
                return self.dispatch(request)(environ, start_response)
        with self.lock:
            fault = self.fault_injector.draw(request)
            delay = float(self.switches["delay"])
        if delay:
            time.sleep(delay)
        response = self.fault_injector.respond(request, fault) if fault else self.serve(request)
        return response(environ, start_response)

    def serve(self, request: Request) -> Response:
        """Count the request and do its work."""
        with self.lock:
            self.calls[f"{request.method} {request.path}"] += 1
            self.calls["total"] += 1
            return self.finish(request, self.guard(request) or self.dispatch(request))

    def dispatch(self, request: Request) -> Response:
        """Run the handler of the request's route."""
        try:
            handler, arguments = self.map.bind_to_environ(request.environ).match()
            response: Response = handler(request, **arguments)
        except HTTPException as refusal:
            own = refusal.response
            response = own if isinstance(own, Response) else self.failed(request, refusal.code or 500)
        return response

    def do(self, name: str, **arguments: Any) -> Any:
        """Run an action. Raises `NotFound` for an unknown one, and what the action raises."""
        action = getattr(self.actions, f"do_{name}", None)
        if action is None:
            raise NotFound()
        return action(**arguments)

    # The control API

    def _control_routes(self) -> Iterable[Rule]:
        yield Rule(f"{CONTROL}/state", endpoint=lambda request: json_response(self.state()), methods=["GET"])
        yield Rule(f"{CONTROL}/calls", endpoint=lambda request: json_response(dict(self.calls)), methods=["GET"])
        yield Rule(f"{CONTROL}/faults", endpoint=self._control_faults, methods=["GET", "POST", "DELETE"])
        yield Rule(f"{CONTROL}/settings", endpoint=self._control_settings, methods=["POST"])
        yield Rule(f"{CONTROL}/do/<name>", endpoint=self._control_do, methods=["POST"])

    def _control_faults(self, request: Request) -> Response:
        if request.method == "POST":
            fault = Fault(**exact_json.loads(request.get_data()))
            fault.chance, fault.seconds = float(fault.chance), float(fault.seconds)
            try:
                self.fault_injector.arm(fault)
            except ValueError as error:
                return json_response({"message": str(error)}, 400)
        elif request.method == "DELETE":
            self.faults.clear()
        return json_response({"armed": [asdict(fault) for fault in self.faults], "injected": dict(self.injected)})

    def _control_settings(self, request: Request) -> Response:
        changes = exact_json.loads(request.get_data())
        unknown = sorted(set(changes) - set(self.switches))
        if unknown:
            return json_response({"message": f"No such switch: {', '.join(unknown)}"}, 400)
        self.switches.update(changes)
        return json_response(self.switches)

    def _control_do(self, request: Request, name: str) -> Response:
        return self.run_action(name, exact_json.loads(request.get_data() or b"{}"))

    def run_action(self, name: str, arguments: dict[str, Any]) -> Response:
        """An action by the control API; a subclass turns its own refusals into responses here."""
        return json_response(self.do(name, **arguments))
