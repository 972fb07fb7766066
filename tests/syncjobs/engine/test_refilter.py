from __future__ import annotations

import time
from typing import Any

import pytest

from audit.models import AuditEntry
from syncjobs.engine import refilter as module
from syncjobs.engine.refilter import refilter
from syncjobs.mapping.expressions import MappingError
from syncjobs.models import Flow, State, SyncRecord
from tests import factories as make

pytestmark = pytest.mark.django_db


def flow_with(text: str) -> Flow:
    return make.flow(filter=text, filter_edited=True)


def skipped(flow: Flow, **fields: Any) -> SyncRecord:
    return make.record(
        **{"flow": flow, "state": State.SKIPPED, "source_body": {"Status": "Open"}, "cause": "old"} | fields
    )


def states(flow: Flow) -> list[str]:
    return list(flow.records.order_by("pk").values_list("state", flat=True))


def test_it_makes_those_due_that_pass_now_and_notes_it() -> None:
    flow = flow_with("Status == 'Open'")
    record = skipped(flow)
    assert refilter(flow, make.PERSON) == {"looked_at": 1, "due": 1}
    record.refresh_from_db()
    assert (record.state, record.cause, record.due_at is not None) == (State.DUE, "", True)
    assert AuditEntry.objects.get(subject_id=record.pk, subject_type="syncrecord").actor == "tester"


def test_it_leaves_those_out_that_still_do_not_pass() -> None:
    flow = flow_with("Status == 'Closed'")
    skipped(flow)
    assert refilter(flow, make.PERSON) == {"looked_at": 1}
    assert states(flow) == [State.SKIPPED]


def test_it_passes_all_when_there_is_no_filter_any_more() -> None:
    flow = flow_with("")
    skipped(flow)
    refilter(flow, make.PERSON)
    assert states(flow) == [State.DUE]


def test_it_touches_no_record_without_its_document_nor_in_another_state_nor_of_another_flow() -> None:
    flow, second_flow = flow_with(""), flow_with("")
    skipped(flow, source_body=None)
    skipped(flow, state=State.CLOSED)
    skipped(second_flow)
    assert refilter(flow, make.PERSON) == {}
    assert states(flow) + states(second_flow) == [State.SKIPPED, State.CLOSED, State.SKIPPED]


def test_it_works_through_chunk_after_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 2)
    flow = flow_with("pass")
    for number in range(5):
        skipped(flow, source_body={"pass": bool(number % 2)})
    assert refilter(flow, make.PERSON) == {"looked_at": 5, "due": 2}
    assert states(flow) == ["skipped", "due", "skipped", "due", "skipped"]


def test_it_stops_at_the_deadline_and_says_that_some_are_left() -> None:
    flow = flow_with("")
    skipped(flow)
    assert refilter(flow, make.PERSON, deadline=time.monotonic() - 1) == {"left": 1}
    assert states(flow) == [State.SKIPPED]


def test_it_changes_nothing_the_second_time() -> None:
    flow = flow_with("Status == 'Open'")
    skipped(flow)
    refilter(flow, make.PERSON)
    before = AuditEntry.objects.count()
    assert refilter(flow, make.PERSON) == {}
    assert AuditEntry.objects.count() == before


def test_it_shows_a_record_that_the_filter_cannot_be_worked_out_for() -> None:
    flow = flow_with("whole(Status)")
    record = skipped(flow)
    refilter(flow, make.PERSON)
    record.refresh_from_db()
    assert (record.state, record.error_class) == (State.ATTENTION, "MappingError")


def test_it_touches_nothing_when_the_filter_is_none() -> None:
    flow = flow_with("((")
    skipped(flow)
    with pytest.raises(MappingError):
        refilter(flow, make.PERSON)
    assert states(flow) == [State.SKIPPED]
