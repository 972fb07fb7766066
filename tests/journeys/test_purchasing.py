"""A purchase order's way there and back with real processes, one worker cluster of which is killed in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.runtime.environment import ROOT

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def trip(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Ordered, shipped in two parts, received, closed; all workers were killed while the first receipt was made."""
    folder: Path = tmp_path_factory.mktemp("purchasing")
    command = [sys.executable, "-m", "tests.journeys.purchasing_trip", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return report


def test_two_shipments_become_two_receipts_on_their_lines_and_close_the_order(trip: dict[str, Any]) -> None:
    assert trip["receipts"] == [{"1": 1, "2": 6}, {"1": 3}]
    assert trip["order"] == "Closed"


def test_the_receipt_that_a_killed_worker_had_asked_for_was_found(trip: dict[str, Any]) -> None:
    assert {"record.lease_expired", "record.settled"} <= set(trip["actions"])


def test_the_order_was_sent_once_and_stays_shipped(trip: dict[str, Any]) -> None:
    assert (trip["sends"], trip["shipstation"]) == (1, ["shipped"])


def test_the_order_came_by_a_signed_notification(trip: dict[str, Any]) -> None:
    (record,) = (record for record in trip["records"] if record["flow__slug"] == "purchase_orders")
    assert "webhook" in record["triggers"]


def test_every_record_has_reached_its_target(trip: dict[str, Any]) -> None:
    assert {record["state"] for record in trip["records"]} == {"synced"}
