from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connections.vendors.acumatica.simulated import PARTS, Site, line, value, wrap

JAM, BRACKET = "APJAM08", "#12-796524"


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.login()
    site.do("seed", customers=2, items=4, orders=0)
    yield site
    site.stop()


def sold(site: Site, *goods: tuple[str, float, str], **fields: Any) -> str:
    details = [{"InventoryID": item, "OrderQty": count, "WarehouseID": where} for item, count, where in goods]
    return site.order(Details=details, **fields)


@pytest.fixture
def number(site: Site) -> str:
    return sold(site, (JAM, 3, "WHOLESALE"), (BRACKET, 5, "WHOLESALE"), (JAM, 2, "RETAIL"))


def shipped(response: Any) -> list[tuple[int, float]]:
    assert response.status_code == 200, response.text
    return [(each["OrderLineNbr"]["value"], each["ShippedQty"]["value"]) for each in response.json()["Details"]]


# Filling from orders


def test_it_ships_all_lines_of_the_first_warehouse(site: Site, number: str) -> None:
    response = site.ship(number)
    assert shipped(response) == [(1, 3.0), (2, 5.0)]
    assert (value(response, "Status"), value(response, "WarehouseID")) == ("Open", "WHOLESALE")


def test_it_ships_all_lines_of_the_warehouse_named(site: Site, number: str) -> None:
    assert shipped(site.ship(number, **wrap({"WarehouseID": "RETAIL"}))) == [(3, 2.0)]


def test_it_ships_one_line_in_the_quantity_sent(site: Site, number: str) -> None:
    response = site.put("Shipment", {"Details": [line(number, OrderLineNbr=2, ShippedQty=1.5)]}, PARTS)
    assert shipped(response) == [(2, 1.5)]


def test_it_ships_several_lines_named_in_one_write(site: Site, number: str) -> None:
    details = [line(number, OrderLineNbr=2, ShippedQty=4), line(number, OrderLineNbr=1)]
    assert shipped(site.put("Shipment", {"Details": details}, PARTS)) == [(2, 4.0), (1, 3.0)]


def test_it_finds_a_line_by_its_item(site: Site) -> None:
    number = sold(site, (JAM, 1, "WHOLESALE"), (JAM, 4, "WHOLESALE"))
    details = [line(number, InventoryID=JAM, ShippedQty=2)]
    assert shipped(site.put("Shipment", {"Details": details}, PARTS)) == [(2, 2.0)]


@pytest.mark.parametrize("named", [{"OrderLineNbr": 9}, {"OrderNbr": "999999"}])
def test_it_fails_for_an_order_or_line_that_is_not_there(site: Site, number: str, named: dict[str, Any]) -> None:
    response = site.put("Shipment", {"Details": [line(number) | wrap(named)]})
    assert (response.status_code, site.state()["shipments"]) == (500, [])


def test_it_says_which_item_was_not_found(site: Site, number: str) -> None:
    response = site.put("Shipment", {"Details": [line(number, InventoryID="NOPE")]})
    assert response.status_code == 422
    assert response.json()["Details"][0]["InventoryID"]["error"] == "Inventory Item 'NOPE' was not found."


def test_it_refuses_more_than_is_open(site: Site, number: str) -> None:
    response = site.put("Shipment", {"Details": [line(number, OrderLineNbr=1, ShippedQty=4)]})
    assert response.status_code == 422
    assert "exceeds" in response.json()["Details"][0]["ShippedQty"]["error"]
    assert site.status(number) == "Open"


def test_it_makes_no_shipment_of_nothing(site: Site, number: str) -> None:
    site.ship(number)
    site.ship(number, **wrap({"WarehouseID": "RETAIL"}))
    assert [site.ship(number).status_code, site.put("Shipment", {}).status_code] == [500, 500]
    assert len(site.state()["shipments"]) == 2


@pytest.mark.parametrize("state", ["hold", "cancel"])
def test_it_ships_nothing_of_an_order_that_is_held_or_canceled(site: Site, number: str, state: str) -> None:
    site.do(state, order_nbr=number)
    assert site.ship(number).status_code == 500


def test_it_ships_orders_of_one_customer_together(site: Site) -> None:
    first, second = (sold(site, (JAM, 1, "WHOLESALE")) for _ in range(2))
    response = site.put("Shipment", {"Details": [line(first), line(second)]}, PARTS)
    assert [each["OrderNbr"]["value"] for each in response.json()["Orders"]] == [first, second]
    assert [site.status(first), site.status(second)] == ["Shipping", "Shipping"]


def test_it_does_not_mix_customers(site: Site) -> None:
    first, second = (sold(site, (JAM, 1, "WHOLESALE"), CustomerID=buyer) for buyer in ("C0001", "C0002"))
    assert site.put("Shipment", {"Details": [line(first), line(second)]}).status_code == 500


def test_it_makes_one_shipment_for_each_order_when_asked(site: Site) -> None:
    first, second = (sold(site, (JAM, 1, "WHOLESALE")) for _ in range(2))
    body = wrap({"CreateNewShipmentForEveryOrder": True}) | {"Details": [line(first), line(second)]}
    site.put("Shipment", body)
    assert [each["shipments"] for each in site.state()["orders"]] == [["000001"], ["000002"]]


def test_it_takes_packages_and_header_in_the_same_write(site: Site, number: str) -> None:
    package = wrap({"BoxID": "SMALL", "Weight": 2.5, "UOM": "LB", "TrackingNbr": "1Z1", "Confirmed": True})
    package |= wrap({"CustomRefNbr1": "se-1"})
    head = wrap({"ShipVia": "UPS2DAY", "ShipmentDate": "2026-11-20", "FreightCost": 11.4})
    response = site.ship(number, Packages=[package], **head)
    assert response.json()["Packages"][0]["TrackingNbr"] == {"value": "1Z1"}
    assert value(response, "ShipmentDate") == "2026-11-20T00:00:00+00:00"
    assert (value(response, "PackageCount"), value(response, "PackageWeight")) == (1, 2.5)
    assert site.state()["shipments"][0]["packages"][0]["CustomRefNbr1"] == "se-1"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        (wrap({"ShipVia": "BALLOON"}), ("ShipVia",)),
        (wrap({"WarehouseID": "MOON"}), ("WarehouseID",)),
        ({"Packages": [wrap({"BoxID": "SMALL"}), wrap({"BoxID": "HUGE"})]}, ("Packages", 1, "BoxID")),
    ],
)
def test_it_refuses_wrong_look_ups_and_ships_nothing(site: Site, number: str, fields: Any, path: Any) -> None:
    response = site.ship(number, **fields)
    node = response.json()
    for step in path:
        node = node[step]
    assert (response.status_code, "cannot be found in the system" in node["error"]) == (422, True)
    assert (site.state()["shipments"], site.status(number)) == ([], "Open")


# Changing


def test_it_changes_adds_and_deletes_packages(site: Site, number: str) -> None:
    first = site.ship(number, Packages=[wrap({"BoxID": "SMALL", "TrackingNbr": name}) for name in "AB"]).json()
    one, two = first["Packages"]
    changes = [
        {"id": one["id"], "TrackingNbr": {"value": "C"}},
        {"id": two["id"], "delete": True},
        wrap({"BoxID": "LARGE"}),
    ]
    response = site.put("Shipment", wrap({"ShipmentNbr": "000001"}) | {"Packages": changes}, PARTS)
    packages = [(each["LineNbr"]["value"], each["TrackingNbr"].get("value")) for each in response.json()["Packages"]]
    assert packages == [(1, "C"), (3, None)]


def test_it_adds_another_package_where_no_id_is_sent(site: Site, number: str) -> None:
    site.ship(number, Packages=[wrap({"BoxID": "SMALL"})])
    site.put("Shipment", wrap({"ShipmentNbr": "000001"}) | {"Packages": [wrap({"BoxID": "SMALL"})]})
    assert len(site.state()["shipments"][0]["packages"]) == 2


def test_it_changes_quantities_of_an_open_shipment(site: Site, number: str) -> None:
    site.ship(number)
    key = wrap({"ShipmentNbr": "000001"})
    site.put("Shipment", key | {"Details": [wrap({"LineNbr": 1, "ShippedQty": 1})]})
    assert site.state()["orders"][0]["lines"][0]["QtyOnShipments"] == 1.0
    assert site.put("Shipment", key | {"Details": [wrap({"LineNbr": 1, "ShippedQty": 4})]}).status_code == 422
    site.put("Shipment", key | {"Details": [{"LineNbr": {"value": 2}, "delete": True}]})
    assert [each["LineNbr"] for each in site.state()["shipments"][0]["lines"]] == [1]
    assert site.state()["orders"][0]["lines"][1]["QtyOnShipments"] == 0.0


def test_it_adds_lines_of_an_order_to_an_open_shipment(site: Site, number: str) -> None:
    site.put("Shipment", {"Details": [line(number, OrderLineNbr=1)]})
    response = site.put(
        "Shipment", wrap({"ShipmentNbr": "000001"}) | {"Details": [line(number, OrderLineNbr=2)]}, PARTS
    )
    assert shipped(response) == [(1, 3.0), (2, 5.0)]


def test_it_holds_and_releases_a_shipment(site: Site, number: str) -> None:
    site.ship(number, **wrap({"Hold": True}))
    assert site.state()["shipments"][0]["Status"] == "On Hold"
    assert site.confirm("000001").status_code == 500
    site.put("Shipment", wrap({"ShipmentNbr": "000001", "Hold": False}))
    assert site.confirm("000001").status_code == 204


def test_it_frees_the_order_when_an_open_shipment_is_deleted(site: Site, number: str) -> None:
    site.ship(number)
    assert site.http.delete(f"{site.api}/Shipment/000001", timeout=30).status_code == 204
    order = site.state()["orders"][0]
    assert (order["Status"], order["shipments"], order["lines"][0]["QtyOnShipments"]) == ("Open", [], 0.0)
    assert shipped(site.ship(number)) == [(1, 3.0), (2, 5.0)]
    assert site.state()["shipments"][0]["ShipmentNbr"] == "000002"


# Confirming and after


def test_it_completes_the_order_and_takes_the_goods_out_of_stock(site: Site) -> None:
    number = sold(site, (JAM, 3, "WHOLESALE"))
    before = site.on_hand(JAM)
    site.ship(number)
    assert (site.status(number), site.on_hand(JAM)) == ("Shipping", before)
    assert site.confirm("000001").status_code == 204
    order = site.state()["orders"][0]
    assert (order["Status"], order["lines"][0]["OpenQty"]) == ("Completed", 0.0)
    assert (site.shipment("000001")["Status"], site.on_hand(JAM)) == ("Confirmed", before - 3)


def test_it_leaves_the_rest_of_an_order_in_back_order(site: Site) -> None:
    number = sold(site, (JAM, 3, "WHOLESALE"))
    site.put("Shipment", {"Details": [line(number, OrderLineNbr=1, ShippedQty=1)]})
    site.confirm("000001")
    order = site.state()["orders"][0]
    assert (order["Status"], order["lines"][0]["OpenQty"]) == ("Back Order", 2.0)
    site.ship(number)
    site.confirm("000002")
    assert site.status(number) == "Completed"


def test_it_completes_an_order_whose_remainder_is_canceled(site: Site) -> None:
    rule = "Cancel Remainder"
    number = site.order(Details=[{"InventoryID": JAM, "OrderQty": 3, "ShippingRule": rule}])
    site.put("Shipment", {"Details": [line(number, OrderLineNbr=1, ShippedQty=1)]})
    site.confirm("000001")
    assert site.status(number) == "Completed"


def test_it_stays_shipping_while_another_shipment_is_open(site: Site, number: str) -> None:
    site.ship(number)
    site.ship(number, **wrap({"WarehouseID": "RETAIL"}))
    site.confirm("000001")
    assert site.status(number) == "Shipping"
    site.confirm("000002")
    assert site.status(number) == "Completed"


def test_it_links_shipment_and_order_both_ways(site: Site, number: str) -> None:
    site.ship(number)
    site.confirm("000001")
    links = site.get(f"SalesOrder/SO/{number}", expand="Shipments").json()["Shipments"]
    shipments = [(each["ShipmentNbr"]["value"], each["Status"]["value"], each["ShippedQty"]["value"]) for each in links]
    assert shipments == [("000001", "Confirmed", 8.0)]
    assert "TrackingNbr" not in links[0]


def test_it_locks_a_confirmed_shipment(site: Site, number: str) -> None:
    site.ship(number)
    site.confirm("000001")
    response = site.put("Shipment", wrap({"ShipmentNbr": "000001", "ShipVia": "UPS2DAY"}))
    assert (response.status_code, "Confirmed" in response.json()["error"]) == (422, True)
    assert site.http.delete(f"{site.api}/Shipment/000001", timeout=30).status_code == 500


def test_it_confirms_only_once(site: Site, number: str) -> None:
    site.ship(number)
    before = site.on_hand(JAM)
    assert [site.confirm("000001").status_code for _ in range(2)] == [204, 500]
    assert site.on_hand(JAM) == before - 3


def test_it_can_demand_a_confirmed_package(site: Site, number: str) -> None:
    site.settings(package_required=True)
    site.ship(number)
    assert "At least one confirmed package" in site.confirm("000001").json()["exceptionMessage"]
    site.put("Shipment", wrap({"ShipmentNbr": "000001"}) | {"Packages": [wrap({"BoxID": "SMALL", "Confirmed": True})]})
    assert site.confirm("000001").status_code == 204


def correct(site: Site) -> int:
    return site.act("Shipment/CorrectShipment", {"ShipmentNbr": "000001"}).status_code


def test_it_corrects_a_confirmed_shipment(site: Site) -> None:
    number = sold(site, (JAM, 3, "WHOLESALE"))
    before = site.on_hand(JAM)
    site.ship(number)
    site.confirm("000001")
    assert correct(site) == 204
    order = site.state()["orders"][0]
    assert (order["Status"], order["lines"][0]["OpenQty"], site.on_hand(JAM)) == ("Shipping", 3.0, before)
    site.confirm("000001")
    assert (site.status(number), site.on_hand(JAM)) == ("Completed", before - 3)


def test_it_corrects_nothing_that_is_billed(site: Site, number: str) -> None:
    site.ship(number)
    site.confirm("000001")
    site.do("invoice", shipment_nbr="000001")
    assert (correct(site), site.shipment("000001")["Status"]) == (500, "Invoiced")


def test_it_invoices_and_releases(site: Site) -> None:
    number = sold(site, (JAM, 3, "WHOLESALE"))
    site.ship(number)
    site.confirm("000001")
    assert site.act("Shipment/PrepareInvoice", {"ShipmentNbr": "000001"}).status_code == 204
    invoice = site.get("SalesInvoice/Invoice/INV000001", expand="Details").json()
    assert (invoice["Amount"]["value"], invoice["Details"][0]["ShipmentNbr"]["value"]) == (74.85, "000001")
    links = site.get(f"SalesOrder/SO/{number}", expand="Shipments").json()["Shipments"]
    assert links[0]["InvoiceNbr"] == {"value": "INV000001"}
    site.act("SalesInvoice/ReleaseSalesInvoice", {"Type": "Invoice", "ReferenceNbr": "INV000001"})
    assert site.shipment("000001")["Status"] == "Completed"
    assert value(site.get("SalesInvoice/Invoice/INV000001"), "Status") == "Open"


# Actions of orders


def create(site: Site, number: str, **parameters: str) -> int:
    keys = {"OrderType": "SO", "OrderNbr": number}
    return site.act("SalesOrder/SalesOrderCreateShipment", keys, **parameters).status_code


def test_it_creates_a_shipment_of_one_warehouse(site: Site, number: str) -> None:
    assert create(site, number, ShipmentDate="2026-11-20T00:00:00", WarehouseID="RETAIL") == 204
    shipment = site.shipment("000001")
    assert [each["OrderLineNbr"] for each in shipment["lines"]] == [3]
    assert (shipment["ShipmentDate"], site.status(number)) == ("2026-11-20", "Shipping")


def test_it_sends_an_order_to_back_order_for_lack_of_stock(site: Site) -> None:
    number = sold(site, ("SCARCE-1", 1, "WHOLESALE"))
    assert (create(site, number), site.status(number), site.state()["shipments"]) == (500, "Back Order", [])
    site.do("stock", inventory_id="SCARCE-1", quantity=5)
    assert (create(site, number), site.status(number)) == (204, "Shipping")


def test_it_counts_goods_on_open_shipments_as_taken(site: Site) -> None:
    site.do("stock", inventory_id=JAM, quantity=4)
    first, second = (sold(site, (JAM, 3, "WHOLESALE")) for _ in range(2))
    assert shipped(site.ship(first)) == [(1, 3.0)]
    assert shipped(site.ship(second)) == [(1, 1.0)]


def test_it_ships_a_line_whole_or_not_at_all_where_the_rule_says_so(site: Site) -> None:
    site.do("stock", inventory_id=JAM, quantity=2)
    number = site.order(Details=[{"InventoryID": JAM, "OrderQty": 3, "ShippingRule": "Ship Complete"}])
    assert site.ship(number).status_code == 500


def test_it_offers_no_shipment_while_one_is_open(site: Site, number: str) -> None:
    site.ship(number)
    assert create(site, number) == 500


def action(site: Site, name: str, number: str) -> int:
    return site.act(f"SalesOrder/{name}", {"OrderType": "SO", "OrderNbr": number}).status_code


def test_it_cancels_an_order_without_shipments_only(site: Site, number: str) -> None:
    assert (action(site, "CancelSalesOrder", number), site.status(number)) == (204, "Canceled")
    other = sold(site, (JAM, 1, "WHOLESALE"))
    site.ship(other)
    assert (action(site, "CancelSalesOrder", other), site.status(other)) == (500, "Shipping")


def test_it_reopens_a_canceled_order(site: Site, number: str) -> None:
    site.do("cancel", order_nbr=number)
    assert (action(site, "ReopenSalesOrder", number), site.status(number)) == (204, "Open")


def test_it_opens_an_order_from_back_order(site: Site) -> None:
    number = sold(site, ("SCARCE-1", 1, "WHOLESALE"))
    create(site, number)
    assert (action(site, "OpenSalesOrder", number), site.status(number)) == (204, "Open")
    assert action(site, "OpenSalesOrder", number) == 500


def test_it_holds_and_releases_an_order_by_its_field(site: Site, number: str) -> None:
    key = {"OrderType": "SO", "OrderNbr": number}
    site.put("SalesOrder", wrap(key | {"Hold": True}))
    assert site.status(number) == "On Hold"
    site.put("SalesOrder", wrap(key | {"Hold": False}))
    assert site.status(number) == "Open"


def test_it_holds_no_order_that_is_being_shipped(site: Site, number: str) -> None:
    site.ship(number)
    assert site.put("SalesOrder", wrap({"OrderNbr": number, "Hold": True})).status_code == 422


def test_it_changes_no_order_that_is_over(site: Site, number: str) -> None:
    site.do("cancel", order_nbr=number)
    assert site.put("SalesOrder", wrap({"OrderNbr": number, "Description": "late"})).status_code == 422
