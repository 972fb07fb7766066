"""Lines of purchase receipts: posted with the number of an order line, or added from the order by an action."""

from __future__ import annotations

from decimal import Decimal

from sandbox.visma_net import schema as wrapping
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.rules import order_schema as shape
from sandbox.visma_net.rules import purchase_orders as orders
from sandbox.visma_net.schema import CUSTOM, DAY, FLAG, NUMBER, TEXT, WHOLE, Bare, Lines
from sandbox.visma_net.store import ZERO, Record, Row, Store, cents, number

ALLOCATION_SHAPE = {
    "operation": Bare(wrapping.OPERATIONS),
    "lineNbr": WHOLE,
    "location": TEXT,
    "lotSerialNumber": TEXT,
    "quantity": NUMBER,
    "uom": TEXT,
    "expirationDate": DAY,
}
LINE_SHAPE = CUSTOM | {
    "operation": Bare(wrapping.OPERATIONS),
    "lineNbr": WHOLE,
    "lineType": shape.LINE_TYPES,
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
    "poOrderType": shape.TYPES,
    "poOrderNbr": TEXT,
    "poOrderLineNbr": WHOLE,
    "completePoLine": FLAG,
    "note": TEXT,
    "allocations": Lines(ALLOCATION_SHAPE),
}
_PLAIN = (
    *("lineType", "transactionDescription", "uom", "receiptQty", "unitCost", "expirationDate", "lotSerialNumber"),
    *("completePoLine", "note", *CUSTOM),
)
OVER = {"Closed", "Cancelled", "Voided"}


def write(store: Store, receipt: Record, sent: Record) -> None:
    """One line of a POST or PUT."""
    operation = wrapping.operation_of(sent, "purchase receipt")
    if operation == "Insert":
        receipt["_last"] += 1
        line = _new(store, receipt, sent)
        receipt["lines"].append(line)
    else:
        found = [line for line in receipt["lines"] if line["lineNbr"] == sent.get("lineNbr")]
        if not found:
            raise Refusal(400, f"Line {sent.get('lineNbr')} could not be found on the purchase receipt.")
        line = found[0]
        if operation == "Delete":
            receipt["lines"].remove(line)
            return
    _set(store, line, sent)


def _set(store: Store, line: Record, sent: Record) -> None:
    for name in (name for name in _PLAIN if sent.get(name) is not None):
        line[name] = sent[name]
    if sent.get("warehouseId"):
        line["warehouse"], line["location"] = place(store, sent["warehouseId"], sent.get("locationId"))
    elif sent.get("locationId"):
        line["warehouse"], line["location"] = place(store, line["warehouse"]["id"], sent["locationId"])
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
            "lineNbr": number_,
            "itemId": (line["inventory"] or {}).get("number"),
            "location": {"id": each.get("location") or line["location"]["id"]},
            "lotSerialNumber": each.get("lotSerialNumber") or "",
            "quantity": each.get("quantity") or ZERO,
            "uom": each.get("uom") or line["uom"],
        }
        for number_, each in enumerate(sent, 1)
    ]
    line["receiptQty"] = number(sum((each["quantity"] for each in line["allocations"]), ZERO))
    line["lotSerialNumber"] = line["lotSerialNumber"] or line["allocations"][0]["lotSerialNumber"]


def _new(store: Store, receipt: Record, sent: Record) -> Record:
    """A posted line. Whether its order fields make the link that the actions make is a switch."""
    mode = store.switches["direct_lines"]
    if sent.get("poOrderNbr") and mode != "unlinked":
        order, ordered = _meant(store, receipt, sent["poOrderNbr"], sent.get("poOrderLineNbr") or 0)
        line = _of_order(receipt, order.body, ordered)
        if mode == "shown":
            line["_order"], line["_line"] = "", 0
        else:
            store.receipts_of[order.key][receipt["receiptNbr"]] = None
        line["receiptQty"] = ZERO
        _same_item(sent, ordered)
        return line
    item = store.items.get(sent.get("inventoryId") or "")
    if item is None:
        raise Refusal(400, f"'Inventory ID' {sent.get('inventoryId')} cannot be found in the system.")
    warehouse, location = place(store, receipt["warehouse"]["id"], None)
    about = item.body
    return _blank(receipt) | {
        "inventory": {"number": about["inventoryNumber"], "description": about["description"]},
        "_item": about["inventoryId"],
        "lineType": "GoodsForInventory" if about["stockItem"] else "NonStock",
        "warehouse": warehouse,
        "location": location,
        "transactionDescription": about["description"],
        "uom": about["purchaseUnit"],
        "unitCost": about["lastCost"],
    }


def _same_item(sent: Record, ordered: Record) -> None:
    named = sent.get("inventoryId")
    if named and named != (ordered["inventory"] or {}).get("number"):
        raise Refusal(400, f"Inventory {named} is not the one on line {ordered['lineNbr']} of the purchase order.")


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


def _of_order(receipt: Record, order: Record, ordered: Record) -> Record:
    return _blank(receipt) | {
        "inventory": ordered["inventory"],
        "_item": ordered["_item"],
        "lineType": ordered["lineType"],
        "warehouse": ordered["warehouse"],
        "location": {"id": "1", "name": "Main"},
        "transactionDescription": ordered["lineDescription"],
        "uom": ordered["uom"],
        "unitCost": ordered["unitCost"],
        "taxCategory": ordered["taxCategory"],
        "discountPercent": ordered["discountPercent"],
        "poOrderType": order["orderType"],
        "poOrderNbr": order["orderNbr"],
        "poOrderLineNbr": ordered["lineNbr"],
        "_order": order["orderNbr"],
        "_line": ordered["lineNbr"],
    }


def _meant(store: Store, receipt: Record, order_nbr: str, line_nbr: int) -> tuple[Row, Record]:
    order = receivable(store, receipt, order_nbr)
    line = orders.line_of(order.body, line_nbr)
    if line is None:
        raise Refusal(400, f"Line {line_nbr} could not be found on purchase order {order_nbr}.")
    if line["completed"] or line["canceled"] or line["lineType"] in shape.NEVER_RECEIVED:
        raise Refusal(400, f"Line {line_nbr} of purchase order {order_nbr} is not open for receipts.")
    return order, line


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


def add(store: Store, receipt: Record, order_nbr: str, line_nbr: int) -> None:
    """What the action does for one order line."""
    order, ordered = _meant(store, receipt, order_nbr, line_nbr)
    receipt["_last"] += 1
    line = _of_order(receipt, order.body, ordered)
    left = max(ordered["orderQty"] - ordered["qtyOnReceipts"], ZERO)
    _set(store, line, {"receiptQty": left if store.switches["added_quantity"] == "open" else ZERO})
    receipt["lines"].append(line)
    store.receipts_of[order.key][receipt["receiptNbr"]] = None


def place(store: Store, warehouse_id: str, location_id: str | None) -> tuple[Record, Record]:
    warehouse = store.warehouses.get(warehouse_id)
    if warehouse is None:
        raise Refusal(400, f"'Warehouse' {warehouse_id} cannot be found in the system.")
    wanted = location_id or warehouse.body["receiptLocation"]["id"]
    found = [each for each in warehouse.body["locations"] if each["locationId"] == wanted and each["receiptsValid"]]
    if not found:
        raise Refusal(400, f"'Location' {wanted} cannot be found in the system.")
    spot = {"id": wanted, "name": found[0]["description"]}
    return {"id": warehouse_id, "description": warehouse.body["description"]}, spot


def allowed(ordered: Record) -> Decimal:
    """The most that may come in on this order line."""
    most: Decimal = ordered["orderQty"] * ordered["maxReceipt"] / orders.HUNDRED
    return most
