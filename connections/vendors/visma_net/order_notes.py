"""A block of ours in the note of a purchase order: what the warehouse says of it. Other text there is left alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from connections.errors import Rejected, TryLater
from connections.vendor import Found, Outcome, Outgoing, Resource, Unchanged, Written
from connections.vendors.visma_net import codec
from connections.vendors.visma_net.client import VismaClient
from connections.vendors.visma_net.codec import row_version
from connections.vendors.visma_net.errors import ChangedMeanwhile
from connections.vendors.visma_net.receipts.refusals import no_order
from connections.vendors.visma_net.receipts.search import ORDERS_PATH, order_of
from connections.writing import one_by_one

BEGIN, END = "[ShipStation]", "[/ShipStation]"
_BLOCK = re.compile(rf"\n*{re.escape(BEGIN)}.*?(?:{re.escape(END)}|\Z)", re.DOTALL)
TRIES = 3


class PurchaseOrderNotes(Resource):
    """One marked block in the order's note; an empty note takes it out. Target key: the order's number."""

    slug = "purchase_order_notes"
    label = "Notes on purchase orders"
    document = "purchase_order_note"
    batch_size = 1
    upsert = True  # the same block again changes nothing, and a late one fails on the row version
    settle_delays = (5, 30)
    fields = frozenset({"orderNbr", "note"})
    client: VismaClient

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        return one_by_one(documents, self._write, (Rejected,))

    def _write(self, document: Outgoing) -> Outcome:
        number = str(document.payload.get("orderNbr") or "").strip()
        text = text_of(document)
        for _ in range(TRIES):
            order = order_of(self.client, number)
            if order is None:
                raise no_order(number)
            there = plain(order.get("note"))
            if block_in(there) == text:
                return Unchanged(number, note="The order's note says so already.")
            path = f"{ORDERS_PATH}/{codec.path_key(number)}"
            try:
                self.client.change(path, {"note": with_block(there, text)}, row_version(order))
            except ChangedMeanwhile:
                continue
            return Written(number, answer={"orderNbr": number, "note": text})
        raise TryLater(
            f"Purchase order {number} was changed in Visma.net each time its note was to be written.",
            next_step="It is tried again by itself.",
            retry_after=30,
        )

    def find(self, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
        """Those whose block says what was to be written. `since` is not needed."""
        written: dict[str, Found] = {}
        for document in documents:
            number = str(document.payload.get("orderNbr") or "").strip()
            order = order_of(self.client, number)
            if order is not None and block_in(plain(order.get("note"))) == text_of(document):
                written[document.natural_key] = Found(number, proof={"note": text_of(document)})
        return written


def text_of(document: Outgoing) -> str:
    """The text of the block, without the marks in it: they would end it early."""
    text = plain(document.payload.get("note"))
    return text.replace(BEGIN, "").replace(END, "").strip()


def plain(note: object) -> str:
    """A note with line feeds only, however it was typed in."""
    return str(note or "").replace("\r\n", "\n").replace("\r", "\n")


def block_in(note: str) -> str:
    """What our block says, empty where there is none."""
    match = _BLOCK.search(note)
    return match[0].strip().removeprefix(BEGIN).removesuffix(END).strip() if match else ""


def with_block(note: str, text: str) -> str:
    """The note with our block saying `text`, at its end; without a block where `text` is empty."""
    rest = _BLOCK.sub("", note) if BEGIN in note else note
    if not text:
        return rest
    rest = rest.rstrip()
    return f"{rest}\n\n{BEGIN}\n{text}\n{END}" if rest else f"{BEGIN}\n{text}\n{END}"
