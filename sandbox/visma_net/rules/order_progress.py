"""What receipts make of a purchase order: what is on receipts, what is complete, what is open, and the totals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sandbox.visma_net.rules.order_schema import NEVER_RECEIVED
from sandbox.visma_net.store import HUNDRED, VAT, ZERO, Record, Row, Store, cents, number


def line_of(order: Record, line_nbr: int) -> Record | None:
    return next((line for line in order["lines"] if line["lineNbr"] == line_nbr), None)


def linked(store: Store, order_nbr: str) -> Iterator[tuple[Row, Record]]:
    """Receipts and their lines that count for this order."""
    for key in store.receipts_of.get(order_nbr, ()):
        receipt = store.receipts.get(key)
        if receipt and receipt.body["status"] != "Cancelled":
            for line in receipt.body["lines"]:
                if line["_order"] == order_nbr:
                    yield receipt, line


def is_over(line: Record) -> bool:
    """No goods are taken in for this order line any more, or never were."""
    return bool(line["completed"] or line["canceled"] or line["lineType"] in NEVER_RECEIVED)


def recount(store: Store, order: Record) -> None:
    """Quantities on receipts, what is complete, what is open, and the totals."""
    links: dict[str, Record] = {}
    by_line: dict[int, list[tuple[Row, Record]]] = {}
    for receipt, line in linked(store, order["orderNbr"]):
        links[receipt.key] = _receipt_link(receipt.body)
        by_line.setdefault(line["_line"], []).append((receipt, line))
    for line in order["lines"]:
        _recount_line(line, by_line.get(line["lineNbr"], []))
    order["purchaseReceipts"] = list(links.values())
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
    released = [received for receipt, received in receipts if receipt.body["status"] == "Released"]
    line["qtyOnReceipts"] = number(sum((received["receiptQty"] for _, received in receipts), ZERO))
    line["_released"] = number(sum((received["receiptQty"] for received in released), ZERO))
    line["receivedAmt"] = cents(line["_released"] * line["unitCost"])
    enough = line["orderQty"] * line["completeOn"] / HUNDRED
    full = bool(released) and line["_released"] >= enough
    completed = any(received["completePoLine"] for received in released)
    line["completed"] = bool(full or completed or line["_closed_by_hand"])
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
    net = cents(sum((line["amount"] for line in order["lines"]), ZERO))
    tax = cents(net * VAT)
    order |= {"lineTotal": net, "lineTotalInBaseCurrency": net, "taxTotal": tax, "taxTotalInBaseCurrency": tax}
    order |= {"orderTotal": cents(net + tax), "orderTotalInBaseCurrency": cents(net + tax), "vatExemptTotal": ZERO}
    order["taxDetails"] = [
        {
            "taxId": "25",
            "recordId": 1,
            "vatId": {"number": "25", "description": "Input VAT 25%"},
            "vatRate": Decimal("25.0"),
            "taxableAmount": net,
            "vatAmount": tax,
        }
    ]
