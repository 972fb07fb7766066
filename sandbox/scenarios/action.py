"""One thing that a person does in a simulated system."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Action(NamedTuple):
    """`run` raises `requests.HTTPError` where the system refuses it."""

    name: str
    run: Callable[[], object]


class PeriodicAction(NamedTuple):
    """Happens first after so many seconds, then every so many; 0 means once. `run` returns a sentence about it."""

    first: float
    every: float
    run: Callable[[], str]
