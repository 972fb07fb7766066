"""Finding the receipts of one shipment. Never writes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from connections.vendor import Outgoing
from connections.vendors.visma_net import codec
from connections.vendors.visma_net.client import VismaClient
from connections.vendors.visma_net.codec import Record, name_of
from connections.vendors.visma_net.receipts.of_order import RECEIPTS, receipts_of, search
from connections.vendors.visma_net.receipts.state import Receipt

ORDERS_PATH = "/v1/purchaseorder"
# A receipt is made after the goods were sent, and this long after is still looked for.
BEHIND_THE_DATE, AT_LEAST = timedelta(days=2), timedelta(days=31)
SLACK = timedelta(hours=3)


def order_of(client: VismaClient, number: str) -> Record | None:
    """The raw purchase order, None where there is none."""
    path = f"{ORDERS_PATH}/{codec.path_key(number)}"
    return client.get(path, includeCustomFreeFields="true") if number else None


def read(client: VismaClient, number: str) -> Receipt | None:
    """One receipt by its number, with its custom fields."""
    record = client.get(f"{RECEIPTS}/{codec.path_key(number)}", includeCustomFreeFields="true")
    return Receipt(record) if record else None


def ours(client: VismaClient, document: Outgoing, order: Record | None, since: datetime | None = None) -> list[Receipt]:
    """All receipts that carry the shipment's mark, the cancelled ones too, by number.

    The list of the order is not enough: a receipt that was made empty names no order until lines are added, and is
    found by its supplier only. `since` is a moment before it was made, where that is known.
    """
    if document.target_key:
        known = read(client, document.target_key)
        if known is not None and known.mark in {"", document.natural_key}:
            return [known]
    number = str(document.payload.get("orderNbr") or "")
    records = receipts_of(client, number) if number else []
    if order is not None and (supplier := name_of(order, "supplier")):
        floor = _floor(client, document, since)
        pair = {"lastModifiedDateTime": floor, "lastModifiedDateTimeCondition": ">="}
        records += search(client, supplier=supplier, **pair)
    return _marked(records, document.natural_key)


def _marked(records: Iterable[Record], mark: str) -> list[Receipt]:
    receipts = {receipt.number: receipt for receipt in map(Receipt, records) if receipt.mark == mark}
    return [receipts[number] for number in sorted(receipts)]


def _floor(client: VismaClient, document: Outgoing, since: datetime | None) -> str:
    """A reading of the server's clock before the receipt can have been made, with a wide margin for wrong clocks."""
    if since is not None:
        return codec.stamp(codec.to_local(since, client.zone) - SLACK)
    early = datetime.now(UTC).replace(tzinfo=None) - AT_LEAST
    try:
        early = min(early, datetime.fromisoformat(str(document.payload.get("date") or "")[:10]) - BEHIND_THE_DATE)
    except ValueError:
        pass
    return codec.stamp(early)
