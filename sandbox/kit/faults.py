"""Faults on demand: which kinds there are, which are armed, and what a request meets because of them.

A fault is armed by `POST /_control/faults` and meets the next requests that match it. The kinds here are the same for
every simulator; a vendor's own are in `Simulator.vendor_faults`. Faults of webhooks are in `sandbox.kit.webhooks`.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field
from typing import Any, ClassVar, Never, Protocol

from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context

FAULTS = {
    "status": "returns `status` instead of doing the work",
    "throttle": "returns 429",
    "server_error": "returns 500 before doing the work",
    "error_after": "does the work, then returns 500",
    "slow": "waits `seconds` before doing the work",
    "cut_before": "cuts the connection before doing the work",
    "cut_after": "does the work, then cuts the connection instead of responding",
    "late": "cuts the connection at once and does the work `seconds` later",
    "half": "does the work and sends half of the response, then cuts",
    "not_json": "does the work and returns an HTML page",
}


@dataclass
class Fault:
    """An armed fault: for the next `times` requests of `method` (any if empty) whose path starts with `path`."""

    kind: str
    path: str = "/"
    method: str = ""
    times: int = 1
    chance: float = 1.0
    seconds: float = 1.0
    status: int = 500
    arguments: dict[str, Any] = field(default_factory=dict)

    def matches(self, request: Request) -> bool:
        return self.times > 0 and self.method in ("", request.method) and request.path.startswith(self.path)


class FaultTarget(Protocol):
    """What faults are injected into: a simulator."""

    vendor_faults: ClassVar[dict[str, str]]

    def serve(self, request: Request) -> Response: ...

    def finish(self, request: Request, response: Response) -> Response: ...

    def throttled(self, request: Request) -> Response: ...

    def failed(self, request: Request, status: int) -> Response: ...

    def vendor_fault(self, request: Request, fault: Fault) -> Response: ...


class FaultInjector:
    """The armed faults of one simulator, and what each does to a request."""

    def __init__(self, context: Context, target: FaultTarget) -> None:
        self.context = context
        self.target = target
        self.armed: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        """Raises `ValueError` for a kind that this simulator does not know."""
        if fault.kind not in FAULTS | self.target.vendor_faults:
            raise ValueError(f"Unknown fault {fault.kind!r}.")
        self.armed.append(fault)

    def draw(self, request: Request) -> Fault | None:
        """The fault that this request meets, counted as injected; None lets it through."""
        for fault in self.armed:
            if fault.matches(request) and self.context.random.random() < fault.chance:
                fault.times -= 1
                self.context.injected[fault.kind] += 1
                return fault
        return None

    def respond(self, request: Request, fault: Fault) -> Response:
        """Serve the request under the fault. Raises `ConnectionError` where the connection is cut."""
        request.get_data()  # read what was sent, so that the connection stays in step
        match fault.kind:
            case "slow":
                time.sleep(fault.seconds)
                return self.target.serve(request)
            case "status" | "server_error":
                return self._failed(request, fault.status)
            case "throttle":
                return self.target.finish(request, self.target.throttled(request))
            case "error_after" | "not_json":
                self.target.serve(request)
                return self._failed(request, 500) if fault.kind == "error_after" else _maintenance()
            case "cut_before" | "cut_after" | "late" | "half":
                self._cut(request, fault)
        with self.context.lock:
            return self.target.vendor_fault(request, fault)

    def _failed(self, request: Request, status: int) -> Response:
        return self.target.finish(request, self.target.failed(request, status))

    def _cut(self, request: Request, fault: Fault) -> Never:
        match fault.kind:
            case "late":
                self.context.later(fault.seconds, lambda: self.target.serve(request))
            case "cut_after":
                self.target.serve(request)
            case "half":
                _send_half(request, self.target.serve(request).get_data())
        try:
            _connection(request).shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the client was faster
        raise ConnectionError("cut on demand")


def _maintenance() -> Response:
    return Response("<html><body>Maintenance</body></html>", 200, content_type="text/html")


def _send_half(request: Request, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    _connection(request).sendall(head.encode() + body[: len(body) // 2])


def _connection(request: Request) -> socket.socket:
    connection: socket.socket = request.environ["werkzeug.socket"]
    return connection
