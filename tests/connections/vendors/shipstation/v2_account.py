"""What tests do with the orders of a V2 account."""

from __future__ import annotations

import json
from typing import Any

from connections.vendor import Document, Written
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.orders.orders import Orders
from tests.connections.vendors.shipstation.accounts import outgoing
from tests.connections.vendors.shipstation.simulation import BEFORE


def sent(client: ShipStationClient, number: str, **changes: Any) -> str:
    outcome = Orders(client).write([outgoing(number, **changes)])[0]
    assert isinstance(outcome, Written), outcome
    return outcome.key


def row_id(key: str) -> int:
    return int(key.removeprefix("se-"))


def read(resource: Any, cursor: dict[str, Any] | None = None) -> tuple[list[Document], dict[str, Any]]:
    cursor = cursor or resource.start(BEFORE)
    documents: list[Document] = []
    for page in resource.changes(cursor):
        documents += page.documents
        cursor = json.loads(json.dumps(page.cursor))
    return documents, cursor


def of_order(documents: list[Document], order_key: str) -> list[Document]:
    return [document for document in documents if document.body["orderKey"] == order_key]
