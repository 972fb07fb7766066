"""The operator page: what a person would do in Visma.net's own screens, without JavaScript.

Every button runs the same `do_*` action that the control API runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from sandbox.kit.pages import OperatorPage, Pages, Slice
from sandbox.visma_net.actions import Actions
from sandbox.visma_net.rules.order_progress import is_over
from sandbox.visma_net.store import Row, Store, Table
from sandbox.visma_net.webhooks import Webhooks

SIZE = 25
VIEWS = {
    "orders": "Purchase orders",
    "receipts": "Purchase receipts",
    "sales": "Sales orders",
    "invoices": "Customer invoices",
}
KEYS = ("order_nbr", "receipt_nbr", "sale_nbr", "invoice_nbr")


class Operator(OperatorPage):
    def __init__(self, store: Store, webhooks: Webhooks, actions: Actions) -> None:
        self.store, self.webhooks, self.actions = store, webhooks, actions
        self.pages = Pages(Path(__file__).parent)
        self.pages.environment.filters["quantity"] = _quantity
        self.pages.environment.tests["over"] = is_over

    # Showing

    def show(self, request: Request) -> Response:
        """Newest first."""
        args = request.args
        view = args.get("view", "orders") if args.get("view", "orders") in VIEWS else "orders"
        query = {"view": view, "status": args.get("status", ""), "q": args.get("q", "").strip()}
        rows = [row for row in self._table(view) if _contains(row, query["q"])]
        counts = dict(sorted(Counter(_status(row) for row in rows).items()))
        matching = [row for row in reversed(rows) if query["status"] in ("", _status(row))]
        slice = Slice(len(matching), SIZE, args.get("page", "1"))
        return self.pages.render(
            "operator.html",
            message=args.get("message"),
            kind=args.get("kind", "done"),
            store=self.store,
            webhooks=self.webhooks,
            views=VIEWS,
            view=view,
            counts={"": len(rows), **counts},
            query=query,
            slice=slice,
            rows=slice.of(matching),
            back=urlencode({**query, "page": slice.page}),
        )

    def _table(self, view: str) -> Table:
        store = self.store
        return {"orders": store.orders, "receipts": store.receipts, "sales": store.sales, "invoices": store.invoices}[
            view
        ]

    # Acting

    def anchor(self, form: Mapping[str, str]) -> str:
        return next((form[name] for name in KEYS if name in form), "")

    def run(self, action: str, form: Mapping[str, str]) -> str:
        if action not in BUTTONS:
            raise ValueError(action)
        return BUTTONS[action](self.actions, form)


Form = Mapping[str, str]


def _create(actions: Actions, form: Form) -> str:
    lines = [
        {"inventory": form[f"item-{number}"], "orderQty": float(form[f"amount-{number}"])}
        for number in (1, 2, 3)
        if form.get(f"item-{number}")
    ]
    if not lines:
        raise ValueError("no lines")
    fields = {"supplier": form["supplier"], "description": form.get("description", "")}
    return f"Purchase order {actions.do_make_order(lines, fields)['orderNbr']} made."


def _edit(actions: Actions, form: Form) -> str:
    actions.do_edit_order(form["order_nbr"], {"description": form["description"]}, _quantities(form))
    return "Purchase order changed."


def _delete_line(actions: Actions, form: Form) -> str:
    actions.do_delete_line(form["order_nbr"], int(form["line_nbr"]))
    return "Line deleted."


def _hold(actions: Actions, form: Form) -> str:
    actions.do_hold_order(form["order_nbr"])
    return "Purchase order on hold."


def _unhold(actions: Actions, form: Form) -> str:
    actions.do_hold_order(form["order_nbr"], False)
    return "Purchase order open."


def _cancel_order(actions: Actions, form: Form) -> str:
    actions.do_cancel_order(form["order_nbr"])
    return "Purchase order cancelled."


def _receive(actions: Actions, form: Form) -> str:
    return _received(actions.do_receive(form["order_nbr"]))


def _receive_partly(actions: Actions, form: Form) -> str:
    quantities = {line: value for line, value in _quantities(form).items() if float(value)}
    if not quantities:
        raise ValueError("nothing to receive")
    return _received(actions.do_receive(form["order_nbr"], quantities, release=form["release"] == "yes"))


def _release(actions: Actions, form: Form) -> str:
    actions.do_release(form["receipt_nbr"])
    return "Receipt released."


def _cancel_receipt(actions: Actions, form: Form) -> str:
    actions.do_cancel_receipt(form["receipt_nbr"])
    return "Receipt cancelled."


def _invoice(actions: Actions, form: Form) -> str:
    return f"Invoice {actions.do_invoice(form['sale_nbr'])['referenceNumber']} made."


def _release_invoice(actions: Actions, form: Form) -> str:
    actions.do_release_invoice(form["invoice_nbr"])
    return "Invoice released."


BUTTONS: dict[str, Callable[[Actions, Form], str]] = {
    "create": _create,
    "edit": _edit,
    "delete_line": _delete_line,
    "hold": _hold,
    "unhold": _unhold,
    "cancel_order": _cancel_order,
    "receive": _receive,
    "receive_partly": _receive_partly,
    "release": _release,
    "cancel_receipt": _cancel_receipt,
    "invoice": _invoice,
    "release_invoice": _release_invoice,
}


def _quantities(form: Form) -> dict[str, str]:
    """`quantity-<line>` fields that were filled in."""
    fields = ((name, value.strip()) for name, value in form.items() if name.startswith("quantity-"))
    return {name.removeprefix("quantity-"): value for name, value in fields if value}


def _received(receipt: Mapping[str, Any]) -> str:
    return f"Receipt {receipt['receiptNbr']} is {receipt['status']}; the order is {receipt['orderStatus']}."


def _quantity(value: Decimal | int) -> str:
    """A number as a person writes it."""
    return f"{Decimal(value):f}".removesuffix(".0")


def _status(row: Row) -> str:
    status: Any = row.body["status"]
    return str(status["description"]) if isinstance(status, dict) else str(status)


def _contains(row: Row, search: str) -> bool:
    """By number, by whom it is with, by item, or by our mark on a receipt."""
    body, word = row.body, search.lower()
    party: Any = body.get("supplier") or body.get("customer")
    lines: Any = body.get("lines") or body.get("orderLines") or body.get("invoiceLines") or []
    texts = [row.key, party["name"], body.get("customStr1") or "", body.get("customerRefNumber") or ""]
    texts += [str(line.get("inventory") or line.get("inventoryNumber") or "") for line in lines]
    texts += [str(line.get("poOrderNbr") or line.get("soOrderNbr") or "") for line in lines]
    return any(word in text.lower() for text in texts)
