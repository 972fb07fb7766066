"""What Visma.net and ShipStation must agree on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from sandbox.scenarios.consistency import (
    EXPLAINING,
    NOTHING,
    ConsistencyCheck,
    Lines,
    RecordStatus,
    State,
    subtract,
    total,
)
from sandbox.scenarios.shipstation import STILL_TO_SHIP, Parcel, lines_of, orders_by_key, parcels

OURS = "shipstation:"
TYPES = {"RegularOrder", "DropShip"}
OVER = {"Cancelled", "Voided", "Closed"}
RELEASED = {"Open", "Closed"}
"""Statuses of an invoice."""
MAY_CHANGE = {*STILL_TO_SHIP, "awaiting_payment", "on_hold"}
GONE = {"on_hold", "cancelled"}


class VismaNetConsistencyCheck(ConsistencyCheck):
    """Visma.net on the left, ShipStation on the right."""

    parcels_flow = "receipts"

    def __init__(self, left: State, right: State, statuses: Iterable[RecordStatus]) -> None:
        super().__init__(left, right, statuses)
        self.orders = {order["orderNbr"]: order for order in left["purchaseOrders"]}
        self.receipts = [receipt for receipt in left["purchaseReceipts"] if receipt["status"] != "Cancelled"]
        self.all_parcels = parcels(right)
        self.parcels = [
            parcel for parcel in self.all_parcels if parcel.order_key in self.orders and not parcel.is_return
        ]
        self.sent, self.numbers = orders_by_key(right)

    def sources(self) -> Mapping[str, Iterable[str]]:
        return {
            "purchase_orders": self.orders,
            self.parcels_flow: [parcel.key for parcel in self.all_parcels],
            "invoices": [key for invoice in self.left["customerInvoices"] for key, _ in invoice_keys(invoice)],
        }

    def compare(self) -> None:
        for key, order in self.orders.items():
            self._order(key, order)
        self._parcels()
        self._invoices()

    # Every line that is still to come is in ShipStation once

    def _order(self, key: str, order: State) -> None:
        sent = self.sent.get(key, [])
        expected = self.to_ship(order)
        is_open = order["status"] == "Open" and not order["hold"] and order["orderType"] in TYPES and bool(expected)
        if len(sent) > 1 or any(self.numbers[same_key["orderNumber"]] > 1 for same_key in sent):
            self.findings.doubled.append(f"Order {key} is in ShipStation {max(len(sent), 2)} times.")
        elif is_open:
            self._open_order(key, expected, sent[0] if sent else None)
        elif order["hold"] or order["status"] in OVER:
            self._ended_order(key, order["status"], sent)

    def _ended_order(self, key: str, status: str, sent: list[State]) -> None:
        still_ships = any(order["orderStatus"] in STILL_TO_SHIP for order in sent)
        if still_ships and not self.is_explained("cancellations", key):
            self.findings.missing.append(f"Order {key} is {status}, but ShipStation still ships it.")

    def _open_order(self, key: str, expected: Lines, sent: State | None) -> None:
        if sent is None:
            if not self.is_explained("purchase_orders", key, EXPLAINING - {"skipped"}):
                self.findings.missing.append(f"Order {key} is open, and not in ShipStation.")
            return
        lines = lines_of(sent["items"])
        differs = lines != expected or sent["orderStatus"] in GONE
        if not differs or self._difference_explained(key, sent):
            return
        if sent["orderStatus"] in GONE:
            self.findings.missing.append(f"Order {key} is open, and {sent['orderStatus']} in ShipStation.")
        self.compare_lines(f"Order {key} ({sent['orderStatus']})", expected, lines)

    def _difference_explained(self, key: str, sent: State) -> bool:
        """Whether a record says why the last change did not go, or that somebody changed it there."""
        states = EXPLAINING - {"skipped", "waiting"}
        return self.is_explained("purchase_orders", key, states) or self.is_explained(
            "order_changes", str(sent["orderId"]), {"conflict", "closed"}
        )

    def to_ship(self, order: State) -> Lines:
        """What was ordered less what others received; of a line that was closed short, what came by us."""
        number = order["orderNbr"]
        elsewhere = total(received(receipt, number) for receipt in self.receipts if not is_ours(receipt))
        by_us = total(received(receipt, number) for receipt in self.receipts if is_ours(receipt))
        lines: Lines = {}
        for line in order["lines"]:
            place = line["lineNbr"]
            left = Decimal(line["orderQty"]) - elsewhere.get(place, NOTHING)
            if line["completed"]:
                left = min(left, by_us.get(place, NOTHING))
            if not line["canceled"] and line.get("inventory") and left > 0:
                lines[place] = left
        return lines

    # Every parcel is on one receipt, with its goods on the right lines

    def _parcels(self) -> None:
        by_mark: dict[str, list[State]] = defaultdict(list)
        for receipt in self.receipts:
            by_mark[receipt.get("customStr1") or ""].append(receipt)
        for parcel in self.parcels:
            self._parcel(parcel, by_mark.get(mark_of(parcel), []))
        known = {mark_of(parcel) for parcel in self.parcels}
        for mark in by_mark:
            if mark.startswith(OURS) and mark not in known:
                self.findings.doubled.append(f"Visma.net has a receipt {mark} that ShipStation has no parcel of.")
        by_tracking = {parcel.tracking: parcel for parcel in self.parcels if parcel.tracking}
        for receipt in by_mark.get("", []):
            if twin := by_tracking.get(receipt.get("supplierRef") or ""):
                self.findings.doubled.append(f"Parcel {twin.key} is on receipt {receipt['receiptNbr']}, unmarked.")

    def _parcel(self, parcel: Parcel, receipts: list[State]) -> None:
        if parcel.voided:
            still_received = total(received(receipt, parcel.order_key) for receipt in receipts)
            if still_received and not self.is_explained(self.parcels_flow, parcel.key):
                self.findings.doubled.append(f"Parcel {parcel.key} was voided, but Visma.net still received it.")
        elif len(receipts) > 1:
            self.findings.doubled.append(f"Parcel {parcel.key} is on {len(receipts)} receipts.")
        elif not receipts:
            if not self.is_explained(self.parcels_flow, parcel.key):
                self.findings.missing.append(f"Parcel {parcel.key} of order {parcel.order_key} has no receipt.")
        elif parcel.lines and received(receipts[0], parcel.order_key) != parcel.lines:
            if not self.is_explained(self.parcels_flow, parcel.key):
                self.compare_lines(f"Parcel {parcel.key}", parcel.lines, received(receipts[0], parcel.order_key))
        elif receipts[0]["status"] == "Released":
            self._closed(parcel.order_key)

    def _closed(self, key: str) -> None:
        """What came as a whole, and is released, closes its order."""
        order = self.orders[key]
        came = total(received(receipt, key) for receipt in self.receipts if receipt["status"] == "Released")
        ordered = {line["lineNbr"]: Decimal(line["orderQty"]) for line in order["lines"] if line.get("inventory")}
        sentence = f"Order {key} was received as a whole, and is {order['status']} in Visma.net."
        is_behind = not subtract(ordered, came) and order["status"] not in OVER
        if is_behind and sentence not in self.findings.not_completed:
            self.findings.not_completed.append(sentence)

    # Every invoice is on its order, as far as that may change

    def _invoices(self) -> None:
        sales = {sale["orderId"]: sale for sale in self.left["salesOrders"]}
        for invoice in self.left["customerInvoices"]:
            for key, number in invoice_keys(invoice):
                if invoice["status"] in RELEASED and invoice["documentType"] == "Invoice":
                    names = {f"SO-{number}", (sales.get(number) or {}).get("customer", {}).get("order")}
                    self._invoice(key, invoice["referenceNumber"], names - {None, ""})

    def _invoice(self, key: str, number: str, names: set[str]) -> None:
        orders = [order for same_key in self.sent.values() for order in same_key if order["orderNumber"] in names]
        count = sum(references(order).count(number) for order in orders)
        may_change = any(order["orderStatus"] in MAY_CHANGE for order in orders)
        if count > 1:
            self.findings.doubled.append(f"Invoice {number} is on ShipStation's orders {count} times.")
        elif may_change and not count and not self.is_explained("invoices", key, EXPLAINING - {"skipped", "waiting"}):
            self.findings.missing.append(f"Invoice {number} is not on its order {', '.join(sorted(names))}.")


def mark_of(parcel: Parcel) -> str:
    return f"{OURS}{parcel.order_key}:{parcel.mark}"


def is_ours(receipt: State) -> bool:
    return (receipt.get("customStr1") or "").startswith(OURS)


def received(receipt: State, order: str) -> Lines:
    """Of each line of the order, what a receipt holds."""
    mine = [line for line in receipt["lines"] if line.get("poOrderNbr") == order]
    return total({int(line["poOrderLineNbr"]): Decimal(line["receiptQty"])} for line in mine if line["receiptQty"])


def references(order: State) -> list[str]:
    return (order["advancedOptions"].get("customField3") or "").replace(",", " ").split()


def invoice_keys(invoice: State) -> Iterator[tuple[str, str]]:
    """The documents that an invoice is read as, one for each order that it bills; and the number of that order."""
    orders = list(dict.fromkeys(line.get("soOrderNbr") or "" for line in invoice["invoiceLines"]))
    named = [number for number in orders if number]
    if len(named) < 2:
        yield invoice["referenceNumber"], named[0] if named else ""
    else:
        for number in named:
            yield f"{invoice['referenceNumber']}/{number}", number
