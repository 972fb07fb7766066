"""Purchase orders: how one is made and changed, and what its receipts make of it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sandbox.visma_net import schema as wrapping
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.rules.order_schema import LINE_PLAIN, NEVER_RECEIVED, PLAIN
from sandbox.visma_net.schema import CUSTOM
from sandbox.visma_net.store import ZERO, Record, Row, Store, cents, number

VAT = Decimal("0.25")
HUNDRED = Decimal(100)


def line_of(order: Record, line_nbr: int) -> Record | None:
    return next((line for line in order["lines"] if line["lineNbr"] == line_nbr), None)


def create(store: Store, sent: Record, moment: int | None = None) -> Row:
    """A new order of what was sent, unwrapped."""
    supplier = store.suppliers.get(sent.get("supplier") or "")
    if supplier is None:
        raise Refusal(
            400, f"Error: Inserting 'Purchase Order' record raised: 'Supplier' {sent.get('supplier')} cannot be found."
        )
    own = sent.get("orderNumber") if sent.get("overrideNumberSeries") else None
    if own and store.orders.get(own):
        raise Refusal(400, "Another process has added the 'Purchase Order' record. Your changes will be lost.")
    key = own or store.orders.next_number()
    order: Record = {
        "shippingDestinationType": "CompanyLocation",
        "orderType": sent.get("orderType") or "RegularOrder",
        "orderNbr": key,
        "hold": False,
        "status": "Open",
        "date": sent.get("date") or store.today(),
        "supplier": {name: supplier.body[name] for name in ("internalId", "number", "name")},
        "location": {"id": 1, "name": "Main"},
        "currency": supplier.body.get("currencyId") or "NOK",
        "exchangeRate": Decimal("1.0"),
        "controlTotal": ZERO,
        "branch": dict(store.switches["branch"]),
        "warehouse": _warehouse(store, str(store.switches["default_warehouse"])),
        **_own_door(store, str(store.switches["default_warehouse"])),
        "dontPrint": True,
        "printed": False,
        "dontEmail": True,
        "emailed": False,
        "lines": [],
        "taxDetails": [],
        "_last": 0,
    }
    order["promisedOn"] = order["date"]
    _write(store, order, sent)
    order["hold"] = bool(sent.get("hold", False))
    order["status"] = "Hold" if order["hold"] else "Open"
    recount(store, order)
    return store.add(store.orders, key, order, moment)


def change(store: Store, row: Row, sent: Record) -> None:
    """A PUT: header fields and lines by their operation. An order that is over takes a note and custom fields only."""
    order = row.body
    over = order["status"] in {"Closed", "Cancelled", "Voided"}
    harmless = {"note", *CUSTOM}
    touched = set(sent) - {"timeStamp", "orderType", "orderNumber"}
    if over and (not touched <= harmless or not store.switches["note_on_closed_order"]):
        raise Refusal(400, f"Purchase order {row.key} is {order['status']} and cannot be changed.")
    _write(store, order, sent)
    if sent.get("hold") is not None and sent["hold"] != order["hold"]:
        order["hold"] = sent["hold"]
        order["status"] = "Hold" if sent["hold"] else "Open"
    recount(store, order)
    store.touch(store.orders, row)


def _write(store: Store, order: Record, sent: Record) -> None:
    staged = dict(order) | {"lines": [dict(line) for line in order["lines"]]}
    for name in (name for name in PLAIN if name in sent):
        staged[name] = sent[name]
    if sent.get("date"):
        staged["date"] = sent["date"]
    if sent.get("branch"):
        staged["branch"] = {"number": sent["branch"], "name": sent["branch"]}
    for name, own in (("shippingAddress", "overrideAddress"), ("shippingContact", "overrideContact")):
        if sent.get(name):
            staged[name] = (staged.get(name) or {}) | _destination(sent[name]) | {own: True}
    for line in sent.get("lines", ()):
        _line(store, staged, line)
    order.update(staged)


def _destination(sent: Record) -> Record:
    made = {name: value for name, value in sent.items() if name != "countryId"}
    return made | ({"country": {"id": sent["countryId"]}} if sent.get("countryId") else {})


def _line(store: Store, order: Record, sent: Record) -> None:
    operation = wrapping.operation_of(sent, "purchase order")
    if operation == "Insert":
        order["_last"] += 1
        line = _new_line(store, order, sent)
        order["lines"].append(line)
    else:
        found = line_of(order, sent.get("lineNumber") or 0)
        if found is None:
            raise Refusal(400, f"Line {sent.get('lineNumber')} could not be found on the purchase order.")
        line = found
        if operation == "Delete":
            _may_delete(line)
            order["lines"].remove(line)
            return
    for name in (name for name in LINE_PLAIN if sent.get(name) is not None):
        line[name] = sent[name]
    if sent.get("warehouse"):
        line["warehouse"] = _warehouse(store, sent["warehouse"])
    if sent.get("taxCategory"):
        line["taxCategory"] = {"number": sent["taxCategory"]}
    if sent.get("completed") is not None:
        line["_closed_by_hand"] = sent["completed"]
    if line["orderQty"] < line["qtyOnReceipts"]:
        raise Refusal(400, "The quantity cannot be less than the quantity on receipts.")


def _may_delete(line: Record) -> None:
    if line["qtyOnReceipts"]:
        raise Refusal(400, "The line cannot be deleted because it is on a purchase receipt.")


def _new_line(store: Store, order: Record, sent: Record) -> Record:
    inventory = sent.get("inventory")
    item = store.items.get(inventory or "")
    if item is None and (inventory or sent.get("lineType") != "Description"):
        raise Refusal(400, f"'Inventory ID' {inventory} cannot be found in the system.")
    about = item.body if item else {}
    return {
        "lineNbr": order["_last"],
        "branch": order["branch"],
        "inventory": {"number": about.get("inventoryNumber"), "description": about.get("description")}
        if item
        else None,
        "_item": about.get("inventoryId"),
        "lineType": "GoodsForInventory" if about.get("stockItem") else "NonStock",
        "warehouse": order["warehouse"],
        "lineDescription": about.get("description"),
        "uom": about.get("purchaseUnit"),
        "orderQty": ZERO,
        "baseOrderQty": ZERO,
        "qtyOnReceipts": ZERO,
        "_released": ZERO,
        "unitCost": about.get("lastCost") or ZERO,
        "extCost": ZERO,
        "discountPercent": ZERO,
        "discountAmount": ZERO,
        "manualDiscount": False,
        "amount": ZERO,
        "receivedAmt": ZERO,
        "minReceipt": ZERO,
        "maxReceipt": number(HUNDRED),
        "completeOn": number(HUNDRED),
        "receiptAction": "AcceptButWarn",
        "taxCategory": {"number": "03", "description": "Standard"},
        "requested": order["date"],
        "promised": order.get("promisedOn") or order["date"],
        "completed": False,
        "canceled": False,
        "_closed_by_hand": False,
    }


def _own_door(store: Store, warehouse: str) -> Record:
    """Goods come to the company's own place where nothing else is said."""
    place = store.warehouses.rows[warehouse].body["address"]
    contact = {"overrideContact": False, "contactId": 320, "name": store.name, "phone1": "+47 22 11 33 00"}
    return {"shippingContact": contact, "shippingAddress": {"overrideAddress": False, **place}}


def _warehouse(store: Store, key: str) -> Record:
    row = store.warehouses.get(key)
    if row is None:
        raise Refusal(400, f"'Warehouse' {key} cannot be found in the system.")
    return {"id": key, "description": row.body["description"]}


# What receipts make of it


def linked(store: Store, order_nbr: str) -> Iterator[tuple[Row, Record]]:
    """Receipts and their lines that count for this order."""
    for key in store.receipts_of.get(order_nbr, ()):
        receipt = store.receipts.get(key)
        if receipt and receipt.body["status"] != "Cancelled":
            for line in receipt.body["lines"]:
                if line["_order"] == order_nbr:
                    yield receipt, line


def recount(store: Store, order: Record) -> None:
    """Quantities on receipts, what is complete, what is open, and the totals."""
    shown: dict[str, Record] = {}
    by_line: dict[int, list[tuple[Row, Record]]] = {}
    for receipt, line in linked(store, order["orderNbr"]):
        shown[receipt.key] = _receipt_link(receipt.body)
        by_line.setdefault(line["_line"], []).append((receipt, line))
    for line in order["lines"]:
        _recount_line(line, by_line.get(line["lineNbr"], []))
    order["purchaseReceipts"] = list(shown.values())
    goods = [line for line in order["lines"] if line["lineType"] not in NEVER_RECEIVED and not line["canceled"]]
    waiting = [line for line in goods if not line["completed"]]
    if order["status"] in {"Open", "Printed", "Balanced"} and goods and not waiting:
        order["status"] = "Closed"
    elif order["status"] == "Closed" and waiting:
        order["status"] = "Open"
    left = [(max(line["orderQty"] - line["_released"], ZERO), line["unitCost"]) for line in waiting]
    order["openQuantity"] = number(sum((quantity for quantity, _ in left), ZERO))
    order["openBalance"] = cents(sum((quantity * cost for quantity, cost in left), ZERO))
    _total(order)


def _recount_line(line: Record, receipts: list[tuple[Row, Record]]) -> None:
    released = [each for receipt, each in receipts if receipt.body["status"] == "Released"]
    line["qtyOnReceipts"] = number(sum((each["receiptQty"] for _, each in receipts), ZERO))
    line["_released"] = number(sum((each["receiptQty"] for each in released), ZERO))
    line["receivedAmt"] = cents(line["_released"] * line["unitCost"])
    enough = line["orderQty"] * line["completeOn"] / HUNDRED
    full = bool(released) and line["_released"] >= enough
    asked = any(each["completePoLine"] for each in released)
    line["completed"] = bool(full or asked or line["_closed_by_hand"])
    line["baseOrderQty"] = line["orderQty"]
    line["extCost"] = cents(line["orderQty"] * line["unitCost"])
    line["discountAmount"] = cents(line["extCost"] * line["discountPercent"] / HUNDRED)
    line["amount"] = cents(line["extCost"] - line["discountAmount"])


def _receipt_link(receipt: Record) -> Record:
    return {
        "type": receipt["receiptType"],
        "receiptNumber": receipt["receiptNbr"],
        "status": receipt["status"],
        "totalQty": receipt["totalQty"],
        "totalAmt": receipt["totalAmt"],
        "currency": receipt["currency"],
        "supplierName": receipt["supplier"]["name"],
    }


def _total(order: Record) -> None:
    worth = cents(sum((line["amount"] for line in order["lines"]), ZERO))
    tax = cents(worth * VAT)
    order |= {"lineTotal": worth, "lineTotalInBaseCurrency": worth, "taxTotal": tax, "taxTotalInBaseCurrency": tax}
    order |= {"orderTotal": cents(worth + tax), "orderTotalInBaseCurrency": cents(worth + tax), "vatExemptTotal": ZERO}
    about = {"taxId": "25", "recordId": 1, "vatId": {"number": "25", "description": "Input VAT 25%"}}
    order["taxDetails"] = [about | {"vatRate": Decimal("25.0"), "taxableAmount": worth, "vatAmount": tax}]
