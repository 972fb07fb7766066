"""Why a shipment does not go onto a receipt, in plain words and with the screen where it is corrected. Makes no call."""

from __future__ import annotations

from collections.abc import Sequence

from connections.errors import Locked, NotReady, Rejected
from connections.vendor import Body
from connections.vendors.visma_net.codec import Record
from connections.vendors.visma_net.errors import ORDERS, RECEIPTS
from connections.vendors.visma_net.receipts.payload import check_date
from connections.vendors.visma_net.receipts.state import Receipt

ADD_LINES, DIRECT, FROM_ORDER = "add_lines", "direct", "create_from_order"
OVER = {"Closed", "Cancelled", "Voided"}
WAITS = {"Hold", "Balanced", "PendingPrint", "PendingEmail"}
MARK_LENGTH = 100


def check_payload(payload: Body, mark: str) -> None:
    """Raises `Rejected` where the payload itself cannot become a receipt of any order."""
    number, way = str(payload.get("orderNbr") or "").strip(), payload.get("way") or ADD_LINES
    for name, value, wrong in (
        ("orderNbr", number, not number),
        ("way", way, way not in {ADD_LINES, DIRECT, FROM_ORDER}),
        ("customStr1", mark, not 0 < len(mark) <= MARK_LENGTH),
    ):
        if wrong:
            raise Rejected(
                f"The receipt cannot be made: {name} is {value!r}.",
                fields={name: "missing or not usable"},
                next_step="Correct the mapping of this field, then send it again.",
            )
    check_date(payload)


def no_order(number: str) -> Rejected:
    return Rejected(
        f"There is no purchase order {number} in Visma.net, or it was deleted.",
        fields={"orderNbr": "not found"},
        next_step=f"Look the order up on screen {ORDERS}; book the goods by hand if it is gone, then close this record.",
    )


def check_order(order: Record, payload: Body) -> None:
    """Raises `Rejected` or `NotReady` where the order's type or status keeps goods from being received on it."""
    number, kind, asked = order.get("orderNbr"), order.get("orderType"), payload.get("orderType")
    if asked and kind and asked != kind:
        raise Rejected(
            f"Purchase order {number} is of the type {kind} in Visma.net, not {asked}.",
            fields={"orderType": str(kind)},
            next_step="Correct the mapping of the order type, then send it again.",
        )
    status = str(order.get("status") or "")
    if status in OVER:
        raise Rejected(
            f"Purchase order {number} has the status {status} in Visma.net, so nothing can be received on it.",
            next_step=f"Reopen the order on screen {ORDERS}, then send this again; or book the goods by hand and close this record.",
        )
    if status in WAITS or order.get("hold"):
        raise NotReady(
            f"Purchase order {number} has the status {status or 'Hold'} in Visma.net.",
            waits_for=f"purchase order {number} to be open",
            next_step=f"Release the order on screen {ORDERS}; the receipt then goes by itself.",
        )


def check_double(full: Sequence[Receipt], mark: str) -> None:
    """Raises `Rejected` where several receipts with goods could be the shipment's."""
    if len(full) > 1:
        numbers = ", ".join(receipt.number for receipt in full)
        raise Rejected(
            f"Several receipts in Visma.net carry the mark {mark} of this shipment: {numbers}.",
            next_step=f"Cancel all but one of them on screen {RECEIPTS}, then send this again.",
        )


def removed(key: str, found: Sequence[Receipt]) -> Locked:
    """A receipt of ours that a person took away is not made anew."""
    status = found[0].status if found else "Deleted"
    return Locked(
        f"Receipt {key}, which this shipment had made, was {status.lower()} in Visma.net by a person.",
        current={"receiptNbr": key, "status": status},
        next_step=f"If the goods are to be received after all, book them by hand on screen {RECEIPTS}; then close this record.",
    )


def released_otherwise(receipt: Receipt, differences: Sequence[str]) -> Locked:
    return _differs(receipt, "is released", differences, "Correct it with a return or another receipt")


def edited(receipt: Receipt, differences: Sequence[str]) -> Locked:
    return _differs(receipt, "was changed by a person", differences, "Decide which quantities are right and enter them")


def _differs(receipt: Receipt, why: str, differences: Sequence[str], how: str) -> Locked:
    difference = "; ".join(differences)
    return Locked(
        f"Receipt {receipt.number} {why} in Visma.net, and it differs from the shipment: {difference}.",
        current={"receiptNbr": receipt.number, "status": receipt.status, "difference": difference},
        next_step=f"{how} on screen {RECEIPTS}; then close this record.",
    )


def half_made(receipt: Receipt, what: str, refused: Rejected) -> Rejected:
    """A refusal behind the first step: the receipt is there, and the next try goes on with it."""
    return Rejected(
        f"Receipt {receipt.number} is in Visma.net, but could not be {what}: {refused.words or refused.message}",
        fields=refused.fields,
        next_step=f"{refused.next_step} See receipt {receipt.number} (screen {RECEIPTS}): the next try goes on there.".strip(),
        words=refused.words,
        status=refused.status,
        request_id=refused.request_id,
    )


def lines_not_taken(receipt: Receipt, number: str, lines: Sequence[str]) -> Rejected:
    return Rejected(
        f"Visma.net did not take line {', '.join(lines)} of order {number} onto receipt {receipt.number}.",
        next_step=f"See on screen {ORDERS} whether these lines can still be received, then send it again: it goes on at receipt {receipt.number}.",
    )


def no_such_action() -> Rejected:
    return Rejected(
        "This Visma.net has no action that makes a receipt from an order.",
        next_step="Choose another way of making receipts in the flow's options, then send this again.",
        status=404,
    )
