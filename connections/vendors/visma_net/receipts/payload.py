"""The payload of a receipt, read: its lines and its date, each refused by its field where it is none. Makes no call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from connections.errors import Rejected
from connections.vendor import Body


@dataclass(frozen=True)
class Part:
    """Goods of one line that lie together: a bin, a lot or serial number, a day of expiry."""

    quantity: Decimal
    location: str = ""
    lot: str = ""
    expires: str = ""


@dataclass
class Line:
    """One line of the payload, read."""

    order_line: int | None
    item: str
    uom: str
    part: Part


def check_date(payload: Body) -> str:
    """The document date, empty for Visma.net's own choice. Raises `Rejected` where it is no day."""
    day = str(payload.get("date") or "")
    try:
        return date.fromisoformat(day).isoformat() if day else ""
    except ValueError:
        raise Rejected(
            f"The date {day!r} of the receipt is not a day such as 2026-11-21.",
            fields={"date": "not a day"},
            next_step="Correct the mapping of the date, then send it again.",
        ) from None


def read_lines(payload: Body) -> list[Line]:
    """The lines that have a quantity. Raises `Rejected` with the field of the first that is wrong."""
    read = [_read_line(index, line) for index, line in enumerate(payload.get("lines") or [])]
    return [line for line in read if line.part.quantity]


def _read_line(index: int, line: Mapping[str, Any]) -> Line:
    quantity = _decimal(line.get("quantity"), f"lines[{index}].quantity")
    if quantity < 0:
        raise bad(f"lines[{index}].quantity", f"{quantity} is below zero")
    number = line.get("lineNbr")
    order_line = None if number in (None, "") else _decimal(number, f"lines[{index}].lineNbr")
    if order_line is not None and order_line != int(order_line):
        raise bad(f"lines[{index}].lineNbr", f"{number} is not the number of a line")
    part = Part(
        quantity,
        str(line.get("locationId") or ""),
        str(line.get("lotSerialNumber") or ""),
        str(line.get("expirationDate") or ""),
    )
    item, uom = str(line.get("inventoryId") or "").strip(), str(line.get("uom") or "").strip()
    return Line(None if order_line is None else int(order_line), item, uom, part)


def _decimal(value: Any, field: str) -> Decimal:
    try:
        number = Decimal(str(value if value not in (None, "") else 0))
    except InvalidOperation:
        raise bad(field, f"{value!r} is not a number") from None
    if not number.is_finite():
        raise bad(field, f"{value!r} is not a number")
    return number


def bad(field: str, what: str) -> Rejected:
    return Rejected(
        f"The receipt cannot be made: {field}: {what}.",
        fields={field: what},
        next_step="Correct the mapping of this field, then send it again.",
    )
