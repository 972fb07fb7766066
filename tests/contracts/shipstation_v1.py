"""The contract of ShipStation V1, put together from three sources that hold examples instead of schemas.

- 2019: examples without their null fields, query strings in path keys, types of some request fields;
- 2024: cleaner paths, query parameters, the same examples as
- the recorded real calls, which alone show nulls. They count as real, the one of 2019 as documented.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.contracts.examples import Seen, schema_of
from tests.contracts.openapi import METHODS, Contract, Operation
from tests.contracts.schemas import Schema
from tests.contracts.sources import document

_VARIABLE = re.compile(r'(?<!")\{\{[^}]+\}\}(?!")')
_PARAMETER = re.compile(r"[?&](\w+)=")


@dataclass
class Facts:
    """What is known of one operation."""

    path: str
    query: set[str] = field(default_factory=set)
    asks: list[Seen] = field(default_factory=lambda: [Seen(), Seen()])
    """Requests: as documented, and as recorded."""
    answers: dict[int, list[Seen]] = field(default_factory=dict)

    def answer(self, status: int, real: bool, values: Iterable[Any]) -> None:
        """What was answered with a status; a status without an example may be answered with anything."""
        seen = self.answers.setdefault(status, [Seen(), Seen()])[real]
        for value in values:
            seen.see(value)


Book = dict[tuple[str, str], Facts]


@dataclass(frozen=True)
class Recorded:
    """A body that the real service answered."""

    group: str
    name: str
    method: str
    path: str
    status: int
    body: Any


def contract(title: str, *names: str) -> Contract:
    """The operations that these sources know."""
    book: Book = {}
    readers = {"v1-2019": _read_2019, "v1-2024": _read_2024, "v1-recorded": _read_recorded}
    for name in names:
        readers[name](book)
    return Contract(title, [_operation(method, facts) for (method, _), facts in book.items()])


def _operation(method: str, facts: Facts) -> Operation:
    documented, real = facts.asks
    for seen in facts.asks:
        _share_address(seen)
        _share_address(seen.element)
    return Operation(
        method,
        facts.path,
        query={name: {} for name in facts.query},
        body=schema_of(real, documented, closed=True) if documented.kinds | real.kinds else None,
        answers={status: _answer(*seen) for status, seen in facts.answers.items()},
    )


def _answer(documented: Seen, real: Seen) -> Schema | None:
    empty = documented.kinds | real.kinds == {"null"}
    return None if empty else schema_of(real, documented, closed=False)


def _share_address(order: Seen) -> None:
    """Both addresses of an order are of one kind, and all examples fill only the name of the first."""
    if "shipTo" in order.fields:
        for name, field in order.fields["shipTo"].fields.items():
            order.fields["billTo"].fields[name].kinds |= field.kinds


def _facts(book: Book, method: str, path: str) -> Facts:
    """The entry of an operation; sources name its path parameters differently."""
    return book.setdefault((method.upper(), re.sub(r"\{\w+\}", "{}", path)), Facts(path))


def _entries(root: Any) -> Iterator[tuple[str, str, Any]]:
    for path, entry in root["paths"].items():
        for method in METHODS:
            if method in entry:
                yield method, path, entry[method]


def _read_2019(book: Book) -> None:
    root = document("v1-2019")
    for method, key, operation in _entries(root):
        path = key.partition("?")[0]
        facts = _facts(book, method, path)
        facts.query |= set(_PARAMETER.findall(key))
        ask = operation.get("requestBody") or {}
        if "$ref" in ask:
            ask = root["components"]["requestBodies"][ask["$ref"].rpartition("/")[2]]
        for entry in ask.get("content", {}).values():
            _hear(facts.asks[False], entry.get("schema") or {})
        for status, response in operation["responses"].items():
            examples = [
                e["value"] for c in response.get("content", {}).values() for e in c.get("examples", {}).values()
            ]
            facts.answer(int(status), False, map(_straight, examples))


def _hear(seen: Seen, schema: Any) -> None:
    """A request of 2019: an example, and types of its fields; lists hold theirs one level deeper."""
    inner = schema.get("items") or {}
    for example in (schema.get("example"), inner.get("example")):
        if example is not None:
            seen.see(_straight(example))
    if "properties" in schema:
        seen.hear(schema)


def _straight(value: Any) -> Any:
    """The converter of 2019 wrote lists of unlike elements as `{"anyOf": [...]}`."""
    if isinstance(value, list):
        return [_straight(part) for part in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"anyOf"} and isinstance(value["anyOf"], list):
        return _straight(value["anyOf"])
    return {name: _straight(part) for name, part in value.items()}


def _read_2024(book: Book) -> None:
    for method, path, operation in _entries(document("v1-2024")):
        facts = _facts(book, method, path)
        facts.query |= {
            parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"
        }
        for entry in (operation.get("requestBody") or {}).get("content", {}).values():
            facts.asks[True].see(_filled_in(json.loads(entry["schema"]["example"])))
        for status, response in operation["responses"].items():
            examples = [entry["example"] for entry in response.get("content", {}).values() if "example" in entry]
            facts.answer(int(status), True, (example or None for example in examples))


def _filled_in(text: str) -> Any:
    """A request body as it was written, its variables for numbers filled in."""
    return json.loads(_VARIABLE.sub("1", text))


def _read_recorded(book: Book) -> None:
    for _, item in _items():
        request = item["request"]
        facts = _facts(book, request["method"], _path(request))
        facts.query |= {parameter["key"] for parameter in request["url"].get("query", [])}
        if (request.get("body") or {}).get("raw"):
            facts.asks[True].see(_filled_in(request["body"]["raw"]))
    for recording in recorded():
        _facts(book, recording.method, recording.path).answer(recording.status, True, [recording.body])


def _items() -> Iterable[tuple[str, Any]]:
    for group in document("v1-recorded")["item"]:
        for item in group["item"]:
            yield group["name"], item


def _path(request: Any) -> str:
    return "/" + "/".join(re.sub(r"\{\{(\w+)\}\}", r"{\1}", part) for part in request["url"]["path"])


@cache
def recorded() -> tuple[Recorded, ...]:
    """All bodies that were recorded from the real service; an empty one is None."""
    return tuple(
        Recorded(
            group,
            item["name"],
            item["request"]["method"],
            _path(item["request"]),
            response["code"],
            json.loads(response["body"]) if response.get("body") else None,
        )
        for group, item in _items()
        for response in item.get("response", [])
    )
