from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connections import exact_json, vendors
from connections.errors import ConnectionBroken
from connections.vendor import Document
from connections.vendors.visma_net import VENDOR
from connections.vendors.visma_net.resources import CustomerInvoices, Inventory, PurchaseOrders, Suppliers
from tests.connections.vendors.visma_net.desk import SECOND, Desk, goods, shipment

SAMPLES = Path(vendors.__file__).parent / "visma_net" / "samples"


def listed(desk: Desk, kind: type, **settings: Any) -> dict[str, Document]:
    visma = desk.open(**settings)
    resource = kind(visma)
    pages = resource.changes(resource.start(desk.begun - timedelta(days=800)))
    documents = {document.key: document for page in pages for document in page.documents}
    visma.close()
    return documents


def got(desk: Desk, kind: type, key: str, **settings: Any) -> list[Document]:
    visma = desk.open(**settings)
    documents = list(kind(visma).get(key))
    visma.close()
    return documents


# Purchase orders


def test_an_order_comes_decoded(desk: Desk) -> None:
    (order,) = got(desk, PurchaseOrders, "000101")
    raw = desk.order_state("000101")
    assert (order.key, order.label, order.status) == ("000101", "000101", raw["status"])
    assert len(order.version) == 16
    assert order.body["date"] == raw["date"][:10]
    assert order.body["lastModifiedDateTime"].endswith("Z")
    assert "metadata" not in order.body
    assert all(isinstance(line["orderQty"], Decimal) for line in order.body["lines"])


def test_an_order_that_is_not_there_is_none(desk: Desk) -> None:
    assert got(desk, PurchaseOrders, "999999") == []


def test_a_later_state_has_a_greater_version(desk: Desk) -> None:
    (before,) = got(desk, PurchaseOrders, "000101")
    desk.simulator.actions.do_edit_order("000101", {"description": "later"})
    (after,) = got(desk, PurchaseOrders, "000101")
    assert after.version > before.version


@pytest.mark.parametrize("kind", [PurchaseOrders, CustomerInvoices, Suppliers, Inventory])
def test_an_order_reads_the_same_from_the_list_and_alone(desk: Desk, kind: type) -> None:
    documents = listed(desk, kind)
    assert documents
    for key, document in list(documents.items())[:6]:
        alone = {single.key: single for single in got(desk, kind, key)}
        assert alone[key] == document


def test_receipts_of_ours_do_not_move_what_is_left_to_expect(desk: Desk) -> None:
    order = desk.order(STOL_101=10, STOL_102=5)
    calls = desk.calls("GET /erp/v2/PurchaseReceipt")
    (fresh,) = got(desk, PurchaseOrders, order)
    assert [line["receivedElsewhere"] for line in fresh.body["lines"]] == [0, 0]
    assert desk.calls("GET /erp/v2/PurchaseReceipt") == calls  # nothing received, nothing asked
    desk.write(shipment(order, goods((1, 4)), release=True))
    desk.write(shipment(order, goods((2, 1)), SECOND))
    desk.simulator.actions.do_receive(order, {"1": 2})
    desk.simulator.actions.do_receive(order, {"1": 1}, release=False)
    (later,) = got(desk, PurchaseOrders, order)
    assert [line["receivedElsewhere"] for line in later.body["lines"]] == [3, 0]
    assert [line["qtyOnReceipts"] for line in later.body["lines"]] == [7, 1]


def test_a_cancelled_receipt_counts_nowhere(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    made = desk.simulator.actions.do_receive(order, {"1": 2}, release=False)
    desk.simulator.actions.do_receive(order, {"1": 3}, release=False)
    desk.simulator.actions.do_cancel_receipt(made["receiptNbr"])
    (later,) = got(desk, PurchaseOrders, order)
    assert later.body["lines"][0]["receivedElsewhere"] == 3


# Customer invoices


def invoice_of(desk: Desk, *orders: str) -> str:
    return str(desk.simulator.actions.do_invoice(order_nbrs=list(orders), release=True)["referenceNumber"])


def sales_orders(desk: Desk, count: int) -> list[str]:
    return [str(number) for number in desk.simulator.actions.do_make_sales_orders(count)["orders"]]


def test_an_invoice_of_one_order_is_one_document(desk: Desk) -> None:
    (order,) = sales_orders(desk, 1)
    number = invoice_of(desk, order)
    (invoice,) = got(desk, CustomerInvoices, number)
    assert (invoice.key, invoice.label, invoice.status) == (number, number, "Open")
    assert (invoice.body["soOrderNbr"], invoice.body["soOrderType"]) == (order, "SO")
    assert invoice.body["documentDate"].count("-") == 2
    assert "customerOrder" not in invoice.body


def test_an_invoice_of_two_orders_is_two_documents_with_their_own_lines(desk: Desk) -> None:
    first, second = sales_orders(desk, 2)
    number = invoice_of(desk, first, second)
    documents = {document.key: document for document in got(desk, CustomerInvoices, number)}
    assert set(documents) == {f"{number}/{first}", f"{number}/{second}"}
    for order in (first, second):
        document = documents[f"{number}/{order}"]
        assert document.label == number
        assert {line["soOrderNbr"] for line in document.body["invoiceLines"]} == {order}
        assert got(desk, CustomerInvoices, document.key) == [document]


def test_an_invoice_without_an_order_is_a_document_all_the_same(desk: Desk) -> None:
    record = {"referenceNumber": "300999", "invoiceLines": [{"lineNumber": 1}], "status": "Open"}
    (document,) = CustomerInvoices(desk.client).documents(record)
    assert (document.key, document.body["soOrderNbr"], len(document.body["invoiceLines"])) == ("300999", "", 1)


def test_the_customers_order_number_comes_from_the_sales_order_where_it_is_asked_for(desk: Desk) -> None:
    (order,) = sales_orders(desk, 1)
    number = invoice_of(desk, order)
    (invoice,) = got(desk, CustomerInvoices, number, read_sales_orders=True)
    state = next(sale for sale in desk.state()["salesOrders"] if sale["orderId"] == order)
    assert invoice.body["customerOrder"] == state["customer"].get("order", "")
    assert invoice.body["customerRefNo"] == state["customer"].get("refNo", "")
    assert invoice.body["customerOrder"]


def test_sales_orders_without_the_right_stop_the_connection_with_the_scope(desk: Desk) -> None:
    number = invoice_of(desk, *sales_orders(desk, 1))
    desk.fault("forbidden", "/salesorder")
    with pytest.raises(ConnectionBroken, match="salesorder:read"):
        got(desk, CustomerInvoices, number, read_sales_orders=True)


# Suppliers and items


def test_suppliers_are_named(desk: Desk) -> None:
    documents = listed(desk, Suppliers)
    assert documents["50000"].label == "Nordic Parts AS"


def test_items_with_reserved_characters_are_read(desk: Desk) -> None:
    for sku in ("KABEL/25M", "GARDIN#3", "KURV+LOKK", "HYLLE 90", "PÆRE-E27"):
        (item,) = got(desk, Inventory, sku)
        assert item.body["inventoryNumber"] == sku


def test_a_renamed_item_keeps_its_id(desk: Desk) -> None:
    (before,) = got(desk, Inventory, "STOL-101")
    desk.simulator.actions.do_rename_item("STOL-101", "STOL-101-N")
    assert got(desk, Inventory, "STOL-101") == []
    (after,) = got(desk, Inventory, "STOL-101-N")
    assert after.body["inventoryId"] == before.body["inventoryId"]


def test_every_expand_of_items_is_said(desk: Desk) -> None:
    documents = listed(desk, Inventory)
    assert "crossReferences" in documents["STOL-101"].body
    assert "warehouseDetails" not in documents["STOL-101"].body


# The declaration


def test_the_vendor_is_listed() -> None:
    assert vendors.get("visma_net") is VENDOR
    assert vendors.resource("visma_net.purchase_receipts").document == "purchase_receipt"


@pytest.mark.parametrize("resource", VENDOR.resources, ids=lambda value: value.slug)
def test_every_sample_is_a_decoded_document(resource: Any) -> None:
    if not resource.sample:
        return
    body = exact_json.loads((SAMPLES / resource.sample).read_bytes())
    assert body
    assert "metadata" not in body
    assert not any(isinstance(value, float) for value in body.values())


def test_the_samples_have_the_derived_fields() -> None:
    order = exact_json.loads((SAMPLES / "purchase_order.json").read_bytes())
    invoice = exact_json.loads((SAMPLES / "customer_invoice.json").read_bytes())
    assert all("receivedElsewhere" in line for line in order["lines"])
    assert invoice["soOrderNbr"]


def test_every_question_is_explained() -> None:
    names = [field.name for field in (*VENDOR.settings, *VENDOR.secrets)]
    assert len(names) == len(set(names))
    assert {"tenant_id", "time_zone", "calls_per_hour", "webhook_header", "client_id", "refresh_token"} <= set(names)
    assert all(field.label for field in (*VENDOR.settings, *VENDOR.secrets))
    assert VENDOR.rates["api"].setting in names
