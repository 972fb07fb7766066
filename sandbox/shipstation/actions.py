"""What a person does on ShipStation's screens, one method each: `POST /_control/do/<name>` and the operator page.

An order is named by `order_id` or `order_number` (the newest order with that number). Each method takes the lock of
the simulator by itself, so tests may call it from their own thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from werkzeug.exceptions import HTTPException

from sandbox.kit.context import Context
from sandbox.kit.responses import json_response
from sandbox.shipstation.rules import splitting
from sandbox.shipstation.rules.shipping import Shipping, flagged_carrier
from sandbox.shipstation.rules.statuses import Locked, Statuses
from sandbox.shipstation.rules.units import units_of
from sandbox.shipstation.rules.warehouse import Warehouse
from sandbox.shipstation.store import Account, Document, Order, Shipment
from sandbox.shipstation.webhooks import Webhooks

P = ParamSpec("P")
R = TypeVar("R")


class Impossible(HTTPException):
    """A person asked for something that this order does not allow; the description says why."""

    code = 409

    def __init__(self, message: str) -> None:
        super().__init__(message, json_response({"Message": message}, 409))


def _action(work: Callable[Concatenate[Actions, P], R]) -> Callable[Concatenate[Actions, P], R]:
    """One action of a person: under the lock, and a locked order is `Impossible`."""

    def run(self: Actions, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.context.lock:
            try:
                return work(self, *args, **kwargs)
            except Locked as error:
                raise Impossible(str(error)) from None

    return wraps(work)(run)


class Actions:
    def __init__(
        self, context: Context, account: Account, statuses: Statuses, shipping: Shipping, webhooks: Webhooks
    ) -> None:
        self.context = context
        self.account = account
        self.statuses = statuses
        self.shipping = shipping
        self.webhooks = webhooks
        self.warehouse = Warehouse(context, account, shipping)

    # Shipping

    @_action
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
        order = self._order(order_id, order_number)
        document = order.open()
        carrier = carrier or flagged_carrier(document) or "ups"
        units = units_of(document, items) if items is not None else None
        shipments = self.shipping.ship(order, units, int(parcels), carrier, service, with_items)
        return {"orderStatus": order.status, "shipments": [_brief(shipment) for shipment in shipments]}

    @_action
    def do_ship_batch(self, order_ids: Sequence[int], carrier: str | None = None) -> dict[str, Any]:
        """Print a batch: all labels share a batch id, and one webhook tells of all of them."""
        orders = [self._order(key, None) for key in order_ids]
        return {"shipments": [_brief(shipment) for shipment in self.shipping.ship_batch(orders, carrier)]}

    @_action
    def do_ship_all(self, seed: int | None = None, limit: int | None = None) -> dict[str, int]:
        """Ship every waiting order once, in a realistic mix. Returns counts."""
        return self.warehouse.ship_all(self.context.seed if seed is None else seed, limit)

    def do_autoship(self, every: float = 5.0, chance: float = 0.3) -> dict[str, Any]:
        """Ship waiting orders by and by; `every=0` stops it."""
        if float(every) > 0:
            self.warehouse.start(float(every), float(chance))
        else:
            self.warehouse.stop()
        return {"running": self.warehouse.is_running}

    @_action
    def do_void(self, shipment_id: int) -> dict[str, Any]:
        shipment = self.account.shipments.get(int(shipment_id))
        if shipment is None:
            raise Impossible(f"There is no shipment {shipment_id}.")
        approved = self.shipping.void(shipment)
        return {"approved": approved, "orderStatus": self.account.orders.rows[shipment.order].status}

    @_action
    def do_return_label(
        self, order_number: str | None = None, order_id: int | None = None, carrier: str = "ups"
    ) -> dict[str, Any]:
        return _brief(self.shipping.return_label(self._order(order_id, order_number), carrier))

    @_action
    def do_mark_shipped(
        self,
        order_number: str | None = None,
        order_id: int | None = None,
        tracking: str | None = None,
        carrier: str = "usps",
    ) -> dict[str, Any]:
        row = self.shipping.mark_shipped(self._order(order_id, order_number), tracking, carrier)
        return {"fulfillmentId": row.id, "trackingNumber": row.tracking}

    # Orders

    @_action
    def do_edit(
        self, changes: dict[str, Any], order_number: str | None = None, order_id: int | None = None
    ) -> dict[str, Any]:
        """Change fields by hand: objects are merged, `quantities` ({sku, line key or id: n}) changes lines."""
        order = self._order(order_id, order_number)
        if order.status in ("shipped", "cancelled"):
            raise Locked(f"Order {order.number} is {order.status} and cannot be edited.")
        document = order.open()
        _edit(document, changes)
        self.account.save(order, document)
        return {"orderId": order.id, "modifyDate": order.modified}

    @_action
    def do_cancel(self, order_number: str | None = None, order_id: int | None = None) -> dict[str, Any]:
        order = self._order(order_id, order_number)
        self.statuses.cancel(order)
        return _status(order)

    @_action
    def do_delete(self, order_number: str | None = None, order_id: int | None = None) -> dict[str, Any]:
        order = self._order(order_id, order_number)
        self.account.orders.hide(order)
        return {"orderId": order.id, "deleted": True}

    @_action
    def do_hold(
        self, order_number: str | None = None, order_id: int | None = None, until: str | None = None
    ) -> dict[str, Any]:
        order = self._order(order_id, order_number)
        self.statuses.hold(order, until)
        return _status(order)

    @_action
    def do_restore(self, order_number: str | None = None, order_id: int | None = None) -> dict[str, Any]:
        order = self._order(order_id, order_number)
        if order.status != "on_hold":
            raise Locked(f"Order {order.number} is not on hold.")
        self.statuses.set(order, "awaiting_shipment")
        return _status(order)

    @_action
    def do_reject(self, order_number: str | None = None, order_id: int | None = None) -> dict[str, Any]:
        """A fulfillment provider refuses the order."""
        order = self._order(order_id, order_number)
        self.statuses.set(order, "rejected_fulfillment")
        self.webhooks.rejected(order)
        return _status(order)

    @_action
    def do_split(
        self, skus: Sequence[str], order_number: str | None = None, order_id: int | None = None
    ) -> dict[str, Any]:
        child = splitting.split(self.context, self.account, self._order(order_id, order_number), skus)
        return {"orderId": child.id, "orderNumber": child.number, "orderKey": child.key}

    @_action
    def do_merge(self, order_ids: Sequence[int]) -> dict[str, Any]:
        merged = splitting.merge(self.account, [self._order(key, None) for key in order_ids])
        return {"orderId": merged.id, "mergedIds": merged.merged}

    # The account

    @_action
    def do_poison(self, order_id: int, cured: bool = False) -> dict[str, Any]:
        """Every list page that shows this order fails with 500; `cured` ends it."""
        if cured:
            self.account.poisoned.discard(int(order_id))
        else:
            self.account.poisoned.add(int(order_id))
        return {"poisoned": sorted(self.account.poisoned)}

    def do_rotate_key(self) -> dict[str, Any]:
        """V2 signs with a new key from now on; the old one stays published."""
        return {"kid": self.webhooks.keys.rotate()}

    def _order(self, order_id: int | None, order_number: str | None) -> Order:
        orders = self.account.orders
        if order_id is not None:
            order = orders.get(int(order_id))
        else:
            rows = [orders.rows[key] for key in orders.by_number.between(order_number, order_number)]
            order = next((row for row in reversed(rows) if not row.deleted), None)
        if order is None:
            raise Impossible(f"There is no order {order_id or order_number}.")
        return order


def _edit(document: Document, changes: dict[str, Any]) -> None:
    quantities = {key: int(value) for key, value in changes.get("quantities", {}).items()}
    for line in document["items"]:
        names = (str(line["orderItemId"]), line["lineItemKey"], line["sku"])
        line["quantity"] = next((quantities[name] for name in names if name in quantities), line["quantity"])
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(document.get(name), dict):
            document[name] |= value
        elif name in document:
            document[name] = value


def _status(order: Order) -> dict[str, Any]:
    return {"orderId": order.id, "orderStatus": order.status}


def _brief(shipment: Shipment) -> dict[str, Any]:
    names = {"shipmentId": shipment.id, "trackingNumber": shipment.tracking, "batchId": shipment.batch}
    return names | {"createDate": shipment.created}
