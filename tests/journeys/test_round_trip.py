"""The product as it is run: simulators, web and workers as processes, and nothing between them but HTTP."""

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
    """One round trip of a few orders, with what it reported and how it ended."""
    folder = tmp_path_factory.mktemp("round-trip")
    report = folder / "demo.json"
    command = [sys.executable, "-m", "sandbox.demo", "--once", "--orders", "16", "--folder", str(folder)]
    done = subprocess.run([*command, "--report", str(report)], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert report.exists(), done.stdout[-3000:] + done.stderr[-3000:]
    result: dict[str, Any] = json.loads(report.read_text())
    return result | {"code": done.returncode, "folder": folder, "output": done.stdout[-3000:]}


def test_it_loses_and_doubles_nothing(trip: dict[str, Any]) -> None:
    clean = {"unaccounted": 0, "missing_in_target": 0, "doubled_in_target": 0, "not_completed": []}
    for result in (trip, *trip["recipes"].values()):
        assert {name: result[name] for name in clean} == clean, result["explanations"]
    assert trip["error"] == ""
    assert trip["code"] == 0, trip["output"]


def test_it_completes_orders_in_acumatica(trip: dict[str, Any]) -> None:
    assert trip["completed_in_acumatica"] >= 8


def test_it_shows_a_customer_for_each_recipe(trip: dict[str, Any]) -> None:
    customers = {recipe: result["customer"] for recipe, result in trip["recipes"].items()}
    assert customers == {"acumatica_shipstation": "Fjord Outdoor", "visma_net_shipstation": "Nordlys Interiør AS"}


def _flows(trip: dict[str, Any], recipe: str) -> dict[str, dict[str, int]]:
    flows: dict[str, dict[str, int]] = trip["recipes"][recipe]["flows"]
    return flows


def test_it_gives_every_document_a_final_state(trip: dict[str, Any]) -> None:
    orders = dict(_flows(trip, "acumatica_shipstation")["orders"])
    assert orders.pop("seen") == 16
    assert sum(orders.values()) == 16
    assert set(orders) <= {"synced", "skipped", "attention"}


def test_it_carries_a_cancellation(trip: dict[str, Any]) -> None:
    assert _flows(trip, "acumatica_shipstation")["cancellations"]["synced"] >= 1
    assert _flows(trip, "visma_net_shipstation")["cancellations"]["synced"] >= 1


def test_it_links_customers_and_items_after_their_first_order(trip: dict[str, Any]) -> None:
    assert trip["flows"]["customers"]["synced"] >= 1
    assert trip["flows"]["items"]["synced"] >= 1


def test_it_closes_orders_in_visma_net_by_released_receipts(trip: dict[str, Any]) -> None:
    assert trip["closed_in_visma_net"] >= 8
    assert trip["released_receipts"] >= 8


def test_it_puts_invoice_numbers_on_orders(trip: dict[str, Any]) -> None:
    assert _flows(trip, "visma_net_shipstation")["invoices"] == {"seen": trip["invoices"], "synced": trip["invoices"]}


@pytest.mark.parametrize(
    "words",
    [
        "the value map “warehouses” has no row for “2”",
        "accepts no more than 100 % of its quantity",
        "is not a whole number",
        "Somebody changed it there: quantities[0].",
    ],
)
def test_it_says_what_needs_a_person(trip: dict[str, Any], words: str) -> None:
    assert any(words in line for line in trip["recipes"]["visma_net_shipstation"]["explanations"])


def test_it_leaves_no_process_behind(trip: dict[str, Any]) -> None:
    listed = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True, check=True).stdout
    environments = [path for path in Path("/proc").glob("[0-9]*/environ") if path.exists()]
    assert str(trip["folder"]) not in listed
    assert not any(_mentions(path, str(trip["folder"])) for path in environments)


def _mentions(path: Path, text: str) -> bool:
    try:
        return text.encode() in path.read_bytes()
    except OSError:  # it has ended, or is not ours
        return False
