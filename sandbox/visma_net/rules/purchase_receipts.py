"""Purchase receipts: made and changed, and the orders that each of these touches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.rules import receipt_lines
from sandbox.visma_net.rules.order_progress import linked, recount
from sandbox.visma_net.schema import CUSTOM, DAY, FLAG, NUMBER, TEXT, Bare, Lines
from sandbox.visma_net.store import ZERO, Record, Row, Store, cents, number

TYPES = ("PoReceipt", "PoReturn", "TransferReceipt")
STATUSES = ("Hold", "Balanced", "Released", "Cancelled")
SCHEMA = CUSTOM | {
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
    "lines": Lines(receipt_lines.LINE_SCHEMA),
}
_PLAIN = ("date", "currency", "createBill", "supplierRef", "controlQty", "note", *CUSTOM)


def create(store: Store, sent: Record, moment: int | None = None) -> Row:
    key = store.receipts.next_number()
    try:
        receipt = _new_receipt(store, key, sent)
        _write(store, receipt, sent)
    except Refusal:
        discard(store, key)
        raise
    row = store.add(store.receipts, key, receipt, moment)
    recount_orders(store, row, moment)
    return row


def create_from_order(store: Store, order: Row, order_type: str) -> Row:
    """A receipt of all lines of an order that still wait for goods."""
    header = {"supplierId": order.body["supplier"]["number"], "warehouseId": order.body["warehouse"]["id"]}
    receipt = create(store, header)
    try:
        change_by(store, receipt, lambda draft: receipt_lines.add_order(store, draft, order.key, order_type))
    except Refusal:
        discard(store, receipt.key)
        raise
    return receipt


def _new_receipt(store: Store, key: str, sent: Record) -> Record:
    supplier = store.suppliers.get(sent.get("supplierId") or "")
    if supplier is None:
        reason = f"{sent['supplierId']} cannot be found in the system" if sent.get("supplierId") else "cannot be empty"
        raise Refusal(400, f"Error: Inserting 'Purchase Receipt' record raised: 'Supplier' {reason}.")
    warehouse_id = sent.get("warehouseId") or str(store.switches["default_warehouse"])
    warehouse, _ = receipt_lines.location_of(store, warehouse_id, None)
    hold = bool(sent.get("hold", store.switches["hold_on_entry"]))
    return {
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


def discard(store: Store, key: str) -> None:
    """A receipt that was refused leaves nothing, not even its number."""
    store.receipts.last -= 1
    store.receipts.rows.pop(key, None)
    for order_nbr, receipts in store.receipts_of.items():
        order = store.orders.get(order_nbr)
        if key in receipts:
            del receipts[key]
            if order:
                recount(store, order.body)


def change(store: Store, row: Row, sent: Record) -> None:
    """A PUT: header fields and lines by their operation."""
    must_be_open(row)
    change_by(store, row, lambda draft: _write(store, draft, sent))


def change_by(store: Store, row: Row, work: Callable[[Record], None]) -> None:
    """Do the work on a copy, check it, and only then let it count."""
    draft = dict(row.body) | {"lines": [dict(line) for line in row.body["lines"]]}
    work(draft)
    _check(store, draft)
    row.body = draft
    store.touch(store.receipts, row)
    recount_orders(store, row)


def _write(store: Store, receipt: Record, sent: Record) -> None:
    for name in (name for name in _PLAIN if name in sent):
        receipt[name] = sent[name]
    if sent.get("branchNumber"):
        _check_branch(store, sent["branchNumber"])
        receipt["branchNumber"] = dict(store.switches["branch"])
    if sent.get("warehouseId"):
        receipt["warehouse"], _ = receipt_lines.location_of(store, sent["warehouseId"], None)
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
    _write_lines(store, receipt, sent.get("lines", ()))
    _check(store, receipt)


def _write_lines(store: Store, receipt: Record, sent: Sequence[Record]) -> None:
    if sent and store.switches["unnamed_lines"] == "go":
        named = {line.get("lineNbr") for line in sent}
        receipt["lines"] = [line for line in receipt["lines"] if line["lineNbr"] in named]
    for line in sent:
        receipt_lines.write(store, receipt, line)


def _check_branch(store: Store, branch: str) -> None:
    if branch != store.switches["branch"]["number"]:
        raise Refusal(400, f"'Branch' {branch} cannot be found in the system.")


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
        for order_line in order.body["lines"] if order else ():
            if order_line["receiptAction"] == "Reject":
                _check_quantity(store, receipt, order_nbr, order_line)


def _check_quantity(store: Store, receipt: Record, order_nbr: str, order_line: Record) -> None:
    line_nbr = order_line["lineNbr"]
    here = [line["receiptQty"] for line in receipt["lines"] if (line["_order"], line["_line"]) == (order_nbr, line_nbr)]
    elsewhere = [
        line["receiptQty"]
        for other, line in linked(store, order_nbr)
        if other.key != receipt["receiptNbr"] and line["_line"] == line_nbr
    ]
    if here and sum([*here, *elsewhere], ZERO) > receipt_lines.allowed(order_line):
        raise Refusal(400, f"The quantity received on line {line_nbr} is above the maximum allowed.")


def order_numbers(receipt: Record) -> list[str]:
    return list(dict.fromkeys(line["_order"] for line in receipt["lines"] if line["_order"]))


def recount_orders(store: Store, row: Row, moment: int | None = None) -> None:
    """Orders that have, or had, lines here count again, and show it by a new version."""
    for order_nbr in [*order_numbers(row.body), *_orders_left(store, row)]:
        order = store.orders.get(order_nbr)
        if order:
            before = order.body["status"]
            recount(store, order.body)
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
