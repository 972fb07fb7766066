from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.drill import kill_points
from sandbox.drill.kill_points import AFTER, BEFORE, DURING, POINTS, Point, arm, resolve


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.name)
def test_it_finds_every_function_at_which_a_worker_is_killed(point: Point) -> None:
    for path in filter(None, (point.function, point.within)):
        assert callable(resolve(path)[2])


def test_it_refuses_a_function_that_was_renamed() -> None:
    with pytest.raises(AttributeError):
        resolve("syncjobs.engine.deliver._no_longer_there")


def test_it_names_every_point_once() -> None:
    assert len({point.name for point in POINTS}) == len(POINTS)


@pytest.mark.parametrize("step", ["collect", "deliver", "settle", "follow", "poll"])
def test_it_kills_in_every_step(step: str) -> None:
    assert any(f".{step}." in point.function for point in POINTS)


def test_it_kills_before_a_call_during_it_and_after_it_within_a_write() -> None:
    moments = {point.moment for point in POINTS if point.function == kill_points.CALL and point.within}
    assert moments == {BEFORE, DURING, AFTER}


@pytest.fixture
def engine() -> Iterator[Any]:
    """Functions as they were, put back after the test."""
    modules = [module for module in sys.modules.values() if module.__name__.partition(".")[0] in kill_points.PACKAGES]
    saved = [(module, dict(vars(module))) for module in modules]
    yield
    for module, names in saved:
        vars(module).update(names)


@pytest.fixture
def kills(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    signals: list[Any] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: signals.append(number))
    return signals


@pytest.mark.django_db
def test_it_wraps_a_function_wherever_it_was_imported_to(engine: None, kills: list[Any]) -> None:
    from syncjobs.engine import collect, fetch, poll

    arm(Point("syncjobs.engine.collect.store", BEFORE), 1, lambda name: None)
    stores = {vars(module)["store"] for module in (collect, fetch, poll)}
    assert len(stores) == 1
    collect.store([], [], "poll")
    assert kills == [signal.SIGKILL]


def test_it_kills_at_the_chosen_pass(engine: None, kills: list[Any]) -> None:
    from syncjobs.engine import follow

    names: list[str] = []
    point = Point("syncjobs.engine.transitions.backoff", AFTER)
    arm(point, 2, names.append)
    vars(follow)["backoff"](1)
    assert not kills
    vars(follow)["backoff"](1)
    assert names == [point.name]


def test_it_kills_only_within_the_chosen_function(engine: None, kills: list[Any]) -> None:
    from syncjobs.engine import transitions

    arm(Point("syncjobs.engine.transitions.backoff", AFTER, "syncjobs.engine.transitions._wait"), 1, lambda name: None)
    transitions.backoff(1)
    assert not kills
