"""Between the wire and plain documents: Example writes amounts as text, and instants without their zone, which is UTC."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from connections.vendor import Body, Document

AMOUNTS, INSTANTS = frozenset({"price", "total"}), frozenset({"changed"})


def decode(wire: Body) -> Body:
    """A document with `Decimal` amounts and instants such as `2026-11-20T14:05:09Z`."""
    return _converted(wire, Decimal, to_instant)


def encode(document: Body) -> Body:
    """The reverse of `decode`."""
    return _converted(document, str, to_wire)


def to_instant(text: str) -> str:
    return text.replace(" ", "T") + "Z"


def to_wire(instant: str) -> str:
    return instant.replace("T", " ").removesuffix("Z")


def _converted(document: Body, amount: Callable[[Any], Any], instant: Callable[[str], str]) -> Body:
    def value(name: str, raw: Any) -> Any:
        if isinstance(raw, dict):
            return _converted(raw, amount, instant)
        if isinstance(raw, list):
            return [value("", item) for item in raw]
        if raw is not None and name in AMOUNTS:
            return amount(raw)
        return instant(raw) if name in INSTANTS else raw

    return {name: value(name, raw) for name, raw in document.items()}


def order(wire: Body) -> Document:
    """An order as the engine takes it. Its time of change is its version."""
    body = decode(wire)
    return Document(body["number"], body["changed"], body, status=body["status"], label=body["number"])
