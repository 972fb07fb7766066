"""The operator page of the simulator: what a person would do in Visma.net's own screens, without JavaScript.

Every button posts a form to `/_operator/<action>`, runs the same `do_*` method that the control API runs, and comes
back to the list with a message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from decimal import InvalidOperation
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sandbox.visma_net.pages import cards
from sandbox.visma_net.pages.parts import (
    VIEWS,
    document,
    empty,
    filters,
    notice,
    pager,
    text,
    views,
)
from sandbox.visma_net.store import Row, Store, Table

if TYPE_CHECKING:
    from sandbox.visma_net.app import VismaNetSimulator

SIZE = 25
CARDS: dict[str, Callable[[Store, Row, str], str]] = {
    "orders": cards.order_card,
    "receipts": cards.receipt_card,
    "sales": cards.sale_card,
    "invoices": cards.invoice_card,
}


class Page:
    def __init__(self, simulator: VismaNetSimulator) -> None:
        self.simulator = simulator

    def routes(self) -> Iterable[Rule]:
        yield Rule("/_operator", endpoint=self.show, methods=["GET"])
        yield Rule("/_operator/<action>", endpoint=self.act, methods=["POST"])

    # Showing

    def show(self, request: Request) -> Response:
        """Newest first."""
        store, args = self.simulator.store, request.args
        view = args.get("view", "orders") if args.get("view", "orders") in VIEWS else "orders"
        status, search = args.get("status", ""), args.get("q", "").strip()
        rows = [row for row in self._table(view) if _found(row, search)]
        counts = dict(sorted(Counter(_status(row) for row in rows).items()))
        rows = [row for row in reversed(rows) if not status or _status(row) == status]
        pages = max(1, -(-len(rows) // SIZE))
        asked = args.get("page", "1")
        page = min(int(asked) if asked.isdigit() and asked != "0" else 1, pages)
        query = {"view": view, "status": status, "q": search}
        here = urlencode({**query, "page": page})
        shown = [CARDS[view](store, row, here) for row in rows[(page - 1) * SIZE : page * SIZE]]
        body = (
            notice(args.get("message"), args.get("kind", "done")),
            self._toolbar(here),
            views(view),
            cards.new_order(store, here) if view == "orders" else "",
            filters(view, counts, status, search),
            "".join(shown) or empty(view),
            pager(page, pages, len(rows), query),
        )
        return Response(document("".join(body)), content_type="text/html; charset=utf-8")

    def _table(self, view: str) -> Table:
        store = self.simulator.store
        return {"orders": store.orders, "receipts": store.receipts, "sales": store.sales, "invoices": store.invoices}[
            view
        ]

    def _toolbar(self, back: str) -> str:
        store, hooks = self.simulator.store, self.simulator.hooks
        facts = (
            f"{len(store.orders)} purchase orders · {len(store.receipts)} receipts · {len(store.invoices)} invoices ·"
            f" {len(hooks.subscriptions)} webhook subscriptions · {hooks.outcomes['delivered']} events delivered,"
            f" {hooks.outcomes['failed']} failed, {len(hooks.waiting)} waiting"
        )
        return f'<section class="toolbar" aria-label="{text(store.name)}"><p>{facts}</p></section>'

    # Acting

    def act(self, request: Request, action: str) -> Response:
        """Run one action, then back to the list (303, so that a reload does not act again)."""
        form = dict(request.form.items())
        try:
            message, kind = self._run(action, form), "done"
        except HTTPException as refusal:
            message, kind = refusal.description or "That is not possible.", "refused"
        except (ValueError, KeyError, InvalidOperation):
            message, kind = "Something in the form could not be read.", "refused"
        query = f"{form.get('back', '')}&{urlencode({'message': message, 'kind': kind})}".lstrip("&")
        keys = [form[name] for name in ("order_nbr", "receipt_nbr", "sale_nbr", "invoice_nbr") if name in form]
        return redirect(f"/_operator?{query}{f'#{keys[0]}' if keys else ''}", 303)

    def _run(self, action: str, form: dict[str, str]) -> str:
        simulator = self.simulator
        match action:
            case "create":
                return f"Purchase order {self._create(form)} made."
            case "edit":
                simulator.do_edit_order(form["order_nbr"], {"description": form["description"]}, _quantities(form))
                return "Purchase order changed."
            case "delete_line":
                simulator.do_delete_line(form["order_nbr"], int(form["line_nbr"]))
                return "Line deleted."
            case "hold" | "unhold":
                simulator.do_hold_order(form["order_nbr"], action == "hold")
                return "Purchase order on hold." if action == "hold" else "Purchase order open."
            case "cancel_order":
                simulator.do_cancel_order(form["order_nbr"])
                return "Purchase order cancelled."
            case "receive":
                return _taken(simulator.do_receive(form["order_nbr"]))
            case "receive_partly":
                wanted = {line: value for line, value in _quantities(form).items() if float(value)}
                if not wanted:
                    raise ValueError("nothing asked for")
                return _taken(simulator.do_receive(form["order_nbr"], wanted, release=form["release"] == "yes"))
            case "release":
                simulator.do_release(form["receipt_nbr"])
                return "Receipt released."
            case "cancel_receipt":
                simulator.do_cancel_receipt(form["receipt_nbr"])
                return "Receipt cancelled."
            case "invoice":
                return f"Invoice {simulator.do_invoice(form['sale_nbr'])['referenceNumber']} made."
            case "release_invoice":
                simulator.do_release_invoice(form["invoice_nbr"])
                return "Invoice released."
        raise ValueError(action)

    def _create(self, form: dict[str, str]) -> str:
        lines = [
            {"inventory": form[f"item-{place}"], "orderQty": float(form[f"amount-{place}"])}
            for place in (1, 2, 3)
            if form.get(f"item-{place}")
        ]
        if not lines:
            raise ValueError("no lines")
        about = {"supplier": form["supplier"], "description": form.get("description", "")}
        number: str = self.simulator.do_make_order(lines, about)["orderNbr"]
        return number


def _status(row: Row) -> str:
    status: Any = row.body["status"]
    return str(status["description"]) if isinstance(status, dict) else str(status)


def _found(row: Row, search: str) -> bool:
    """By number, by whom it is with, by item, or by our mark on a receipt."""
    if not search:
        return True
    body, word = row.body, search.lower()
    who: Any = body.get("supplier") or body.get("customer")
    lines: Any = body.get("lines") or body.get("orderLines") or body.get("invoiceLines") or []
    texts = [row.key, who["name"], body.get("customStr1") or "", body.get("customerRefNumber") or ""]
    texts += [str(line.get("inventory") or line.get("inventoryNumber") or "") for line in lines]
    texts += [str(line.get("poOrderNbr") or line.get("soOrderNbr") or "") for line in lines]
    return any(word in each.lower() for each in texts)


def _quantities(form: dict[str, str]) -> dict[str, str]:
    """`quantity-<line>` fields."""
    asked = ((name, value.strip()) for name, value in form.items() if name.startswith("quantity-"))
    return {name.removeprefix("quantity-"): value for name, value in asked if value}


def _taken(made: dict[str, Any]) -> str:
    return f"Receipt {made['receiptNbr']} is {made['status']}; the order is {made['orderStatus']}."
