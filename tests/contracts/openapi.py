"""A vendor's OpenAPI document as something to ask: which operation is this, and what is wrong with this call?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.contracts.schemas import Finding, Schema, Shaper, findings

METHODS = ("get", "put", "post", "patch", "delete")
HTTP = frozenset(
    [
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "user-agent",
    ]
)
"""Headers that belong to every request, or to the way of signing in."""
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


@dataclass(frozen=True)
class Operation:
    """One method of one path. `answers` holds a schema for each documented status, None for an empty body."""

    method: str
    path: str
    query: Mapping[str, Schema]
    needed: frozenset[str] = frozenset()
    body: Schema | None = None
    answers: Mapping[int, Schema | None] = field(default_factory=dict)
    headers: Mapping[str, bool] | None = None
    """Headers that it knows, in small letters, and whether it requires them; None where a contract shows none."""
    segments: Mapping[str, str] = field(default_factory=dict)
    """Patterns of path parameters that are not simply one segment."""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", self.path)
        regex = [self.segments.get(part, "[^/]+") if at % 2 else re.escape(part) for at, part in enumerate(parts)]
        return re.compile("".join(regex))

    @property
    def literal(self) -> tuple[int, bool]:
        """How exactly the path is meant: what is written out wins over what is left open."""
        return len(re.sub(r"\{\w+\}", "", self.path)), _UUID in self.segments.values()

    def check_query(self, query: Mapping[str, str]) -> list[Finding]:
        violations = [
            Finding(name, "unknown", "the contract has no such parameter") for name in query if name not in self.query
        ]
        violations += [
            Finding(name, "missing", "the contract requires it") for name in self.needed if name not in query
        ]
        for name, text in query.items():
            schema = self.query.get(name, {})
            if all(findings(schema, value) for value in _meanings(text)):
                violations.append(Finding(name, "value", f"{text!r} is not what the contract allows"))
        return violations

    def check_headers(self, headers: Mapping[str, str]) -> list[Finding]:
        if self.headers is None:
            return []
        strange = [name for name in headers if name not in HTTP and name not in self.headers]
        violations = [Finding(name, "unknown", "the contract has no such header") for name in strange]
        needed = [name for name, required in self.headers.items() if required and name not in headers]
        return violations + [Finding(name, "missing", "the contract requires it") for name in needed]

    def check_request(self, body: Any) -> list[Finding]:
        if self.body is None:
            return [] if body is None else [Finding("", "body", "the contract has no request body")]
        if body is None:
            return [Finding("", "body", "the contract wants a request body")]
        return findings(self.body, body)

    def check_answer(self, status: int, body: Any) -> list[Finding]:
        if status not in self.answers:
            return [Finding("", "status", f"{status} is not documented")]
        schema = self.answers[status]
        if schema is None:
            return [] if body is None else [Finding("", "body", "the contract documents an empty answer")]
        return findings(schema, body)


def _meanings(text: str) -> list[Any]:
    """A query value as text, and as what it says."""
    try:
        return [text, json.loads(text)]
    except ValueError:
        return [text]


class Contract:
    """Operations by what they are called with."""

    def __init__(self, title: str, operations: Iterable[Operation]) -> None:
        self.title = title
        self.operations = tuple(sorted(operations, key=lambda operation: operation.literal, reverse=True))

    def find(self, method: str, path: str) -> Operation | None:
        """The most literal operation of this method and path."""
        matching = (
            operation
            for operation in self.operations
            if operation.method == method and operation.pattern.fullmatch(path)
        )
        return next(matching, None)

    @property
    def endpoints(self) -> frozenset[str]:
        return frozenset(operation.name for operation in self.operations)


def contract(title: str, root: Mapping[str, Any], *, closed_answers: bool = False) -> Contract:
    """The contract in an OpenAPI document with schemas. Answers stay open unless it names all that there can be.

    The catch-all `{actionName}` is left out: any misspelt action would be found there.
    """
    shaper = Shaper(root)
    keys = [scheme for scheme in root["components"].get("securitySchemes", {}).values() if scheme["type"] == "apiKey"]
    operations = [
        _operation(
            shaper,
            method.upper(),
            path,
            {**entry[method], "shared": [*keys, *entry.get("parameters", [])]},
            closed_answers,
        )
        for path, entry in root["paths"].items()
        for method in METHODS
        if method in entry and not path.endswith("/{actionName}")
    ]
    return Contract(title, operations)


def _operation(shaper: Shaper, method: str, path: str, entry: Mapping[str, Any], closed: bool) -> Operation:
    parameters = [shaper.resolve(parameter) for parameter in [*entry["shared"], *entry.get("parameters", [])]]
    query_parameters = [parameter for parameter in parameters if parameter["in"] == "query"]
    return Operation(
        method,
        path,
        query={parameter["name"]: _of_parameter(shaper, parameter) for parameter in query_parameters},
        needed=frozenset(parameter["name"] for parameter in query_parameters if parameter.get("required")),
        headers={
            parameter["name"].lower(): bool(parameter.get("required"))
            for parameter in parameters
            if parameter["in"] == "header"
        },
        body=_content(shaper, entry.get("requestBody"), closed=True),
        answers={
            int(code): _answer(shaper, int(code), response, closed) for code, response in entry["responses"].items()
        },
        segments={parameter["name"]: _segment(parameter) for parameter in parameters if parameter["in"] == "path"},
    )


def _of_parameter(shaper: Shaper, parameter: Mapping[str, Any]) -> Schema:
    return shaper.shape(parameter.get("schema"), closed=False)


def _answer(shaper: Shaper, status: int, node: Any, closed: bool) -> Schema | None:
    """By HTTP, 204 has no body, whatever a document says."""
    return None if status == 204 else _content(shaper, node, closed=closed)


def _content(shaper: Shaper, node: Any, *, closed: bool) -> Schema | None:
    """The schema of a JSON body, None where there is no body; another kind of body may be anything."""
    content = (shaper.resolve(node) or {}).get("content") if node else None
    if not content:
        return None
    for kind, entry in content.items():
        if "json" in kind and "schema" in entry:
            empty = shaper.resolve(entry["schema"]).get("maxLength") == 0
            return None if empty else shaper.shape(entry["schema"], closed=closed)
    return {}


def _segment(parameter: Mapping[str, Any]) -> str:
    """Acumatica's `{ids}` holds several keys with slashes between them, its `{id}` is a UUID."""
    if (parameter.get("schema") or {}).get("format") == "uuid":
        return _UUID
    return ".+" if parameter["name"] == "ids" else "[^/]+"
