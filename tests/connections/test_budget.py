from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from connections.budget import SharedBudget, account_name
from connections.errors import TryLater
from connections.models import RateWindow
from connections.vendor import Rate

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connections.budget.PATIENCE", 0.0)
    monkeypatch.setattr("connections.budget.HASTE", 0.0)


def budget(*, calls: int = 5, reserve: int = 1, for_person: bool = False) -> SharedBudget:
    return SharedBudget("account", Rate(calls, 60, reserve), calls, for_person=for_person)


def spend_all(of: SharedBudget) -> int:
    spent = 0
    try:
        while spent < 100:
            of.take()
            spent += 1
    except TryLater:
        return spent
    return spent


@time_machine.travel(START, tick=False)
def test_all_workers_together_spend_no_more_than_the_account_may() -> None:
    assert spend_all(budget()) + spend_all(budget()) == 4


@time_machine.travel(START, tick=False)
def test_a_person_may_spend_the_reserve() -> None:
    spend_all(budget())
    budget(for_person=True).take()
    with pytest.raises(TryLater):
        budget(for_person=True).take()


def test_a_new_window_brings_new_calls() -> None:
    with time_machine.travel(START, tick=False) as clock:
        spend_all(budget())
        clock.shift(61)
        assert spend_all(budget()) == 4


@time_machine.travel(START, tick=False)
def test_it_believes_the_headers_about_calls_that_others_spent() -> None:
    shared = budget()
    shared.take()
    shared.learn(limit=5, remaining=2, resets_in=30)
    assert spend_all(shared) == 1


def test_it_takes_over_the_vendors_window() -> None:
    with time_machine.travel(START, tick=False) as clock:
        shared = budget()
        shared.take()
        shared.learn(limit=5, remaining=4, resets_in=10)
        spend_all(shared)
        clock.shift(12)
        assert spend_all(shared) == 4


@time_machine.travel(START, tick=False)
def test_an_answer_from_the_next_window_does_not_waste_it() -> None:
    shared = budget()
    spend_all(shared)
    RateWindow.objects.update(ends_at=START + dt.timedelta(seconds=1))
    shared.learn(limit=5, remaining=4, resets_in=60)
    assert RateWindow.objects.get().used == 1


@time_machine.travel(START, tick=False)
def test_a_pause_stops_every_worker_of_the_account() -> None:
    budget().pause(30)
    with pytest.raises(TryLater) as caught:
        budget(for_person=True).take()
    assert caught.value.retry_after == 30


@time_machine.travel(START, tick=False)
def test_an_account_without_a_limit_still_obeys_a_pause() -> None:
    free = SharedBudget("free", Rate(0, 60, 0), 0)
    assert spend_all(free) == 100
    free.pause(5)
    assert spend_all(free) == 0


def test_equal_credentials_share_one_budget_and_tell_nothing() -> None:
    name = account_name("shipstation", "v1", {"api_key": "K-SECRET", "api_secret": "S"})
    assert name == account_name("shipstation", "v1", {"api_secret": "S", "api_key": "K-SECRET"})
    assert "SECRET" not in name
