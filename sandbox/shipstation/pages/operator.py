"""The operator page of the simulator: what a person would do in ShipStation's own screens, without JavaScript.

Every button runs the same action as the control API.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from sandbox.kit.pages import OperatorPage, Pages, Slice
from sandbox.shipstation.actions import Actions
from sandbox.shipstation.catalogue import carrier_codes, carrier_name
from sandbox.shipstation.pages.cards import card
from sandbox.shipstation.store import Account, Order
from sandbox.shipstation.webhooks import Webhooks

SIZE = 25
STATUSES = (
    "awaiting_payment",
    "awaiting_shipment",
    "pending_fulfillment",
    "on_hold",
    "shipped",
    "cancelled",
    "rejected_fulfillment",
)
ADDRESS = {
    "name": "Name",
    "company": "Company",
    "street1": "Street",
    "street2": "Street 2",
    "city": "City",
    "state": "State",
    "postalCode": "Postal code",
    "country": "Country",
}


class OrdersPage(OperatorPage):
    def __init__(self, account: Account, webhooks: Webhooks, actions: Actions) -> None:
        self.account = account
        self.webhooks = webhooks
        self.actions = actions
        self.pages = Pages(Path(__file__).parent)

    # Showing

    def show(self, request: Request) -> Response:
        """Newest first."""
        status, search = request.args.get("status", ""), request.args.get("q", "").strip()
        rows = self._find(status, search)
        part = Slice(len(rows), SIZE, request.args.get("page", "1"))
        query = {"status": status, "q": search}
        return self.pages.render(
            "orders.html",
            message=request.args.get("message"),
            kind=request.args.get("kind", "done"),
            query=query,
            back=urlencode({**query, "page": part.page}),
            slice=part,
            orders=[card(order, self.account) for order in part.of(rows)],
            counts=self._counts(status),
            account=self.account,
            webhooks=self.webhooks,
            autoship=self.actions.warehouse.is_running,
            carriers=[(code, carrier_name(code)) for code in carrier_codes()],
            address_labels=ADDRESS,
        )

    def _counts(self, chosen: str) -> dict[str, int]:
        """How many orders have each status; a status without orders is left out unless it is chosen."""
        counts = {status: len(self.account.orders.by_status.get(status, {})) for status in STATUSES}
        return {status: number for status, number in counts.items() if number or status == chosen}

    def _find(self, status: str, search: str) -> list[Order]:
        """The search looks at the order number and the ship-to name."""
        orders, word = self.account.orders, search.lower()
        keys: Iterable[int] = orders.by_status.get(status, {}) if status else orders.rows
        rows = (orders.rows[key] for key in sorted(keys, reverse=True))
        return [
            row
            for row in rows
            if not row.deleted
            and row.merged_into is None
            and (not word or word in row.number.lower() or word in row.name.lower())
        ]

    # Acting

    def anchor(self, form: Mapping[str, str]) -> str:
        return f"order-{form['order_id']}" if "order_id" in form else ""

    def run(self, action: str, form: Mapping[str, str]) -> str:
        actions = self.actions
        match action:
            case "ship_all":
                return f"{actions.do_ship_all()['orders']} waiting order(s) handled."
            case "autoship":
                actions.do_autoship(every=5)
                return "Orders are now shipped by and by."
            case "stop":
                actions.do_autoship(every=0)
                return "Automatic shipping stopped."
            case "void":
                approved = actions.do_void(int(form["shipment_id"]))["approved"]
                return "Label voided." if approved else "That label was voided before."
        return self._run_on_order(action, int(form["order_id"]), form)

    def _run_on_order(self, action: str, key: int, form: Mapping[str, str]) -> str:
        actions = self.actions
        match action:
            case "ship":
                return f"Label bought: {actions.do_ship(order_id=key)['shipments'][0]['trackingNumber']}."
            case "ship_partly":
                parcels, carrier = int(form.get("parcels") or 1), form.get("carrier") or None
                done = actions.do_ship(order_id=key, items=_quantities(form), parcels=parcels, carrier=carrier)
                return f"{len(done['shipments'])} label(s) bought."
            case "mark_shipped":
                carrier = form.get("carrier") or "usps"
                actions.do_mark_shipped(order_id=key, tracking=form.get("tracking"), carrier=carrier)
                return "Marked as shipped."
            case "edit":
                actions.do_edit(_changes(form), order_id=key)
                return "Order changed."
            case "return_label":
                return f"Return label: {actions.do_return_label(order_id=key)['trackingNumber']}."
            case "hold":
                actions.do_hold(order_id=key)
                return "Order: on hold."
            case "restore":
                actions.do_restore(order_id=key)
                return "Order: awaiting shipment again."
            case "cancel":
                actions.do_cancel(order_id=key)
                return "Order: cancelled."
        raise ValueError(action)


def _quantities(form: Mapping[str, str]) -> list[dict[str, Any]]:
    """The `quantity-<orderItemId>` fields that are not zero. Raises `ValueError` where there are none."""
    items = [
        {"orderItemId": int(key), "quantity": int(value)}
        for key, value in _quantity_fields(form)
        if value not in ("", "0")
    ]
    if not items:
        raise ValueError("no quantity")
    return items


def _quantity_fields(form: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for name, value in form.items():
        if name.startswith("quantity-"):
            yield name.removeprefix("quantity-"), value.strip()


def _changes(form: Mapping[str, str]) -> dict[str, Any]:
    address = {name: form[name] or None for name in ADDRESS if name in form}
    return {"shipTo": address, "quantities": {key: int(value) for key, value in _quantity_fields(form)}}
