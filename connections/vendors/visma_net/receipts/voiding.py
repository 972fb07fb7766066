"""Taking a shipment's receipt away again, as far as it may still be changed."""

from __future__ import annotations

from collections.abc import Sequence

from connections.errors import Locked, Rejected
from connections.vendor import Outcome, Outgoing, Unchanged, Written
from connections.vendors.visma_net.client import VismaClient
from connections.vendors.visma_net.errors import RECEIPTS, ChangedMeanwhile
from connections.vendors.visma_net.receipts import operations
from connections.vendors.visma_net.receipts.search import read
from connections.vendors.visma_net.receipts.state import Receipt

NOTE = "The shipment was voided in ShipStation. This receipt can be deleted."
# No such action, or not for this receipt: then the receipt is emptied instead.
NO_ACTION = {400, 404, 405, 500, 501}
TRIES = 3


def taken_away(receipt: Receipt) -> bool:
    """Whether nothing of it counts any more: cancelled, or left empty on hold where it could not be."""
    return receipt.gone or (receipt.on_hold and not receipt.lines)


class Voiding:
    """Voids `receipts`, the receipts that carry the shipment's mark."""

    def __init__(self, client: VismaClient, document: Outgoing, receipts: Sequence[Receipt]) -> None:
        self.client = client
        self.document = document
        self.receipts = receipts

    def run(self) -> Outcome:
        """Raises `Locked` where a receipt is released: only a person can bring the goods back out of stock."""
        if not self.receipts:
            return Unchanged(self.document.target_key, note="No receipt of this shipment is in Visma.net.")
        for receipt in self.receipts:
            if receipt.released:
                raise Locked(
                    f"The shipment was voided, but its receipt {receipt.number} is released in Visma.net.",
                    current={"receiptNbr": receipt.number, "status": receipt.status},
                    next_step=f"Make a return of it on screen {RECEIPTS} (type Return), then close this record.",
                )
        key = ",".join(receipt.number for receipt in self.receipts)
        live = [receipt for receipt in self.receipts if not taken_away(receipt)]
        for receipt in live:
            take_away(self.client, receipt)
        if not live:
            return Unchanged(key, note="The receipt was taken away already.")
        return Written(key, answer={"receiptNbr": key, "status": "Cancelled"})


def take_away(client: VismaClient, receipt: Receipt) -> None:
    """Cancel an unreleased receipt, or empty it and put it on hold where it cannot be cancelled."""
    try:
        operations.run(client, f"{operations.receipt_path(receipt.number)}/action/cancelReceipt")
    except Rejected as refused:
        if refused.status not in NO_ACTION and refused.status != 200:
            raise
        if not _gone(read(client, receipt.number)):
            _empty(client, receipt.number)
        return
    if not _gone(operations.seen(client, receipt.number, _gone)):
        raise operations.not_shown(receipt.number, "that it is cancelled")


def _gone(receipt: Receipt | None) -> bool:
    return receipt is None or receipt.gone


def _empty(client: VismaClient, number: str) -> None:
    for _ in range(TRIES):
        receipt = read(client, number)
        if receipt is None or taken_away(receipt):
            return
        if receipt.released:
            raise Locked(
                f"Receipt {number} was released in Visma.net while it was being voided.",
                current={"receiptNbr": number, "status": receipt.status},
                next_step=f"Make a return of it on screen {RECEIPTS} (type Return), then close this record.",
            )
        lines = [{"operation": "Delete", "lineNbr": line.get("lineNbr")} for line in receipt.lines]
        try:
            body = {"hold": True, "note": NOTE, "lines": lines}
            client.change(operations.receipt_path(number), body, receipt.version)
        except ChangedMeanwhile:
            continue
    receipt = read(client, number)
    if receipt is not None and not taken_away(receipt):
        raise operations.not_shown(number, "that it is empty")
