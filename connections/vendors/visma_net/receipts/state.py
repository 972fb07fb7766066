"""A purchase receipt as it stands in Visma.net, and how far it is from what a shipment wants. Makes no call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from connections.vendor import Body
from connections.vendors.visma_net.codec import Record, name_of, number, row_version
from connections.vendors.visma_net.receipts.of_order import GONE, in_unit_of, names_order
from connections.vendors.visma_net.receipts.plan import PlannedLine, plain


@dataclass(frozen=True)
class Receipt:
    """One receipt as it was read."""

    record: Record

    @property
    def number(self) -> str:
        return str(self.record.get("receiptNbr") or "")

    @property
    def status(self) -> str:
        return str(self.record.get("status") or ("Hold" if self.record.get("hold") else ""))

    @property
    def mark(self) -> str:
        return str(self.record.get("customStr1") or "").strip()

    @property
    def version(self) -> str:
        return row_version(self.record)

    @property
    def released(self) -> bool:
        return self.status == "Released"

    @property
    def gone(self) -> bool:
        return self.status in GONE

    @property
    def on_hold(self) -> bool:
        return self.status == "Hold" or bool(self.record.get("hold"))

    @property
    def lines(self) -> list[Record]:
        return list(self.record.get("lines") or [])

    def held(self, order: Record) -> dict[int, Decimal]:
        """What it holds of each line of the order, in the line's own unit."""
        ordered = {line["lineNbr"]: line for line in order.get("lines") or []}
        quantities: dict[int, Decimal] = {}
        for line in self.lines:
            place = line.get("poOrderLineNbr")
            if isinstance(place, int) and place in ordered and names_order(line, order):
                quantities[place] = quantities.get(place, Decimal(0)) + in_unit_of(line, ordered[place])
        return quantities

    def summary(self) -> Body:
        """What it says of itself, for proofs and for people."""
        return {
            "receiptNbr": self.number,
            "status": self.status,
            "lines": [
                {
                    "lineNbr": line.get("lineNbr"),
                    "poOrderNbr": line.get("poOrderNbr") or "",
                    "poOrderLineNbr": line.get("poOrderLineNbr"),
                    "inventoryId": name_of(line, "inventory"),
                    "receiptQty": number(line.get("receiptQty")),
                }
                for line in self.lines
            ],
        }


@dataclass
class Fit:
    """Which line of a receipt stands for which planned one. `missing` are not there, `surplus` should not be."""

    pairs: list[tuple[Record, PlannedLine]] = field(default_factory=list)
    missing: list[PlannedLine] = field(default_factory=list)
    surplus: list[Record] = field(default_factory=list)

    def differences(self) -> list[str]:
        """Plain words for each difference in quantity, empty where the receipt is as planned."""
        texts = [
            f"{entry.label}: {plain(number(line.get('receiptQty')))} {line.get('uom') or ''} there, "
            f"{plain(entry.quantity)} {entry.uom} shipped"
            for line, entry in self.pairs
            if not same_quantity(line, entry)
        ]
        texts += [f"{entry.label}: not there, {plain(entry.quantity)} shipped" for entry in self.missing]
        texts += [
            f"{name_of(line, 'inventory') or 'a line'}: {plain(number(line.get('receiptQty')))} there, not shipped"
            for line in self.surplus
        ]
        return [" ".join(text.split()) for text in texts]


def same_quantity(line: Record, planned: PlannedLine) -> bool:
    same_unit = not planned.uom or not line.get("uom") or str(line["uom"]).casefold() == planned.uom.casefold()
    return same_unit and number(line.get("receiptQty")) == planned.quantity


def fit(receipt: Receipt, order: Record, planned: Sequence[PlannedLine], *, by_item: bool) -> Fit:
    """Hold a receipt against the plan. `by_item`: a line that names no order may stand for one that should.

    A second line for the same planned one is surplus: an action that was run twice left it.
    """
    fitting = Fit()
    open_: list[PlannedLine] = list(planned)
    unlinked: list[Record] = []
    for line in receipt.lines:
        if not line.get("poOrderNbr"):
            unlinked.append(line)
            continue
        match = next((entry for entry in open_ if _same_line(line, order, entry)), None)
        _pair(fitting, open_, line, match)
    for line in unlinked:
        match = next((entry for entry in open_ if entry.order_line is None and _same_item(line, entry)), None)
        if match is None and by_item:
            match = next((entry for entry in open_ if _same_item(line, entry)), None)
        _pair(fitting, open_, line, match)
    fitting.missing = open_
    return fitting


def _pair(fitting: Fit, open_: list[PlannedLine], line: Record, match: PlannedLine | None) -> None:
    if match is None:
        fitting.surplus.append(line)
    else:
        open_.remove(match)
        fitting.pairs.append((line, match))


def _same_line(line: Record, order: Record, planned: PlannedLine) -> bool:
    return (
        planned.order_line is not None and names_order(line, order) and line.get("poOrderLineNbr") == planned.order_line
    )


def _same_item(line: Record, planned: PlannedLine) -> bool:
    return name_of(line, "inventory").casefold() == planned.item.casefold()


def by_person(sent: Fit, now: Fit) -> bool:
    """Whether a receipt differs from what was sent in a way that no step of ours towards `now` explains.

    A step of ours may have stopped half-way: lines that are newly planned may be there with any quantity.
    """
    wanted_now = {id(line): entry for line, entry in now.pairs}
    for line, entry in sent.pairs:
        later = wanted_now.get(id(line))
        if not same_quantity(line, entry) and not (later and same_quantity(line, later)):
            return True
    if any(id(line) not in wanted_now for line in sent.surplus):
        return True
    still = {(entry.order_line, entry.item) for entry in now.missing}
    return any((entry.order_line, entry.item) in still for entry in sent.missing)
