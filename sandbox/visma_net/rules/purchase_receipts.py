"""Purchase receipts: made, changed, released, cancelled, and the order that each of these touches."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sandbox.visma_net import clock
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.rules import purchase_orders as orders
from sandbox.visma_net.rules import receipt_lines as lines
from sandbox.visma_net.schema import CUSTOM, DAY, FLAG, NUMBER, TEXT, Bare, Lines
from sandbox.visma_net.store import ZERO, Books, Record, Row, cents, number

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


def create(books: Books, sent: Record, moment: int | None = None) -> Row:
    supplier = books.suppliers.get(sent.get("supplierId") or "")
    if supplier is None:
        words = f"{sent['supplierId']} cannot be found in the system" if sent.get("supplierId") else "cannot be empty"
        raise Refusal(400, f"Error: Inserting 'Purchase Receipt' record raised: 'Supplier' {words}.")
    warehouse, _ = lines.place(books, sent.get("warehouseId") or str(books.switches["default_warehouse"]), None)
    key = books.receipts.next_number()
    hold = bool(sent.get("hold", books.switches["hold_on_entry"]))
    receipt: Record = {
        "receiptType": sent.get("receiptType") or "PoReceipt",
        "receiptNbr": key,
        "hold": hold,
        "status": "Hold" if hold else "Balanced",
        "date": books.today(),
        "warehouse": warehouse,
        "supplier": {name: supplier.body[name] for name in ("internalId", "number", "name")},
        "location": {"countryId": "NO", "id": "Main", "name": "Primary location"},
        "currency": supplier.body.get("currencyId") or "NOK",
        "exchangeRate": Decimal("1.0"),
        "createBill": False,
        "supplierRef": "",
        "controlQty": ZERO,
        "controlTotal": ZERO,
        "branchNumber": dict(books.switches["branch"]),
        "lines": [],
        "landedCost": [],
        "_last": 0,
        "_reads_left": None,
    }
    try:
        _apply(books, receipt, sent)
    except Refusal:
        discard(books, key)
        raise
    row = books.add(books.receipts, key, receipt, moment)
    settle(books, row, moment)
    return row


def discard(books: Books, key: str) -> None:
    """A receipt that was refused leaves nothing, not even its number."""
    books.receipts.last -= 1
    books.receipts.rows.pop(key, None)
    for order_nbr, held in books.receipts_of.items():
        order = books.orders.get(order_nbr)
        if key in held:
            del held[key]
            if order:
                orders.recount(books, order.body)


def change(books: Books, row: Row, sent: Record) -> None:
    must_be_open(row)
    changed(books, row, lambda staged: _apply(books, staged, sent))


def changed(books: Books, row: Row, work: Callable[[Record], None]) -> None:
    """Do the work on a copy, check it, and only then let it count."""
    staged = dict(row.body) | {"lines": [dict(line) for line in row.body["lines"]]}
    work(staged)
    _check(books, staged)
    row.body = staged
    books.touch(books.receipts, row)
    settle(books, row)


def _apply(books: Books, receipt: Record, sent: Record) -> None:
    for name in (name for name in _PLAIN if name in sent):
        receipt[name] = sent[name]
    if sent.get("branchNumber"):
        _check_branch(books, sent["branchNumber"])
        receipt["branchNumber"] = dict(books.switches["branch"])
    if sent.get("warehouseId"):
        receipt["warehouse"], _ = lines.place(books, sent["warehouseId"], None)
    if "controlAmount" in sent:
        receipt["controlTotal"] = sent["controlAmount"]
    if sent.get("hold") is not None:
        receipt["hold"] = sent["hold"]
        receipt["status"] = "Hold" if sent["hold"] else "Balanced"
    if not receipt.get("date"):
        receipt["date"] = books.today()
    receipt["postPeriod"] = sent.get("postPeriod") or receipt["date"][:7].replace("-", "")
    receipt["dueDate"] = receipt["date"]
    must_be_in_open_period(books, receipt)
    if sent.get("lines") and books.switches["unnamed_lines"] == "go":
        named = {line.get("lineNbr") for line in sent["lines"]}
        receipt["lines"] = [line for line in receipt["lines"] if line["lineNbr"] in named]
    for line in sent.get("lines", ()):
        lines.write(books, receipt, line)
    _check(books, receipt)


def _check_branch(books: Books, number_: str) -> None:
    if number_ != books.switches["branch"]["number"]:
        raise Refusal(400, f"'Branch' {number_} cannot be found in the system.")


def _check(books: Books, receipt: Record) -> None:
    """Totals, and no more than the order lines allow where they say `Reject`."""
    receipt["totalQty"] = number(sum((line["receiptQty"] for line in receipt["lines"]), ZERO))
    receipt["totalAmt"] = cents(sum((line["amount"] for line in receipt["lines"]), ZERO))
    receipt["vatTaxableTotal"], receipt["vatExemptTotal"] = receipt["totalAmt"], ZERO
    if books.switches["over_receipt_at"] == "save":
        check_quantities(books, receipt)


def check_quantities(books: Books, receipt: Record) -> None:
    for order_nbr in order_numbers(receipt):
        order = books.orders.get(order_nbr)
        for ordered in order.body["lines"] if order else ():
            own = [
                each for each in receipt["lines"] if (each["_order"], each["_line"]) == (order_nbr, ordered["lineNbr"])
            ]
            if not own or ordered["receiptAction"] != "Reject":
                continue
            elsewhere = sum(
                (
                    each["receiptQty"]
                    for other, each in orders.linked(books, order_nbr)
                    if other.key != receipt["receiptNbr"] and each["_line"] == ordered["lineNbr"]
                ),
                ZERO,
            )
            if elsewhere + sum((each["receiptQty"] for each in own), ZERO) > lines.allowed(ordered):
                raise Refusal(400, f"The quantity received on line {ordered['lineNbr']} is above the maximum allowed.")


def order_numbers(receipt: Record) -> list[str]:
    return list(dict.fromkeys(line["_order"] for line in receipt["lines"] if line["_order"]))


def settle(books: Books, row: Row, moment: int | None = None) -> None:
    """Orders that have, or had, lines here count again, and show it by a new version."""
    for order_nbr in [*order_numbers(row.body), *_orders_left(books, row)]:
        order = books.orders.get(order_nbr)
        if order:
            before = order.body["status"]
            orders.recount(books, order.body)
            moved = order.body["status"] != before
            if moved or books.switches["receipts_touch_order"]:
                books.touch(books.orders, order, "Status Changed" if moved else "Changed", moment)


def _orders_left(books: Books, row: Row) -> list[str]:
    """Orders whose last line was taken off this receipt."""
    now, before = set(order_numbers(row.body)), set(row.body.get("_orders", ()))
    row.body["_orders"] = sorted(now)
    for order_nbr in before - now:
        books.receipts_of[order_nbr].pop(row.key, None)
    return sorted(before - now)


def must_be_open(row: Row) -> None:
    if row.body["status"] in {"Released", "Cancelled"} or row.body["_reads_left"] is not None:
        raise Refusal(400, f"Purchase receipt {row.key} is {row.body['status']} and cannot be changed.")


def must_be_in_open_period(books: Books, receipt: Record) -> None:
    period = receipt["postPeriod"]
    if books.switches["closed_period_refuses"] and period in books.closed_periods:
        raise Refusal(400, f"Financial period {period[4:]}-{period[:4]} is closed.")


def may_release(books: Books, row: Row) -> None:
    receipt = row.body
    must_be_open(row)
    if receipt["status"] == "Hold":
        raise Refusal(400, f"Purchase receipt {row.key} is on hold and cannot be released.")
    if not receipt["lines"]:
        raise Refusal(400, f"Purchase receipt {row.key} has no lines.")
    must_be_in_open_period(books, receipt)
    for line in receipt["lines"]:
        if not line["receiptQty"] and books.switches["zero_lines"] == "refuse":
            raise Refusal(400, f"'Receipt Qty.' of line {line['lineNbr']} must be greater than 0.")
        item = books.items.get((line["inventory"] or {}).get("number") or "")
        if item and item.body.get("lotSerialClass", {}).get("id") == "LOT" and not line["lotSerialNumber"]:
            raise Refusal(400, f"Lot/Serial Number is required for line {line['lineNbr']}.")
        _at_least(books, line)
    if books.switches["over_receipt_at"] != "never":
        check_quantities(books, receipt)


def _at_least(books: Books, line: Record) -> None:
    order = books.orders.get(line["_order"])
    ordered = orders.line_of(order.body, line["_line"]) if order else None
    if ordered and ordered["receiptAction"] == "Reject" and books.switches["over_receipt_at"] != "never":
        least = ordered["orderQty"] * ordered["minReceipt"] / orders.HUNDRED
        if line["receiptQty"] < least:
            raise Refusal(400, f"The quantity received on line {line['_line']} is below the minimum allowed.")


def release(books: Books, row: Row) -> None:
    """Stock moves, order lines become complete, and the order is closed with the last of them."""
    receipt = row.body
    receipt["status"], receipt["hold"], receipt["_reads_left"] = "Released", False, None
    _move_stock(books, receipt, 1)
    if receipt["createBill"]:
        books.bills.append({"receiptNbr": row.key, "amount": receipt["totalAmt"], "supplier": receipt["supplier"]})
    books.touch(books.receipts, row, "Action Triggered")
    settle(books, row)


def cancel(books: Books, row: Row) -> None:
    receipt = row.body
    if receipt["status"] == "Cancelled":
        raise Refusal(400, f"Purchase receipt {row.key} is cancelled already.")
    released, mode = receipt["status"] == "Released", books.switches["cancel_receipt"]
    if mode == ("unreleased" if released else "released"):
        raise Refusal(400, f"Purchase receipt {row.key} has status {receipt['status']} and cannot be cancelled.")
    if released:
        _move_stock(books, receipt, -1)
    receipt["status"], receipt["hold"], receipt["_reads_left"] = "Cancelled", False, None
    books.touch(books.receipts, row)
    settle(books, row)


def _move_stock(books: Books, receipt: Record, sign: int) -> None:
    for line in receipt["lines"]:
        item = books.items.get((line["inventory"] or {}).get("number") or "")
        for detail in item.body["warehouseDetails"] if item else ():
            if detail["warehouse"] == line["warehouse"]["id"]:
                for name in ("quantityOnHand", "available", "availableForShipment"):
                    detail[name] = number(detail[name] + sign * line["receiptQty"])
                detail["lastModifiedDateTime"] = clock.local(books.moment(), books.zone)
