"""The bodies of writes to purchase receipts, plain: `codec.wrap` wraps them. Makes no call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connections.vendor import Body
from connections.vendors.visma_net.codec import Record, name_of
from connections.vendors.visma_net.receipts.payload import Part, check_date
from connections.vendors.visma_net.receipts.plan import PlannedLine
from connections.vendors.visma_net.receipts.state import Fit, Receipt, same_quantity

CHANGEABLE = ("supplierRef", "note", "customStr2", "customStr3", "customStr4", "customStr5")


def header(order: Record, payload: Body, mark: str) -> Body:
    """The head of a new receipt. What is empty is left to Visma.net."""
    body: Body = {
        "receiptType": "PoReceipt",
        "supplierId": name_of(order, "supplier"),
        "date": check_date(payload),
        "warehouseId": payload.get("warehouseId") or name_of(order, "warehouse"),
        "currency": order.get("currency"),
        "branchNumber": payload.get("branchNumber"),
        "createBill": None if payload.get("createBill") is None else bool(payload["createBill"]),
        "customStr1": mark,
        **{name: payload.get(name) for name in CHANGEABLE},
    }
    return {name: value for name, value in body.items() if value not in (None, "")}


def changed_header(record: Mapping[str, Any], payload: Body, sent: Body | None) -> Body:
    """The fields of the head that have to change: those the payload has changed since it was `sent`.

    Not sent yet (`{}`): those that the receipt does not show, where it shows the field. Not known any more (None) and
    no `record`: all of them.
    """
    mapped: Body = {"date": check_date(payload), **{name: payload.get(name) for name in CHANGEABLE}}
    if not record and payload.get("createBill") is not None:
        mapped["createBill"] = bool(payload["createBill"])
    changed: Body = {}
    for name, value in mapped.items():
        there = str(record.get(name) or "")
        same = there[:10] == value if name == "date" else there == str(value or "")
        news = value not in (None, "") and (not record or name in record)
        if sent:
            news = (payload.get(name) or "") != (sent.get(name) or "") and (name != "date" or bool(value))
            value = value or ""
        elif sent is None and record:
            news = False
        if news and not same:
            changed[name] = value
    return changed


def receipt_changes(receipt: Receipt, order: Record, fitting: Fit, payload: Body, *, whole: bool) -> Body:
    """What makes the receipt right, empty where it is. `whole`: write every line and take it off hold."""
    lines = [
        line_update(line, entry, payload) for line, entry in fitting.pairs if whole or not same_quantity(line, entry)
    ]
    lines += [{"operation": "Delete", "lineNbr": line.get("lineNbr")} for line in fitting.surplus]
    lines += [line_insert(entry, order, payload) for entry in fitting.missing]
    body: Body = {"lines": lines} if lines else {}
    return body | {"hold": False} if whole else body


def line_update(line: Record, planned: PlannedLine, payload: Body) -> Body:
    """The body that sets a line of the receipt to the planned one."""
    body = {"operation": "Update", "lineNbr": line.get("lineNbr"), **_contents(planned, payload)}
    # What the line says already is not said again: changing it to itself may be refused on a linked line.
    if planned.uom and planned.uom != line.get("uom"):
        body["uom"] = planned.uom
    if payload.get("warehouseId") and str(payload["warehouseId"]) != name_of(line, "warehouse"):
        body["warehouseId"] = payload["warehouseId"]
    return body


def line_insert(planned: PlannedLine, order: Record, payload: Body) -> Body:
    """The body of a new line, with its link to the order where it has one."""
    ordered: Record = next((line for line in order.get("lines") or [] if line["lineNbr"] == planned.order_line), {})
    link: Body = {}
    if planned.order_line is not None:
        link = {
            "poOrderType": order.get("orderType") or "RegularOrder",
            "poOrderNbr": order.get("orderNbr"),
            "poOrderLineNbr": planned.order_line,
            "unitCost": ordered.get("unitCost"),
        }
    warehouse = payload.get("warehouseId") or name_of(ordered, "warehouse") or name_of(order, "warehouse")
    return {
        "operation": "Insert",
        "lineType": ordered.get("lineType") or "GoodsForInventory",
        "inventoryId": planned.item,
        "uom": planned.uom or None,
        **link,
        **_contents(planned, payload),
        "warehouseId": warehouse or None,
    }


def _contents(planned: PlannedLine, payload: Body) -> Body:
    body: Body = {"receiptQty": planned.quantity}
    if payload.get("completePoLine") is not None and planned.order_line is not None:
        body["completePoLine"] = bool(payload["completePoLine"])
    if len(planned.parts) == 1:
        part = planned.parts[0]
        return body | {
            "locationId": part.location or None,
            "lotSerialNumber": part.lot or None,
            "expirationDate": part.expires or None,
        }
    return body | {"allocations": [_allocation(part) for part in planned.parts]}


def _allocation(part: Part) -> Body:
    return {
        "operation": "Insert",
        "location": part.location or None,
        "lotSerialNumber": part.lot or None,
        "expirationDate": part.expires or None,
        "quantity": part.quantity,
    }
