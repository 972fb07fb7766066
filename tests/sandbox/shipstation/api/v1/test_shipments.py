from __future__ import annotations

from tests.connections.vendors.shipstation.simulated import Document, Simulated


def shipments(account: Simulated, **query: object) -> list[Document]:
    rows: list[Document] = account.get("/shipments", includeShipmentItems="True", **query)["shipments"]
    return rows


def status(account: Simulated, number: str = "1001") -> str:
    return str(account.get("/orders", orderNumber=number)["orders"][0]["orderStatus"])


def test_it_shows_items_only_when_asked(account: Simulated) -> None:
    account.make()
    account.do("ship", order_number="1001")
    assert account.get("/shipments")["shipments"][0]["shipmentItems"] is None


def test_it_buys_a_label_by_api(account: Simulated) -> None:
    key = account.make()["orderId"]
    body = {"orderId": key, "carrierCode": "ups", "serviceCode": "ups_ground", "confirmation": "none"}
    response = account.post("/orders/createlabelfororder", body | {"shipDate": "2026-11-21", "testLabel": False})
    assert response.json()["shipmentId"] == shipments(account)[0]["shipmentId"]
    assert status(account) == "shipped"


def test_it_filters_shipments(account: Simulated) -> None:
    for number in ("1", "2"):
        account.make(number)
    first = account.do("ship", order_number="1")["shipments"][0]
    account.do("ship", order_number="2", carrier="fedex")
    for query in (
        {"orderNumber": "1"},
        {"batchId": first["batchId"]},
        {"trackingNumber": first["trackingNumber"]},
        {"carrierCode": "ups"},
        {"createDateEnd": first["createDate"]},
        {"recipientName": "kari", "carrierCode": "ups", "storeId": 179188},
        {"serviceCode": "ups_ground", "recipientCountryCode": "US"},
    ):
        assert [row["orderNumber"] for row in shipments(account, **query)] == ["1"], query
    newest = shipments(account, sortBy="CreateDate", sortDir="DESC")
    assert [row["orderNumber"] for row in newest] == ["2", "1"]


def test_it_quotes_rates_for_home_and_abroad(account: Simulated) -> None:
    body = {"carrierCode": "ups", "fromPostalCode": "78703", "toCountry": "NO", "weight": {"value": 3}}
    rates = account.post("/shipments/getrates", body).json()
    assert [row["serviceCode"] for row in rates] == ["ups_worldwide_expedited"]
