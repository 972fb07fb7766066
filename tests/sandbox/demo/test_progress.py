from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from sandbox.demo import progress
from sandbox.scenarios.consistency import RecordStatus
from syncjobs.models import Flow, SyncRecord
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def orders() -> Flow:
    """The only flow of an active integration that is switched on; it has just been read."""
    integration = factories.integration(state="active")
    integration.flows.exclude(slug="orders").update(enabled=False)
    integration.flows.filter(slug="orders").update(read_up_to=NOW, schedule="2")
    return factories.flow("orders", integration=integration)


def _unfinished(flow: Flow) -> list[str]:
    return progress.unfinished(flow.integration, NOW - dt.timedelta(seconds=1))


def test_nothing_is_left_where_all_records_have_settled(orders: Flow) -> None:
    for state in ("skipped", "attention", "conflict", "closed"):
        factories.record(flow=orders, state=state, due_at=None)
    assert _unfinished(orders) == []


@pytest.mark.parametrize("state", ["due", "retrying"])
def test_work_is_left_where_a_record_is_still_moving(orders: Flow, state: str) -> None:
    record = factories.record(flow=orders, state=state, due_at=NOW)
    assert _unfinished(orders) == [f"orders: {record.source_label} is {state}"]


def test_reading_is_left_where_a_source_was_last_read_too_early(orders: Flow) -> None:
    Flow.objects.filter(pk=orders.pk).update(read_up_to=NOW - dt.timedelta(seconds=5))
    assert _unfinished(orders) == ["orders: is not read"]


def test_what_was_written_last_must_have_been_read_again(orders: Flow) -> None:
    factories.record(flow=orders, state="synced", synced_at=NOW + dt.timedelta(seconds=5))
    assert _unfinished(orders) == ["orders: is not read"]


@pytest.mark.parametrize(("tried", "left"), [(-1, 1), (60, 0)])
def test_work_is_left_where_a_record_waits_and_was_not_tried_again(orders: Flow, tried: int, left: int) -> None:
    factories.record(flow=orders, state="synced", synced_at=NOW - dt.timedelta(seconds=2))
    waiting = factories.record(flow=orders, state="waiting", due_at=NOW)
    SyncRecord.objects.filter(pk=waiting.pk).update(claimed_at=NOW + dt.timedelta(seconds=tried))
    assert len(_unfinished(orders)) == left


def test_it_says_what_was_still_moving_when_time_is_over(orders: Flow) -> None:
    factories.record(flow=orders, state="due", due_at=NOW + dt.timedelta(hours=1))
    with pytest.raises(progress.TooLong, match=r"orders: \S+ is due"):
        progress.tick_until_finished([orders.integration], NOW - dt.timedelta(seconds=1), within=0, show=lambda: None)


def test_it_lists_the_status_of_each_record(orders: Flow) -> None:
    factories.record(flow=orders, source_key="SO/1", state="attention", cause="No street.")
    assert progress.record_statuses(orders.integration) == [RecordStatus("orders", "SO/1", "attention", "No street.")]
