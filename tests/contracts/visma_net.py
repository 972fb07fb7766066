"""The two contracts of Visma.net: the ERP's document of 2025 with what 2026 added, and a digest of SalesOrders v3.

The ERP's document says in prose what its filters by time take; the digest says everything in short words. Both are
turned into schemas here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.contracts import openapi
from tests.contracts.openapi import Contract, Operation
from tests.contracts.schemas import Schema
from tests.contracts.sources import document

MOMENT = r"^\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d(\.\d{1,3})?)?$"
"""What filters by time take: no zone letter and no offset."""
CONDITIONS = [">", "<", ">=", "<="]


def erp() -> Contract:
    return openapi.contract("Visma.net ERP", _completed(document("visma-erp")), closed_answers=True)


def _completed(node: Any) -> Any:
    """The document with the values of 2026 among the others, and with filters that say what they take."""
    if isinstance(node, list):
        return [_completed(part) for part in node]
    if not isinstance(node, dict):
        return node
    made = {name: _completed(value) for name, value in node.items()}
    if "enum" in made:
        made["enum"] = [*made["enum"], *made.get("x-2026-extra-values", ())]
    if made.get("in") == "query" and made["schema"].get("type") == "string":
        description = str(made.get("description"))
        if "Accepted format" in description:
            made["schema"] = made["schema"] | {"pattern": MOMENT}
        elif "Accepted values" in description and made["name"].endswith("Condition"):
            made["schema"] = made["schema"] | {"enum": CONDITIONS}
    return made


# SalesOrders v3

_KINDS: dict[str, Schema] = {
    "string": {"type": "string"},
    "email": {"type": "string"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "number": {"type": "number"},
    "date-time": {"type": "string", "format": "date-time"},
    "uuid": {"type": "string", "format": "uuid"},
    "base64": {"type": "string", "format": "byte"},
    "map": {"type": "object"},
}
_WORD = re.compile(r"(string|email|int|bool|number|date-time|uuid|base64|map)\b(<=(\d+))?")
_LIST = re.compile(r"\{value: \[\.\.\.\], totalCount: int\|null, nextPage: url\|null\} of (\w+)?")


def sales_orders() -> Contract:
    return Contract("Visma.net SalesOrders v3", _Digest(document("visma-v3")).operations())


class _Digest:
    def __init__(self, root: Any) -> None:
        self.known: Mapping[str, Any] = root["schemas"]
        self.root = root

    def operations(self) -> Iterator[Operation]:
        asked: Mapping[str, str] = {}
        for entry in self.root["operations"]:
            path, _, parameter = entry["p"].partition("?")
            if "q" in entry:
                asked = entry["q"] if isinstance(entry["q"], dict) else asked  # "as above"
            query = {name: _parameter(name, notation) for name, notation in (asked if "q" in entry else {}).items()}
            if parameter:
                query[parameter.partition("=")[0]] = {}
            yield Operation(
                entry["m"],
                path,
                query=query,
                headers={"if-match": True} if "If-Match REQUIRED" in entry.get("headers", "") else {},
                body=self._body(entry["body"]) if "body" in entry else None,
                answers=self._answers(entry),
            )

    def _answers(self, entry: Mapping[str, Any]) -> dict[int, Schema | None]:
        schemas: dict[int, Schema | None] = {int(code): None for code in entry if code in {"201", "202"}}
        if "200" in entry:
            schemas[200] = self._answer(entry["200"])
        problem = self._shape("ProblemDetails", closed=True)
        invalid = self._object({**self.known["ProblemDetails"], **self.known["ValidationProblem"]}, closed=True)
        errors = map(int, re.findall(r"\b[45]\d\d\b", entry.get("errors", "")))
        return schemas | {code: invalid if code == 400 else problem for code in errors}

    def _answer(self, notation: str) -> Schema:
        listed = _LIST.match(notation)
        if not listed:
            return self._shape(notation.partition(";")[0], closed=True)
        rows = self._shape(listed[1] or "", closed=True)
        parts: dict[str, Schema] = {
            "value": {"type": "array", "items": rows},
            "totalCount": {"type": ["integer", "null"]},
            "nextPage": {"type": ["string", "null"]},
        }
        return {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}

    def _body(self, notation: str) -> Schema:
        if notation.startswith("PatchSalesOrder"):
            fields = {
                k: v for k, v in self.known["NewSalesOrder"].items() if k not in {"type", "orderId", "orderLines"}
            }
            return self._object(fields | {"status": "Open | Hold | BackOrder"}, closed=True)
        return self._shape(notation, closed=True)

    def _shape(self, notation: Any, *, closed: bool) -> Schema:
        """The schema of what the digest says of a field; what it only describes may be anything."""
        if isinstance(notation, dict):
            return self._object(notation, closed=closed)
        if isinstance(notation, list):
            return {"type": "array", "items": self._shape(notation[0], closed=closed)}
        known = self.known.get(notation) or self.known.get(f"{notation} (requests)")
        if known is not None:
            return self._object(known, closed=closed)
        if word := _WORD.match(notation):
            return _KINDS[word[1]] | ({"maxLength": int(word[3])} if word[3] else {})
        if re.fullmatch(r"\w+( \| \w+)+", notation):
            return {"enum": [None if choice == "null" else choice for choice in notation.split(" | ")]}
        return {}

    def _object(self, fields: Mapping[str, Any], *, closed: bool) -> Schema:
        made = {name: self._shape(notation, closed=closed) for name, notation in fields.items()}
        needed = [name for name, notation in fields.items() if isinstance(notation, str) and " REQUIRED" in notation]
        return {"type": "object", "properties": made, "required": needed, "additionalProperties": not closed}


def _parameter(name: str, notation: str) -> Schema:
    """`expand` and `orderBy` list what they take; pages are numbers."""
    if name.startswith("page"):
        return {"type": "integer"}
    if name == "expand":
        return {"type": "string", "pattern": f"^({notation})(,({notation}))*$"}
    if name == "orderBy":
        return {"type": "string", "pattern": r"^(created|lastModified|orderId)( (asc|desc))?$"}
    return {"type": "string"}
