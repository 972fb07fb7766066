"""The checking itself: what a contract forbids is found, without any vendor's contract at hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contracts.openapi import Operation, contract

ADDRESS = {
    "type": "object",
    "required": ["city"],
    "properties": {"city": {"type": "string", "nullable": True}, "zip": {"type": "string", "minLength": 1}},
    "additionalProperties": False,
}
ORDER = {
    "allOf": [
        {
            "type": "object",
            "properties": {"id": {"type": "string", "format": "uuid", "readOnly": True}},
            "required": ["id"],
        },
        {
            "properties": {
                "made": {"type": "string", "format": "date-time"},
                "to": {"$ref": "#/components/schemas/Address"},
            }
        },
        {"properties": {"parent": {"$ref": "#/components/schemas/Order"}}},
    ]
}


def _json(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


BODY = _json({"$ref": "#/components/schemas/Order"})
ROOT: dict[str, Any] = {
    "components": {"schemas": {"Address": ADDRESS, "Order": ORDER}},
    "paths": {
        "/orders": {
            "get": {
                "parameters": [{"name": "top", "in": "query", "schema": {"type": "integer"}}],
                "responses": {"200": _json({"type": "array", "items": {"$ref": "#/components/schemas/Order"}})},
            },
            "put": {"requestBody": BODY, "responses": {"200": BODY, "204": {"description": "done"}}},
        },
        "/orders/{ids}": {
            "get": {
                "parameters": [{"name": "ids", "in": "path", "schema": {"type": "string"}}],
                "responses": {"200": BODY},
            }
        },
        "/orders/{id}": {
            "get": {
                "parameters": [{"name": "id", "in": "path", "schema": {"type": "string", "format": "uuid"}}],
                "responses": {"200": BODY},
            }
        },
        "/orders/ship": {"post": {"responses": {"204": {"description": "done"}}}},
        "/orders/{actionName}": {"post": {"responses": {"204": {"description": "done"}}}},
    },
}
CONTRACT = contract("A shop", ROOT)
ID = "4c7e2a10-5b1d-4f0e-9c11-2f6a8d3e0001"


def operation(method: str, path: str) -> Operation:
    found = CONTRACT.find(method, path)
    assert found is not None
    return found


def places_and_rules(found: Any) -> list[tuple[str, str]]:
    return [(one.at, one.rule) for one in found]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"to": {"city": "Oslo"}}, []),
        ({"to": {"city": None}}, []),
        ({"to": {"city": 5}}, [("to.city", "type")]),
        ({"to": {}}, [("to.city", "missing")]),
        ({"to": {"city": "Oslo", "zip": None}}, [("to.zip", "null")]),
        ({"to": {"city": "Oslo", "town": "Oslo"}}, [("to.town", "unknown")]),
        ({"colour": "red"}, [("colour", "unknown")]),
        ({"parent": {"parent": {"colour": "red"}}}, [("parent.parent.colour", "unknown")]),
        ({"made": "2026-11-20"}, [("made", "format")]),
        ({"made": "2026-11-20T00:00:00+01:00"}, []),
        (None, [("", "body")]),
    ],
)
def test_it_finds_what_a_request_may_not_say(body: Any, wrong: list[tuple[str, str]]) -> None:
    assert places_and_rules(operation("PUT", "/orders").check_request(body)) == wrong


@pytest.mark.parametrize(
    ("status", "body", "wrong"),
    [
        (200, {"id": ID, "colour": "red"}, []),
        (200, {}, [("id", "missing")]),
        (200, {"id": "7"}, [("id", "format")]),
        (204, None, []),
        (204, {"id": ID}, [("", "body")]),
        (418, None, [("", "status")]),
    ],
)
def test_it_finds_what_an_answer_may_not_say(status: int, body: Any, wrong: list[tuple[str, str]]) -> None:
    assert places_and_rules(operation("PUT", "/orders").check_answer(status, body)) == wrong


def test_it_may_hold_answers_to_the_named_fields() -> None:
    closed = contract("A shop", ROOT, closed_answers=True).find("GET", "/orders")
    assert closed is not None
    assert places_and_rules(closed.check_answer(200, [{"id": ID, "colour": "red"}])) == [("colour", "unknown")]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [({"top": "5"}, []), ({"top": "five"}, [("top", "value")]), ({"tap": "5"}, [("tap", "unknown")])],
)
def test_it_knows_the_query(query: dict[str, str], wrong: list[tuple[str, str]]) -> None:
    assert places_and_rules(operation("GET", "/orders").check_query(query)) == wrong


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/orders/SO/000214", "GET /orders/{ids}"),
        ("GET", f"/orders/{ID}", "GET /orders/{id}"),
        ("POST", "/orders/ship", "POST /orders/ship"),
    ],
)
def test_it_finds_the_most_literal_operation(method: str, path: str, name: str) -> None:
    assert operation(method, path).name == name


@pytest.mark.parametrize(("method", "path"), [("POST", "/orders/shp"), ("DELETE", "/orders"), ("GET", "/order")])
def test_it_knows_no_other_operation(method: str, path: str) -> None:
    assert CONTRACT.find(method, path) is None
