"""What we want beside what is there: laid over it, and compared with it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connections.vendor import Body
from connections.vendors.shipstation import codec


def merged(current: Any, wanted: Any) -> Any:
    """`wanted` over `current`: what we do not send stays as a person set it; lists are replaced."""
    if isinstance(current, dict) and isinstance(wanted, dict):
        return current | {name: merged(current.get(name), part) for name, part in wanted.items()}
    return wanted


def agrees(current: Any, wanted: Any) -> bool:
    """Whether everything in `wanted` stands in `current`, whatever the case of texts and the digits of numbers."""
    if isinstance(wanted, dict):
        fields: Body = current if isinstance(current, dict) else {}
        return all(agrees(fields.get(name), part) for name, part in wanted.items())
    if isinstance(wanted, list):
        rows: list[Any] = current if isinstance(current, list) else []
        return len(rows) == len(wanted) and all(map(agrees, rows, wanted))
    if wanted is None or wanted == "":
        return current is None or current == ""
    if isinstance(wanted, bool) or isinstance(current, bool):
        return wanted is current
    if isinstance(wanted, int | Decimal) and isinstance(current, int | Decimal):
        return Decimal(wanted) == Decimal(current)
    mine, theirs = str(wanted).strip(), str(current).strip()
    instant = codec.sortable(mine)
    return mine.casefold() == theirs.casefold() or bool(instant and instant == codec.sortable(theirs))
