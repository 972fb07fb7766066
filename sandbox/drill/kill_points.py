"""Where a worker can be killed: every step of collect, deliver, settle and of following notifications.

The engine knows nothing of this. A point names one of its functions; in a drill's worker that function is wrapped,
wherever it was imported to, and the process kills itself with SIGKILL before, in the middle of, or after it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from typing import Any

BEFORE, DURING, AFTER = "before", "during", "after"
PACKAGES = ("syncjobs", "connections", "toolkit")
UNDER_WAY = 0.004
"""Seconds into a call at which DURING kills: the request has left, its answer has not come."""


@dataclass(frozen=True)
class Point:
    """One place in the engine: `function` is a dotted path, a method's with its class. `within` is a function it must be called by."""

    function: str
    moment: str
    within: str = ""

    @property
    def name(self) -> str:
        short = ".".join(self.function.split(".")[-2:]).replace("._", ".")
        inside = f" in {self.within.rpartition('.')[2].lstrip('_')}" if self.within else ""
        return f"{self.moment} {short}{inside}"


CALL = "connections.http.Http._send"
WRITE = "syncjobs.engine.deliver._write"
SETTLE = "syncjobs.engine.settle.settle_batch"
READ = "syncjobs.engine.read_ahead._fill"

POINTS = (
    # Collect
    Point("toolkit.leases.take", AFTER, "syncjobs.engine.poll.poll"),
    Point(CALL, AFTER, READ),
    Point("syncjobs.engine.poll._take_in", AFTER),
    Point("syncjobs.engine.poll._give_back", BEFORE),
    Point("syncjobs.engine.collect.store", BEFORE),
    Point("syncjobs.engine.collect._evaluate", AFTER),
    Point("syncjobs.engine.collect._store_in", AFTER),
    Point("syncjobs.engine.collect._claim", AFTER),
    Point("syncjobs.engine.collect._move_cursor", AFTER),
    Point("syncjobs.engine.collect.store", AFTER),
    Point("syncjobs.engine.fetch.take_in", BEFORE),
    Point("syncjobs.engine.fetch.take_in", AFTER),
    # Following notifications
    Point("syncjobs.engine.follow._claim", AFTER),
    Point("syncjobs.engine.follow._fetch", AFTER),
    Point("syncjobs.engine.follow._end", AFTER),
    # Deliver
    Point("syncjobs.engine.sender.Sender.send", BEFORE),
    Point("syncjobs.engine.deliver._claimable", AFTER),
    Point("syncjobs.engine.deliver.claim", AFTER),
    Point("syncjobs.engine.deliver._map", AFTER),
    Point(WRITE, BEFORE),
    Point(CALL, BEFORE, WRITE),
    Point(CALL, DURING, WRITE),
    Point(CALL, AFTER, WRITE),
    Point(WRITE, AFTER),
    Point("syncjobs.engine.deliver.store_outcomes", BEFORE),
    Point("syncjobs.engine.deliver._store", AFTER),
    Point("syncjobs.engine.deliver._wake_waiting", AFTER),
    Point("syncjobs.engine.deliver.store_outcomes", AFTER),
    # Settle
    Point("syncjobs.engine.clock.expire_leases", AFTER),
    Point("syncjobs.engine.settle._claim", AFTER),
    Point("syncjobs.engine.settle._outgoing", AFTER),
    Point(CALL, AFTER, SETTLE),
    Point("syncjobs.engine.settle._decide", AFTER),
    Point(SETTLE, AFTER),
)

_inside = threading.local()


def resolve(path: str) -> tuple[Any, str, Callable[..., Any]]:
    """The module or class that holds a function, its name there, and the function. Raises where there is none."""
    holder_path, _, name = path.rpartition(".")
    module_path, _, rest = holder_path.rpartition(".")
    holder = getattr(import_module(module_path), rest) if rest[:1].isupper() else import_module(holder_path)
    function = getattr(holder, name)
    if not callable(function):
        raise TypeError(f"{path} is no function")
    return holder, name, function


def arm(point: Point, passes: int, log: Callable[[str], None]) -> None:
    """Let this process kill itself when it passes a point for the `passes`th time; `log` is called with its name before."""
    if point.within:
        _wrap(point.within, _marking(point.within))
    _wrap(point.function, _killing(point, passes, log))


def _wrap(path: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    holder, name, function = resolve(path)
    wrapped = make(function)
    setattr(holder, name, wrapped)
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").partition(".")[0] in PACKAGES and vars(module).get(name) is function:
            setattr(module, name, wrapped)


def _marking(path: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Know when a thread is inside of a function."""

    def make(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*args: Any, **named: Any) -> Any:
            outer = getattr(_inside, "path", "")
            _inside.path = path
            try:
                return function(*args, **named)
            finally:
                _inside.path = outer

        return run

    return make


def _killing(
    point: Point, passes: int, log: Callable[[str], None]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    left = [passes]

    def is_due() -> bool:
        if point.within and getattr(_inside, "path", "") != point.within:
            return False
        left[0] -= 1
        return left[0] == 0

    def kill() -> None:
        log(point.name)
        os.kill(os.getpid(), signal.SIGKILL)

    def make(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*args: Any, **named: Any) -> Any:
            due = is_due()
            if due and point.moment == BEFORE:
                kill()
            if due and point.moment == DURING:
                threading.Timer(UNDER_WAY, kill).start()
            result = function(*args, **named)
            if due and point.moment == AFTER:
                kill()
            return result

        return run

    return make
