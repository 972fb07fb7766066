"""What a person does on ShipStation's screens, one method each: `POST /_control/do/<name>` and the operator page.

An order is named by `order_id` or `order_number` (the newest order with that number). Each method locks the simulator
by itself, so tests may call it from their own thread.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import wraps
from random import Random
from typing import Any, Concatenate, ParamSpec, TypeVar

from werkzeug.exceptions import HTTPException

from sandbox.shipstation import seed as catalogue
from sandbox.shipstation.account import Account, Locked
from sandbox.shipstation.api.v1_responses import refused
from sandbox.shipstation.rules import splitting
from sandbox.shipstation.rules.shipping import Shipping, units_left, units_of
from sandbox.shipstation.store import Document, Order, Shipment
from sandbox.shipstation.webhooks import Hooks

P = ParamSpec("P")
R = TypeVar("R")
BATCH = 25


class Impossible(HTTPException):
    """A person asked for something this order cannot do; the description says why."""

    code = 409

    def __init__(self, message: str) -> None:
        super().__init__(message, refused(message, 409))


def _click(
    work: Callable[Concatenate[Operator, P], R],
) -> Callable[Concatenate[Operator, P], R]:
    """One action of a person: under the lock, and a locked order is told as Impossible."""

    def run(self: Operator, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.lock:
            try:
                return work(self, *args, **kwargs)
            except Locked as fault:
                raise Impossible(str(fault)) from None

    return wraps(work)(run)


class Operator:
    account: Account
    hooks: Hooks
    shipping: Shipping
    lock: threading.RLock
    random: Random
    seed: int
    _autoship: threading.Event | None = None

    # Shipping

    @_click
    def do_ship(
        self,
        order_number: str | None = None,
        order_id: int | None = None,
        items: Sequence[dict[str, Any]] | None = None,
        parcels: int = 1,
        carrier: str | None = None,
        service: str | None = None,
        with_items: bool = True,
    ) -> dict[str, Any]:
        """Buy labels. `items` ([{"sku" | "lineItemKey" | "orderItemId", "quantity"}]) ships part of the order."""
        order = self._meant(order_id, order_number)
        document = order.open()
        carrier = carrier or flagged_carrier(document) or "ups"
        units = units_of(document, items) if items is not None else None
        made = self.shipping.ship(order, units, int(parcels), carrier, service, with_items)
        return {"orderStatus": order.status, "shipments": [_brief(one) for one in made]}

    @_click
    def do_ship_batch(self, order_ids: Sequence[int], carrier: str | None = None) -> dict[str, Any]:
        """Print a batch: all labels share a batch id, and one webhook tells of all of them."""
        orders = [self._meant(key, None) for key in order_ids]
        return {"shipments": [_brief(one) for one in self._batch(orders, carrier)]}

    def _batch(self, orders: Sequence[Order], carrier: str | None) -> list[Shipment]:
        batch = self.shipping.new_batch()
        made: list[Shipment] = []
        for order in orders:
            chosen = carrier or flagged_carrier(order.open()) or "ups"
            made += self.shipping.ship(order, carrier=chosen, batch=batch)
        self.hooks.labels_made(batch, made)
        return made

    @_click
    def do_ship_all(self, seed: int | None = None, limit: int | None = None) -> dict[str, int]:
        """Ship every waiting order once, in a realistic mix that depends on the seed and the order number only.

        Mostly whole and in batches, some partly (the rest goes with the next call), some in several parcels, some
        marked as shipped. Answers counts.
        """
        waiting = self._waiting()[:limit]
        counts: Counter[str] = Counter(orders=len(waiting))
        whole: list[Order] = []
        for order in waiting:
            dice = Random(f"{self.seed if seed is None else seed}:{order.number}")
            way = _way(dice, order)
            counts[way] += 1
            if way == "whole":
                whole.append(order)
            else:
                self._ship_by(way, order, dice, counts)
        for start in range(0, len(whole), BATCH):
            counts["shipments"] += len(self._batch(whole[start : start + BATCH], None))
            counts["batches"] += 1
        return dict(counts)

    def _waiting(self) -> list[Order]:
        orders = self.account.orders
        return [orders.rows[key] for key in sorted(orders.by_status["awaiting_shipment"])]

    def _ship_by(self, way: str, order: Order, dice: Random, counts: Counter[str]) -> None:
        document = order.open()
        carrier = flagged_carrier(document) or dice.choice(("ups", "fedex", "stamps_com"))
        if way == "marked":
            self.shipping.mark_shipped(order, f"EXT{order.id}", carrier)
            counts["fulfillments"] += 1
            return
        units, parcels = units_left(order, document), 1
        if way == "partial":
            line = max(units, key=lambda key: units[key])
            units = {line: max(1, units[line] // 2)}
        elif way == "parcels":
            parcels = dice.choice((2, 2, 3))
        made = self.shipping.ship(order, units, parcels, carrier)
        counts["shipments"] += len(made)

    def do_autoship(self, every: float = 5.0, chance: float = 0.3) -> dict[str, Any]:
        """Ship waiting orders by and by, from a thread; `every=0` stops it. One thread at most."""
        if self._autoship is not None:
            self._autoship.set()
            self._autoship = None
        if float(every) > 0:
            self._autoship = threading.Event()
            arguments = (self._autoship, float(every), float(chance))
            threading.Thread(target=self._ship_on, args=arguments, daemon=True).start()
        return {"running": self._autoship is not None}

    @property
    def autoship_is_running(self) -> bool:
        return self._autoship is not None

    def _ship_on(self, stopped: threading.Event, every: float, chance: float) -> None:
        dice = Random(self.seed)
        while not stopped.wait(every):
            with self.lock:
                waiting = [order for order in self._waiting() if dice.random() < chance]
            for order in waiting:
                with self.lock:
                    if order.status == "awaiting_shipment" and not order.deleted and not stopped.is_set():
                        self._ship_by(_way(dice, order), order, dice, Counter())

    @_click
    def do_void(self, shipment_id: int) -> dict[str, Any]:
        shipment = self.account.shipments.get(int(shipment_id))
        if shipment is None:
            raise Impossible(f"There is no shipment {shipment_id}.")
        approved = self.shipping.void(shipment)
        return {
            "approved": approved,
            "orderStatus": self.account.orders.rows[shipment.order].status,
        }

    @_click
    def do_return_label(
        self, order_number: str | None = None, order_id: int | None = None, carrier: str = "ups"
    ) -> dict[str, Any]:
        return _brief(self.shipping.return_label(self._meant(order_id, order_number), carrier))

    @_click
    def do_mark_shipped(
        self,
        order_number: str | None = None,
        order_id: int | None = None,
        tracking: str | None = None,
        carrier: str = "usps",
    ) -> dict[str, Any]:
        row = self.shipping.mark_shipped(self._meant(order_id, order_number), tracking, carrier)
        return {"fulfillmentId": row.id, "trackingNumber": row.tracking}

    # Orders

    @_click
    def do_edit(
        self,
        changes: dict[str, Any],
        order_number: str | None = None,
        order_id: int | None = None,
    ) -> dict[str, Any]:
        """Change fields by hand: objects are merged, `quantities` ({sku, line key or id: n}) changes lines."""
        order = self._meant(order_id, order_number)
        if order.status in ("shipped", "cancelled"):
            raise Locked(f"Order {order.number} is {order.status} and cannot be edited.")
        document = order.open()
        quantities = {key: int(value) for key, value in changes.get("quantities", {}).items()}
        for line in document["items"]:
            names = (str(line["orderItemId"]), line["lineItemKey"], line["sku"])
            line["quantity"] = next((quantities[name] for name in names if name in quantities), line["quantity"])
        for name, value in changes.items():
            if isinstance(value, dict) and isinstance(document.get(name), dict):
                document[name] |= value
            elif name in document:
                document[name] = value
        self.account.save(order, document)
        return {"orderId": order.id, "modifyDate": order.modified}

    @_click
    def do_cancel(self, order_number: str | None = None, order_id: int | None = None) -> dict[str, Any]:
        order = self._meant(order_id, order_number)
        self.account.cancel(order)
        return {"orderId": order.id, "orderStatus": order.status}

    @_click
    def do_delete(self, order_number: str | None = None, order_id: int | None = None) -> dict[str, Any]:
        order = self._meant(order_id, order_number)
        self.account.orders.hide(order)
        return {"orderId": order.id, "deleted": True}

    @_click
    def do_hold(
        self,
        order_number: str | None = None,
        order_id: int | None = None,
        until: str | None = None,
    ) -> dict[str, Any]:
        order = self._meant(order_id, order_number)
        self.account.hold(order, until)
        return {"orderId": order.id, "orderStatus": order.status}

    @_click
    def do_restore(self, order_number: str | None = None, order_id: int | None = None) -> dict[str, Any]:
        order = self._meant(order_id, order_number)
        if order.status != "on_hold":
            raise Locked(f"Order {order.number} is not on hold.")
        self.account.set_status(order, "awaiting_shipment")
        return {"orderId": order.id, "orderStatus": order.status}

    @_click
    def do_reject(self, order_number: str | None = None, order_id: int | None = None) -> dict[str, Any]:
        """A fulfillment provider refuses the order."""
        order = self._meant(order_id, order_number)
        self.account.set_status(order, "rejected_fulfillment")
        self.hooks.rejected(order)
        return {"orderId": order.id, "orderStatus": order.status}

    @_click
    def do_split(
        self,
        skus: Sequence[str],
        order_number: str | None = None,
        order_id: int | None = None,
    ) -> dict[str, Any]:
        child = splitting.split(self.account, self._meant(order_id, order_number), skus)
        return {"orderId": child.id, "orderNumber": child.number, "orderKey": child.key}

    @_click
    def do_merge(self, order_ids: Sequence[int]) -> dict[str, Any]:
        merged = splitting.merge(self.account, [self._meant(key, None) for key in order_ids])
        return {"orderId": merged.id, "mergedIds": merged.merged}

    # The account

    @_click
    def do_poison(self, order_id: int, cured: bool = False) -> dict[str, Any]:
        """Every list page that shows this order answers 500; `cured` ends it."""
        if cured:
            self.account.poisoned.discard(int(order_id))
        else:
            self.account.poisoned.add(int(order_id))
        return {"poisoned": sorted(self.account.poisoned)}

    def do_rotate_key(self) -> dict[str, Any]:
        """V2 signs with a new key from now on; the old one stays published."""
        return {"kid": self.hooks.keys.rotate()}

    def _meant(self, order_id: int | None, order_number: str | None) -> Order:
        orders = self.account.orders
        if order_id is not None:
            order = orders.get(int(order_id))
        else:
            rows = [orders.rows[key] for key in orders.by_number.between(order_number, order_number)]
            order = next((one for one in reversed(rows) if not one.deleted), None)
        if order is None:
            raise Impossible(f"There is no order {order_id or order_number}.")
        return order


def _way(dice: Random, order: Order) -> str:
    """How a warehouse ships an order: what began in part is ended with the rest."""
    document = order.open()
    units = sum(units_left(order, document).values())
    roll = dice.random()
    if order.shipped and any(order.shipped.values()):
        return "rest"
    if roll < 0.12 and units > 1:
        return "partial"
    if roll < 0.22 and units > 1:
        return "parcels"
    return "marked" if 0.22 <= roll < 0.27 else "whole"


def flagged_carrier(document: Document) -> str | None:
    """An order that says `carrier:<code>` in its notes or custom fields is shipped with that carrier."""
    advanced = document["advancedOptions"]
    texts = [document["internalNotes"], *(advanced[f"customField{place}"] for place in (1, 2, 3))]
    found = " ".join(text for text in texts if text).partition("carrier:")[2].split()
    return found[0] if found and found[0] in catalogue.carrier_codes() else None


def _brief(row: Shipment) -> dict[str, Any]:
    names = {"shipmentId": row.id, "trackingNumber": row.tracking, "batchId": row.batch}
    return names | {"createDate": row.created}
