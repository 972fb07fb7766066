from __future__ import annotations

import pytest
import requests
from django.contrib.auth import authenticate

from connections.models import Connection
from sandbox.kit.server import Running
from sandbox.scenarios.fixture import Simulated, create_admin, set_up
from sandbox.scenarios.scenario import UNLIMITED
from sandbox.scenarios.visma_net_shipstation import VismaNetShipStation
from syncjobs.models import Flow, Integration

pytestmark = pytest.mark.django_db


@pytest.fixture
def systems(acumatica: Running, shipstation: Running) -> tuple[Simulated, Simulated]:
    return Simulated("acumatica", acumatica.root_url), Simulated("shipstation", shipstation.root_url)


def test_it_makes_an_admin_once_and_sets_the_password_again() -> None:
    create_admin("first")
    create_admin("second")
    assert authenticate(username="admin", password="first") is None
    assert authenticate(username="admin", password="second") is not None


def test_it_connects_both_systems_so_that_their_tests_pass(systems: tuple[Simulated, Simulated]) -> None:
    from connections import lifecycle

    stage = set_up(*systems)
    for connection in (stage.integration.left, stage.integration.right):
        lines = lifecycle.probe(connection)
        assert [line for line in lines if not line.ok and not line.advice] == []


def test_it_keeps_credentials_out_of_the_settings(systems: tuple[Simulated, Simulated]) -> None:
    set_up(*systems)
    stored = " ".join(str(row.settings) for row in Connection.objects.all())
    assert "sim-password" not in stored
    assert "sim-secret" not in stored


def test_it_activates_an_integration_that_reads_a_month_back(systems: tuple[Simulated, Simulated]) -> None:
    stage = set_up(*systems, days=30)
    stage.activate()
    assert Integration.objects.get().state == Integration.State.ACTIVE
    assert not Flow.objects.filter(look_back_days__lt=30).exists()


def test_it_schedules_flows_by_slug(systems: tuple[Simulated, Simulated]) -> None:
    stage = set_up(*systems)
    stage.schedule(orders=3)
    assert stage.flow("orders").schedule == "3"
    assert stage.flow("shipments").schedule == "900"


def test_it_clicks_and_reads_in_a_simulated_system(systems: tuple[Simulated, Simulated]) -> None:
    left, _ = systems
    left.do("seed", orders=3, customers=2, items=2)
    assert len(left.state()["orders"]) == 3


def test_it_says_what_a_simulated_system_refused(systems: tuple[Simulated, Simulated]) -> None:
    with pytest.raises(requests.HTTPError, match="acumatica refused do/cancel"):
        systems[0].do("cancel", order_nbr="none")


def test_it_arms_and_disarms_faults(systems: tuple[Simulated, Simulated]) -> None:
    left, _ = systems
    left.fault("status", path="/MyInstance", status=503)
    assert requests.get(f"{left.base_url}/entity", timeout=5).status_code == 503
    assert left.clear_faults() == {"status": 1}


@pytest.mark.parametrize(
    ("slug", "addresses"),
    [
        ("acumatica", {"base_url": ""}),
        ("shipstation", {"base_url": "", "v2_base_url": "", "jwks_url": "/jwks"}),
        ("visma_net", {"base_url": "/erp", "connect_url": "/connect-host", "salesorder_url": "/salesorder/api/v3"}),
    ],
)
def test_it_leads_every_address_to_the_simulator(slug: str, addresses: dict[str, str]) -> None:
    found = Simulated(slug, "http://127.0.0.1:1").addresses
    base = Simulated(slug, "http://127.0.0.1:1").simulator.base_path
    assert found == {
        name: f"http://127.0.0.1:1{path or (base if name == 'base_url' else '')}" for name, path in addresses.items()
    }


def test_it_fills_value_maps_and_changes_mapping_rows(visma_net: Running, shipstation: Running) -> None:
    systems = Simulated("visma_net", visma_net.root_url), Simulated("shipstation", shipstation.root_url)
    stage = VismaNetShipStation(*systems).staged(UNLIMITED)
    assert list(stage.integration.value_maps.get().rows.values_list("key", "value")) == [("1", "511543")]
    rows = stage.flow("receipts").mappings
    assert (rows.get(target="release").source, rows.get(target="release").edited) == ("`true`", True)


def test_it_connects_visma_net_so_that_its_tests_pass(visma_net: Running, shipstation: Running) -> None:
    from connections import lifecycle

    systems = Simulated("visma_net", visma_net.root_url), Simulated("shipstation", shipstation.root_url)
    stage = VismaNetShipStation(*systems).staged(UNLIMITED)
    lines = [*lifecycle.probe(stage.integration.left), *lifecycle.probe(stage.integration.right)]
    assert [line for line in lines if not line.ok and not line.advice] == []
