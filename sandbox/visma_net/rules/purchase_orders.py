"""Purchase orders: how one is made, changed and cancelled."""

from __future__ import annotations

from decimal import Decimal

from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.rules.order_progress import line_of, recount
from sandbox.visma_net.rules.order_schema import LINE_PLAIN, OVER, PLAIN
from sandbox.visma_net.schema import CUSTOM, operation_of
from sandbox.visma_net.store import HUNDRED, ZERO, Record, Row, Store, number


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
    order = _new_order(store, key, supplier.body, sent)
    _write(store, order, sent)
    order["hold"] = bool(sent.get("hold", False))
    order["status"] = "Hold" if order["hold"] else "Open"
    recount(store, order)
    return store.add(store.orders, key, order, moment)


def _new_order(store: Store, key: str, supplier: Record, sent: Record) -> Record:
    warehouse = str(store.switches["default_warehouse"])
    date = sent.get("date") or store.today()
    return {
        "shippingDestinationType": "CompanyLocation",
        "orderType": sent.get("orderType") or "RegularOrder",
        "orderNbr": key,
        "hold": False,
        "status": "Open",
        "date": date,
        "supplier": {name: supplier[name] for name in ("internalId", "number", "name")},
        "location": {"id": 1, "name": "Main"},
        "currency": supplier.get("currencyId") or "NOK",
        "exchangeRate": Decimal("1.0"),
        "controlTotal": ZERO,
        "branch": dict(store.switches["branch"]),
        "warehouse": _warehouse(store, warehouse),
        **_own_destination(store, warehouse),
        "dontPrint": True,
        "printed": False,
        "dontEmail": True,
        "emailed": False,
        "lines": [],
        "taxDetails": [],
        "_last": 0,
        "promisedOn": date,
    }


def change(store: Store, row: Row, sent: Record) -> None:
    """A PUT: header fields and lines by their operation. An order that is over takes a note and custom fields only."""
    order = row.body
    changed = set(sent) - {"timeStamp", "orderType", "orderNumber"}
    harmless = changed <= {"note", *CUSTOM} and store.switches["note_on_closed_order"]
    if order["status"] in OVER and not harmless:
        raise Refusal(400, f"Purchase order {row.key} is {order['status']} and cannot be changed.")
    _write(store, order, sent)
    if sent.get("hold") is not None and sent["hold"] != order["hold"]:
        order["hold"] = sent["hold"]
        order["status"] = "Hold" if sent["hold"] else "Open"
    recount(store, order)
    store.touch(store.orders, row)


def cancel(store: Store, row: Row, moment: int | None = None) -> None:
    row.body |= {"status": "Cancelled", "hold": False}
    for line in row.body["lines"]:
        line["canceled"] = not line["completed"]
    recount(store, row.body)
    store.touch(store.orders, row, "Status Changed", moment)


def _write(store: Store, order: Record, sent: Record) -> None:
    """All of it or, where a line is refused, nothing."""
    changed = dict(order) | {"lines": [dict(line) for line in order["lines"]]}
    for name in (name for name in PLAIN if name in sent):
        changed[name] = sent[name]
    if sent.get("date"):
        changed["date"] = sent["date"]
    if sent.get("branch"):
        changed["branch"] = {"number": sent["branch"], "name": sent["branch"]}
    for name, own in (("shippingAddress", "overrideAddress"), ("shippingContact", "overrideContact")):
        if sent.get(name):
            changed[name] = (changed.get(name) or {}) | _destination(sent[name]) | {own: True}
    for line in sent.get("lines", ()):
        _write_line(store, changed, line)
    order.update(changed)


def _destination(sent: Record) -> Record:
    destination = {name: value for name, value in sent.items() if name != "countryId"}
    return destination | ({"country": {"id": sent["countryId"]}} if sent.get("countryId") else {})


def _write_line(store: Store, order: Record, sent: Record) -> None:
    operation = operation_of(sent, "purchase order")
    if operation == "Insert":
        order["_last"] += 1
        line = _new_line(store, order, sent)
        order["lines"].append(line)
    else:
        line = _existing_line(order, sent)
    if operation == "Delete":
        _delete_line(order, line)
    else:
        _fill_line(store, line, sent)


def _existing_line(order: Record, sent: Record) -> Record:
    line = line_of(order, sent.get("lineNumber") or 0)
    if line is None:
        raise Refusal(400, f"Line {sent.get('lineNumber')} could not be found on the purchase order.")
    return line


def _delete_line(order: Record, line: Record) -> None:
    if line["qtyOnReceipts"]:
        raise Refusal(400, "The line cannot be deleted because it is on a purchase receipt.")
    order["lines"].remove(line)


def _fill_line(store: Store, line: Record, sent: Record) -> None:
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


def _new_line(store: Store, order: Record, sent: Record) -> Record:
    inventory = sent.get("inventory")
    row = store.items.get(inventory or "")
    if row is None and (inventory or sent.get("lineType") != "Description"):
        raise Refusal(400, f"'Inventory ID' {inventory} cannot be found in the system.")
    item = row.body if row else {}
    return {
        "lineNbr": order["_last"],
        "branch": order["branch"],
        "inventory": {"number": item["inventoryNumber"], "description": item["description"]} if item else None,
        "_item": item.get("inventoryId"),
        "lineType": "GoodsForInventory" if item.get("stockItem") else "NonStock",
        "warehouse": order["warehouse"],
        "lineDescription": item.get("description"),
        "uom": item.get("purchaseUnit"),
        **_no_amounts(),
        "unitCost": item.get("lastCost") or ZERO,
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


def _no_amounts() -> Record:
    zeros = ("orderQty", "baseOrderQty", "qtyOnReceipts", "_released", "extCost", "discountPercent", "discountAmount")
    return {
        **dict.fromkeys(zeros, ZERO),
        "manualDiscount": False,
        "amount": ZERO,
        "receivedAmt": ZERO,
        "minReceipt": ZERO,
    }


def _own_destination(store: Store, warehouse: str) -> Record:
    """Goods come to the company's own warehouse where no other address is sent."""
    address = store.warehouses.rows[warehouse].body["address"]
    contact = {"overrideContact": False, "contactId": 320, "name": store.name, "phone1": "+47 22 11 33 00"}
    return {"shippingContact": contact, "shippingAddress": {"overrideAddress": False, **address}}


def _warehouse(store: Store, key: str) -> Record:
    row = store.warehouses.get(key)
    if row is None:
        raise Refusal(400, f"'Warehouse' {key} cannot be found in the system.")
    return {"id": key, "description": row.body["description"]}
