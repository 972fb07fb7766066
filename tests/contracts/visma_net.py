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
    return openapi.contract("Visma.net ERP", _said(document("visma-erp")), closed_answers=True)


def _said(node: Any) -> Any:
    """The document with the values of 2026 among the others, and with filters that say what they take."""
    if isinstance(node, list):
        return [_said(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {name: _said(value) for name, value in node.items()}
    if "enum" in made:
        made["enum"] = [*made["enum"], *made.get("x-2026-extra-values", ())]
    if made.get("in") == "query" and made["schema"].get("type") == "string":
        told = str(made.get("description"))
        if "Accepted format" in told:
            made["schema"] = made["schema"] | {"pattern": MOMENT}
        elif "Accepted values" in told and made["name"].endswith("Condition"):
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
            path, _, more = entry["p"].partition("?")
            if "q" in entry:
                asked = entry["q"] if isinstance(entry["q"], dict) else asked  # "as above"
            query = {name: _parameter(name, said) for name, said in (asked if "q" in entry else {}).items()}
            if more:
                query[more.partition("=")[0]] = {}
            yield Operation(
                entry["m"],
                path,
                query=query,
                headers={"if-match": True} if "If-Match REQUIRED" in entry.get("headers", "") else {},
                body=self._body(entry["body"]) if "body" in entry else None,
                answers=self._answers(entry),
            )

    def _answers(self, entry: Mapping[str, Any]) -> dict[int, Schema | None]:
        found: dict[int, Schema | None] = {int(code): None for code in entry if code in {"201", "202"}}
        if "200" in entry:
            found[200] = self._answer(entry["200"])
        problem = self._shape("ProblemDetails", closed=True)
        invalid = self._object({**self.known["ProblemDetails"], **self.known["ValidationProblem"]}, closed=True)
        errors = map(int, re.findall(r"\b[45]\d\d\b", entry.get("errors", "")))
        return found | {code: invalid if code == 400 else problem for code in errors}

    def _answer(self, said: str) -> Schema:
        listed = _LIST.match(said)
        if not listed:
            return self._shape(said.partition(";")[0], closed=True)
        rows = self._shape(listed[1] or "", closed=True)
        parts: dict[str, Schema] = {
            "value": {"type": "array", "items": rows},
            "totalCount": {"type": ["integer", "null"]},
            "nextPage": {"type": ["string", "null"]},
        }
        return {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}

    def _body(self, said: str) -> Schema:
        if said.startswith("PatchSalesOrder"):
            fields = {
                k: v for k, v in self.known["NewSalesOrder"].items() if k not in {"type", "orderId", "orderLines"}
            }
            return self._object(fields | {"status": "Open | Hold | BackOrder"}, closed=True)
        return self._shape(said, closed=True)

    def _shape(self, said: Any, *, closed: bool) -> Schema:
        """The schema of what the digest says of a field; what it only describes may be anything."""
        if isinstance(said, dict):
            return self._object(said, closed=closed)
        if isinstance(said, list):
            return {"type": "array", "items": self._shape(said[0], closed=closed)}
        known = self.known.get(said) or self.known.get(f"{said} (requests)")
        if known is not None:
            return self._object(known, closed=closed)
        if found := _WORD.match(said):
            return _KINDS[found[1]] | ({"maxLength": int(found[3])} if found[3] else {})
        if re.fullmatch(r"\w+( \| \w+)+", said):
            return {"enum": [None if each == "null" else each for each in said.split(" | ")]}
        return {}

    def _object(self, fields: Mapping[str, Any], *, closed: bool) -> Schema:
        made = {name: self._shape(said, closed=closed) for name, said in fields.items()}
        needed = [name for name, said in fields.items() if isinstance(said, str) and " REQUIRED" in said]
        return {"type": "object", "properties": made, "required": needed, "additionalProperties": not closed}


def _parameter(name: str, said: str) -> Schema:
    """`expand` and `orderBy` list what they take; pages are numbers."""
    if name.startswith("page"):
        return {"type": "integer"}
    if name == "expand":
        return {"type": "string", "pattern": f"^({said})(,({said}))*$"}
    if name == "orderBy":
        return {"type": "string", "pattern": r"^(created|lastModified|orderId)( (asc|desc))?$"}
    return {"type": "string"}
