"""How a warehouse works through the waiting orders: whole, in part, in several parcels, or marked as shipped."""

from __future__ import annotations

import threading
from collections import Counter
from random import Random

from sandbox.kit.context import Context
from sandbox.shipstation.rules.shipping import Shipping, flagged_carrier
from sandbox.shipstation.rules.units import units_left
from sandbox.shipstation.store import Account, Order

BATCH = 25


class Warehouse:
    def __init__(self, context: Context, account: Account, shipping: Shipping) -> None:
        self.context = context
        self.account = account
        self.shipping = shipping
        self._stop: threading.Event | None = None

    def waiting(self) -> list[Order]:
        orders = self.account.orders
        return [orders.rows[key] for key in sorted(orders.by_status["awaiting_shipment"])]

    def ship_all(self, seed: int, limit: int | None = None) -> dict[str, int]:
        """Ship every waiting order once, in a mix that depends on the seed and the order number only. Returns counts.

        Mostly whole and in batches, some partly (the rest goes with the next call), some in several parcels, some
        marked as shipped.
        """
        waiting = self.waiting()[:limit]
        counts: Counter[str] = Counter(orders=len(waiting))
        whole: list[Order] = []
        for order in waiting:
            random = Random(f"{seed}:{order.number}")
            method = _method(random, order)
            counts[method] += 1
            if method == "whole":
                whole.append(order)
            else:
                self._ship(method, order, random, counts)
        for start in range(0, len(whole), BATCH):
            counts["shipments"] += len(self.shipping.ship_batch(whole[start : start + BATCH]))
            counts["batches"] += 1
        return dict(counts)

    def _ship(self, method: str, order: Order, random: Random, counts: Counter[str]) -> None:
        document = order.open()
        carrier = flagged_carrier(document) or random.choice(("ups", "fedex", "stamps_com"))
        if method == "marked":
            self.shipping.mark_shipped(order, f"EXT{order.id}", carrier)
            counts["fulfillments"] += 1
            return
        units, parcels = units_left(order, document), 1
        if method == "partial":
            line = max(units, key=lambda key: units[key])
            units = {line: max(1, units[line] // 2)}
        elif method == "parcels":
            parcels = random.choice((2, 2, 3))
        counts["shipments"] += len(self.shipping.ship(order, units, parcels, carrier))

    # By itself

    @property
    def is_running(self) -> bool:
        return self._stop is not None

    def start(self, every: float, chance: float) -> None:
        """Ship waiting orders from a thread, each with this chance every so many seconds; one thread at most."""
        self.stop()
        self._stop = threading.Event()
        threading.Thread(target=self._run, args=(self._stop, every, chance), daemon=True).start()

    def stop(self) -> None:
        if self._stop is not None:
            self._stop.set()
            self._stop = None

    def _run(self, stopped: threading.Event, every: float, chance: float) -> None:
        random = Random(self.context.seed)
        while not stopped.wait(every):
            with self.context.lock:
                chosen = [order for order in self.waiting() if random.random() < chance]
            for order in chosen:
                with self.context.lock:
                    if order.status == "awaiting_shipment" and not order.deleted and not stopped.is_set():
                        self._ship(_method(random, order), order, random, Counter())


def _method(random: Random, order: Order) -> str:
    """How this order is shipped: what began in part is ended with the rest."""
    units = sum(units_left(order, order.open()).values())
    draw = random.random()
    if order.shipped and any(order.shipped.values()):
        return "rest"
    if draw < 0.12 and units > 1:
        return "partial"
    if draw < 0.22 and units > 1:
        return "parcels"
    return "marked" if 0.22 <= draw < 0.27 else "whole"
