from __future__ import annotations

import pytest

from tests.connections.vendors.shipstation.accounts import opened
from tests.connections.vendors.shipstation.simulated import Simulated
from tests.connections.vendors.shipstation.webhooks.notifications import BOTH, HOOKS


@pytest.mark.parametrize("response", ["200", "201"])
def test_it_subscribes_once(simulator: Simulated, response: str) -> None:
    simulator.set(subscribe_response=response)
    client = opened(simulator.url, BOTH)
    url = f"https://console.example/hook/{response}"
    first = HOOKS.subscribe(client, url, HOOKS.topics)
    assert set(first) == set(HOOKS.topics)
    assert all(first.values())
    assert HOOKS.subscribe(client, url, HOOKS.topics) == first
    assert HOOKS.unsubscribe(client, url) == 6
    assert HOOKS.unsubscribe(client, url) == 0
    client.close()


def test_it_subscribes_only_where_it_has_keys(simulator: Simulated) -> None:
    client = opened(simulator.url)
    made = HOOKS.subscribe(client, "https://console.example/v1", HOOKS.topics)
    assert set(made) == {"SHIP_NOTIFY", "ORDER_NOTIFY", "FULFILLMENT_SHIPPED"}
    HOOKS.unsubscribe(client, "https://console.example/v1")
    client.close()


def test_it_leaves_the_subscriptions_of_others(simulator: Simulated) -> None:
    client = opened(simulator.url)
    HOOKS.subscribe(client, "https://console.example/ours", ["SHIP_NOTIFY"])
    HOOKS.subscribe(client, "https://console.example/theirs", ["SHIP_NOTIFY"])
    assert HOOKS.unsubscribe(client, "https://console.example/ours") == 1
    assert HOOKS.unsubscribe(client, "https://console.example/theirs") == 1
    client.close()
