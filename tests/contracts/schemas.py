"""Schemas of OpenAPI 3.0 and 3.1 made fit for one validator, and what it finds.

References are replaced by what they point to, parts joined by `allOf` are merged, and `nullable` (3.0) and `x-nullable` become a type.
Objects of answers stay open; `closed` ones, those of requests, allow no property that the contract does not name.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema

Schema = dict[str, Any]

_LOCAL = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?"
_INSTANT = re.compile(rf"{_LOCAL}(Z|[+-]\d\d:\d\d)")
_WORDS = """type enum const pattern format minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength
minItems maxItems uniqueItems multipleOf"""
_KEPT = frozenset(_WORDS.split())


@dataclass(frozen=True)
class Finding:
    """One thing that a contract does not allow. `at` is a dotted path without list positions."""

    at: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.at or 'the whole'}: {self.rule}: {self.message}"


class Shaper:
    """Prepares schemas of one document. A schema that is used twice is prepared once; circles stay circles."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self._made: dict[tuple[int, bool], Schema] = {}

    def resolve(self, node: Any) -> Any:
        """What a reference points to, anything else as it is."""
        while isinstance(node, Mapping) and "$ref" in node:
            target: Any = self.root
            for part in str(node["$ref"]).removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def shape(self, node: Any, *, closed: bool) -> Schema:
        node = self.resolve(node or {})
        made = self._made.get((id(node), closed))
        if made is None:
            made = self._made[id(node), closed] = {}
            made |= self._shaped(node, closed)
        return made

    def _shaped(self, node: Mapping[str, Any], closed: bool) -> Schema:
        properties: dict[str, Any] = {}
        required: set[str] = set()
        parts: list[Schema] = []
        nullable = bool(node.get("nullable") or node.get("x-nullable"))
        for part in self._parts(node):
            properties |= part.get("properties") or {}
            required |= set(part.get("required") or ())
            parts.append(_with_null(self._own(part, closed)) if nullable else self._own(part, closed))
        choices = [word for part in parts for word in ("anyOf", "oneOf") if word in part]
        made: Schema = {"allOf": [part for part in parts if part]}
        if properties:
            read_only = {name for name, field in properties.items() if self._is_read_only(field)} if closed else set()
            made["properties"] = {name: self.shape(field, closed=closed) for name, field in properties.items()}
            made["required"] = sorted(required - read_only)
            if not choices and not any("type" in part for part in parts):  # said by its properties alone
                made["type"] = ["object", "null"] if nullable else "object"
            if closed and not choices:
                made["additionalProperties"] = False
        elif required:
            made["required"] = sorted(required)
        return made

    def _parts(self, node: Any) -> Iterator[Mapping[str, Any]]:
        """A schema and everything that it joins."""
        node = self.resolve(node)
        yield node
        for part in node.get("allOf") or ():
            yield from self._parts(part)

    def _is_read_only(self, node: Any) -> bool:
        return any(part.get("readOnly") for part in self._parts(node)) or bool(
            isinstance(node, Mapping) and node.get("readOnly")
        )

    def _own(self, part: Mapping[str, Any], closed: bool) -> Schema:
        """What a part says beside its properties. Closed parts could never be joined, so they are opened here."""
        own: Schema = {word: value for word, value in part.items() if word in _KEPT}
        if "items" in part:
            own["items"] = self.shape(part["items"], closed=closed)
        additional = part.get("additionalProperties")
        if isinstance(additional, Mapping) and not part.get("properties"):
            own["additionalProperties"] = self.shape(additional, closed=closed)
        for word in ("anyOf", "oneOf"):
            if word in part:
                own[word] = [self.shape(choice, closed=False) for choice in part[word]]
        return own


def _with_null(own: Schema) -> Schema:
    """A part that allows null too. `null` passes all words but these."""
    own = dict(own)
    if "type" in own:
        own["type"] = [*([own["type"]] if isinstance(own["type"], str) else own["type"]), "null"]
    if "enum" in own:
        own["enum"] = [*own["enum"], None]
    return own


def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or bool(_INSTANT.fullmatch(value))


def _is_uuid(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


def _is_base64(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return bool(base64.b64decode(value, validate=True))
    except ValueError:
        return False


FORMATS = jsonschema.FormatChecker(formats=())
FORMATS.checks("date-time")(_is_instant)
FORMATS.checks("uuid")(_is_uuid)
FORMATS.checks("byte")(_is_base64)
FORMATS.checks("int32")(lambda value: not isinstance(value, int) or abs(value) < 2**31)


def findings(schema: Schema, value: Any) -> list[Finding]:
    """What the schema does not allow about a value, one finding for each place and rule."""
    by_place: dict[tuple[str, str], Finding] = {}
    for error in jsonschema.Draft202012Validator(schema, format_checker=FORMATS).iter_errors(value):
        for finding in _findings_of(error):
            by_place.setdefault((finding.at, finding.rule), finding)
    return list(by_place.values())


def _findings_of(error: jsonschema.ValidationError) -> Iterator[Finding]:
    at = ".".join(str(step) for step in error.absolute_path if not isinstance(step, int))
    value: Any = error.instance
    rule_value: Any = error.validator_value
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
        for name in value:
            if name not in known:
                yield Finding(f"{at}.{name}".lstrip("."), "unknown", "the contract has no such field")
    elif error.validator == "required":
        for name in rule_value:
            if name not in value:
                yield Finding(f"{at}.{name}".lstrip("."), "missing", "the contract promises this field")
    elif rule_value == "date-time" and re.fullmatch(_LOCAL, str(value)):
        yield Finding(at, "offset", f"{value!r} says no offset from UTC")
    elif value is None:
        yield Finding(at, "null", "the contract knows no null here")
    else:
        yield Finding(at, str(error.validator), error.message[:160])
