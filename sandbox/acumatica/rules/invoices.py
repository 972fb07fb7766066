"""Actions by entity, and invoices, which come about by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.acumatica.errors import Refusal, disabled
from sandbox.acumatica.rules import orders, shipments
from sandbox.acumatica.rules.drafts import Body, Entry, elements, text_of
from sandbox.acumatica.rules.orders import CENTS
from sandbox.acumatica.schema import Record
from sandbox.acumatica.store import NO_MONEY, ZERO, Row, Store, stamp

Work = Callable[[Store, Row, dict[str, Any]], None]


@dataclass(frozen=True)
class Action:
    """`check` refuses at once; `work` is done at once too, or after a while where the action runs long."""

    work: Work
    check: Work | None = None
    long: bool = False


def invoice_shipment(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    may_invoice(store, row, parameters)
    shipment = row.edit()
    number = store.number(store.invoices, "INV", 6, "INVOICE")
    now = stamp(store.clock())
    details = [_invoice_line(store, shipment, line, place) for place, line in enumerate(shipment["Details"], 1)]
    worth = sum((line["Amount"] for line in details), NO_MONEY)
    first = shipments.orders_of(store, shipment)[0].read()
    store.invoices.add(
        {
            "Type": "Invoice",
            "ReferenceNbr": number,
            "Status": "Balanced",
            "Hold": False,
            "CreditHold": False,
            "CustomerID": shipment["CustomerID"],
            "CustomerOrder": first.get("CustomerOrder"),
            "Date": now[:10],
            "DueDate": now[:10],
            "Amount": worth,
            "Balance": worth,
            "DetailTotal": worth,
            "TaxTotal": NO_MONEY,
            "Currency": first["CurrencyID"],
            "CreatedDate": now,
            "Details": details,
        }
    )
    shipment["Status"] = "Invoiced"
    _link(store, row, number)


def _invoice_line(store: Store, shipment: Record, line: Record, number: int) -> Record:
    order = store.orders.get(line["OrderType"], line["OrderNbr"])
    sold = [each for each in order.read()["Details"] if each["LineNbr"] == line["OrderLineNbr"]] if order else []
    price = sold[0]["UnitPrice"] if sold else ZERO
    same = {name: line[name] for name in ("OrderType", "OrderNbr", "OrderLineNbr", "InventoryID", "UOM", "WarehouseID")}
    return {
        "LineNbr": number,
        **same,
        "ShipmentNbr": shipment["ShipmentNbr"],
        "Qty": line["ShippedQty"],
        "UnitPrice": price,
        "Amount": (line["ShippedQty"] * price).quantize(CENTS),
    }


def _link(store: Store, row: Row, number: str) -> None:
    shipment = row.edit()
    invoice = {"InvoiceType": "Invoice", "InvoiceNbr": number}
    for link in shipment["Orders"]:
        link.update(invoice)
    store.shipments.changed(row)
    for order in shipments.orders_of(store, shipment):
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
    for order in shipments.orders_of(store, row.read()):
        for link in order.edit()["Shipments"]:
            if link["ShipmentNbr"] == row.read()["ShipmentNbr"]:
                link["Status"] = "Completed"
        store.orders.changed(order)


def invoice_order(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    linked = [store.shipments.get(link["ShipmentNbr"]) for link in row.read()["Shipments"]]
    ready = [each for each in linked if each and each.status == "Confirmed"]
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


def create_invoice(entry: Entry, body: Body) -> Row:
    """PUT SalesInvoice with `Details: [{OrderType, OrderNbr, ShipmentNbr}]` invoices that shipment."""
    numbers = [text_of(element, "ShipmentNbr") for element in elements(body.get("Details", []), "Details")]
    row = entry.store.shipments.get(numbers[0]) if numbers else None
    if row is None:
        raise Refusal(500, "The invoice cannot be created because no shipment was found for it.")
    invoice_shipment(entry.store, row, {})
    made = entry.store.invoices.get("Invoice", row.read()["Orders"][0]["InvoiceNbr"])
    if made is None:
        raise AssertionError("an invoice was just made")
    return made


def _refuse(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    raise disabled("Create Receipt")


def _nothing(store: Store, row: Row, parameters: dict[str, Any]) -> None:
    """The action has no effect on what is simulated."""


ACTIONS: dict[str, dict[str, Action]] = {
    "SalesOrder": {
        "SalesOrderCreateShipment": Action(shipments.create_for_order, shipments.may_create, long=True),
        "SalesOrderCreateReceipt": Action(_refuse),
        "CancelSalesOrder": Action(orders.cancel),
        "OpenSalesOrder": Action(orders.open_order),
        "ReopenSalesOrder": Action(orders.reopen),
        "ReleaseFromCreditHoldSalesOrder": Action(orders.release_credit_hold),
        "PrepareSalesInvoice": Action(invoice_order, long=True),
        "AutoRecalculateDiscounts": Action(orders.recalculate),
        "RecalculatePricesDiscounts": Action(orders.recalculate),
    },
    "Shipment": {
        "ConfirmShipment": Action(shipments.confirm, shipments.may_confirm, long=True),
        "CorrectShipment": Action(shipments.correct, shipments.may_correct, long=True),
        "PrepareInvoice": Action(invoice_shipment, may_invoice, long=True),
        "UpdateIN": Action(update_inventory, long=True),
    },
    "SalesInvoice": {"ReleaseSalesInvoice": Action(release_invoice, long=True)},
    "Customer": {"CreateContactFromCustomer": Action(_nothing)},
    "StockItem": {"UpdateStandardCostStockItem": Action(_nothing)},
}
