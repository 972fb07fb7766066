"""Invoices: made of shipments, and released, which updates the inventory too."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.acumatica.errors import Refusal, disabled
from sandbox.acumatica.rules.shipment_links import orders_of
from sandbox.acumatica.rules.writes import Body, Write, elements, text_of
from sandbox.acumatica.schema import Record
from sandbox.acumatica.store import CENTS, NO_MONEY, ZERO, Row, Store


def invoice_shipment(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    may_invoice(store, row, parameters)
    shipment = row.edit()
    invoice_nbr = store.number(store.invoices, "INV", 6, "INVOICE")
    now = store.stamp()
    details = [_invoice_line(store, shipment, line, number) for number, line in enumerate(shipment["Details"], 1)]
    amount = sum((line["Amount"] for line in details), NO_MONEY)
    first = orders_of(store, shipment)[0].read()
    store.invoices.add(
        {
            "Type": "Invoice",
            "ReferenceNbr": invoice_nbr,
            "Status": "Balanced",
            "Hold": False,
            "CreditHold": False,
            "CustomerID": shipment["CustomerID"],
            "CustomerOrder": first.get("CustomerOrder"),
            "Date": now[:10],
            "DueDate": now[:10],
            "Amount": amount,
            "Balance": amount,
            "DetailTotal": amount,
            "TaxTotal": NO_MONEY,
            "Currency": first["CurrencyID"],
            "CreatedDate": now,
            "Details": details,
        }
    )
    shipment["Status"] = "Invoiced"
    _link(store, row, invoice_nbr)


def _invoice_line(store: Store, shipment: Record, line: Record, number: int) -> Record:
    price = _price(store, line)
    order_line = ("OrderType", "OrderNbr", "OrderLineNbr", "InventoryID", "UOM", "WarehouseID")
    return {
        "LineNbr": number,
        **{name: line[name] for name in order_line},
        "ShipmentNbr": shipment["ShipmentNbr"],
        "Qty": line["ShippedQty"],
        "UnitPrice": price,
        "Amount": (line["ShippedQty"] * price).quantize(CENTS),
    }


def _price(store: Store, line: Record) -> Decimal:
    """That of the order's line; nothing where it is gone."""
    order = store.orders.get(line["OrderType"], line["OrderNbr"])
    for sold in order.read()["Details"] if order else ():
        if sold["LineNbr"] == line["OrderLineNbr"]:
            price: Decimal = sold["UnitPrice"]
            return price
    return ZERO


def _link(store: Store, row: Row, number: str) -> None:
    shipment = row.edit()
    invoice = {"InvoiceType": "Invoice", "InvoiceNbr": number}
    for link in shipment["Orders"]:
        link.update(invoice)
    store.shipments.changed(row)
    for order in orders_of(store, shipment):
        for link in order.edit()["Shipments"]:
            if link["ShipmentNbr"] == shipment["ShipmentNbr"]:
                link.update(invoice, Status=shipment["Status"])
        store.orders.changed(order)


def may_invoice(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    if row.status != "Confirmed":
        raise disabled("Prepare Invoice")


def update_inventory(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    if row.status not in {"Confirmed", "Invoiced"}:
        raise disabled("Update IN")
    row.edit()["Status"] = "Completed"
    store.shipments.changed(row)
    for order in orders_of(store, row.read()):
        for link in order.edit()["Shipments"]:
            if link["ShipmentNbr"] == row.read()["ShipmentNbr"]:
                link["Status"] = "Completed"
        store.orders.changed(order)


def invoice_order(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    linked = [store.shipments.get(link["ShipmentNbr"]) for link in row.read()["Shipments"]]
    ready = [shipment for shipment in linked if shipment and shipment.status == "Confirmed"]
    if not ready:
        raise disabled("Prepare Invoice")
    for shipment in ready:
        invoice_shipment(store, shipment, parameters)


def release_invoice(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    if row.status not in {"Balanced", "On Hold"}:
        raise disabled("Release")
    invoice = row.edit()
    invoice["Status"], invoice["Hold"] = "Open", False
    store.invoices.changed(row)
    for number in dict.fromkeys(line["ShipmentNbr"] for line in invoice["Details"]):
        shipment = store.shipments.get(number)
        if shipment:
            update_inventory(store, shipment, parameters)


def create_invoice(write: Write, body: Body) -> Row:
    """PUT SalesInvoice with `Details: [{OrderType, OrderNbr, ShipmentNbr}]` invoices that shipment."""
    numbers = [text_of(element, "ShipmentNbr") for element in elements(body.get("Details", []), "Details")]
    row = write.store.shipments.get(numbers[0]) if numbers else None
    if row is None:
        raise Refusal(500, "The invoice cannot be created because no shipment was found for it.")
    invoice_shipment(write.store, row, {})
    invoice = write.store.invoices.get("Invoice", row.read()["Orders"][0]["InvoiceNbr"])
    if invoice is None:
        raise AssertionError("an invoice was just made")
    return invoice
