from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.connections.vendors.acumatica.simulated import Site, line, value, wrap


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.login()
    yield site
    site.stop()


@pytest.fixture
def number(site: Site) -> str:
    return site.order(CustomerOrder="PO-7731", Details=[{"InventoryID": "APJAM08", "OrderQty": 3}])


def numbers(response: requests.Response) -> list[str]:
    return [each["OrderNbr"]["value"] for each in response.json()]


def test_it_wraps_values_and_shows_empty_fields_as_empty_objects(site: Site, number: str) -> None:
    order = site.get(f"SalesOrder/SO/{number}").json()
    assert (order["CustomerOrder"], order["ExternalRef"], order["custom"]) == ({"value": "PO-7731"}, {}, {})
    assert (order["Hold"], order["rowNumber"]) == ({"value": False}, 1)
    assert order["_links"]["self"] == f"/MyInstance/entity/Default/25.200.001/SalesOrder/{order['id']}"


def test_it_keeps_the_scale_of_decimals(site: Site, number: str) -> None:
    text = site.get(f"SalesOrder/SO/{number}", expand="Details").text
    assert '"OrderQty":{"value":3.000000}' in text
    assert '"OrderTotal":{"value":74.8500}' in text


def test_it_expands_nothing_by_itself(site: Site, number: str) -> None:
    assert not {"Details", "ShipToAddress", "Shipments"} & set(site.get(f"SalesOrder/SO/{number}").json())
    order = site.get(f"SalesOrder/SO/{number}", expand="Details,ShipToAddress,Shipments,TaxDetails").json()
    assert order["ShipToAddress"]["City"] == {"value": "Kirkland"}
    assert (len(order["Details"]), order["Shipments"], order["TaxDetails"]) == (1, [], [])


def test_it_shows_selected_fields_of_details_only_with_their_expansion(site: Site, number: str) -> None:
    plain = site.get(f"SalesOrder/SO/{number}", select="OrderNbr,Details/InventoryID").json()
    assert "Details" not in plain
    assert "Status" not in plain
    order = site.get(f"SalesOrder/SO/{number}", select="OrderNbr,Details/InventoryID", expand="Details").json()
    assert order["Details"][0]["InventoryID"] == {"value": "APJAM08"}
    assert "OrderQty" not in order["Details"][0]


def test_it_expands_inside_of_linked_records(site: Site, number: str) -> None:
    customer = site.get("Customer/C0001", expand="MainContact,MainContact/Address").json()
    assert customer["MainContact"]["Address"]["City"] == {"value": "Kirkland"}
    assert "Address" not in site.get("Customer/C0001", expand="MainContact").json()["MainContact"]


def test_it_reads_by_keys_and_by_id(site: Site, number: str) -> None:
    order = site.get(f"SalesOrder/SO/{number}").json()
    assert site.get(f"SalesOrder/{order['id']}").json() == order
    assert order["NoteID"]["value"] == order["id"]


def test_it_reads_keys_with_signs_and_blanks(site: Site) -> None:
    site.do("seed", orders=0)
    for key in ("%2312-796524", "T%C3%9CR-GRIFF%2080", "01-792584-"):
        assert site.get(f"StockItem/{key}").status_code == 200


@pytest.mark.parametrize("path", ["SalesOrder/SO/999999", "Shipment/999999", "Customer/NOBODY", "SalesOrder/SO"])
def test_it_answers_an_unknown_key_with_500(site: Site, path: str) -> None:
    response = site.get(path)
    assert response.status_code == 500
    assert response.json()["exceptionType"] == "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException"


def test_it_gives_lines_other_ids_in_another_session(site: Site, number: str) -> None:
    path = f"SalesOrder/SO/{number}"
    first = site.get(path, expand="Details").json()
    assert site.get(path, expand="Details").json() == first
    site.login()
    second = site.get(path, expand="Details").json()
    assert (first["id"], first["Details"][0]["LineNbr"]) == (second["id"], second["Details"][0]["LineNbr"])
    assert first["Details"][0]["id"] != second["Details"][0]["id"]


def test_it_pages_by_top_and_skip(site: Site) -> None:
    site.do("add_orders", count=5)
    assert numbers(site.get("SalesOrder", top="2", skip="1")) == ["000002", "000003"]
    assert [each["rowNumber"] for each in site.get("SalesOrder", top="2", skip="3").json()] == [1, 2]
    assert site.get("SalesOrder", skip="5").json() == []


def test_it_can_shuffle_lists(site: Site) -> None:
    site.do("add_orders", count=40)
    ordered = numbers(site.get("SalesOrder"))
    site.settings(shuffled=True)
    mixed = numbers(site.get("SalesOrder"))
    assert ordered == sorted(ordered)
    assert (mixed != ordered, sorted(mixed)) == (True, ordered)


def test_it_cannot_optimise_a_list_where_switched_but_reads_single_records(site: Site, number: str) -> None:
    site.settings(cannot_optimize=["SalesOrder.ShippingSettings"])
    response = site.get("SalesOrder", expand="ShippingSettings")
    assert (response.status_code, "Optimization cannot be performed" in response.text) == (500, True)
    assert site.get("SalesOrder", expand="Details").status_code == 200
    assert site.get(f"SalesOrder/SO/{number}", expand="ShippingSettings").status_code == 200


def test_it_can_pad_keys(site: Site, number: str) -> None:
    site.settings(padded_keys=True)
    order = site.get(f"SalesOrder/SO/{number}", expand="Details").json()
    assert order["OrderNbr"]["value"] == f"{number:<12}"
    assert order["Details"][0]["InventoryID"]["value"] == "APJAM08     "
    assert numbers(site.get("SalesOrder", filter=f"OrderNbr eq '{number}'")) == [f"{number:<12}"]


def test_it_can_show_times_with_another_offset(site: Site, number: str) -> None:
    utc = site.get(f"SalesOrder/SO/{number}").json()
    site.settings(utc_offset_minutes=-480)
    local = site.get(f"SalesOrder/SO/{number}").json()
    assert local["LastModified"]["value"].endswith("-08:00")
    assert local["Date"]["value"] == utc["Date"]["value"].replace("+00:00", "-08:00")


def test_it_ignores_unknown_and_computed_fields(site: Site, number: str) -> None:
    body = wrap({"OrderType": "SO", "OrderNbr": number, "OrderTotal": 1, "Status": "Completed", "Colour": "red"})
    response = site.put("SalesOrder", body)
    assert (response.status_code, value(response, "OrderTotal"), value(response, "Status")) == (200, 74.85, "Open")


def test_it_ignores_a_wrong_name_of_the_quantity(site: Site) -> None:
    site.order()
    body = wrap({"CustomerID": "C0001"}) | {"Details": [wrap({"InventoryID": "APJAM08", "Quantity": 5})]}
    order = site.put("SalesOrder", body, "Details").json()
    assert order["Details"][0]["OrderQty"]["value"] == 0


def test_it_numbers_orders_by_itself(site: Site, number: str) -> None:
    body = wrap({"OrderType": "SO", "CustomerID": "C0001"})
    made = [value(site.put("SalesOrder", body), "OrderNbr") for _ in range(2)]
    assert made == [f"{int(number) + 1:06d}", f"{int(number) + 2:06d}"]


def test_it_numbers_customers_whatever_key_is_sent(site: Site, number: str) -> None:
    response = site.put("Customer", wrap({"CustomerID": "123", "CustomerName": "New one"}))
    assert (response.status_code, value(response, "CustomerID")) == (200, "C0002")


def test_it_answers_an_item_without_a_key_with_200_and_stores_nothing(site: Site, number: str) -> None:
    before = len(site.state()["items"])
    response = site.put("StockItem", {})
    assert (response.status_code, value(response, "InventoryID")) == (200, "<NEW>")
    assert len(site.state()["items"]) == before


def test_it_updates_by_keys_by_id_and_by_filter(site: Site, number: str) -> None:
    ident = site.get(f"SalesOrder/SO/{number}").json()["id"]
    site.put("SalesOrder", wrap({"OrderNbr": number, "Description": "by key"}))
    site.put("SalesOrder", {"id": ident, "ExternalRef": {"value": "by id"}})
    params = {"$filter": "CustomerOrder eq 'PO-7731'"}
    site.http.put(f"{site.api}/SalesOrder", params=params, json=wrap({"PaymentRef": "by filter"}), timeout=30)
    order = site.get(f"SalesOrder/SO/{number}").json()
    assert [order[name]["value"] for name in ("Description", "ExternalRef", "PaymentRef")] == [
        "by key",
        "by id",
        "by filter",
    ]
    assert len(site.state()["orders"]) == 1


def test_it_changes_adds_and_deletes_lines_and_leaves_the_others(site: Site, number: str) -> None:
    key = wrap({"OrderNbr": number})
    lines = [wrap({"InventoryID": "APJAM08", "OrderQty": 1}) for _ in range(2)]
    order = site.put("SalesOrder", key | {"Details": lines}, "Details").json()
    second, third = order["Details"][1:]
    changes = [{"id": second["id"], "delete": True}, {"id": third["id"], "OrderQty": {"value": 7}}]
    site.put("SalesOrder", key | {"Details": changes})
    left = site.state()["orders"][0]["lines"]
    assert [(each["LineNbr"], each["OrderQty"]) for each in left] == [(1, 3.0), (3, 7.0)]


def test_it_refuses_the_id_of_a_line_from_another_session(site: Site, number: str) -> None:
    order = site.get(f"SalesOrder/SO/{number}", expand="Details").json()
    site.login()
    changes = {"Details": [{"id": order["Details"][0]["id"], "OrderQty": {"value": 9}}]}
    assert site.put("SalesOrder", wrap({"OrderNbr": number}) | changes).status_code == 500


@pytest.mark.parametrize(
    ("headers", "known", "unknown"),
    [({"If_None_Match": "*"}, 412, 200), ({"If_Match": "*"}, 200, 412)],
)
def test_it_honours_conditions(site: Site, number: str, headers: Any, known: int, unknown: int) -> None:
    assert site.put("SalesOrder", wrap({"OrderNbr": number}), **headers).status_code == known
    assert site.put("SalesOrder", wrap({"CustomerID": "C0001"}), **headers).status_code == unknown


def test_it_patches_only_what_exists(site: Site, number: str) -> None:
    def patch(body: Any, **headers: str) -> int:
        return site.http.patch(f"{site.api}/SalesOrder", json=body, headers=headers, timeout=30).status_code

    body = wrap({"OrderType": "SO", "OrderNbr": number, "Description": "patched"})
    assert [patch(body), patch(wrap({"OrderType": "SO", "OrderNbr": "999999"}))] == [200, 404]
    assert patch(body, **{"If-None-Match": "*"}) == 412
    assert site.state()["orders"][0]["Description"] == "patched"


def test_it_deletes_by_keys(site: Site, number: str) -> None:
    path = f"{site.api}/SalesOrder/SO/{number}"
    assert [site.http.delete(path, timeout=30).status_code for _ in range(2)] == [204, 500]
    assert site.state()["orders"] == []


def test_it_refuses_an_empty_body(site: Site) -> None:
    response = site.http.put(f"{site.api}/SalesOrder", data=b"", timeout=30)
    assert (response.status_code, response.json()["modelState"]) == (
        400,
        {"": ["The request body should not be empty."]},
    )


def test_it_refuses_values_that_are_not_wrapped_or_do_not_fit(site: Site, number: str) -> None:
    for body in ({"OrderNbr": {"value": number}, "Description": "bare"}, wrap({"OrderNbr": number, "Hold": "maybe"})):
        assert site.put("SalesOrder", body).status_code == 400


def test_it_refuses_to_post_to_an_entity(site: Site) -> None:
    assert site.http.post(f"{site.api}/SalesOrder", json={}, timeout=30).status_code == 406


def test_it_answers_wrong_look_ups_with_the_record_and_its_errors(site: Site, number: str) -> None:
    details = [wrap({"InventoryID": "NOPE", "OrderQty": 1}), wrap({"InventoryID": "APJAM08", "WarehouseID": "MOON"})]
    response = site.put("SalesOrder", wrap({"CustomerID": "C0001", "ShipVia": "BALLOON"}) | {"Details": details})
    record = response.json()
    assert response.status_code == 422
    assert "raised at least one error" in record["error"]
    assert record["ShipVia"] == {"value": "BALLOON", "error": "Ship Via 'BALLOON' cannot be found in the system."}
    assert "cannot be found" in record["Details"][0]["InventoryID"]["error"]
    assert "error" in record["Details"][1]["WarehouseID"]
    assert record["OrderNbr"]["value"] == "<NEW>"
    assert len(site.state()["orders"]) == 1


def test_it_says_that_another_process_was_faster(site: Site, number: str) -> None:
    site.fault("lost_lock", method="PUT")
    response = site.put("SalesOrder", wrap({"OrderNbr": number, "Description": "mine"}))
    assert response.status_code == 500
    assert "Another process has updated the 'SOOrder' record" in response.json()["exceptionMessage"]
    assert site.state()["orders"][0]["Description"] is None


def test_it_keeps_custom_fields_and_shows_them_when_asked(site: Site, number: str) -> None:
    custom = {"Document": {"AttributeSSID": {"type": "CustomStringField", "value": "4711"}}}
    site.put("SalesOrder", wrap({"OrderNbr": number}) | {"custom": custom})
    assert site.get(f"SalesOrder/SO/{number}").json()["custom"] == {}
    assert site.get(f"SalesOrder/SO/{number}", custom="Document.AttributeSSID").json()["custom"] == custom


def test_it_cuts_texts_that_are_too_long_for_their_column(site: Site, number: str) -> None:
    package = wrap({"BoxID": "SMALL", "CustomRefNbr1": "x" * 31})
    site.put("Shipment", {"Details": [line(number)], "Packages": [package]})
    assert site.state()["shipments"][0]["packages"][0]["CustomRefNbr1"] == "x" * 30


def test_it_lists_what_a_mapping_of_carriers_needs(site: Site) -> None:
    records = {name: site.get(name).json() for name in ("ShipVia", "ShippingBox", "Warehouse", "Carrier")}
    assert {"value": "UPSGROUND"} in [each["CarrierID"] for each in records["ShipVia"]]
    assert {"value": "SMALL"} in [each["BoxID"] for each in records["ShippingBox"]]
    assert {"value": "WHOLESALE"} in [each["WarehouseID"] for each in records["Warehouse"]]
    assert len(records["Carrier"]) == 3
