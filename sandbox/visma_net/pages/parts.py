"""The frame of the operator page. Every value that came from outside goes through `text`."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlencode

from sandbox.visma_net.pages.style import STYLE

VIEWS = {
    "orders": "Purchase orders",
    "receipts": "Purchase receipts",
    "sales": "Sales orders",
    "invoices": "Customer invoices",
}


def text(value: Any) -> str:
    return escape("" if value is None else str(value))


def quantity(value: Any) -> str:
    """A number as a person writes it."""
    return text(f"{value:f}".removesuffix(".0"))


def document(body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Visma.net simulator</title><style>{STYLE}</style></head><body>"
        "<header><h1>Visma.net ERP <small>simulator</small></h1>"
        "<p>A stand-in for Visma.net's own screens. What you do here really happens:"
        " documents change, and webhooks are sent.</p></header>"
        f"<main>{body}</main></body></html>"
    )


def notice(message: str | None, kind: str) -> str:
    if not message:
        return ""
    role = "alert" if kind == "refused" else "status"
    return f'<p class="notice {text(kind)}" role="{role}">{text(message)}</p>'


def form(action: str, back: str, inner: str, hidden: Mapping[str, Any] | None = None) -> str:
    fields = "".join(
        f'<input type="hidden" name="{text(name)}" value="{text(value)}">'
        for name, value in {**(hidden or {}), "back": back}.items()
    )
    return f'<form method="post" action="/_operator/{action}">{fields}{inner}</form>'


def button(label: str, kind: str = "") -> str:
    return f'<button class="{kind}">{text(label)}</button>'


def fold(label: str, inner: str) -> str:
    return f"<details><summary>{text(label)}</summary>{inner}</details>"


def badge(status: str) -> str:
    return f'<span class="badge {text(status)}">{text(status)}</span>'


def card(ident: str, title: str, status: str, who: str, *parts: str) -> str:
    return (
        f'<article class="card" id="{text(ident)}"><div class="head"><h2>{text(title)}</h2>{badge(status)}</div>'
        f'<p class="who">{who}</p>{"".join(parts)}</article>'
    )


def items(kind: str, rows: list[str]) -> str:
    inner = "".join(f"<li>{row}</li>" for row in rows)
    return f'<ul class="{kind}">{inner}</ul>' if rows else ""


def views(current: str) -> str:
    links = "".join(_tab({"view": name}, label, name == current) for name, label in VIEWS.items())
    return f'<nav class="tabs views" aria-label="Documents">{links}</nav>'


def filters(view: str, counts: Mapping[str, int], status: str, search: str) -> str:
    chosen = {"": sum(counts.values()), **counts}
    tabs = "".join(
        _tab({"view": view, "status": name, "q": search}, name or "all", name == status, count)
        for name, count in chosen.items()
    )
    return (
        f'<nav class="tabs" aria-label="Status">{tabs}</nav>'
        '<form class="search" method="get" action="/_operator" role="search">'
        f'<input type="hidden" name="view" value="{text(view)}"><input type="hidden" name="status" value="{text(status)}">'
        '<label for="q">Number, name or item</label>'
        f'<div class="row"><input id="q" type="search" name="q" value="{text(search)}">{button("Search")}</div></form>'
    )


def _tab(query: Mapping[str, str], label: str, current: bool, count: int | None = None) -> str:
    mark = ' aria-current="page"' if current else ""
    number = "" if count is None else f" <b>{count}</b>"
    return f'<a href="/_operator?{text(urlencode(query))}"{mark}>{text(label)}{number}</a>'


def empty(view: str) -> str:
    return f'<div class="empty"><h2>Nothing here</h2><p>No {text(VIEWS[view].lower())} match.</p></div>'


def pager(page: int, pages: int, total: int, query: Mapping[str, Any]) -> str:
    if pages == 1:
        return ""
    links = []
    for label, number, there in (("Newer", page - 1, page > 1), ("Older", page + 1, page < pages)):
        address = text(urlencode({**query, "page": number}))
        links.append(f'<a href="/_operator?{address}">{label}</a>' if there else f"<span>{label}</span>")
    return (
        f'<nav class="pager" aria-label="Pages">{links[0]}'
        f"<span>Page {page} of {pages}, {total} documents</span>{links[1]}</nav>"
    )
