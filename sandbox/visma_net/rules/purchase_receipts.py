"""Purchase receipts: made, changed, released, cancelled, and the order that each of these touches."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sandbox.visma_net import clock
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.rules import purchase_orders as orders
from sandbox.visma_net.rules import receipt_lines as lines
from sandbox.visma_net.schema import CUSTOM, DAY, FLAG, NUMBER, TEXT, Bare, Lines
from sandbox.visma_net.store import ZERO, Record, Row, Store, cents, number

TYPES = ("PoReceipt", "PoReturn", "TransferReceipt")
STATUSES = ("Hold", "Balanced", "Released", "Cancelled")
SHAPE = CUSTOM | {
    "receiptType": TYPES,
    "receiptNbr": TEXT,
    "hold": FLAG,
    "date": DAY,
    "postPeriod": TEXT,
    "warehouseId": TEXT,
    "supplierId": TEXT,
    "locationId": TEXT,
    "currency": TEXT,
    "createBill": FLAG,
    "supplierRef": TEXT,
    "controlQty": NUMBER,
    "controlAmount": NUMBER,
    "branchNumber": TEXT,
    "note": TEXT,
    "timeStamp": Bare(TEXT),
    "lines": Lines(lines.LINE_SHAPE),
}
_PLAIN = ("date", "currency", "createBill", "supplierRef", "controlQty", "note", *CUSTOM)


def create(store: Store, sent: Record, moment: int | None = None) -> Row:
    supplier = store.suppliers.get(sent.get("supplierId") or "")
    if supplier is None:
        words = f"{sent['supplierId']} cannot be found in the system" if sent.get("supplierId") else "cannot be empty"
        raise Refusal(400, f"Error: Inserting 'Purchase Receipt' record raised: 'Supplier' {words}.")
    warehouse, _ = lines.place(store, sent.get("warehouseId") or str(store.switches["default_warehouse"]), None)
    key = store.receipts.next_number()
    hold = bool(sent.get("hold", store.switches["hold_on_entry"]))
    receipt: Record = {
        "receiptType": sent.get("receiptType") or "PoReceipt",
        "receiptNbr": key,
        "hold": hold,
        "status": "Hold" if hold else "Balanced",
        "date": store.today(),
        "warehouse": warehouse,
        "supplier": {name: supplier.body[name] for name in ("internalId", "number", "name")},
        "location": {"countryId": "NO", "id": "Main", "name": "Primary location"},
        "currency": supplier.body.get("currencyId") or "NOK",
        "exchangeRate": Decimal("1.0"),
        "createBill": False,
        "supplierRef": "",
        "controlQty": ZERO,
        "controlTotal": ZERO,
        "branchNumber": dict(store.switches["branch"]),
        "lines": [],
        "landedCost": [],
        "_last": 0,
        "_reads_left": None,
    }
    try:
        _apply(store, receipt, sent)
    except Refusal:
        discard(store, key)
        raise
    row = store.add(store.receipts, key, receipt, moment)
    settle(store, row, moment)
    return row


def discard(store: Store, key: str) -> None:
    """A receipt that was refused leaves nothing, not even its number."""
    store.receipts.last -= 1
    store.receipts.rows.pop(key, None)
    for order_nbr, held in store.receipts_of.items():
        order = store.orders.get(order_nbr)
        if key in held:
            del held[key]
            if order:
                orders.recount(store, order.body)


def change(store: Store, row: Row, sent: Record) -> None:
    must_be_open(row)
    changed(store, row, lambda staged: _apply(store, staged, sent))


def changed(store: Store, row: Row, work: Callable[[Record], None]) -> None:
    """Do the work on a copy, check it, and only then let it count."""
    staged = dict(row.body) | {"lines": [dict(line) for line in row.body["lines"]]}
    work(staged)
    _check(store, staged)
    row.body = staged
    store.touch(store.receipts, row)
    settle(store, row)


def _apply(store: Store, receipt: Record, sent: Record) -> None:
    for name in (name for name in _PLAIN if name in sent):
        receipt[name] = sent[name]
    if sent.get("branchNumber"):
        _check_branch(store, sent["branchNumber"])
        receipt["branchNumber"] = dict(store.switches["branch"])
    if sent.get("warehouseId"):
        receipt["warehouse"], _ = lines.place(store, sent["warehouseId"], None)
    if "controlAmount" in sent:
        receipt["controlTotal"] = sent["controlAmount"]
    if sent.get("hold") is not None:
        receipt["hold"] = sent["hold"]
        receipt["status"] = "Hold" if sent["hold"] else "Balanced"
    if not receipt.get("date"):
        receipt["date"] = store.today()
    receipt["postPeriod"] = sent.get("postPeriod") or receipt["date"][:7].replace("-", "")
    receipt["dueDate"] = receipt["date"]
    must_be_in_open_period(store, receipt)
    if sent.get("lines") and store.switches["unnamed_lines"] == "go":
        named = {line.get("lineNbr") for line in sent["lines"]}
        receipt["lines"] = [line for line in receipt["lines"] if line["lineNbr"] in named]
    for line in sent.get("lines", ()):
        lines.write(store, receipt, line)
    _check(store, receipt)


def _check_branch(store: Store, number_: str) -> None:
    if number_ != store.switches["branch"]["number"]:
        raise Refusal(400, f"'Branch' {number_} cannot be found in the system.")


def _check(store: Store, receipt: Record) -> None:
    """Totals, and no more than the order lines allow where they say `Reject`."""
    receipt["totalQty"] = number(sum((line["receiptQty"] for line in receipt["lines"]), ZERO))
    receipt["totalAmt"] = cents(sum((line["amount"] for line in receipt["lines"]), ZERO))
    receipt["vatTaxableTotal"], receipt["vatExemptTotal"] = receipt["totalAmt"], ZERO
    if store.switches["over_receipt_at"] == "save":
        check_quantities(store, receipt)


def check_quantities(store: Store, receipt: Record) -> None:
    for order_nbr in order_numbers(receipt):
        order = store.orders.get(order_nbr)
        for ordered in order.body["lines"] if order else ():
            own = [
                each for each in receipt["lines"] if (each["_order"], each["_line"]) == (order_nbr, ordered["lineNbr"])
            ]
            if not own or ordered["receiptAction"] != "Reject":
                continue
            elsewhere = sum(
                (
                    each["receiptQty"]
                    for other, each in orders.linked(store, order_nbr)
                    if other.key != receipt["receiptNbr"] and each["_line"] == ordered["lineNbr"]
                ),
                ZERO,
            )
            if elsewhere + sum((each["receiptQty"] for each in own), ZERO) > lines.allowed(ordered):
                raise Refusal(400, f"The quantity received on line {ordered['lineNbr']} is above the maximum allowed.")


def order_numbers(receipt: Record) -> list[str]:
    return list(dict.fromkeys(line["_order"] for line in receipt["lines"] if line["_order"]))


def settle(store: Store, row: Row, moment: int | None = None) -> None:
    """Orders that have, or had, lines here count again, and show it by a new version."""
    for order_nbr in [*order_numbers(row.body), *_orders_left(store, row)]:
        order = store.orders.get(order_nbr)
        if order:
            before = order.body["status"]
            orders.recount(store, order.body)
            moved = order.body["status"] != before
            if moved or store.switches["receipts_touch_order"]:
                store.touch(store.orders, order, "Status Changed" if moved else "Changed", moment)


def _orders_left(store: Store, row: Row) -> list[str]:
    """Orders whose last line was taken off this receipt."""
    now, before = set(order_numbers(row.body)), set(row.body.get("_orders", ()))
    row.body["_orders"] = sorted(now)
    for order_nbr in before - now:
        store.receipts_of[order_nbr].pop(row.key, None)
    return sorted(before - now)


def must_be_open(row: Row) -> None:
    if row.body["status"] in {"Released", "Cancelled"} or row.body["_reads_left"] is not None:
        raise Refusal(400, f"Purchase receipt {row.key} is {row.body['status']} and cannot be changed.")


def must_be_in_open_period(store: Store, receipt: Record) -> None:
    period = receipt["postPeriod"]
    if store.switches["closed_period_refuses"] and period in store.closed_periods:
        raise Refusal(400, f"Financial period {period[4:]}-{period[:4]} is closed.")


def may_release(store: Store, row: Row) -> None:
    receipt = row.body
    must_be_open(row)
    if receipt["status"] == "Hold":
        raise Refusal(400, f"Purchase receipt {row.key} is on hold and cannot be released.")
    if not receipt["lines"]:
        raise Refusal(400, f"Purchase receipt {row.key} has no lines.")
    must_be_in_open_period(store, receipt)
    for line in receipt["lines"]:
        if not line["receiptQty"] and store.switches["zero_lines"] == "refuse":
            raise Refusal(400, f"'Receipt Qty.' of line {line['lineNbr']} must be greater than 0.")
        item = store.items.get((line["inventory"] or {}).get("number") or "")
        if item and item.body.get("lotSerialClass", {}).get("id") == "LOT" and not line["lotSerialNumber"]:
            raise Refusal(400, f"Lot/Serial Number is required for line {line['lineNbr']}.")
        _at_least(store, line)
    if store.switches["over_receipt_at"] != "never":
        check_quantities(store, receipt)


def _at_least(store: Store, line: Record) -> None:
    order = store.orders.get(line["_order"])
    ordered = orders.line_of(order.body, line["_line"]) if order else None
    if ordered and ordered["receiptAction"] == "Reject" and store.switches["over_receipt_at"] != "never":
        least = ordered["orderQty"] * ordered["minReceipt"] / orders.HUNDRED
        if line["receiptQty"] < least:
            raise Refusal(400, f"The quantity received on line {line['_line']} is below the minimum allowed.")


def release(store: Store, row: Row) -> None:
    """Stock moves, order lines become complete, and the order is closed with the last of them."""
    receipt = row.body
    receipt["status"], receipt["hold"], receipt["_reads_left"] = "Released", False, None
    _move_stock(store, receipt, 1)
    if receipt["createBill"]:
        store.bills.append({"receiptNbr": row.key, "amount": receipt["totalAmt"], "supplier": receipt["supplier"]})
    store.touch(store.receipts, row, "Action Triggered")
    settle(store, row)


def cancel(store: Store, row: Row) -> None:
    receipt = row.body
    if receipt["status"] == "Cancelled":
        raise Refusal(400, f"Purchase receipt {row.key} is cancelled already.")
    released, mode = receipt["status"] == "Released", store.switches["cancel_receipt"]
    if mode == ("unreleased" if released else "released"):
        raise Refusal(400, f"Purchase receipt {row.key} has status {receipt['status']} and cannot be cancelled.")
    if released:
        _move_stock(store, receipt, -1)
    receipt["status"], receipt["hold"], receipt["_reads_left"] = "Cancelled", False, None
    store.touch(store.receipts, row)
    settle(store, row)


def _move_stock(store: Store, receipt: Record, sign: int) -> None:
    for line in receipt["lines"]:
        item = store.items.get((line["inventory"] or {}).get("number") or "")
        for detail in item.body["warehouseDetails"] if item else ():
            if detail["warehouse"] == line["warehouse"]["id"]:
                for name in ("quantityOnHand", "available", "availableForShipment"):
                    detail[name] = number(detail[name] + sign * line["receiptQty"])
                detail["lastModifiedDateTime"] = clock.local(store.moment(), store.zone)
