"""Lines of purchase receipts: posted with the number of an order line, or added from the order by an action."""

from __future__ import annotations

from decimal import Decimal

from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.rules.order_progress import is_over, line_of
from sandbox.visma_net.rules.order_schema import LINE_TYPES, OVER, TYPES
from sandbox.visma_net.schema import CUSTOM, DAY, FLAG, NUMBER, OPERATIONS, TEXT, WHOLE, Bare, Lines, operation_of
from sandbox.visma_net.store import HUNDRED, ZERO, Record, Row, Store, cents, number

ALLOCATION_SCHEMA = {
    "operation": Bare(OPERATIONS),
    "lineNbr": WHOLE,
    "location": TEXT,
    "lotSerialNumber": TEXT,
    "quantity": NUMBER,
    "uom": TEXT,
    "expirationDate": DAY,
}
LINE_SCHEMA = CUSTOM | {
    "operation": Bare(OPERATIONS),
    "lineNbr": WHOLE,
    "lineType": LINE_TYPES,
    "branchNumber": TEXT,
    "inventoryId": TEXT,
    "warehouseId": TEXT,
    "locationId": TEXT,
    "transactionDescription": TEXT,
    "uom": TEXT,
    "receiptQty": NUMBER,
    "unitCost": NUMBER,
    "expirationDate": DAY,
    "lotSerialNumber": TEXT,
    "poOrderType": TYPES,
    "poOrderNbr": TEXT,
    "poOrderLineNbr": WHOLE,
    "completePoLine": FLAG,
    "note": TEXT,
    "allocations": Lines(ALLOCATION_SCHEMA),
}
_PLAIN = (
    *("lineType", "transactionDescription", "uom", "receiptQty", "unitCost", "expirationDate", "lotSerialNumber"),
    *("completePoLine", "note", *CUSTOM),
)


def write(store: Store, receipt: Record, sent: Record) -> None:
    """One line of a POST or PUT."""
    operation = operation_of(sent, "purchase receipt")
    if operation == "Insert":
        receipt["_last"] += 1
        line = _new_line(store, receipt, sent)
        receipt["lines"].append(line)
    else:
        line = _existing_line(receipt, sent)
    if operation == "Delete":
        receipt["lines"].remove(line)
    else:
        _fill(store, line, sent)


def add(store: Store, receipt: Record, order_nbr: str, line_nbr: int) -> None:
    """What the action does for one order line."""
    order, order_line = _open_line(store, receipt, order_nbr, line_nbr)
    receipt["_last"] += 1
    line = _line_of_order(receipt, order.body, order_line)
    left = max(order_line["orderQty"] - order_line["qtyOnReceipts"], ZERO)
    _fill(store, line, {"receiptQty": left if store.switches["added_quantity"] == "open" else ZERO})
    receipt["lines"].append(line)
    store.receipts_of[order.key][receipt["receiptNbr"]] = None


def add_order(store: Store, receipt: Record, order_nbr: str, order_type: str) -> None:
    """What the action does for a whole order: all its lines that still wait for goods."""
    order = receivable(store, receipt, order_nbr, order_type)
    for line in order.body["lines"]:
        if not is_over(line) and line["qtyOnReceipts"] < line["orderQty"]:
            add(store, receipt, order_nbr, line["lineNbr"])


def receivable(store: Store, receipt: Record, order_nbr: str, order_type: str | None = None) -> Row:
    """The order, if goods of it may come in on this receipt."""
    order = store.orders.get(order_nbr)
    if order is None or (order_type and order.body["orderType"] != order_type):
        raise Refusal(400, f"Purchase order {order_nbr} could not be found.")
    kind, status = order.body["orderType"], order.body["status"]
    if kind in {"Blanket", "StandardBlanket"}:
        raise Refusal(400, f"Purchase order {order_nbr} is a {kind} order and takes no receipts.")
    if status in OVER or status == "Hold":
        raise Refusal(400, f"Purchase order {order_nbr} has status {status} and takes no receipts.")
    if order.body["supplier"]["number"] != receipt["supplier"]["number"]:
        raise Refusal(400, f"Purchase order {order_nbr} belongs to another supplier.")
    return order


def location_of(store: Store, warehouse_id: str, location_id: str | None) -> tuple[Record, Record]:
    """The warehouse and a location in it that takes receipts; its usual one where none is named."""
    warehouse = store.warehouses.get(warehouse_id)
    if warehouse is None:
        raise Refusal(400, f"'Warehouse' {warehouse_id} cannot be found in the system.")
    key = location_id or warehouse.body["receiptLocation"]["id"]
    for location in warehouse.body["locations"]:
        if location["locationId"] == key and location["receiptsValid"]:
            shown = {"id": warehouse_id, "description": warehouse.body["description"]}
            return shown, {"id": key, "name": location["description"]}
    raise Refusal(400, f"'Location' {key} cannot be found in the system.")


def allowed(order_line: Record) -> Decimal:
    """The most that may come in on this order line."""
    most: Decimal = order_line["orderQty"] * order_line["maxReceipt"] / HUNDRED
    return most


def _existing_line(receipt: Record, sent: Record) -> Record:
    for line in receipt["lines"]:
        if line["lineNbr"] == sent.get("lineNbr"):
            existing: Record = line
            return existing
    raise Refusal(400, f"Line {sent.get('lineNbr')} could not be found on the purchase receipt.")


def _fill(store: Store, line: Record, sent: Record) -> None:
    for name in (name for name in _PLAIN if sent.get(name) is not None):
        line[name] = sent[name]
    if sent.get("warehouseId"):
        line["warehouse"], line["location"] = location_of(store, sent["warehouseId"], sent.get("locationId"))
    elif sent.get("locationId"):
        line["warehouse"], line["location"] = location_of(store, line["warehouse"]["id"], sent["locationId"])
    if sent.get("branchNumber"):
        line["branchNumber"] = {"number": sent["branchNumber"], "name": sent["branchNumber"]}
    if sent.get("allocations"):
        _allocate(line, sent["allocations"])
    if line["receiptQty"] < 0:
        raise Refusal(400, "The receipt quantity cannot be negative.")
    line["baseReceiptQty"] = line["receiptQty"]
    line["extCost"] = line["amount"] = cents(line["receiptQty"] * line["unitCost"])


def _allocate(line: Record, sent: list[Record]) -> None:
    line["allocations"] = [
        {
            "lineNbr": line_nbr,
            "itemId": (line["inventory"] or {}).get("number"),
            "location": {"id": allocation.get("location") or line["location"]["id"]},
            "lotSerialNumber": allocation.get("lotSerialNumber") or "",
            "quantity": allocation.get("quantity") or ZERO,
            "uom": allocation.get("uom") or line["uom"],
        }
        for line_nbr, allocation in enumerate(sent, 1)
    ]
    line["receiptQty"] = number(sum((allocation["quantity"] for allocation in line["allocations"]), ZERO))
    line["lotSerialNumber"] = line["lotSerialNumber"] or line["allocations"][0]["lotSerialNumber"]


def _new_line(store: Store, receipt: Record, sent: Record) -> Record:
    """A posted line. Whether its order fields make the link that the actions make is a switch."""
    mode = store.switches["direct_lines"]
    if not sent.get("poOrderNbr") or mode == "unlinked":
        return _line_of_item(store, receipt, sent)
    order, order_line = _open_line(store, receipt, sent["poOrderNbr"], sent.get("poOrderLineNbr") or 0)
    line = _line_of_order(receipt, order.body, order_line)
    if mode == "shown":
        line["_order"], line["_line"] = "", 0
    else:
        store.receipts_of[order.key][receipt["receiptNbr"]] = None
    _check_item(sent, order_line)
    return line


def _check_item(sent: Record, order_line: Record) -> None:
    item = sent.get("inventoryId")
    if item and item != (order_line["inventory"] or {}).get("number"):
        raise Refusal(400, f"Inventory {item} is not the one on line {order_line['lineNbr']} of the purchase order.")


def _line_of_item(store: Store, receipt: Record, sent: Record) -> Record:
    row = store.items.get(sent.get("inventoryId") or "")
    if row is None:
        raise Refusal(400, f"'Inventory ID' {sent.get('inventoryId')} cannot be found in the system.")
    warehouse, location = location_of(store, receipt["warehouse"]["id"], None)
    item = row.body
    return _blank(receipt) | {
        "inventory": {"number": item["inventoryNumber"], "description": item["description"]},
        "_item": item["inventoryId"],
        "lineType": "GoodsForInventory" if item["stockItem"] else "NonStock",
        "warehouse": warehouse,
        "location": location,
        "transactionDescription": item["description"],
        "uom": item["purchaseUnit"],
        "unitCost": item["lastCost"],
    }


def _line_of_order(receipt: Record, order: Record, order_line: Record) -> Record:
    return _blank(receipt) | {
        "inventory": order_line["inventory"],
        "_item": order_line["_item"],
        "lineType": order_line["lineType"],
        "warehouse": order_line["warehouse"],
        "location": {"id": "1", "name": "Main"},
        "transactionDescription": order_line["lineDescription"],
        "uom": order_line["uom"],
        "unitCost": order_line["unitCost"],
        "taxCategory": order_line["taxCategory"],
        "discountPercent": order_line["discountPercent"],
        "poOrderType": order["orderType"],
        "poOrderNbr": order["orderNbr"],
        "poOrderLineNbr": order_line["lineNbr"],
        "_order": order["orderNbr"],
        "_line": order_line["lineNbr"],
    }


def _blank(receipt: Record) -> Record:
    return {
        "lineNbr": receipt["_last"],
        "branch": receipt["branchNumber"],
        "branchNumber": receipt["branchNumber"],
        "receiptQty": ZERO,
        "baseReceiptQty": ZERO,
        "extCost": ZERO,
        "amount": ZERO,
        "discountPercent": ZERO,
        "discountAmount": ZERO,
        "manualDiscount": False,
        "lotSerialNumber": "",
        "completePoLine": False,
        "_order": "",
        "_line": 0,
    }


def _open_line(store: Store, receipt: Record, order_nbr: str, line_nbr: int) -> tuple[Row, Record]:
    """The order and its line, if goods of it may come in on this receipt."""
    order = receivable(store, receipt, order_nbr)
    line = line_of(order.body, line_nbr)
    if line is None:
        raise Refusal(400, f"Line {line_nbr} could not be found on purchase order {order_nbr}.")
    if is_over(line):
        raise Refusal(400, f"Line {line_nbr} of purchase order {order_nbr} is not open for receipts.")
    return order, line
