"""Purchase receipts released and cancelled: stock moves, and orders are closed or opened again."""

from __future__ import annotations

from decimal import Decimal

from sandbox.visma_net import clock
from sandbox.visma_net.errors import Refusal
from sandbox.visma_net.rules.order_progress import is_over, line_of
from sandbox.visma_net.rules.purchase_receipts import (
    check_quantities,
    create,
    discard,
    must_be_in_open_period,
    must_be_open,
    recount_orders,
)
from sandbox.visma_net.rules.queued_release import due_by_read
from sandbox.visma_net.store import HUNDRED, ZERO, Record, Row, Store, number


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
        _check_minimum(store, line)
    if store.switches["over_receipt_at"] != "never":
        check_quantities(store, receipt)


def _check_minimum(store: Store, line: Record) -> None:
    order = store.orders.get(line["_order"])
    order_line = line_of(order.body, line["_line"]) if order else None
    if order_line and order_line["receiptAction"] == "Reject" and store.switches["over_receipt_at"] != "never":
        least = order_line["orderQty"] * order_line["minReceipt"] / HUNDRED
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
    recount_orders(store, row)


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
    recount_orders(store, row)


def _move_stock(store: Store, receipt: Record, sign: int) -> None:
    for line in receipt["lines"]:
        item = store.items.get((line["inventory"] or {}).get("number") or "")
        for detail in item.body["warehouseDetails"] if item else ():
            if detail["warehouse"] == line["warehouse"]["id"]:
                for name in ("quantityOnHand", "available", "availableForShipment"):
                    detail[name] = number(detail[name] + sign * line["receiptQty"])
                detail["lastModifiedDateTime"] = clock.local(store.moment(), store.zone)


def read(store: Store, row: Row) -> None:
    """The receipt was read, which does a release that is due by it."""
    if due_by_read(row):
        release(store, row)


def receive(
    store: Store,
    order: Row,
    quantities: dict[int, Decimal] | None,
    *,
    released: bool,
    moment: int | None = None,
    date: str = "",
) -> Row:
    """Goods taken in by a person: a receipt of these quantities, or of all that is open."""
    lines = quantities or _open_quantities(order.body)
    sent: Record = {
        "supplierId": order.body["supplier"]["number"],
        "hold": False,
        "lines": [_line_by_hand(order, nbr, quantity) for nbr, quantity in lines.items() if quantity > ZERO],
    }
    if date:
        sent["date"] = f"{date[:10]}T00:00:00"
    receipt = _create_linked(store, sent, moment)
    if released:
        try:
            may_release(store, receipt)
        except Refusal:
            discard(store, receipt.key)
            raise
        release(store, receipt)
    return receipt


def _create_linked(store: Store, sent: Record, moment: int | None) -> Row:
    """On a screen, lines are linked to their order whatever the API does."""
    mode, store.switches["direct_lines"] = store.switches["direct_lines"], "link"
    try:
        return create(store, sent, moment)
    finally:
        store.switches["direct_lines"] = mode


def _open_quantities(order: Record) -> dict[int, Decimal]:
    return {
        line["lineNbr"]: line["orderQty"] - line["qtyOnReceipts"]
        for line in order["lines"]
        if not is_over(line) and line["orderQty"] > line["qtyOnReceipts"]
    }


def _line_by_hand(order: Row, line_nbr: int, quantity: Decimal) -> Record:
    return {
        "operation": "Insert",
        "poOrderType": order.body["orderType"],
        "poOrderNbr": order.key,
        "poOrderLineNbr": line_nbr,
        "receiptQty": number(quantity),
        "lotSerialNumber": "LOT-BY-HAND",
    }
