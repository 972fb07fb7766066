from __future__ import annotations

import pytest
import requests

from sandbox.drill.actions import ActionRunner
from sandbox.scenarios.action import Action


def _refuse() -> None:
    raise requests.HTTPError("not on hold")


def test_it_counts_what_was_done_and_what_was_refused() -> None:
    runner = ActionRunner()
    runner.run([Action("ship", lambda: None), Action("release", _refuse), Action("ship", lambda: None)])
    assert runner.counts == {"ship": 2, "release refused": 1}


def test_it_hides_no_other_error() -> None:
    with pytest.raises(ZeroDivisionError):
        ActionRunner().run([Action("ship", lambda: 1 // 0)])
