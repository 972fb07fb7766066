from __future__ import annotations

import pytest
from django.db.models import F
from django.utils import timezone

from connections.errors import OutcomeUnknown, TryLater
from connections.vendor import Found
from syncjobs.engine import clock
from syncjobs.models import State, SyncRecord
from tests.syncjobs.conftest import Lab
from tests.syncjobs.engine import fakes
from tests.syncjobs.engine.fakes import thing


def lose_answer(lab: Lab, *, applied: bool) -> None:
    def lost(documents):  # type: ignore[no-untyped-def]
        if applied:
            lab.shelf.apply(documents)
        raise OutcomeUnknown("no answer")

    lab.shelf.answers = [lost]
    lab.shelf.add(thing("1"))
    lab.poll()
    assert lab.state() == "unknown"


def test_a_write_whose_answer_was_lost_is_found_and_linked(lab: Lab) -> None:
    lose_answer(lab, applied=True)
    lab.run_round()
    assert (lab.state(), lab.record().target_key) == ("synced", "T-N1")
    assert len(lab.shelf.calls) == 1


def test_it_looks_it_up_several_times_before_it_says_not_there(lab: Lab) -> None:
    lose_answer(lab, applied=False)
    lab.run_round()
    assert (lab.state(), lab.record().lookups) == ("unknown", 1)
    lab.run_round()
    assert lab.state() == "synced"
    assert (lab.shelf.finds, len(lab.shelf.calls)) == (2, 2)


def test_a_write_that_arrives_late_is_not_done_twice(lab: Lab) -> None:
    lose_answer(lab, applied=False)
    lab.run_round()
    lab.shelf.target["N1"] = {"name": "N1"}
    lab.run_round()
    assert (lab.state(), len(lab.shelf.calls)) == ("synced", 1)


def test_an_upsert_is_sent_again_after_one_lookup(upserts: Lab) -> None:
    lose_answer(upserts, applied=False)
    upserts.run_round()
    assert (upserts.state(), len(upserts.shelf.calls)) == ("synced", 2)


def test_a_search_that_fails_counts_as_no_lookup(lab: Lab) -> None:
    lose_answer(lab, applied=False)
    lab.shelf.find_error = TryLater("busy")
    lab.run_round()
    assert (lab.state(), lab.record().lookups) == ("unknown", 0)


def test_a_write_that_stopped_halfway_is_resumed(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lose_answer(lab, applied=True)
    monkeypatch.setattr(fakes.Boxes, "find", lambda self, documents, since: {"N1": Found("T-N1", complete=False)})
    lab.run_round()
    assert (lab.state(), len(lab.shelf.calls)) == ("synced", 2)


def test_a_killed_worker_leaves_an_unknown_outcome(lab: Lab) -> None:
    lab.shelf.add(thing("1"))

    def killed(documents):  # type: ignore[no-untyped-def]
        raise KeyboardInterrupt

    lab.shelf.answers = [killed]
    with pytest.raises(KeyboardInterrupt):
        lab.poll()
    assert lab.state() == "sending"
    lab.run_round()
    lab.run_round()
    lab.run_round()
    assert (lab.state(), len(lab.shelf.calls)) == ("synced", 2)
    assert "lease_expired" in lab.history()


def test_after_five_tries_with_an_unknown_outcome_a_person_is_asked(lab: Lab) -> None:
    lab.shelf.answers = [OutcomeUnknown("no answer")] * 9
    lab.shelf.add(thing("1"))
    lab.poll()
    for _ in range(20):
        lab.run_round()
    assert (lab.state(), len(lab.shelf.calls)) == ("attention", 5)


def test_a_newer_source_goes_out_after_the_older_was_found(lab: Lab) -> None:
    lose_answer(lab, applied=True)
    lab.shelf.add(thing("1", 2, total=2))
    lab.poll()
    assert lab.state() == "unknown"
    lab.run_round()
    assert lab.state() == "synced"
    assert lab.shelf.target["N1"]["total"] == 2


def test_a_source_that_was_cancelled_while_the_outcome_is_unknown_is_not_sent(filtered: Lab) -> None:
    lab = filtered
    lab.shelf.answers = [OutcomeUnknown("no answer")]
    lab.shelf.add(thing("1", 1, status="open"))
    lab.poll()
    lab.shelf.add(thing("1", 2, status="cancelled"))
    lab.poll()
    for _ in range(4):
        lab.run_round()
    assert (lab.state(), len(lab.shelf.calls)) == ("skipped", 1)


def test_nothing_is_left_sending(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.poll()
    SyncRecord.objects.filter(flow__slug="boxes").update(
        state=State.SENDING, in_flight=F("target_lock"), lease="dead", lease_until=timezone.now()
    )
    lab.run_round()
    lab.run_round()
    assert not SyncRecord.objects.filter(state=State.SENDING).exists()


def test_a_found_target_that_belongs_to_another_record_stops_only_that_one(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.shelf.add(thing("9"))
    lab.poll()
    lab.shelf.answers = [OutcomeUnknown("no answer")]
    lab.shelf.add(thing("1"), thing("2"))
    lab.poll()
    matches = {"N1": Found("T-N9"), "N2": Found("T-N2")}
    monkeypatch.setattr(fakes.Boxes, "find", lambda self, documents, since: matches)
    lab.run_round()
    assert [lab.state("1"), lab.state("2"), lab.state("9")] == ["attention", "synced", "synced"]


def test_a_search_that_fails_in_our_own_code_counts_as_no_lookup_and_holds_nothing(lab: Lab) -> None:
    lose_answer(lab, applied=False)
    lab.shelf.find_error = KeyError("a private name")
    lab.run_round()
    record = lab.record()
    assert (record.state, record.lookups, record.lease) == ("unknown", 0, "")
    assert "KeyError" in record.cause
    assert "private" not in record.cause
    lab.shelf.find_error = None
    lab.run_round()
    assert (lab.state(), lab.record().lookups) == ("unknown", 1)


def test_records_that_kill_their_workers_come_to_a_person(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.poll()
    held = {"state": "sending", "in_flight": F("target_lock"), "lease": "dead", "lease_until": timezone.now()}
    for count in range(1, 4):
        SyncRecord.objects.update(**held, due_at=None)
        clock.expire_leases()
        assert lab.record().unknown_count == count
