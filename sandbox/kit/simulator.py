"""What all simulators share: a real HTTP server, faults on demand, and the control API that asks for them.

A vendor's `simulator.py` holds one class made from `Simulator`. It is served over real sockets by `serve`. Product
code never imports this module: a connection reaches a simulator by its base URL, like the real system.

Control API, under `/_control` of each simulator, JSON both ways:

    GET  /_control/state     everything the simulated system holds, for comparing two systems' contents
    GET  /_control/calls     calls answered since the start: {"total": n, "GET /orders": n, ...}
    GET  /_control/faults    armed faults, and how many of each kind were injected so far
    POST /_control/faults    {"kind": "cut_after", "path": "/orders/createorders", "method": "POST",
                              "times": 1, "chance": 1.0, "seconds": 2.0} arms a fault
    DELETE /_control/faults  disarms all
    POST /_control/settings  {"name": value} changes a switch of the simulator (`Simulator.switches`)
    POST /_control/do/<name> {...} calls the simulator's method `do_<name>(**arguments)`: what a person would click
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, cast

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from sandbox.kit import exact_json

# Kinds every simulator injects; a vendor's simulator adds its own to `Simulator.vendor_faults`.
FAULTS = {
    "status": "answers with `status` instead of doing the work",
    "throttle": "answers 429",
    "server_error": "answers 500 before doing the work",
    "error_after": "does the work, then answers 500",
    "slow": "waits `seconds` before doing the work",
    "cut_before": "cuts the connection before doing the work",
    "cut_after": "does the work, then cuts the connection instead of answering",
    "late": "cuts the connection at once and does the work `seconds` later",
    "half": "does the work and sends half of the answer, then cuts",
    "not_json": "does the work and answers with an HTML page",
}


@dataclass
class Fault:
    """A fault waiting to happen: to requests of `method` (any if empty) whose path starts with `path`."""

    kind: str
    path: str = "/"
    method: str = ""
    times: int = 1
    chance: float = 1.0
    seconds: float = 1.0
    status: int = 500
    arguments: dict[str, Any] = field(default_factory=dict)

    def meets(self, request: Request) -> bool:
        wanted = not self.method or request.method == self.method
        return self.times > 0 and wanted and request.path.startswith(self.path)


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer whose decimals keep their digits."""
    return Response(exact_json.dumps(body), status, headers, content_type="application/json; charset=utf-8")


class Simulator:
    """One simulated system. Subclasses give `slug`, `credentials`, `routes`, and their state.

    Every request runs under `self.lock`, one at a time, so handlers may change state freely; waiting for a slow
    fault happens outside of it. `self.now()` is the simulated clock (seconds since 1970, UTC).
    """

    slug: ClassVar[str]
    base_path: ClassVar[str] = ""
    addresses: ClassVar[dict[str, str]] = {}
    """Paths of the further addresses that its vendor asks for beside `base_url`, by setting."""
    vendor_faults: ClassVar[dict[str, str]] = {}
    credentials: ClassVar[dict[str, Any]] = {}
    operator_path: ClassVar[str] = ""
    """Where a person works with it in the browser, if it has such a page."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.lock = threading.RLock()
        self.faults: list[Fault] = []
        self.injected: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.switches: dict[str, Any] = {"delay": 0.0, "clock_offset": 0.0}
        self.base_url = ""
        self.map = Map([*self.routes(), *self._control_routes()], strict_slashes=False)

    # What a vendor's simulator provides

    def routes(self) -> Iterable[Rule]:
        """Rules whose endpoint is a handler `(request, **path_arguments) -> Response`."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Everything it holds, as plain JSON."""
        raise NotImplementedError

    def guard(self, request: Request) -> Response | None:
        """An answer given before any handler: not signed in, over the limit. None lets the request through."""
        return None

    def finish(self, request: Request, response: Response) -> Response:
        """A last touch on every vendor answer, such as rate headers."""
        return response

    def throttled(self, request: Request) -> Response:
        return answer({"message": "Too Many Requests"}, 429)

    def failed(self, request: Request, status: int) -> Response:
        return answer({"message": "An error has occurred."}, status)

    # The machinery

    def now(self) -> float:
        return time.time() + float(self.switches["clock_offset"])

    def later(self, seconds: float, work: Callable[[], object]) -> None:
        """Run `work` under the lock after so many seconds."""

        def run() -> None:
            with self.lock:
                work()

        timer = threading.Timer(seconds, run)
        timer.daemon = True
        timer.start()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        if request.path.startswith("/_control"):
            with self.lock:
                return self._dispatch(request)(environ, start_response)
        with self.lock:
            fault = self._draw(request)
            delay = float(self.switches["delay"])
        if delay:
            time.sleep(delay)
        response = self._faulty(request, fault) if fault else self._serve(request)
        return response(environ, start_response)

    def _serve(self, request: Request) -> Response:
        with self.lock:
            self.calls[f"{request.method} {request.path}"] += 1
            self.calls["total"] += 1
            return self.finish(request, self.guard(request) or self._dispatch(request))

    def _dispatch(self, request: Request) -> Response:
        try:
            handler, arguments = self.map.bind_to_environ(request.environ).match()
            response: Response = handler(request, **arguments)
        except HTTPException as refused:
            own = refused.response
            response = own if isinstance(own, Response) else self.failed(request, refused.code or 500)
        return response

    def _draw(self, request: Request) -> Fault | None:
        for fault in self.faults:
            if fault.meets(request) and self.random.random() < fault.chance:
                fault.times -= 1
                self.injected[fault.kind] += 1
                return fault
        return None

    def _faulty(self, request: Request, fault: Fault) -> Response:
        request.get_data()  # read what was sent, so that the connection stays in step
        match fault.kind:
            case "status" | "server_error":
                return self.finish(request, self.failed(request, fault.status))
            case "throttle":
                return self.finish(request, self.throttled(request))
            case "slow":
                time.sleep(fault.seconds)
                return self._serve(request)
            case "cut_before":
                self._cut(request)
            case "late":
                self.later(fault.seconds, lambda: self._serve(request))
                self._cut(request)
            case "cut_after":
                self._serve(request)
                self._cut(request)
            case "error_after":
                self._serve(request)
                return self.finish(request, self.failed(request, 500))
            case "not_json":
                self._serve(request)
                return Response("<html><body>Maintenance</body></html>", 200, content_type="text/html")
            case "half":
                whole = self._serve(request)
                connection: socket.socket = request.environ["werkzeug.socket"]
                body = whole.get_data()
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                connection.sendall(head.encode() + body[: len(body) // 2])
                self._cut(request)
            case _:
                with self.lock:
                    return self.vendor_fault(request, fault)
        raise AssertionError("unreachable")

    def vendor_fault(self, request: Request, fault: Fault) -> Response:
        """Answer under one of `vendor_faults`."""
        raise NotImplementedError(fault.kind)

    def _cut(self, request: Request) -> None:
        connection: socket.socket = request.environ["werkzeug.socket"]
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the client was faster
        raise ConnectionError("cut on demand")

    def _control_routes(self) -> Iterable[Rule]:
        yield Rule("/_control/state", endpoint=lambda request: answer(self.state()), methods=["GET"])
        yield Rule("/_control/calls", endpoint=lambda request: answer(dict(self.calls)), methods=["GET"])
        yield Rule("/_control/faults", endpoint=self._control_faults, methods=["GET", "POST", "DELETE"])
        yield Rule("/_control/settings", endpoint=self._control_settings, methods=["POST"])
        yield Rule("/_control/do/<name>", endpoint=self._control_do, methods=["POST"])

    def _control_faults(self, request: Request) -> Response:
        if request.method == "POST":
            fault = Fault(**exact_json.loads(request.get_data()))
            if fault.kind not in FAULTS | self.vendor_faults:
                return answer({"message": f"Unknown fault {fault.kind!r}."}, 400)
            fault.chance, fault.seconds = float(fault.chance), float(fault.seconds)
            self.faults.append(fault)
        elif request.method == "DELETE":
            self.faults.clear()
        return answer({"armed": [asdict(fault) for fault in self.faults], "injected": dict(self.injected)})

    def _control_settings(self, request: Request) -> Response:
        wanted = exact_json.loads(request.get_data())
        unknown = sorted(set(wanted) - set(self.switches))
        if unknown:
            return answer({"message": f"No such switch: {', '.join(unknown)}"}, 400)
        self.switches.update(wanted)
        return answer(self.switches)

    def _control_do(self, request: Request, name: str) -> Response:
        method = getattr(self, f"do_{name}", None)
        if method is None:
            raise NotFound()
        return answer(method(**exact_json.loads(request.get_data() or b"{}")))


class _Quiet(WSGIRequestHandler):
    """Keeps the terminal quiet and small answers fast, and lets `Date` follow the simulated clock."""

    disable_nagle_algorithm = True

    def date_time_string(self, timestamp: float | None = None) -> str:
        simulator = cast(Simulator, self.server.app)
        return super().date_time_string(simulator.now() if timestamp is None else timestamp)

    def log(self, type: str, message: str, *args: Any) -> None:
        return


class Running:
    """A simulator being served on its own thread; `stop()` ends it."""

    def __init__(self, simulator: Simulator, host: str = "127.0.0.1", port: int = 0) -> None:
        self.simulator = simulator
        self.server = make_server(host, port, simulator, threaded=True, request_handler=_Quiet)
        self.root_url = f"http://{host}:{self.server.server_port}"
        simulator.base_url = self.base_url = self.root_url + simulator.base_path
        self.control_url = f"{self.root_url}/_control"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
