"""The operator page of the simulator: what a person would do in ShipStation's own screens, without JavaScript.

Every button posts a form to `/_operator/<action>`, runs the same `do_*` method that the control API runs, and comes
back to the list with a message.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sandbox.shipstation.pages.parts import (
    card,
    document,
    empty,
    filters,
    notice,
    pager,
    toolbar,
)
from sandbox.shipstation.store import Order

if TYPE_CHECKING:
    from sandbox.shipstation.app import ShipStationSimulator

SIZE = 25
_ADDRESS_FIELDS = (
    "name",
    "company",
    "street1",
    "street2",
    "city",
    "state",
    "postalCode",
    "country",
)


class Page:
    def __init__(self, simulator: ShipStationSimulator) -> None:
        self.simulator = simulator

    def routes(self) -> Iterable[Rule]:
        yield Rule("/_operator", endpoint=self.show, methods=["GET"])
        yield Rule("/_operator/<action>", endpoint=self.act, methods=["POST"])

    # Showing

    def show(self, request: Request) -> Response:
        status, search = request.args.get("status", ""), request.args.get("q", "").strip()
        number = request.args.get("page", "1")
        rows = self._find(status, search)
        pages = max(1, -(-len(rows) // SIZE))
        page = min(int(number) if number.isdigit() and number != "0" else 1, pages)
        here = urlencode({"status": status, "q": search, "page": page})
        shown = rows[(page - 1) * SIZE : page * SIZE]
        account = self.simulator.account
        counts = {name: len(keys) for name, keys in account.orders.by_status.items() if keys}
        cards = [card(order, order.open(), account, here) for order in shown]
        body = (
            notice(request.args.get("message"), request.args.get("kind", "done")),
            toolbar(self.simulator, here),
            filters(counts, status, search),
            "".join(cards) if cards else empty(bool(search or status)),
            pager(page, pages, len(rows), {"status": status, "q": search}),
        )
        return Response(document("".join(body)), content_type="text/html; charset=utf-8")

    def _find(self, status: str, search: str) -> list[Order]:
        """Newest first; the search looks at the order number and the ship-to name."""
        orders, word = self.simulator.account.orders, search.lower()
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

    def act(self, request: Request, action: str) -> Response:
        """Run one action, then back to the list (303, so that a reload does not act again)."""
        try:
            message, kind = self._run(action, request), "done"
        except HTTPException as refusal:
            message, kind = refusal.description or "That is not possible.", "refused"
        except (ValueError, KeyError):
            message, kind = "Something in the form could not be read.", "refused"
        back = request.form.get("back", "")
        query = f"{back}&{urlencode({'message': message, 'kind': kind})}".lstrip("&")
        anchor = f"#order-{request.form['order_id']}" if "order_id" in request.form else ""
        return redirect(f"/_operator?{query}{anchor}", 303)

    def _run(self, action: str, request: Request) -> str:
        simulator, form = self.simulator, request.form
        if action in ("ship_all", "autoship", "stop"):
            return self._run_for_all(action)
        if action == "void":
            result = simulator.do_void(int(form["shipment_id"]))
            return "Label voided." if result["approved"] else "That label was voided before."
        key = int(form["order_id"])
        match action:
            case "ship":
                made = simulator.do_ship(order_id=key)["shipments"]
                return f"Label bought: {made[0]['trackingNumber']}."
            case "ship_partly":
                made = simulator.do_ship(
                    order_id=key,
                    items=_quantities(request),
                    parcels=int(form.get("parcels") or 1),
                    carrier=form.get("carrier") or None,
                )["shipments"]
                return f"{len(made)} label(s) bought."
            case "mark_shipped":
                carrier = form.get("carrier") or "usps"
                simulator.do_mark_shipped(order_id=key, tracking=form.get("tracking"), carrier=carrier)
                return "Marked as shipped."
            case "edit":
                simulator.do_edit(_changes(request), order_id=key)
                return "Order changed."
            case "return_label":
                return f"Return label: {simulator.do_return_label(order_id=key)['trackingNumber']}."
            case "hold" | "restore" | "cancel":
                getattr(simulator, f"do_{action}")(order_id=key)
                return f"Order: {_DONE[action]}."
        raise ValueError(action)

    def _run_for_all(self, action: str) -> str:
        if action == "ship_all":
            return f"{self.simulator.do_ship_all()['orders']} waiting order(s) handled."
        running = self.simulator.do_autoship(every=5 if action == "autoship" else 0)["running"]
        return "Orders are now shipped by and by." if running else "Automatic shipping stopped."


_DONE = {"hold": "on hold", "restore": "awaiting shipment again", "cancel": "cancelled"}


def _quantities(request: Request) -> list[dict[str, Any]]:
    """`quantity-<orderItemId>` fields that are not zero."""
    asked = ((name, value) for name, value in request.form.items() if name.startswith("quantity-"))
    found = [
        {"orderItemId": int(name.removeprefix("quantity-")), "quantity": int(value)}
        for name, value in asked
        if value.strip() not in ("", "0")
    ]
    if not found:
        raise ValueError("nothing asked for")
    return found


def _changes(request: Request) -> dict[str, Any]:
    address = {name: request.form[name] or None for name in _ADDRESS_FIELDS if name in request.form}
    lines = {
        name.removeprefix("quantity-"): int(value)
        for name, value in request.form.items()
        if name.startswith("quantity-")
    }
    return {"shipTo": address, "quantities": lines}
