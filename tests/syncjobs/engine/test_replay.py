from __future__ import annotations

import pytest
from django.db.models import F
from django.utils import timezone

from audit.models import AuditEntry
from connections.errors import Rejected
from syncjobs.engine.replay import close_records, edit_and_replay, reopen_records, replay_records
from syncjobs.models import State, SyncRecord
from tests.syncjobs.conftest import Lab
from tests.syncjobs.engine.fakes import thing


def refused(lab: Lab) -> SyncRecord:
    lab.shelf.answers = [Rejected("Name is too long.")]
    lab.shelf.add(thing("1"))
    lab.poll()
    assert lab.state() == "attention"
    return lab.record()


def records() -> object:
    return SyncRecord.objects.filter(flow__slug="boxes")


def test_a_replay_reads_the_source_again_and_sends_the_latest(lab: Lab) -> None:
    refused(lab)
    lab.shelf.pages[-1].append(thing("1", 2, total=7))
    assert replay_records(records(), lab.person) == 1  # type: ignore[arg-type]
    lab.run_tasks()
    assert lab.shelf.target["N1"]["total"] == 7


def test_a_replay_of_what_is_there_already_writes_it_again_once(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.poll()
    replay_records(records(), lab.person)  # type: ignore[arg-type]
    lab.run_tasks()
    assert (lab.state(), len(lab.shelf.calls)) == ("synced", 2)


def test_a_record_without_its_body_can_be_replayed(lab: Lab) -> None:
    lab.shelf.add(thing("1"))
    lab.poll()
    SyncRecord.objects.update(source_body=None, sent_body=None)
    replay_records(records(), lab.person)  # type: ignore[arg-type]
    lab.run_tasks()
    assert lab.state() == "synced"


@pytest.mark.parametrize("state", [State.SENDING, State.UNKNOWN])
def test_what_may_be_under_way_is_left_alone(lab: Lab, state: str) -> None:
    refused(lab)
    SyncRecord.objects.filter(flow__slug="boxes").update(
        state=state,
        lease="x",
        lease_until=timezone.now(),
        due_at=timezone.now() if state == State.UNKNOWN else None,
        in_flight=F("target_lock"),
    )
    assert replay_records(records(), lab.person) == 0  # type: ignore[arg-type]
    assert edit_and_replay(lab.record(), {"name": "x"}, lab.person) is False


def test_an_edit_is_sent_once(lab: Lab) -> None:
    edit_and_replay(refused(lab), {"name": "short", "total": 1}, lab.person)
    lab.run_tasks()
    assert lab.shelf.target["N1"] == {"name": "short", "total": 1}
    assert lab.record().edited_body is None


def test_the_trail_names_edited_fields_but_not_what_they_say(lab: Lab) -> None:
    edit_and_replay(refused(lab), {"name": "Kari Nordmann"}, lab.person)
    entry = AuditEntry.objects.get(action="record.edited")
    assert "name" in entry.summary
    assert "Kari" not in f"{entry.summary} {entry.data}"


def test_closing_needs_a_reason_and_keeps_who(lab: Lab) -> None:
    refused(lab)
    with pytest.raises(ValueError, match="reason"):
        close_records(records(), " ", lab.person)  # type: ignore[arg-type]
    assert close_records(records(), "typed by hand", lab.person) == 1  # type: ignore[arg-type]
    assert (lab.state(), lab.record().cause) == ("closed", "Closed by tester: typed by hand")


def test_reopening_undoes_closing(lab: Lab) -> None:
    refused(lab)
    close_records(records(), "typed by hand", lab.person)  # type: ignore[arg-type]
    assert reopen_records(records(), lab.person) == 1  # type: ignore[arg-type]
    lab.run_tasks()
    assert lab.state() == "synced"


def test_each_act_leaves_one_entry_per_record_in_one_group(lab: Lab) -> None:
    lab.shelf.add(thing("1"), thing("2"))
    lab.poll()
    replay_records(records(), lab.person)  # type: ignore[arg-type]
    groups = AuditEntry.objects.filter(action="record.replayed").values_list("group", flat=True)
    assert (len(groups), len(set(groups))) == (2, 1)
