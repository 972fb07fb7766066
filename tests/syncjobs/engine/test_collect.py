from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connections.errors import ConnectionBroken, TryLater
from connections.models import Connection
from connections.vendor import Document
from syncjobs.engine.collect import LeaseLost, store
from syncjobs.engine.compiled import compile_flow
from syncjobs.models import Flow, FlowRun, SyncRecord
from tests.syncjobs.conftest import Lab
from tests.syncjobs.engine.fakes import thing


def test_it_makes_one_record_per_source_document(lab: Lab) -> None:
    lab.shelf.add(thing("1"), thing("2"))
    lab.poll()
    assert [lab.state("1"), lab.state("2")] == ["synced", "synced"]


def test_it_makes_no_work_of_a_document_that_has_not_changed(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.shelf.add(thing("1"))
    lab.poll()
    assert lab.shelf.calls == [["N1"]]


def test_the_same_document_seen_twice_in_a_page_is_one_record(lab: Lab) -> None:
    lab.shelf.add(thing("1", 1, total=1), thing("1", 2, total=2))
    lab.poll()
    assert lab.shelf.target == {"N1": {"name": "N1", "total": 2}}


def test_an_older_version_never_overwrites_a_newer_one(lab: Lab) -> None:
    lab.shelf.add(thing("1", 5, total=5))
    lab.shelf.add(thing("1", 4, total=4))
    lab.poll()
    assert lab.record().source_body["total"] == 5
    assert len(lab.shelf.calls) == 1


def test_a_change_is_delivered_again(lab: Lab) -> None:
    lab.shelf.add(thing("1", 1, total=1))
    lab.shelf.add(thing("1", 2, total=2))
    lab.poll()
    assert lab.shelf.target["N1"]["total"] == 2
    assert lab.history() == ["collected", "synced", "changed", "synced"]


def test_a_document_that_comes_two_ways_is_one_record_with_two_triggers(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.poll()
    store([compile_flow(lab.flow)], [thing("1")], "webhook")
    assert sorted(lab.record().triggers) == ["poll", "webhook"]
    assert len(lab.shelf.calls) == 1


def test_the_cursor_moves_with_the_page_that_it_has_passed(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.shelf.read_error = TryLater("busy")
    lab.poll()
    assert lab.flow.cursor == {"page": 1}
    assert "busy" in lab.flow.trouble


def test_a_worker_that_lost_its_lease_stores_nothing(lab: Lab) -> None:
    Flow.objects.filter(pk=lab.flow.pk).update(lease="another")
    with pytest.raises(LeaseLost):
        store([compile_flow(lab.flow)], [thing("1")], "poll", cursor={"page": 9}, lease="mine")
    assert not SyncRecord.objects.exists()


def test_only_one_worker_reads_a_flow_at_a_time(lab: Lab) -> None:
    from django.utils import timezone

    Flow.objects.update(lease="another", lease_until=timezone.now() + timezone.timedelta(minutes=1))  # type: ignore[attr-defined]
    lab.shelf.add(thing("1"))
    lab.poll()
    assert not FlowRun.objects.exists()


def test_what_the_filter_leaves_out_is_skipped_and_says_why(filtered: Lab) -> None:
    filtered.shelf.add(thing("1", status="closed"))
    filtered.poll()
    assert filtered.state() == "skipped"
    assert "not open" in filtered.record().cause


def test_a_skipped_record_goes_when_its_source_comes_to_pass(filtered: Lab) -> None:
    filtered.shelf.add(thing("1", 1, status="draft"))
    filtered.shelf.add(thing("1", 2, status="open"))
    filtered.poll()
    assert filtered.state() == "synced"


def test_a_synced_record_stays_synced_when_the_filter_leaves_its_change_out(filtered: Lab) -> None:
    filtered.shelf.add(thing("1", 1, status="open"))
    filtered.shelf.add(thing("1", 2, status="closed"))
    filtered.poll()
    assert filtered.state() == "synced"
    assert len(filtered.shelf.calls) == 1


def test_one_document_whose_filter_fails_does_not_stop_the_page(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.syncjobs.conftest import build

    lab = build(monkeypatch, filter="whole(total) > `0`")
    lab.shelf.add(thing("1", total=Decimal("1.5")), thing("2"))
    lab.poll()
    assert [lab.state("1"), lab.state("2")] == ["attention", "synced"]


def test_a_closed_record_stays_closed_when_its_source_changes(lab: Lab) -> None:
    from syncjobs.engine.replay import close_records

    lab.shelf.add(thing("1"))
    lab.poll()
    close_records(SyncRecord.objects.all(), "done by hand", lab.person)
    lab.shelf.add(thing("1", 2, total=9))
    lab.poll()
    assert lab.state() == "closed"


def test_a_broken_source_stops_its_connection_with_one_cause(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.shelf.read_error = ConnectionBroken("The password was refused.", next_step="Enter it again.")
    lab.poll()
    lab.left.refresh_from_db()
    assert (lab.left.state, lab.left.cause) == ("broken", "The password was refused.")


def test_a_connection_that_works_again_goes_on_by_itself(lab: Lab) -> None:
    lab.shelf.read_error = ConnectionBroken("The password was refused.")
    lab.shelf.add(thing("1"))
    lab.poll()
    lab.shelf.read_error = None
    lab.shelf.add(thing("2"))
    Connection.objects.update(recover_at="2020-01-01T00:00:00Z")
    lab.run_round()
    lab.run_round()
    assert lab.state("2") == "synced"


def test_documents_with_nul_and_huge_numbers_are_stored_as_they_are(lab: Lab) -> None:
    odd: dict[str, Any] = {"note": "a\x00b", "amount": Decimal("7000.0000"), "big": 2**70}
    lab.shelf.add(thing("1", **odd))
    lab.poll()
    body = lab.record().source_body
    assert (body["note"], str(body["amount"]), body["big"]) == ("a\x00b", "7000.0000", 2**70)


def test_names_that_hold_what_postgresql_refuses_stop_nothing(lab: Lab) -> None:
    odd = Document("a\0b", "2026-01-01T00:00:00Z", {"name": "N\0", "total": 1}, "open\0", "L\0")
    lab.shelf.add(odd, thing("2"))
    lab.poll()
    record = SyncRecord.objects.exclude(source_key="2").get()
    assert (record.state, lab.state("2")) == ("synced", "synced")
    names = (record.source_key, record.source_label, record.source_status, record.natural_key)
    assert names == ("a\ufffdb", "L\ufffd", "open\ufffd", "N\ufffd")
    assert record.source_body["name"] == "N\0"
    lab.shelf.add(odd)
    lab.poll()
    assert (SyncRecord.objects.count(), lab.flow.trouble) == (2, "")


@pytest.mark.parametrize("key", ['it\'s "x"', "ä€𝄞\u2028", "\\u0000", "%s {} [1]", "NULL", "1e3", "x" * 198])
def test_keys_of_all_kinds_are_known_again(lab: Lab, key: str) -> None:
    lab.shelf.add(Document(key, "1", {"name": key, "total": 1}))
    lab.poll()
    lab.shelf.add(Document(key, "2", {"name": key, "total": 2}))
    lab.poll()
    record = SyncRecord.objects.get()
    assert (record.source_key, record.state, record.source_version) == (key, "synced", "2")


def test_a_key_that_is_too_long_stops_no_other_and_is_known_again(lab: Lab) -> None:
    for version in ("1", "2"):
        first, second = (Document("k" * 300 + end, version, {"name": f"N{end}", "total": version}) for end in "ab")
        lab.shelf.add(first, thing("1"), second)
        lab.poll()
    keys = sorted(SyncRecord.objects.values_list("source_key", flat=True))
    assert [len(key) for key in keys] == [1, 200, 200]
    assert {key[:167] for key in keys[1:]} == {"k" * 167}
    assert set(SyncRecord.objects.values_list("state", flat=True)) == {"synced"}


def test_a_link_to_an_odd_key_stops_no_other(lab: Lab) -> None:
    lab.shelf.add(thing("1", parent="a\0b"), thing("2"))
    lab.poll()
    assert (lab.state("1"), lab.record("1").waits_key, lab.state("2")) == ("waiting", "a\ufffdb", "synced")
