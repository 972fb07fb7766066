from __future__ import annotations

from tests.connections.vendors.shipstation.simulated import Document, Simulated, eventually, order, simulated


def shipments(account: Simulated, **query: object) -> list[Document]:
    rows: list[Document] = account.get("/shipments", includeShipmentItems="True", **query)["shipments"]
    return rows


def units(shipment: Document) -> dict[str, int]:
    return {row["sku"]: row["quantity"] for row in shipment["shipmentItems"]}


def test_it_ships_everything_in_the_same_mix_for_the_same_seed() -> None:
    counts = []
    for _ in range(2):
        with simulated() as account:
            account.post("/orders/createorders", [order(str(n)) for n in range(100)])
            counts.append(account.do("ship_all", seed=5))
    assert counts[0] == counts[1]
    assert all(counts[0].get(way) for way in ("whole", "partial", "parcels", "marked"))


def test_it_ships_the_rest_with_the_next_call(account: Simulated) -> None:
    account.post("/orders/createorders", [order(str(n)) for n in range(100)])
    account.do("ship_all")
    assert account.get("/orders", orderStatus="awaiting_shipment")["total"] > 0
    account.do("ship_all")
    state = account.state()
    assert {row["orderStatus"] for row in state["orders"]} == {"shipped"}
    left = {row["orderId"] for row in state["orders"]} - {row["orderId"] for row in state["fulfillments"]}
    total = sum(sum(units(row).values()) for row in shipments(account, pageSize=500))
    assert total == 5 * len(left)


def test_it_ships_by_and_by_until_stopped(account: Simulated) -> None:
    account.post("/orders/createorders", [order(str(n)) for n in range(10)])
    account.do("autoship", every=0.02, chance=0.5)
    eventually(lambda: account.get("/orders", orderStatus="shipped")["total"] == 10)
    assert account.do("autoship", every=0) == {"running": False}
