"""Every call that a running simulator answers, as it was asked and answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.kit.server import Running
from sandbox.kit.simulator import Simulator


@dataclass(frozen=True)
class Call:
    """One call. `by` says who made it: our client, or the test itself, directly."""

    by: str
    method: str
    path: str
    query: dict[str, str]
    request: Any
    status: int
    answer: Any
    headers: dict[str, str] = field(default_factory=dict)
    """Those of the request, their names in small letters."""

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.by}) -> {self.status}"


class Recorder:
    """Listens where a simulator gives every answer its last touch, those to injected faults too."""

    def __init__(self, simulator: Simulator) -> None:
        self.calls: list[Call] = []
        self.by = "client"
        self._finish = simulator.finish
        setattr(simulator, "finish", self._listen)  # noqa: B010 (a method of this one object)

    def _listen(self, request: Request, response: Response) -> Response:
        finished = self._finish(request, response)
        self.calls.append(
            Call(
                self.by,
                request.method,
                request.path,
                dict(request.args),
                _read(request.get_data(), request.mimetype),
                finished.status_code,
                _read(finished.get_data(), finished.mimetype or ""),
                {name.lower(): value for name, value in request.headers.items()},
            )
        )
        return finished

    @contextmanager
    def direct(self) -> Iterator[None]:
        """Calls in here are made by the test itself."""
        before, self.by = self.by, "test"
        try:
            yield
        finally:
            self.by = before


def _read(body: bytes, kind: str) -> Any:
    """JSON as it says, nothing as None, all else as text."""
    if not body:
        return None
    return json.loads(body) if kind.endswith("json") else body.decode()


@contextmanager
def recorded(simulator: Simulator, **switches: Any) -> Iterator[tuple[Running, Recorder]]:
    """The simulator, served, with these switches."""
    running = Running(simulator)
    simulator.switches.update(switches)
    try:
        yield running, Recorder(simulator)
    finally:
        running.stop()
