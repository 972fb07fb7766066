"""One shipment onto one purchase receipt: read what is there, and go on where an earlier try stopped.

Nothing tells Visma.net that two creates are one, so the receipt carries the shipment's natural key in `customStr1` from
its first moment, and is looked for before it is made. It stays on hold until its quantities are right.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from connections.errors import NotReady, NotThere, OutcomeUnknown, Rejected
from connections.vendor import Body, Outcome, Outgoing, Unchanged, Written
from connections.vendors.visma_net.client import VismaClient
from connections.vendors.visma_net.codec import Record
from connections.vendors.visma_net.errors import RECEIPTS, ChangedMeanwhile
from connections.vendors.visma_net.receipts import operations, refusals
from connections.vendors.visma_net.receipts.bodies import changed_header, header, line_insert, receipt_changes
from connections.vendors.visma_net.receipts.drafts import draft_of
from connections.vendors.visma_net.receipts.plan import PlannedLine, check_quantities, plan
from connections.vendors.visma_net.receipts.refusals import ADD_LINES, DIRECT, FROM_ORDER
from connections.vendors.visma_net.receipts.search import order_of, ours, read
from connections.vendors.visma_net.receipts.state import Fit, Receipt, by_person, fit
from connections.vendors.visma_net.receipts.voiding import Voiding, take_away

TRIES = 4


class Receiving:
    """Brings the receipt of one shipment to what its payload says."""

    def __init__(self, client: VismaClient, document: Outgoing) -> None:
        self.client = client
        self.document = document
        self.payload = document.payload
        self.mark = document.natural_key
        self.number = str(self.payload.get("orderNbr") or "").strip()
        self.way = str(self.payload.get("way") or ADD_LINES)
        # A receipt that was voided is made anew; any other that is known and not there was removed by a person.
        self.synced = bool(document.target_key) and not (document.sent or {}).get("voided")
        self.wrote = False

    def run(self) -> Outcome:
        """Raises `Rejected` or one of its kind for a refusal, `OutcomeUnknown` where a write got no answer."""
        refusals.check_payload(self.payload, self.mark)
        order = order_of(self.client, self.number)
        receipts = ours(self.client, self.document, order)
        if self.payload.get("voided"):
            return Voiding(self.client, self.document, receipts).run()
        if order is None:
            raise refusals.no_order(self.number)
        receipt = self.one_of(receipts)
        if receipt is None and self.synced:
            raise refusals.removed(self.document.target_key, receipts)
        self._tidy(receipts, receipt)
        return self._done(self._brought(order, receipt))

    def one_of(self, receipts: Sequence[Receipt]) -> Receipt | None:
        """The receipt of this shipment. Raises `Rejected` where there are several that could be it."""
        alive = [receipt for receipt in receipts if not receipt.gone]
        full = [receipt for receipt in alive if receipt.lines or receipt.released]
        refusals.check_double(full, self.mark)
        return next(iter([*full, *alive]), None)

    def unfinished(self, order: Record, receipt: Receipt) -> bool:
        """Whether a receipt that was found still has to be filled or released. Raises as `plan` does."""
        if self.payload.get("release") and not receipt.released:
            return True
        if receipt.released and self._takes_all:
            return False
        planned = plan(order, self.payload, receipt.held(order))
        on_hold = receipt.on_hold and not receipt.released
        return on_hold or bool(self._fit(order, receipt, planned).differences())

    @property
    def _takes_all(self) -> bool:
        return bool(self.payload.get("allOpenLines")) and not self.payload.get("lines")

    def _tidy(self, receipts: Sequence[Receipt], receipt: Receipt | None) -> None:
        """An empty receipt beside ours was left by a create that was applied late."""
        for candidate in receipts:
            if (
                receipt
                and candidate.number != receipt.number
                and not (candidate.gone or candidate.lines or candidate.released)
            ):
                with contextlib.suppress(Rejected):
                    take_away(self.client, candidate)

    def _brought(self, order: Record, receipt: Receipt | None) -> Receipt:
        if receipt is not None and self._takes_all and (self.synced or receipt.released):
            # What was open when the goods came was taken then; what is open now belongs to other shipments.
            return self._released(receipt)
        held = receipt.held(order) if receipt else {}
        planned = plan(order, self.payload, held)
        if receipt is None:
            refusals.check_order(order, self.payload)
            check_quantities(order, planned, held)
            receipt = self._created(order, planned)
        return self._released(self._filled(order, receipt, planned))

    def _done(self, receipt: Receipt) -> Outcome:
        if self.wrote:
            return Written(receipt.number, answer=receipt.summary())
        return Unchanged(receipt.number, note="The receipt in Visma.net says so already.")

    # Creating

    def _created(self, order: Record, planned: Sequence[PlannedLine]) -> Receipt:
        if self.way == FROM_ORDER:
            return self._created_from_order(order)
        body = header(order, self.payload, self.mark) | {"hold": self.way == ADD_LINES}
        if self.way == DIRECT:
            body["lines"] = [line_insert(entry, order, self.payload) for entry in planned]
        number = self.client.create(operations.WRITE, body)
        self.wrote = True
        if self.way == ADD_LINES:
            return Receipt({"receiptNbr": number, "customStr1": self.mark, "status": "Hold", "hold": True})
        return self._made(number)

    def _created_from_order(self, order: Record) -> Receipt:
        draft = draft_of(self.client, order)
        body = changed_header({}, self.payload, None) | {"customStr1": self.mark, "hold": True}
        self.client.change(operations.receipt_path(draft.number), body, draft.version)
        self.wrote = True
        return self._made(draft.number)

    def _made(self, number: str) -> Receipt:
        receipt = operations.seen(self.client, number, lambda receipt: receipt is not None)
        if receipt is None:
            raise OutcomeUnknown(f"Visma.net made receipt {number}, but does not show it.")
        return receipt

    # Filling

    def _filled(self, order: Record, receipt: Receipt, planned: Sequence[PlannedLine]) -> Receipt:
        """The receipt with its lines and quantities. Before it was ever synced ours win, whoever edits it."""
        with_header = True
        for _ in range(TRIES):
            fitting = self._fit(order, receipt, planned)
            differences = fitting.differences()
            if receipt.released:
                if differences:
                    raise refusals.released_otherwise(receipt, differences)
                return receipt
            if self.synced and differences and self._edited(order, receipt, fitting):
                raise refusals.edited(receipt, differences)
            if self.way != DIRECT and any(entry.order_line is not None for entry in fitting.missing):
                receipt = self._with_lines(order, receipt, fitting, planned)
                continue
            body = receipt_changes(receipt, order, fitting, self.payload, whole=receipt.on_hold and not self.synced)
            if with_header:
                body |= changed_header(receipt.record, self.payload, self.document.sent if self.synced else {})
            if not body:
                return receipt
            check_quantities(order, planned, receipt.held(order))
            if self._changed(receipt, body):
                with_header = False
            receipt = self._again(receipt.number)
        raise operations.not_shown(receipt.number, "the quantities of the shipment")

    def _changed(self, receipt: Receipt, body: Body) -> bool:
        """Whether the receipt took it; not where someone saved it first, and it must be held against it again."""
        try:
            self.client.change(operations.receipt_path(receipt.number), body, receipt.version)
        except ChangedMeanwhile:
            return False
        except NotThere:
            raise
        except Rejected as refused:
            raise refusals.half_made(receipt, "filled", refused) from refused
        self.wrote = True
        return True

    def _again(self, number: str) -> Receipt:
        return self._there(number, read(self.client, number))

    def _there(self, number: str, fresh: Receipt | None) -> Receipt:
        """Raises where a person took the receipt away while we worked on it."""
        if fresh is not None and not fresh.gone:
            return fresh
        if self.synced:
            raise refusals.removed(number, [fresh] if fresh else [])
        raise NotThere(f"Receipt {number} was taken away while it was being made.")

    def _edited(self, order: Record, receipt: Receipt, fitting: Fit) -> bool:
        """Whether a person has worked on a receipt since we brought it to what was sent then."""
        sent = self.document.sent
        if sent is None:
            return True
        try:
            before = plan(order, sent, receipt.held(order))
        except Rejected:
            return True
        return by_person(self._fit(order, receipt, before), fitting)

    def _with_lines(self, order: Record, receipt: Receipt, fitting: Fit, planned: Sequence[PlannedLine]) -> Receipt:
        """The receipt after the missing lines of the order were added to it, and no others."""
        refusals.check_order(order, self.payload)
        check_quantities(order, planned, receipt.held(order))
        numbers = [str(entry.order_line) for entry in fitting.missing if entry.order_line is not None]
        body = {"purchaseOrderLines": [{"orderNbr": self.number, "lines": [{"lineNbr": number} for number in numbers]}]}
        try:
            path = f"{operations.receipt_path(receipt.number)}/action/addpurchaseorderlines"
            result = operations.run(self.client, path, body)
        except NotThere:
            raise
        except Rejected as refused:
            raise refusals.half_made(receipt, "given the lines of the order", refused) from refused
        self.wrote = True

        def complete(seen: Receipt | None) -> bool:
            missing = self._fit(order, seen, planned).missing if seen else planned
            return not any(entry.order_line is not None for entry in missing)

        if result.get("actionResult") in operations.UNDER_WAY:
            fresh = operations.seen(self.client, receipt.number, complete)
            if fresh is None or not complete(fresh):
                raise operations.not_shown(receipt.number, "the lines of the order")
            return fresh
        fresh = self._again(receipt.number)
        if not complete(fresh):
            raise refusals.lines_not_taken(receipt, self.number, numbers)
        return fresh

    def _fit(self, order: Record, receipt: Receipt, planned: Sequence[PlannedLine]) -> Fit:
        return fit(receipt, order, planned, by_item=self.way == DIRECT)

    # Releasing

    def _released(self, receipt: Receipt) -> Receipt:
        """The receipt, released if that is asked for. Raises `NotReady` where that takes longer than we wait."""
        if receipt.released or not self.payload.get("release"):
            return receipt
        try:
            operations.run(self.client, f"{operations.receipt_path(receipt.number)}/action/release")
        except Rejected as refused:
            fresh = read(self.client, receipt.number)
            if fresh is None or not fresh.released:  # an earlier try, or a person, may have come first
                raise refusals.half_made(receipt, "released", refused) from refused
        self.wrote = True
        fresh = operations.seen(
            self.client, receipt.number, lambda receipt: receipt is None or receipt.released or receipt.gone
        )
        fresh = self._there(receipt.number, fresh)
        if not fresh.released:
            raise NotReady(
                f"Receipt {receipt.number} is being released in Visma.net, and that is not done yet.",
                waits_for=f"receipt {receipt.number} to be released",
                next_step=f"It is looked at again by itself. If it stays so, release it on screen {RECEIPTS}.",
                retry_after=60,
            )
        return fresh
