from __future__ import annotations

import threading
import time

from tests.sandbox.kit.echo import Echo


def test_its_ids_depend_on_the_seed_alone() -> None:
    first, second, another_seed = Echo(7).context, Echo(7).context, Echo(8).context
    ids = [first.new_id() for _ in range(3)]
    assert ids == [second.new_id() for _ in range(3)]
    assert another_seed.new_id() not in ids


def test_its_clock_is_moved_by_a_switch() -> None:
    context = Echo().context
    context.switches["clock_offset"] = -3600
    assert abs(context.now() - (time.time() - 3600)) < 5


def test_it_runs_later_work_under_the_lock() -> None:
    context, done = Echo().context, threading.Event()
    with context.lock:
        context.later(0.0, done.set)
        assert not done.wait(0.1)
    assert done.wait(5)
