"""What goes otherwise than planned between a purchase order and its receipts, with real processes."""

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
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Five purchases and a sale, each of which deviates in its own way."""
    folder: Path = tmp_path_factory.mktemp("deviations")
    command = [sys.executable, "-m", "tests.journeys.purchasing_deviations", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]
    written: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return written


def test_a_shipment_of_more_than_ordered_is_received_where_the_line_accepts_it(report: dict[str, Any]) -> None:
    assert report["overshipped"]["received"] == [{"1": 9}]


def test_a_line_deleted_after_the_order_went_out_leaves_it_there_too(report: dict[str, Any]) -> None:
    (item,) = report["fewer"]["items"]
    assert item.endswith("/1")


def test_an_order_edited_in_shipstation_is_a_discrepancy_and_noted_on_the_purchase_order(
    report: dict[str, Any],
) -> None:
    assert report["edited"]["note"].splitlines() == [
        "[ShipStation]",
        "quantities: LAMPE-7 x 5, STOL-101 x 4 instead of LAMPE-7 x 6, STOL-101 x 4",
        "city: TROMSØ instead of OSLO",
        "[/ShipStation]",
    ]
    assert report["edited"]["record"]["state"] == "conflict"
    assert "shipTo.city" in report["edited"]["record"]["cause"]


def test_a_label_voided_after_its_receipt_takes_the_receipt_away(report: dict[str, Any]) -> None:
    assert (report["voided"]["received"], float(report["voided"]["line"])) == ([], 0)


def test_a_receipt_whose_answer_was_lost_is_found_and_not_made_again(report: dict[str, Any]) -> None:
    assert (report["lost"]["received"], report["lost"]["made"]) == ([{"1": 4, "2": 6}], 1)


def test_the_number_of_an_invoice_stands_on_the_order_that_it_bills(report: dict[str, Any]) -> None:
    record = report["invoice"]["record"]
    assert (record["state"], record["target_key"].partition("#")[2]) == ("synced", report["invoice"]["invoice"])


def test_nothing_is_left_moving_and_nothing_needs_a_person_but_what_people_edited(report: dict[str, Any]) -> None:
    left = {record["state"] for record in report["records"] if record["flow__slug"] != "order_changes"}
    assert left <= {"synced", "skipped"}
