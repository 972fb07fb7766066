"""What examples have in common, as a schema: for contracts that show examples instead of saying what they mean."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.contracts.schemas import Schema

_DAY = r"\d{4}-\d\d-\d\d"
# All V1 times are Pacific wall-clock: a zone would be an error.
NAIVE = rf"^{_DAY}([T ]\d\d:\d\d:\d\d(\.\d{{1,7}})?)?$"
_WHOLE = re.compile(r".*I[dD]s?|id|total|page|pages|quantity")


@dataclass
class Seen:
    """What examples showed at one place: `shown` counts them, `objects` those that were objects."""

    kinds: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    fields: dict[str, Seen] = field(default_factory=lambda: defaultdict(Seen))
    elements: list[Seen] = field(default_factory=list)
    shown: int = 0
    objects: int = 0

    def see(self, value: Any) -> None:
        kind = _kind(value)
        self.kinds.add(kind)
        self.shown += 1
        if kind == "string":
            self.texts.append(value)
        elif kind == "array":
            for part in value:
                self.element.see(part)
        elif kind == "object":
            self.objects += 1
            for name, part in value.items():
                self.fields[name].see(part)

    def hear(self, schema: Mapping[str, Any]) -> None:
        """Take over what a schema says about kinds, which is no example."""
        if "type" in schema:
            self.kinds.add("number" if schema["type"] == "integer" else schema["type"])
        if schema.get("nullable"):
            self.kinds.add("null")
        for name, part in (schema.get("properties") or {}).items():
            self.fields[name].hear(part)
        if schema.get("items"):
            self.element.hear(schema["items"])

    @property
    def element(self) -> Seen:
        if not self.elements:
            self.elements.append(Seen())
        return self.elements[0]

    @property
    def filled(self) -> set[str]:
        return self.kinds - {"null"}


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def schema_of(real: Seen, documented: Seen, *, closed: bool, name: str = "") -> Schema:
    """What recorded examples and documented ones allow at one place.

    Where the recorded ones show it filled, they decide its type, otherwise the documented ones do. A null is allowed
    where either shows one. What is never filled may be anything. `closed` objects take no field that was never shown.
    """
    kinds = real.filled or documented.filled
    if not kinds:
        return {}
    nulls = {"null"} & (real.kinds | documented.kinds)
    made: Schema = {"type": sorted(kinds | nulls)}
    if _WHOLE.fullmatch(name):
        made["type"] = ["integer" if kind == "number" else kind for kind in made["type"]]
    if "string" in kinds and _are_times(name, [*real.texts, *documented.texts]):
        made["pattern"] = NAIVE
    if "object" in kinds:
        made |= _object(real, documented, closed)
    if "array" in kinds:
        made["items"] = schema_of(real.element, documented.element, closed=closed, name=name)
    return made


def _object(real: Seen, documented: Seen, closed: bool) -> Schema:
    names = [*real.fields, *(name for name in documented.fields if name not in real.fields)]
    parts = {
        name: schema_of(real.fields.get(name, Seen()), documented.fields.get(name, Seen()), closed=closed, name=name)
        for name in names
    }
    if closed:
        return {"properties": parts, "additionalProperties": False}
    for name, part in parts.items():
        if "type" in part and _left_out(documented, name):
            part["type"] = sorted({*part["type"], "null"})
    sure = real if real.objects else documented
    return {"properties": parts, "required": [name for name, part in sure.fields.items() if part.shown == sure.objects]}


def _left_out(documented: Seen, name: str) -> bool:
    """Documented examples are without their nulls: what one of them shows and another leaves out was null there."""
    return 0 < documented.fields[name].shown < documented.objects if name in documented.fields else False


def _are_times(name: str, texts: list[str]) -> bool:
    return name.endswith("Date") and bool(texts) and all(re.match(NAIVE, text) for text in texts)
