from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from connections.vendors.shipstation import VENDOR
from connections.vendors.shipstation.probe import probe
from tests.connections.vendors.shipstation.accounts import V1_KEYS, V1_URL, V2_KEYS, opened
from tests.connections.vendors.shipstation.simulated import Simulated, simulated


@pytest.fixture
def simulator() -> Iterator[Simulated]:
    with simulated() as found:
        yield found


def test_it_has_a_line_for_each_endpoint(simulator: Simulated) -> None:
    lines = probe(opened(simulator.url, V1_KEYS | V2_KEYS))
    assert all(line.ok for line in lines), lines
    assert len(lines) == 9
    assert all(line.resources for line in lines)


def test_it_says_wrong_credentials_in_one_line(simulator: Simulated) -> None:
    lines = probe(opened(simulator.url, {"api_key": "x", "api_secret": "y"}))
    assert [line.ok for line in lines] == [False]
    assert (lines[0].what, lines[0].screen) == ("V1 credentials", "Settings > Account > API Settings")
    assert {"orders", "shipments", "products", "customers"} <= set(lines[0].resources)


def test_it_says_that_nobody_is_there_in_one_line() -> None:
    lines = probe(opened("http://127.0.0.1:1"))
    assert [line.ok for line in lines] == [False]
    assert "could not be reached" in lines[0].detail


def test_it_names_the_plan(simulator: Simulated) -> None:
    simulator.set(plan_lacks_v1=True)
    lines = probe(opened(simulator.url, V1_KEYS | V2_KEYS))
    refused = [line for line in lines if not line.ok]
    assert refused
    assert all("plan" in line.detail and "Billing" in line.screen for line in refused)
    assert [line.what for line in lines if line.ok] == ["Read inventory (V2)", "Read labels (V2)"]


def test_it_probes_v2_although_v1_is_refused(simulator: Simulated) -> None:
    lines = probe(opened(simulator.url, {"api_key": "x", "api_secret": "y"} | V2_KEYS))
    assert [line.ok for line in lines] == [False, True, True]


def test_it_says_that_a_secret_is_missing(simulator: Simulated) -> None:
    lines = probe(opened(simulator.url, {"api_key": "sim-key"} | V2_KEYS))
    assert "only one of them" in lines[0].detail


def test_it_says_that_the_store_does_not_exist(simulator: Simulated) -> None:
    lines = probe(opened(simulator.url, store_id="999999"))
    assert [line.what for line in lines if not line.ok] == ["Read stores (V1)"]


@pytest.mark.usefixtures("network")
def test_it_goes_on_after_one_missing_right() -> None:
    for name in ("orders", "shipments", "fulfillments", "products", "webhooks"):
        responses.get(f"{V1_URL}/{name}", json={name: []})
    responses.get(f"{V1_URL}/customers", status=403, json={"message": "Forbidden"})
    responses.get(f"{V1_URL}/stores", json=[])
    lines = probe(opened())
    assert [line.what for line in lines if not line.ok] == ["Read customers (V1)"]
    assert len(lines) == 7


@pytest.mark.usefixtures("network")
def test_it_warns_of_a_shop_that_shipstation_imports_itself() -> None:
    for name in ("orders", "shipments", "fulfillments", "products", "customers", "webhooks"):
        responses.get(f"{V1_URL}/{name}", json={name: []})
    responses.get(f"{V1_URL}/stores", json=[{"storeId": 1, "marketplaceId": 115}])
    assert "Acumatica" in probe(opened())[-1].detail


def test_it_is_declared_with_its_rates_and_simulator() -> None:
    assert VENDOR.probe is probe
    assert {name: (rate.calls, rate.setting) for name, rate in VENDOR.rates.items()} == {
        "v1": (40, "v1_calls_per_minute"),
        "v2": (200, "v2_calls_per_minute"),
    }
    assert [field.name for field in VENDOR.secrets if field.secret] == ["api_key", "api_secret", "v2_api_key"]
    assert VENDOR.defaults()["base_url"] == "https://ssapi.shipstation.com"
