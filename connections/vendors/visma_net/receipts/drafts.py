"""Receipts that Visma.net itself makes from an order. They carry no mark until we put ours on them."""

from __future__ import annotations

from connections.errors import NotThere
from connections.vendors.visma_net.client import VismaClient
from connections.vendors.visma_net.codec import Record, path_key
from connections.vendors.visma_net.receipts import operations, refusals
from connections.vendors.visma_net.receipts.of_order import names_order, receipts_of
from connections.vendors.visma_net.receipts.plan import anything_open
from connections.vendors.visma_net.receipts.search import ORDERS_PATH
from connections.vendors.visma_net.receipts.state import Receipt


def draft_of(client: VismaClient, order: Record) -> Receipt:
    """A draft that the action makes of all that is open, or that an earlier try's action left.

    Where an answer was lost, the draft is told from other unmarked ones by this: nothing is open any more. A person's
    draft of a part is never taken; one of the whole rest is, because it cannot be told from ours.
    """
    before = drafts(client, order)
    if before and not anything_open(order):
        return before[-1]
    number = path_key(str(order.get("orderNbr")))
    path = f"{ORDERS_PATH}/{number}/action/createpurchasereceipt"
    try:
        operations.run(client, path, {"orderType": order.get("orderType") or "RegularOrder"})
    except NotThere as missing:
        raise refusals.no_such_action() from missing
    known = {receipt.number for receipt in before}
    made = operations.waited(client, lambda: [draft for draft in drafts(client, order) if draft.number not in known])
    if not made:
        raise operations.not_shown("of the order", "itself")
    return made[-1]


def drafts(client: VismaClient, order: Record) -> list[Receipt]:
    """Unreleased receipts of this order alone that nobody has marked or named, the newest last."""
    receipts = [Receipt(record) for record in receipts_of(client, str(order.get("orderNbr")))]
    return [
        receipt
        for receipt in sorted(receipts, key=lambda receipt: receipt.number)
        if not (receipt.released or receipt.gone or receipt.mark or receipt.record.get("supplierRef"))
        and (receipt.record.get("receiptType") or "PoReceipt") == "PoReceipt"
        and receipt.lines
        and all(names_order(line, order) for line in receipt.lines)
    ]
