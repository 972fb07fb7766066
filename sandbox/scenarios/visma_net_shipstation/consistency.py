"""What Visma.net and ShipStation must agree on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from sandbox.scenarios import consistency as fates
from sandbox.scenarios.consistency import EXPLAINING, NOTHING, Fate, Lines, State, rest, total
from sandbox.scenarios.shipstation import STILL_TO_SHIP, Parcel, lines_of, orders_there, parcels

OURS = "shipstation:"
TYPES = {"RegularOrder", "DropShip"}
OVER = {"Cancelled", "Voided", "Closed"}
RELEASED = {"Open", "Closed"}
"""Statuses of an invoice."""
MAY_CHANGE = {*STILL_TO_SHIP, "awaiting_payment", "on_hold"}
GONE = {"on_hold", "cancelled"}


class Comparison(fates.Comparison):
    """Visma.net on the left, ShipStation on the right."""

    parcels_flow = "receipts"

    def __init__(self, left: State, right: State, fates: Iterable[Fate]) -> None:
        super().__init__(left, right, fates)
        self.orders = {order["orderNbr"]: order for order in left["purchaseOrders"]}
        self.receipts = [one for one in left["purchaseReceipts"] if one["status"] != "Cancelled"]
        self.all_parcels = parcels(right)
        self.parcels = [one for one in self.all_parcels if one.order_key in self.orders and not one.is_return]
        self.there, self.numbers = orders_there(right)

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
        found = self.there.get(key, [])
        wanted = self.to_ship(order)
        open_now = order["status"] == "Open" and not order["hold"] and order["orderType"] in TYPES and bool(wanted)
        if len(found) > 1 or any(self.numbers[one["orderNumber"]] > 1 for one in found):
            self.verdict.doubled.append(f"Order {key} is in ShipStation {max(len(found), 2)} times.")
        elif open_now:
            self._open_order(key, wanted, found[0] if found else None)
        elif order["hold"] or order["status"] in OVER:
            self._ended_order(key, order["status"], found)

    def _ended_order(self, key: str, status: str, found: list[State]) -> None:
        still = any(one["orderStatus"] in STILL_TO_SHIP for one in found)
        if still and not self.excused("cancellations", key):
            self.verdict.missing.append(f"Order {key} is {status}, but ShipStation still ships it.")

    def _open_order(self, key: str, wanted: Lines, found: State | None) -> None:
        if found is None:
            if not self.excused("purchase_orders", key, EXPLAINING - {"skipped"}):
                self.verdict.missing.append(f"Order {key} is open, and not in ShipStation.")
            return
        lines = lines_of(found["items"])
        differs = lines != wanted or found["orderStatus"] in GONE
        if not differs or self._told(key, found):
            return
        if found["orderStatus"] in GONE:
            self.verdict.missing.append(f"Order {key} is open, and {found['orderStatus']} in ShipStation.")
        self.same(f"Order {key} ({found['orderStatus']})", wanted, lines)

    def _told(self, key: str, found: State) -> bool:
        """Whether a record says why the last change did not go, or that somebody changed it there."""
        states = EXPLAINING - {"skipped", "waiting"}
        return self.excused("purchase_orders", key, states) or self.excused(
            "order_changes", str(found["orderId"]), {"conflict", "closed"}
        )

    def to_ship(self, order: State) -> Lines:
        """What was ordered less what others received; of a line that was closed short, what came by us."""
        elsewhere = total(received(one, order["orderNbr"]) for one in self.receipts if not is_ours(one))
        by_us = total(received(one, order["orderNbr"]) for one in self.receipts if is_ours(one))
        found: Lines = {}
        for line in order["lines"]:
            number = line["lineNbr"]
            left = Decimal(line["orderQty"]) - elsewhere.get(number, NOTHING)
            if line["completed"]:
                left = min(left, by_us.get(number, NOTHING))
            if not line["canceled"] and line.get("inventory") and left > 0:
                found[number] = left
        return found

    # Every parcel is on one receipt, with its goods on the right lines

    def _parcels(self) -> None:
        marked: dict[str, list[State]] = defaultdict(list)
        for receipt in self.receipts:
            marked[receipt.get("customStr1") or ""].append(receipt)
        for parcel in self.parcels:
            self._parcel(parcel, marked.get(mark_of(parcel), []))
        known = {mark_of(parcel) for parcel in self.parcels}
        for mark in marked:
            if mark.startswith(OURS) and mark not in known:
                self.verdict.doubled.append(f"Visma.net has a receipt {mark} that ShipStation has no parcel of.")
        trackings = {parcel.tracking: parcel for parcel in self.parcels if parcel.tracking}
        for receipt in marked.get("", []):
            if twin := trackings.get(receipt.get("supplierRef") or ""):
                self.verdict.doubled.append(f"Parcel {twin.key} is on receipt {receipt['receiptNbr']}, unmarked.")

    def _parcel(self, parcel: Parcel, found: list[State]) -> None:
        if parcel.voided:
            left = total(received(one, parcel.order_key) for one in found)
            if left and not self.excused(self.parcels_flow, parcel.key):
                self.verdict.doubled.append(f"Parcel {parcel.key} was voided, but Visma.net still received it.")
            return
        if len(found) > 1:
            self.verdict.doubled.append(f"Parcel {parcel.key} is on {len(found)} receipts.")
        elif not found:
            if not self.excused(self.parcels_flow, parcel.key):
                self.verdict.missing.append(f"Parcel {parcel.key} of order {parcel.order_key} has no receipt.")
        elif parcel.lines and received(found[0], parcel.order_key) != parcel.lines:
            if not self.excused(self.parcels_flow, parcel.key):
                self.same(f"Parcel {parcel.key}", parcel.lines, received(found[0], parcel.order_key))
        elif found[0]["status"] == "Released":
            self._closed(parcel.order_key)

    def _closed(self, key: str) -> None:
        """What came as a whole, and is released, closes its order."""
        order = self.orders[key]
        came = total(received(one, key) for one in self.receipts if one["status"] == "Released")
        ordered = {line["lineNbr"]: Decimal(line["orderQty"]) for line in order["lines"] if line.get("inventory")}
        words = f"Order {key} was received as a whole, and is {order['status']} in Visma.net."
        if not rest(ordered, came) and order["status"] not in OVER and words not in self.verdict.behind:
            self.verdict.behind.append(words)

    # Every invoice is on its order, as far as that may change

    def _invoices(self) -> None:
        sold = {sale["orderId"]: sale for sale in self.left["salesOrders"]}
        for invoice in self.left["customerInvoices"]:
            for key, number in invoice_keys(invoice):
                if invoice["status"] in RELEASED and invoice["documentType"] == "Invoice":
                    names = {f"SO-{number}", (sold.get(number) or {}).get("customer", {}).get("order")}
                    self._invoice(key, invoice["referenceNumber"], names - {None, ""})

    def _invoice(self, key: str, number: str, names: set[str]) -> None:
        orders = [one for found in self.there.values() for one in found if one["orderNumber"] in names]
        told = [order for order in orders for _ in range(references(order).count(number))]
        may_change = any(order["orderStatus"] in MAY_CHANGE for order in orders)
        if len(told) > 1:
            self.verdict.doubled.append(f"Invoice {number} is on ShipStation's orders {len(told)} times.")
        elif may_change and not told and not self.excused("invoices", key, EXPLAINING - {"skipped", "waiting"}):
            self.verdict.missing.append(f"Invoice {number} is not on its order {', '.join(sorted(names))}.")


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
