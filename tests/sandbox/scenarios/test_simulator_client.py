from __future__ import annotations

import pytest
import requests

from sandbox.kit.server import Running
from sandbox.scenarios.simulator_client import SimulatorClient


@pytest.fixture
def system(acumatica: Running) -> SimulatorClient:
    return SimulatorClient("acumatica", acumatica.root_url)


def test_it_clicks_and_reads_in_a_simulated_system(system: SimulatorClient) -> None:
    system.do("seed", orders=3, customers=2, items=2)
    assert len(system.state()["orders"]) == 3


def test_it_says_what_a_simulated_system_refused(system: SimulatorClient) -> None:
    with pytest.raises(requests.HTTPError, match="acumatica refused do/cancel"):
        system.do("cancel", order_nbr="none")


def test_it_arms_and_disarms_faults(system: SimulatorClient) -> None:
    system.fault("status", path="/MyInstance", status=503)
    assert requests.get(f"{system.base_url}/entity", timeout=5).status_code == 503
    assert system.clear_faults() == {"status": 1}


@pytest.mark.parametrize(
    ("slug", "addresses"),
    [
        ("acumatica", {"base_url": ""}),
        ("shipstation", {"base_url": "", "v2_base_url": "", "jwks_url": "/jwks"}),
        ("visma_net", {"base_url": "/erp", "connect_url": "/connect-host", "salesorder_url": "/salesorder/api/v3"}),
    ],
)
def test_it_leads_every_address_to_the_simulator(slug: str, addresses: dict[str, str]) -> None:
    actual = SimulatorClient(slug, "http://127.0.0.1:1").addresses
    base = SimulatorClient(slug, "http://127.0.0.1:1").simulator.base_path
    assert actual == {
        name: f"http://127.0.0.1:1{path or (base if name == 'base_url' else '')}" for name, path in addresses.items()
    }
