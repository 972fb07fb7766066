from __future__ import annotations

from typing import Any

from tests.connections.vendors.shipstation.simulated import Simulated


def listed(account: Simulated, path: str, **query: Any) -> Any:
    return account.call_v2("GET", path, **query).json()


def test_it_lists_what_does_not_move(account: Simulated) -> None:
    account.set(side_effect_delay=0)
    account.make()
    assert {row["carrier_code"] for row in listed(account, "/v2/carriers")["carriers"]} >= {"ups", "ontrac"}
    assert listed(account, "/v2/warehouses")["warehouses"][0]["is_default"] is True
    assert listed(account, "/v2/users")["total"] == 2
    assert [row["sku"] for row in listed(account, "/v2/products", sku="pole")["products"]] == ["POLE"]


def test_it_can_answer_207(account: Simulated) -> None:
    account.set(v2_multi_status=True)
    response = account.call_v2("GET", "/v2/carriers")
    assert response.status_code == 207
    assert response.json()["carriers"]
    assert response.json()["errors"][0]["error_source"] == "carrier"
