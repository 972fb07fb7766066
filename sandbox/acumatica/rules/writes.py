"""Putting a sent body into a draft of a record: unwrapping, kinds, look-ups, lines by id or number.

Unknown and computed fields are ignored without a word, as Acumatica does. Look-ups that fail are gathered and come
back as the record with `error` texts in it; which fields are checked so is an assumption.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.acumatica.errors import invalid, no_entity
from sandbox.acumatica.schema import (
    CODES,
    DAY,
    FLAG,
    INSTANT,
    LENGTHS,
    LOOKUPS,
    PLACEHOLDER,
    SCALES,
    TEXT,
    WHOLE,
    Record,
    Schema,
    detail_identity,
    line_of,
)
from sandbox.acumatica.store import Store

Path = tuple[str | int, ...]
Body = dict[str, Any]


class InvalidRecord(Exception):
    """A record that may not be saved: it is shown with the errors in it."""

    def __init__(self, draft: Record, serial: int, errors: dict[Path, str], message: str = "") -> None:
        super().__init__(message)
        self.draft, self.serial, self.errors, self.message = draft, serial, errors, message


@dataclass
class Write:
    """One write: where the records are, whose session it is, and its errors."""

    store: Store
    tag: str
    errors: dict[Path, str] = field(default_factory=dict)

    def fill(
        self, draft: Record, schema: Schema, body: Body, serial: int, path: Path = (), leave: Iterable[str] = ()
    ) -> None:
        """Put the fields of `body` into `draft`, apart from those to `leave`."""
        for name, sent in body.items():
            if name in leave:
                continue
            if name in schema.kinds:
                if name not in schema.computed:
                    self._field(draft, schema, name, sent, path)
            elif name in schema.linked and isinstance(sent, dict):
                self.fill(draft.setdefault(name, {}), schema.linked[name], sent, serial, (*path, name))
            elif name in schema.details:
                self._details(draft, schema, name, sent, serial, path)
            elif name == "note":
                draft["note"] = sent.get("value") if isinstance(sent, dict) else sent
            elif name == "custom" and isinstance(sent, dict):
                for view, fields in sent.items():
                    draft.setdefault("custom", {}).setdefault(view, {}).update(fields)

    def _details(self, draft: Record, schema: Schema, name: str, sent: Any, serial: int, path: Path) -> None:
        """Change, add and delete lines; lines that are not sent stay."""
        lines: list[Record] = draft.setdefault(name, [])
        filled: list[tuple[Record, Body]] = []
        for element in elements(sent, name):
            line = self.line(lines, element, serial, schema.parts.index(name))
            if line is not None and element.get("delete") is True:
                lines.remove(line)
                continue
            if line is None:
                line = self._new_line(draft, schema.details[name], name)
                lines.append(line)
            filled.append((line, element))
        for line, element in filled:
            index = next(index for index, other in enumerate(lines) if other is line)
            self.fill(line, schema.details[name], element, serial, (*path, name, index))

    def line(self, lines: list[Record], element: Body, serial: int, part: int) -> Record | None:
        """The line that an element means: by id, which must be of this session, or by line number; else a new one."""
        if "id" in element:
            sent_id = str(element["id"]).lower()
            for number, line in enumerate(lines, 1):
                detail_id = detail_identity(serial, part, line_of(line, number))
                if detail_id.replace(PLACEHOLDER, self.tag) == sent_id:
                    return line
            raise no_entity()
        number = unwrapped(element.get("LineNbr"))
        if number is None:
            return None
        return next((line for line in lines if line.get("LineNbr") == int(number)), None)

    def _new_line(self, draft: Record, schema: Schema, name: str) -> Record:
        if "LineNbr" not in schema.kinds:
            return {}
        last = max(draft.get(f"#{name}", 0), *(line["LineNbr"] for line in draft[name]), 0)
        # A number that was used once is not used again, so that an old id never means a new line.
        draft[f"#{name}"] = last + 1
        return {"LineNbr": last + 1, **NEW_LINE.get(schema.name, {})}

    def _field(self, draft: Record, schema: Schema, name: str, sent: Any, path: Path) -> None:
        if not isinstance(sent, dict):
            raise invalid(".".join(map(str, (*path, name))), f"Error converting value to type '{schema.kinds[name]}'.")
        if "value" not in sent:
            return
        value = converted(schema.kinds[name], sent["value"], ".".join(map(str, (*path, name))))
        if isinstance(value, str) and (schema.name, name) in LENGTHS:
            value = value[: LENGTHS[schema.name, name]]
        draft[name] = value
        self.errors.pop((*path, name), None)
        if name in LOOKUPS and name not in schema.keys and value:
            self._look_up(name, value, (*path, name))

    def _look_up(self, name: str, value: str, path: Path) -> None:
        table, label = LOOKUPS[name]
        if not self.store.tables[table].get(value):
            self.errors[path] = f"{label} '{value}' cannot be found in the system."

    def check(self, draft: Record, serial: int) -> None:
        """Raises `InvalidRecord` if there are errors."""
        if self.errors:
            raise InvalidRecord(draft, serial, self.errors)


NEW_LINE: dict[str, Record] = {
    "ShipmentPackage": {"Type": "Manual", "Confirmed": False, "Weight": Decimal("0.000000"), "UOM": "LB"},
}


def elements(sent: Any, name: str) -> list[Body]:
    if not isinstance(sent, list) or not all(isinstance(element, dict) for element in sent):
        raise invalid(name, "A list of records is expected.")
    return sent


def unwrapped(sent: Any) -> Any:
    """The value inside `{"value": …}`, also of contract 5; None where there is none."""
    value = sent.get("value") if isinstance(sent, dict) else None
    return _label(value) if isinstance(value, dict) else value


def text_of(body: Body, name: str) -> str:
    value = unwrapped(body.get(name))
    return "" if value is None else str(value).strip()


def converted(kind: str, value: Any, field: str) -> Any:
    """A sent value as it is stored. Raises the 400 of a value that does not fit."""
    try:
        return None if value is None else _converted(kind, value)
    except (ValueError, TypeError, InvalidOperation):
        raise invalid(field, f"Could not convert the value to type '{kind}'.") from None


def _converted(kind: str, value: Any) -> Any:
    if isinstance(value, dict):
        value = _label(value)
    if kind in SCALES:
        if isinstance(value, bool):
            raise ValueError
        return Decimal(str(value)).quantize(SCALES[kind])
    if kind == FLAG:
        return _flag(value)
    if kind == WHOLE:
        return int(value)
    if kind == DAY:
        return date.fromisoformat(str(value)[:10]).isoformat()
    if kind == INSTANT:
        moment = datetime.fromisoformat(str(value))
        return (
            (moment.astimezone(UTC) if moment.tzinfo else moment)
            .replace(tzinfo=None)
            .isoformat(timespec="microseconds")
        )
    return str(value).rstrip() if kind == TEXT else str(value)


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in {"true", "false"}:
        return str(value).lower() == "true"
    raise ValueError


def _label(value: Body) -> Any:
    """Contract 5 sends a drop-down as an object."""
    if "description" in value:
        return value["description"]
    return next((label for label, code in CODES.items() if code == value.get("id")), value.get("id"))
