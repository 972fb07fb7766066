"""Purchase receipts: goods that came, booked on their purchase order, one receipt for each shipment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from connections.errors import NotReady, NotThere, Rejected
from connections.vendor import Found, Outcome, Outgoing, Resource
from connections.vendors.visma_net.client import VismaClient
from connections.vendors.visma_net.receipts.receiving import Receiving
from connections.vendors.visma_net.receipts.search import order_of, ours
from connections.vendors.visma_net.receipts.state import Receipt
from connections.vendors.visma_net.receipts.voiding import taken_away
from connections.writing import one_by_one

LINE = ("lineNbr", "inventoryId", "quantity", "uom", "locationId", "lotSerialNumber", "expirationDate")


class PurchaseReceipts(Resource):
    """Written in several calls, found by the natural key in `customStr1`. Target key: the receipt's number."""

    slug = "purchase_receipts"
    label = "Purchase receipts"
    document = "purchase_receipt"
    batch_size = 1
    upsert = False
    # Visma.net cuts what runs longer than four minutes: only behind that is a lost create sure not to come.
    settle_delays = (5, 20, 75, 270)
    fields = frozenset(
        {
            "orderNbr",
            "orderType",
            "date",
            "supplierRef",
            "note",
            "warehouseId",
            "branchNumber",
            "way",
            "release",
            "createBill",
            "completePoLine",
            "voided",
            "linesWithoutOrder",
            "allOpenLines",
            "customStr2",
            "customStr3",
            "customStr4",
            "customStr5",
            "lines",
            *(f"lines[].{name}" for name in LINE),
        }
    )
    client: VismaClient

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        """See `Resource.write`. A refusal after a receipt was made is an outcome that names the receipt."""
        return one_by_one(documents, self._write, (Rejected, NotReady))

    def _write(self, document: Outgoing) -> Outcome:
        try:
            return Receiving(self.client, document).run()
        except NotThere:
            return Receiving(self.client, document).run()  # someone removed it between two calls: read afresh

    def find(self, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
        """See `Resource.find`: by the mark, on the receipts of the order and on the supplier's recent ones."""
        lookups = {document.natural_key: self._find(document, since) for document in documents}
        return {key: result for key, result in lookups.items() if result is not None}

    def _find(self, document: Outgoing, since: datetime) -> Found | None:
        receiving = Receiving(self.client, document)
        order = order_of(self.client, receiving.number)
        receipts = ours(self.client, document, order, since)
        if document.payload.get("voided"):
            # An emptied receipt may have been deleted since, as its note says: then it is as it should be.
            gone = all(map(taken_away, receipts))
            return _found(receipts, gone, document.target_key) if receipts or document.target_key else None
        alive = [receipt for receipt in receipts if not receipt.gone]
        if not alive:
            return None
        try:
            receipt = receiving.one_of(alive) or alive[0]
            complete = order is not None and not receiving.unfinished(order, receipt)
        except Rejected:
            return _found(alive, complete=False)  # writing again says what is wrong, in words
        return _found([receipt], complete)


def _found(receipts: Sequence[Receipt], complete: bool, key: str = "") -> Found:
    proof = {"receipts": [receipt.summary() for receipt in receipts]}
    return Found(",".join(receipt.number for receipt in receipts) or key, complete=complete, proof=proof)
