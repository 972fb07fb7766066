"""Acumatica's own contract documents, for checking what we ask of it. They are no part of this repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connections import exact_json

FOLDER = Path(__file__).resolve().parents[5] / "shared" / "vendors" / "acumatica"
VERSIONS = ("24.200.001", "25.200.001")
JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int,),
}


def load(version: str) -> dict[str, Any]:
    path = FOLDER / f"default_{version}.trimmed.openapi.json"
    if not path.exists():
        pytest.skip(f"The contract document of Default/{version} is not beside this repository.")
    document: dict[str, Any] = exact_json.loads(path.read_bytes())
    return document


class Contract:
    def __init__(self, version: str) -> None:
        document = load(version)
        self.schemas: dict[str, Any] = document["components"]["schemas"]
        self.paths: dict[str, Any] = document["paths"]

    def faults(self, entity: str, body: Any, path: str = "") -> Iterator[str]:
        """Names of `body` that the contract does not have, and values of another type."""
        known = self._properties(self.schemas[entity])
        for name, value in body.items():
            here = f"{path}.{name}" if path else name
            if name == "delete" and path:
                continue
            if name not in known:
                yield f"{here} is not in {entity}"
            else:
                yield from self._faults_of(known[name], value, here)

    def _faults_of(self, schema: dict[str, Any], value: Any, path: str) -> Iterator[str]:
        if schema.get("type") == "array":
            for index, each in enumerate(value):
                yield from self.faults(_name(schema["items"]), each, f"{path}[{index}]")
        elif "$ref" in schema and _name(schema).endswith("Value"):
            kind = self._properties(self.schemas[_name(schema)])["value"]["type"]
            if "value" in value and not isinstance(value["value"], JSON_TYPES[kind]):
                yield f"{path} is not of type {kind}"
        elif "$ref" in schema:
            yield from self.faults(_name(schema), value, path)

    def expandable(self, entity: str, name: str) -> bool:
        head, _, rest = name.partition("/")
        schema = self._properties(self.schemas[entity]).get(head, {})
        inner = _name(schema.get("items", schema))
        return inner in self.schemas and not inner.endswith("Value") and (not rest or self.expandable(inner, rest))

    def has(self, entity: str, name: str) -> bool:
        return name in self._properties(self.schemas[entity])

    def _properties(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            schema = self.schemas[_name(schema)]
        properties: dict[str, Any] = dict(schema.get("properties", {}))
        for part in schema.get("allOf", []):
            properties |= self._properties(part)
        return properties


def _name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]
