"""The parts of the operator page. Every value that came from outside goes through `escape`."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandbox.shipstation import seed as catalogue
from sandbox.shipstation.pages.style import STYLE
from sandbox.shipstation.rules.shipping import units_left
from sandbox.shipstation.store import Document, Order

if TYPE_CHECKING:
    from sandbox.shipstation.account import Account
    from sandbox.shipstation.app import ShipStationSimulator

STATUSES = (
    "awaiting_payment",
    "awaiting_shipment",
    "pending_fulfillment",
    "on_hold",
    "shipped",
    "cancelled",
    "rejected_fulfillment",
)
_ADDRESS = {
    "name": "Name",
    "company": "Company",
    "street1": "Street",
    "street2": "Street 2",
    "city": "City",
    "state": "State",
    "postalCode": "Postal code",
    "country": "Country",
}


def _text(value: Any) -> str:
    return escape("" if value is None else str(value))


def _words(status: str) -> str:
    return _text(status.replace("_", " "))


def document(body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>ShipStation simulator</title><style>{STYLE}</style></head><body>"
        "<header><h1>ShipStation <small>simulator</small></h1>"
        "<p>A stand-in for ShipStation's own screens. What you do here really happens:"
        " orders change, and webhooks are sent.</p></header>"
        f"<main>{body}</main></body></html>"
    )


def notice(message: str | None, kind: str) -> str:
    if not message:
        return ""
    role = "alert" if kind == "refused" else "status"
    return f'<p class="notice {_text(kind)}" role="{role}">{_text(message)}</p>'


def _form(action: str, back: str, inner: str, hidden: dict[str, Any] | None = None) -> str:
    fields = "".join(
        f'<input type="hidden" name="{_text(name)}" value="{_text(value)}">'
        for name, value in {**(hidden or {}), "back": back}.items()
    )
    return f'<form method="post" action="/_operator/{action}">{fields}{inner}</form>'


def _button(label: str, kind: str = "") -> str:
    return f'<button class="{kind}">{_text(label)}</button>'


def toolbar(simulator: ShipStationSimulator, back: str) -> str:
    account, hooks = simulator.account, simulator.hooks
    running = simulator.autoship_is_running
    auto = ("stop", "Stop automatic shipping") if running else ("autoship", "Ship automatically")
    subscribed = len(hooks.v1) + len(hooks.v2)
    facts = (
        f"{len(account.shipments)} labels · {len(account.fulfillments)} marked as shipped ·"
        f" {subscribed} webhook subscriptions · {hooks.outcomes['delivered']} notifications delivered,"
        f" {hooks.outcomes['failed']} failed, {len(hooks.waiting)} waiting"
    )
    return (
        f'<section class="toolbar" aria-label="All orders"><p>{facts}</p><div class="row">'
        f"{_form('ship_all', back, _button('Ship all waiting orders', 'main'))}"
        f"{_form(auto[0], back, _button(auto[1]))}</div></section>"
    )


def filters(counts: dict[str, int], status: str, search: str) -> str:
    chosen = [name for name in STATUSES if name in counts or name == status]
    tabs = "".join(_tab(name, counts.get(name, 0), name == status, search) for name in chosen)
    whole = _tab("", sum(counts.values()), not status, search)
    return (
        f'<nav class="tabs" aria-label="Status">{whole}{tabs}</nav>'
        '<form class="search" method="get" action="/_operator" role="search">'
        f'<input type="hidden" name="status" value="{_text(status)}">'
        '<label for="q">Order number or name</label>'
        f'<div class="row"><input id="q" type="search" name="q" value="{_text(search)}">'
        f"{_button('Search')}</div></form>"
    )


def _tab(status: str, count: int, current: bool, search: str) -> str:
    query = _text(urlencode({"status": status, "q": search}))
    mark = ' aria-current="page"' if current else ""
    label = _words(status) if status else "all"
    return f'<a href="/_operator?{query}"{mark}>{label} <b>{count}</b></a>'


def empty(filtered: bool) -> str:
    if filtered:
        return '<p class="empty">No order matches. <a href="/_operator">Show all orders</a></p>'
    return (
        '<div class="empty"><h2>No orders yet</h2><p>Orders appear here as soon as something posts them to'
        " <code>/orders/createorders</code>. Reload the page to look again.</p></div>"
    )


def pager(page: int, pages: int, total: int, query: dict[str, Any]) -> str:
    if pages == 1:
        return ""
    links = []
    for label, number, there in (("Newer", page - 1, page > 1), ("Older", page + 1, page < pages)):
        address = _text(urlencode(query | {"page": number}))
        links.append(f'<a href="/_operator?{address}">{label}</a>' if there else f"<span>{label}</span>")
    return (
        f'<nav class="pager" aria-label="Pages">{links[0]}'
        f"<span>Page {page} of {pages}, {total} orders</span>{links[1]}</nav>"
    )


def card(order: Order, found: Document, account: Account, back: str) -> str:
    address = found["shipTo"]
    place = ", ".join(part for part in (address["city"], address["state"], address["country"]) if part)
    parent = found["advancedOptions"]["parentId"]
    notes = [f"held until {found['holdUntilDate']}" if found["holdUntilDate"] else ""]
    notes += [f"split from {parent}" if parent else ""]
    notes += [f"merged with {len(order.merged)} more" if order.merged else ""]
    remark = "".join(f" · {_text(note)}" for note in notes if note)
    return (
        f'<article class="card" id="order-{order.id}"><div class="head"><h2>{_text(order.number)}</h2>'
        f'<span class="badge {_text(order.status)}">{_words(order.status)}</span></div>'
        f'<p class="who">{_text(address["name"])}<br><span>{_text(place)}{remark}</span></p>'
        f"{_lines(order, found)}{_shipments(order, account, back)}{_actions(order, found, back)}</article>"
    )


def _lines(order: Order, found: Document) -> str:
    left = units_left(order, found)
    rows = []
    for line in found["items"]:
        sent = line["quantity"] - left.get(line["orderItemId"], 0)
        some = f"<small>{sent} shipped</small>" if sent and left and not line["adjustment"] else ""
        rows.append(
            f"<li><b>{_text(line['quantity'])} ×</b> {_text(line['name'])}"
            f" <code>{_text(line['sku'])}</code> {some}</li>"
        )
    return f'<ul class="lines">{"".join(rows)}</ul>' if rows else '<p class="none">No items</p>'


def _shipments(order: Order, account: Account, back: str) -> str:
    rows = []
    for key in order.shipments:
        row = account.shipments[key]
        units = sum(row.units.values())
        kind = "return label" if row.is_return else f"{units} unit{'' if units == 1 else 's'}"
        name = _text(catalogue.carrier_name(row.carrier))
        what = f"{name} <code>{_text(row.tracking)}</code> <small>{row.shipped}, {kind}</small>"
        void = _form("void", back, _button("Void label", "quiet"), {"shipment_id": key, "order_id": order.id})
        rows.append(f"<li><s>{what}</s> voided</li>" if row.voided else f"<li>{what}{void}</li>")
    for key in order.fulfillments:
        mark = account.fulfillments[key]
        rows.append(f"<li>Marked as shipped <code>{_text(mark.tracking)}</code> <small>{mark.shipped}</small></li>")
    return f'<ul class="shipments">{"".join(rows)}</ul>' if rows else ""


def _actions(order: Order, found: Document, back: str) -> str:
    key = {"order_id": order.id}
    if order.status == "awaiting_shipment":
        parts = [
            _form("ship", back, _button("Ship", "main"), key),
            _partly(order, found, back),
            _form("hold", back, _button("Hold"), key),
            _mark(order, back),
            _edit(order, found, back),
            _form("cancel", back, _button("Cancel order", "quiet"), key),
        ]
    elif order.status in ("on_hold", "awaiting_payment", "pending_fulfillment"):
        held = [_form("restore", back, _button("Release"), key)] if order.status == "on_hold" else []
        cancel = _form("cancel", back, _button("Cancel order", "quiet"), key)
        parts = [*held, _mark(order, back), _edit(order, found, back), cancel]
    elif order.status == "shipped" and order.shipments:
        parts = [_form("return_label", back, _button("Return label"), key)]
    else:
        return ""
    return f'<div class="actions">{"".join(parts)}</div>'


def _fold(label: str, inner: str) -> str:
    return f"<details><summary>{_text(label)}</summary>{inner}</details>"


def _carriers() -> str:
    options = (
        f'<option value="{code}">{_text(catalogue.carrier_name(code))}</option>' for code in catalogue.carrier_codes()
    )
    return f'<label>Carrier <select name="carrier">{"".join(options)}</select></label>'


def _item(line: Document) -> str:
    """Name and SKU: lines of one order may bear the same name."""
    return f"{_text(line['name'])} <code>{_text(line['sku'])}</code>"


def _partly(order: Order, found: Document, back: str) -> str:
    left = units_left(order, found)
    fields = "".join(
        f"<label>{_item(line)} <small>of {left[line['orderItemId']]}</small>"
        f'<input type="number" min="0" max="{left[line["orderItemId"]]}" value="0"'
        f' name="quantity-{line["orderItemId"]}"></label>'
        for line in found["items"]
        if line["orderItemId"] in left
    )
    parcels = '<label>Parcels <input type="number" name="parcels" min="1" max="20" value="1"></label>'
    inner = f"{fields}{parcels}{_carriers()}{_button('Ship these', 'main')}"
    return _fold("Ship partly", _form("ship_partly", back, inner, {"order_id": order.id}))


def _mark(order: Order, back: str) -> str:
    inner = f'<label>Tracking number <input name="tracking"></label>{_carriers()}{_button("Mark as shipped", "main")}'
    return _fold("Mark as shipped", _form("mark_shipped", back, inner, {"order_id": order.id}))


def _edit(order: Order, found: Document, back: str) -> str:
    address = found["shipTo"]
    fields = "".join(
        f'<label>{label} <input name="{name}" value="{_text(address[name])}"></label>'
        for name, label in _ADDRESS.items()
    )
    lines = "".join(
        f'<label>{_item(line)} <input type="number" min="0" name="quantity-{line["orderItemId"]}"'
        f' value="{_text(line["quantity"])}"></label>'
        for line in found["items"]
        if not line["adjustment"]
    )
    inner = f"{fields}{lines}{_button('Save', 'main')}"
    return _fold("Edit", _form("edit", back, inner, {"order_id": order.id}))
