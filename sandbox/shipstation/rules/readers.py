"""How ShipStation V1 reads posted values: strictly typed, as an ASP.NET service does.

A value of the wrong type refuses the whole request with a ModelState that names the parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.shipstation import clock
from sandbox.shipstation.store import Document

Reader = Callable[[Any, str], Any]
"""Of a value and its path; raises `Unreadable`."""


class Unreadable(ValueError):
    """A posted value has the wrong type; `path` is the ModelState key."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


def text(value: Any, path: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return str(value)
    raise Unreadable(path, f"Error reading string. Unexpected token. Path '{path}'.")


def flag(value: Any, path: str) -> bool | None:
    """Strict: numbers are refused where a boolean belongs."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise Unreadable(path, f"Could not convert to boolean: {value}. Path '{path}'.")


def number(value: Any, path: str) -> int | Decimal | None:
    if value is None or (isinstance(value, (int, Decimal)) and not isinstance(value, bool)):
        return value
    if isinstance(value, str):
        try:
            return Decimal(value)
        except InvalidOperation:
            pass
    raise Unreadable(path, f"Could not convert string to decimal: {value}. Path '{path}'.")


def whole(value: Any, path: str) -> int | None:
    read = number(value, path)
    if read is not None and read != int(read):
        raise Unreadable(path, f"Input string '{value}' is not a valid integer. Path '{path}'.")
    return None if read is None else int(read)


def moment(value: Any, path: str) -> str | None:
    if value is None or value == "":
        return None
    try:
        return clock.normal(value)
    except (ValueError, TypeError, AttributeError):
        message = f"Could not convert string to DateTime: {value}. Path '{path}'."
        raise Unreadable(path, message) from None


def day(value: Any, path: str) -> str | None:
    read = moment(value, path)
    return None if read is None else read[:10]


def record(fields: dict[str, Reader], **defaults: Any) -> Reader:
    """A reader of objects: every field is present in the result, in this order."""
    blank = dict.fromkeys(fields) | defaults

    def read(value: Any, path: str) -> Document | None:
        if value is None:
            return None
        if not isinstance(value, dict):
            raise Unreadable(path, f"Cannot deserialize the value into an object. Path '{path}'.")
        document = blank.copy()
        for name, reader in fields.items():
            if name in value and (field := reader(value[name], f"{path}.{name}")) is not None:
                document[name] = field
        return document

    return read


def listing(reader: Reader) -> Reader:
    def read(value: Any, path: str) -> list[Any] | None:
        if value is None:
            return None
        if not isinstance(value, list):
            raise Unreadable(path, f"Cannot deserialize the current JSON value into type 'List'. Path '{path}'.")
        return [reader(entry, f"{path}[{place}]") for place, entry in enumerate(value)]

    return read


def ignored(value: Any, path: str) -> None:
    """Read-only: what is sent has no effect."""
