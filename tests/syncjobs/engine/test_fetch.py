"""Single documents read by key: for webhooks, for records that wait, and for people."""

from __future__ import annotations

import pytest

from connections.errors import TryLater
from connections.vendor import Document
from syncjobs.engine.fetch import fetch, reread, take_in
from syncjobs.models import Flow, FlowRun, Integration, SyncRecord
from tests.syncjobs.conftest import Lab
from tests.syncjobs.engine import fakes
from tests.syncjobs.engine.fakes import thing


def test_it_reads_collects_and_delivers_what_it_was_asked_for(lab: Lab) -> None:
    lab.shelf.add(thing("1"), thing("2"), thing("3"))
    assert fetch(lab.flow, ["1", "3"], "by hand") == 2
    assert sorted(lab.shelf.target) == ["N1", "N3"]
    assert (lab.state("1"), lab.state("3"), SyncRecord.objects.filter(source_key="2").exists()) == (
        "synced",
        "synced",
        False,
    )


def test_it_leaves_the_cursor_where_it_is(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    before = lab.flow.cursor
    fetch(lab.flow, ["1"], "by hand")
    assert lab.flow.cursor == before


def test_it_says_that_nothing_is_there(lab: Lab) -> None:
    assert fetch(lab.flow, ["9"], "by hand") == 0
    assert SyncRecord.objects.count() == 0


def test_called_twice_it_makes_one_record_and_one_write(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    for _ in range(2):
        fetch(lab.flow, ["1"], "by hand")
    assert (SyncRecord.objects.filter(flow__slug="boxes").count(), len(lab.shelf.calls)) == (1, 1)


def test_it_keeps_how_the_document_came(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.poll()
    fetch(lab.flow, ["1"], "webhook")
    assert set(lab.record("1").triggers) == {"poll", "webhook"}


@pytest.mark.parametrize(("trigger", "kind"), [("webhook", "webhook"), ("replay", "fetch"), ("by hand", "fetch")])
def test_a_run_of_it_is_kept_with_its_counts(lab: Lab, trigger: str, kind: str) -> None:
    lab.shelf.add(thing("1"))
    fetch(lab.flow, ["1"], trigger)
    run = FlowRun.objects.get(flow=lab.flow)
    assert (run.kind, run.counts["seen"]) == (kind, 2)  # by the flow, and by the one that is polled with it
    assert run.ended_at is not None
    assert run.ended_at >= run.started_at


def test_an_error_of_the_source_is_raised_and_stores_nothing(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(self: fakes.Things, key: str) -> list[Document]:
        raise TryLater("busy")

    monkeypatch.setattr(fakes.Things, "get", busy)
    with pytest.raises(TryLater):
        fetch(lab.flow, ["1"], "by hand")
    assert (SyncRecord.objects.count(), FlowRun.objects.count()) == (0, 0)


def test_what_a_flow_gets_also_feeds_those_that_are_polled_with_it(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.poll()
    take_in(lab.flow, [thing("1", 2, held=True)], "webhook")
    assert lab.state("1", "states") == "synced"


def test_documents_of_a_flow_without_a_poll_of_its_own_go_to_the_one_that_feeds_it(lab: Lab) -> None:
    take_in(
        Flow.objects.select_related("integration__left", "integration__right").get(slug="states"), [thing("1")], "x"
    )
    assert lab.state("1", "boxes") == "synced"
    assert FlowRun.objects.get().flow.slug == "boxes"


def test_a_record_is_read_again_as_it_is_now(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.poll()
    lab.shelf.pages[0] = [thing("1", 2, total=9)]
    assert reread(lab.flow.pk, lab.record("1").pk) == 1
    assert lab.shelf.target["N1"]["total"] == 9


def test_a_paused_integration_or_a_record_that_is_gone_is_not_read_again(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.poll()
    key = lab.record("1").pk
    assert reread(lab.flow.pk, key + 1000) == 0
    Integration.objects.update(state="paused")
    assert reread(lab.flow.pk, key) == 0
