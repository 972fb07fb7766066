"""The webhook registries of both APIs, found again by target address.

V1 (`/webhooks`) writes PascalCase, V2 (`/v2/environment/webhooks`) snake_case; V1 has no update and no headers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connections.errors import Rejected
from connections.http import Http
from connections.vendors.shipstation.client import get_or_none, read_object, read_rows, written_object

NAME = "Integration console"
V2_PATH = "/v2/environment/webhooks"
TOKEN_HEADER = "X-Console-Token"  # noqa: S105 (a header's name)


def subscribe_v1(http: Http, url: str, topics: Sequence[str]) -> dict[str, str]:
    """Subscribe the missing topics; returns the ids of all."""
    if not topics:
        return {}
    existing = {row.get("HookType"): row for row in _v1_rows(http, url)}
    return {
        topic: str(existing[topic]["WebHookID"]) if topic in existing else _subscribe_v1(http, url, topic)
        for topic in topics
    }


def _subscribe_v1(http: Http, url: str, topic: str) -> str:
    subscription = {"target_url": url, "event": topic, "store_id": None, "friendly_name": NAME}
    created = written_object(http.post("/webhooks/subscribe", json=subscription))
    # Recorded traffic answers `id`, the reference describes `WebHookID`.
    return str(created.get("id") or created.get("WebHookID") or "")


def unsubscribe_v1(http: Http, url: str) -> int:
    rows = _v1_rows(http, url)
    for row in rows:
        _delete(http, f"/webhooks/{row['WebHookID']}")
    return len(rows)


def _v1_rows(http: Http, url: str) -> list[dict[str, Any]]:
    rows = read_rows(read_object(http.get("/webhooks")), "webhooks")
    return [row for row in rows if row.get("Url") == url]


def subscribe_v2(http: Http, url: str, topics: Sequence[str], token: str) -> dict[str, str]:
    """Subscribe the missing topics and give old ones the current token.

    V2 may allow one subscription for each event; a topic that somebody else holds is left out of the result, and
    the polls serve it.
    """
    if not topics:
        return {}
    headers = [{"key": TOKEN_HEADER, "value": token}]
    existing = {row.get("event"): row for row in _v2_rows(http, url)}
    ids: dict[str, str] = {}
    for topic in topics:
        subscription = {"name": NAME, "url": url, "headers": headers}
        row = existing.get(topic)
        if row is None:
            webhook_id = _subscribe_v2(http, subscription | {"event": topic})
        else:
            webhook_id = str(row["webhook_id"])
            if row.get("headers") != headers:
                http.put(f"{V2_PATH}/{webhook_id}", json=subscription)
        if webhook_id:
            ids[topic] = webhook_id
    return ids


def _subscribe_v2(http: Http, subscription: dict[str, Any]) -> str:
    try:
        return str(written_object(http.post(V2_PATH, json=subscription)).get("webhook_id") or "")
    except Rejected as refused:
        if refused.status != 409:
            raise
        return ""


def unsubscribe_v2(http: Http, url: str) -> int:
    rows = _v2_rows(http, url)
    for row in rows:
        _delete(http, f"{V2_PATH}/{row['webhook_id']}")
    return len(rows)


def _v2_rows(http: Http, url: str) -> list[dict[str, Any]]:
    answer = get_or_none(http, V2_PATH)
    body = answer.json() if answer else []
    rows = body.get("webhooks", []) if isinstance(body, dict) else body
    return [row for row in rows if isinstance(row, dict) and row.get("url") == url]


def _delete(http: Http, path: str) -> None:
    """Delete what may be gone already."""
    try:
        http.delete(path)
    except Rejected as refused:
        if refused.status != 404:
            raise
