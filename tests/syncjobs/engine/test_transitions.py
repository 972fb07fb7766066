"""What becomes of a record after a try to deliver it: the class of the error, read as a state."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from connections.errors import (
    ConnectionBroken,
    Locked,
    NotReady,
    OutcomeUnknown,
    Rejected,
    Surprise,
    TryLater,
    VendorError,
)
from connections.vendor import Outcome, Outgoing, Refused, Unchanged, Written
from syncjobs.engine import transitions
from syncjobs.models import State, SyncRecord
from tests.syncjobs.conftest import Lab
from tests.syncjobs.engine.fakes import thing

ERRORS = (
    TryLater("Busy."),
    NotReady("Not yet.", waits_for="first order"),
    OutcomeUnknown("No answer."),
    Surprise("Odd."),
    Rejected("Bad.", fields={"name": "too long"}),
    Locked("Shipped.", current={"status": "shipped"}),
    ConnectionBroken("Wrong password."),
)


def outcome(lab: Lab, planned: Outcome | VendorError, version: int = 1, **body: Any) -> SyncRecord:
    """Send this version of one document, with this outcome; returns its record."""
    lab.shelf.add(thing("1", version, **body))
    plan_outcome(lab, planned)
    lab.poll()
    return lab.record("1")


def plan_outcome(lab: Lab, planned: Outcome | VendorError) -> None:
    """The outcome of the next write."""
    result = Refused(planned) if isinstance(planned, VendorError) else planned
    lab.shelf.answers.append(lambda documents: [result])


def seconds_until(moment: dt.datetime | None) -> float:
    assert moment is not None
    return (moment - timezone.now()).total_seconds()


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_the_claim_is_given_back_whatever_came(lab: Lab, error: VendorError) -> None:
    record = outcome(lab, error)
    assert (record.lease, record.lease_until) == ("", None)
    assert record.state != "sending"


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_only_an_unknown_outcome_keeps_the_target_document_to_itself(lab: Lab, error: VendorError) -> None:
    record = outcome(lab, error)
    assert (record.in_flight is not None) is (record.state == "unknown") is isinstance(error, OutcomeUnknown | Surprise)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_work_has_a_time_and_what_needs_a_person_has_none(lab: Lab, error: VendorError) -> None:
    record = outcome(lab, error)
    assert (record.due_at is None) is (record.state in {"attention", "conflict", "synced", "skipped"})


def test_the_cause_the_next_step_and_what_the_vendor_said_are_kept(lab: Lab) -> None:
    error = Rejected("Refused.", next_step="Shorten it.", words="name too long", status=422, request_id="r-1")
    record = outcome(lab, error)
    assert (record.state, record.error_class, record.next_step) == ("attention", "Rejected", "Shorten it.")
    assert record.cause == 'Refused. It said: "name too long"'
    assert record.details == {"fields": {}, "words": "name too long", "status": 422, "request_id": "r-1"}


def test_what_is_written_forgets_the_errors_before(lab: Lab) -> None:
    outcome(lab, Rejected("Bad.", fields={"name": "x"}))
    record = outcome(lab, Written("T-1", url="http://there/1"), version=2, total=2)
    assert (record.state, record.target_key, record.target_url) == ("synced", "T-1", "http://there/1")
    assert (record.cause, record.next_step, record.error_class, record.details) == ("", "", "", {})
    assert (record.attempts, record.unknown_count, record.due_at) == (0, 0, None)
    assert seconds_until(record.synced_at) > -60


def test_what_was_there_already_is_synced_and_says_so(lab: Lab) -> None:
    record = outcome(lab, Unchanged("T-9", note="It says so already."))
    assert (record.state, record.target_key, record.cause) == ("synced", "T-9", "It says so already.")
    assert lab.history()[-1] == "unchanged"


def test_what_names_nothing_in_the_target_is_left_out(lab: Lab) -> None:
    record = outcome(lab, Unchanged(note="No lines."))
    assert (record.state, record.target_key, record.cause) == ("skipped", None, "No lines.")


def test_a_passing_reason_waits_as_long_as_the_vendor_says(lab: Lab) -> None:
    record = outcome(lab, TryLater("Busy.", retry_after=120))
    assert (record.state, 100 < seconds_until(record.due_at) <= 120) == ("retrying", True)


def test_a_passing_reason_without_a_time_waits_longer_each_time_and_never_over_an_hour(lab: Lab) -> None:
    waits = [seconds_until(outcome(lab, TryLater("Busy.")).due_at)]
    for _ in range(11):
        plan_outcome(lab, TryLater("Busy."))
        lab.run_round()
        waits.append(seconds_until(lab.record("1").due_at))
    assert 0 < waits[0] <= 60
    assert all(later > earlier for earlier, later in zip(waits[:4], waits[2:6], strict=True))
    assert 1800 < max(waits) <= 3600


def test_what_waits_names_what_it_waits_for(lab: Lab) -> None:
    record = outcome(lab, NotReady("Not yet.", waits_for="x" * 300, flow="boxes", key="7"))
    assert (record.state, record.waits_flow, record.waits_key) == ("waiting", "boxes", "7")
    assert record.waits_for == "x" * 200


def test_an_unknown_outcome_is_looked_up_after_the_delay_that_the_resource_states(lab: Lab) -> None:
    record = outcome(lab, OutcomeUnknown("No answer."))
    assert (record.state, record.unknown_count, record.lookups) == ("unknown", 1, 0)
    assert 0 < seconds_until(record.due_at) <= 5


def test_a_conflict_holds_what_we_would_change_and_what_it_says_now(lab: Lab) -> None:
    outcome(lab, Written("T-1"), total=5)
    record = outcome(lab, Locked("Shipped.", current={"status": "shipped"}), version=2, total=6)
    assert (record.state, record.target_key) == ("conflict", "T-1")
    assert record.details == {"current": {"status": "shipped"}, "difference": {"total": [5, 6]}}


def test_a_broken_connection_leaves_its_records_due(lab: Lab) -> None:
    record = outcome(lab, ConnectionBroken("Wrong password."))
    assert (record.state, record.cause) == ("due", "Wrong password.")


def test_the_trail_names_fields_that_differ_and_not_what_they_say(lab: Lab) -> None:
    outcome(lab, Written("T-1"), total=5)
    outcome(lab, Locked("Shipped.", current={"status": "shipped"}), version=2, total=6)
    entry = AuditEntry.objects.get(action="record.conflict")
    assert entry.data["details"] == {"changed": ["total"]}
    assert "shipped" not in str(entry.data)


def test_an_outcome_for_each_document_is_stored_with_its_own(lab: Lab) -> None:
    def mixed(documents: Sequence[Outgoing]) -> list[Outcome]:
        return [Written("T-1"), Refused(Rejected("Bad.")), Unchanged("T-3")]

    lab.shelf.answers.append(mixed)
    lab.shelf.add(thing("1"), thing("2"), thing("3"))
    lab.poll()
    assert [lab.state(key) for key in "123"] == ["synced", "attention", "synced"]


ENGINE = Path(transitions.__file__).parent
STATES = set(State.__members__)


def assigned_states(tree: ast.AST) -> list[int]:
    """Lines that assign `.state`, or give rows a SyncRecord's state by an `update`."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parts = [part for target in targets for part in ast.walk(target)]
            lines += [node.lineno for part in parts if isinstance(part, ast.Attribute) and part.attr == "state"]
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "update":
            values = [word.value for word in node.keywords if word.arg == "state"]
            lines += [node.lineno for value in values if ast.unparse(value) in {f"State.{name}" for name in STATES}]
    return lines


@pytest.mark.parametrize("path", sorted(ENGINE.parent.rglob("*.py")), ids=lambda path: path.name)
def test_nobody_else_assigns_the_state_of_a_record(path: Path) -> None:
    lines = assigned_states(ast.parse(path.read_text()))
    assert bool(lines) is (path.name == "transitions.py"), f"{path.name}: lines {lines}"


def test_what_a_vendor_says_with_a_nul_in_it_is_kept(lab: Lab) -> None:
    record = outcome(lab, Rejected("Bad\0.", words="a\0b", fields={"name": "x\0"}))
    assert (record.state, record.details["words"]) == ("attention", "a\ufffdb")
    assert record.cause == 'Bad\ufffd. It said: "a\ufffdb"'


@pytest.mark.parametrize("written", [Written("T" * 201), Unchanged("T" * 201)])
def test_a_target_key_that_cannot_be_kept_is_told_and_takes_no_other_outcome_with_it(
    lab: Lab, written: Outcome
) -> None:
    record = outcome(lab, written)
    assert (record.state, record.target_key) == ("attention", None)
    assert "201 characters" in record.cause


def test_a_link_that_is_too_long_is_cut_off(lab: Lab) -> None:
    record = outcome(lab, Written("T-1", url="http://there/" + "x" * 600))
    assert (record.state, len(record.target_url)) == ("synced", 500)


def test_a_system_that_wants_to_be_asked_at_once_is_asked_once_a_task(lab: Lab) -> None:
    lab.shelf.answers = [TryLater("Busy.", retry_after=0)] * 50
    lab.shelf.add(thing("1"))
    lab.shelf.add(thing("2"))
    lab.poll()
    lab.run_round()
    assert (lab.state("1"), lab.state("2"), len(lab.shelf.calls)) == ("retrying", "retrying", 3)
