"""What of a record is shown, and how: `$select`, `$expand`, `$custom`, wrapping, and contract 5."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from sandbox.acumatica.contract import FORMS
from sandbox.acumatica.errors import Refusal
from sandbox.acumatica.schema import (
    CODES,
    DAY,
    DROP_DOWNS,
    INSTANT,
    PADDED,
    RENAMED,
    TEXT,
    Record,
    Schema,
    detail_identity,
    line_of,
)
from sandbox.acumatica.store import Row, Table
from sandbox.kit import exact_json

Tree = dict[str, Any]
"""Names of expanded or selected parts, each with those inside of it."""
Convert = Callable[[Any], Any]
Plan = tuple[dict[str, Any], dict[str, tuple[str, Convert | None]]]
"""All fields to show, empty; and for each stored field its shown name and what is done to its value."""
EMPTY: dict[str, Any] = {}
KEPT = 5000  # records of a table whose JSON is kept ready
ROW_NUMBER = 57  # where the row number stands in a record's JSON: after `{"id":"…","rowNumber":`
PADDING = 12


@dataclass
class View:
    """One way of showing records; equal `key` means equal JSON. `base` is the endpoint's path."""

    key: tuple[Any, ...]
    base: str
    five: bool = False
    padded: bool = False
    offset: int = 0
    null_notes: bool = False
    expand: Tree = field(default_factory=dict)
    select: Tree = field(default_factory=dict)
    custom: frozenset[str] = frozenset()
    plans: dict[tuple[str, int], Plan] = field(default_factory=dict)

    def record(self, table: Table, row: Row, number: int = 1) -> bytes:
        """A top-level record as JSON, with placeholders where ids of this session belong."""
        kept = table.shown.get(row.serial)
        if kept is None or kept[0] != self.key:
            shown = self.render(table.schema, row.read(), table.identity(row), row.serial)
            kept = self.key, exact_json.dumps(shown).encode()
            if len(table.shown) >= KEPT:
                table.shown.clear()
            table.shown[row.serial] = kept
        text = kept[1]
        return b"%b%d%b" % (text[:ROW_NUMBER], number, text[ROW_NUMBER + 1 :])

    def render(self, schema: Schema, record: Record, record_id: str, serial: int) -> Record:
        """A top-level record as it is shown, stored or not."""
        shown: Record = {"id": record_id, "rowNumber": 0, "note": {"value": record.get("note") or ""}}
        self._fill(shown, schema, record, self.expand, self.select, serial)
        shown["custom"] = self._custom(record)
        if "files" in self.expand:
            shown["files"] = record.get("files") or []
        shown["_links"] = {
            "self": f"{self.base}/{schema.name}/{record_id}",
            "files:put": f"{self.base}/files/{quote(FORMS[schema.name][1])}/{record_id}/{{filename}}",
        }
        return shown

    def _fill(self, shown: Record, schema: Schema, record: Record, expand: Tree, select: Tree, serial: int) -> None:
        blank, plan = self._plan(schema, select)
        shown.update(blank)
        for name, value in record.items():
            if value is not None and name in plan:
                target, convert = plan[name]
                shown[target] = {"value": value if convert is None else convert(value)}
        for name, inner in expand.items():
            if name != "files":
                # A part that `$select` does not speak of is shown whole.
                shown[name] = self._part(schema, record, name, inner, select.get(name) or EMPTY, serial)

    def _part(self, schema: Schema, record: Record, name: str, expand: Tree, select: Tree, serial: int) -> Any:
        if name in schema.bare_details:
            return []
        if name in schema.bare_linked:
            return {}
        part_number = schema.parts.index(name)
        if name in schema.linked:
            linked = record.get(name)
            if linked is None:
                return {}
            part = {"id": detail_identity(serial, part_number, 0)}
            self._fill(part, schema.linked[name], linked, expand, select, serial)
            return part | {"custom": {}}
        inner = schema.details[name]
        return [
            self._detail(
                inner,
                detail,
                number,
                detail_identity(serial, part_number, line_of(detail, number)),
                (expand, select),
                serial,
            )
            for number, detail in enumerate(record.get(name) or [], 1)
        ]

    def _detail(
        self, schema: Schema, detail: Record, number: int, record_id: str, trees: tuple[Tree, Tree], serial: int
    ) -> Record:
        note = None if self.null_notes else {"value": detail.get("note") or ""}
        shown: Record = {"id": record_id, "rowNumber": number, "note": note}
        self._fill(shown, schema, detail, *trees, serial)
        shown["custom"] = {}
        return shown

    def _custom(self, record: Record) -> Record:
        shown: Record = {}
        for view, fields in (record.get("custom") or {}).items():
            for name, value in fields.items():
                if f"{view}.{name}" in self.custom:
                    shown.setdefault(view, {})[name] = value
        return shown

    def _plan(self, schema: Schema, select: Tree) -> Plan:
        known = self.plans.get((schema.name, id(select)))
        if known is None:
            known = self.plans[schema.name, id(select)] = self._make_plan(schema, select)
        return known

    def _make_plan(self, schema: Schema, select: Tree) -> Plan:
        renamed = RENAMED.get(schema.name, {}) if self.five else {}
        named = {name: renamed.get(name, name) for name in schema.kinds}
        chosen = {name: target for name, target in named.items() if not select or target in select}
        fields = {name: (target, self._convert(schema, name, schema.kinds[name])) for name, target in chosen.items()}
        return dict.fromkeys(chosen.values(), EMPTY), fields

    def _convert(self, schema: Schema, name: str, kind: str) -> Convert | None:
        if kind == INSTANT:
            return self._instant
        if kind == DAY:
            midnight = f"T00:00:00{self._zone()}"
            return lambda day: day + midnight
        if self.five and name in DROP_DOWNS.get(schema.name, ()):
            return lambda text: {"id": CODES.get(text, text), "description": text}
        if self.five and name == "LastModifiedDate":
            return lambda text: _american(text) + self._zone()
        if self.padded and kind == TEXT and (name in PADDED or name in schema.keys):
            return lambda text: f"{text:<{PADDING}}"
        return None

    def _instant(self, text: str) -> str:
        if not self.offset:
            return text[:23].rstrip("0").rstrip(".") + "+00:00"
        moment = datetime.fromisoformat(text) + timedelta(minutes=self.offset)
        return moment.isoformat(timespec="milliseconds").rstrip("0").rstrip(".") + self._zone()

    def _zone(self) -> str:
        sign, minutes = ("-" if self.offset < 0 else "+"), abs(self.offset)
        return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def expand_tree(text: str, schema: Schema) -> Tree:
    """`Details,MainContact/Address` or, in the way of contract 5, `MainContact($expand=Address)`.

    A name outside of the contract is refused with 500; what a real server does there is not known.
    """
    tree: Tree = {}
    for part in _split(text):
        head, _, inner = part.partition("(")
        node, level = tree, schema
        for name in head.strip().split("/"):
            node, level = _step(node, level, name)
        if inner:
            node.update(expand_tree(inner.rstrip(")").strip().removeprefix("$expand="), level))
    return tree


def _step(node: Tree, level: Schema, name: str) -> tuple[Tree, Schema]:
    name = "files" if name.lower() == "files" else name
    if not level.expandable(name):
        raise Refusal(500, f"Cannot expand '{name}' of '{level.name}'.", "System.ArgumentException")
    inner = level.linked.get(name) or level.details.get(name) or Schema(name)
    return node.setdefault(name, {}), inner


def _split(text: str) -> list[str]:
    """At commas outside of parentheses."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts if part.strip()]


def select_tree(text: str) -> Tree:
    tree: Tree = {}
    for part in text.split(","):
        node = tree
        for name in filter(None, part.strip().split("/")):
            node = node.setdefault(name, {})
    return tree


def put_errors(shown: Record, errors: Mapping[tuple[str | int, ...], str]) -> None:
    """Set an `error` beside the value of each field, wherever in the record it stands."""
    for path, message in errors.items():
        node: Any = shown
        for step in path[:-1]:
            node = node[step]
        last = path[-1]
        node[last] = {**node.get(last, {}), "error": message}


def _american(text: str) -> str:
    return datetime.strptime(text, "%m/%d/%Y %H:%M:%S").isoformat()  # noqa: DTZ007 (the field holds no zone)
