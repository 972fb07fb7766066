"""One simulated ShipStation account with our client and a person's hands, every call of both recorded."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from connections.vendor import Written
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.orders.orders import Orders
from sandbox.kit.server import Running
from sandbox.shipstation.app import ShipStationSimulator
from tests.connections.vendors.shipstation.accounts import V1_KEYS, V2_KEYS, opened, outgoing
from tests.contracts.recording import Recorder

BEFORE = datetime.now(UTC) - timedelta(minutes=1)


class Desk:
    """One account with our client and a person's hands."""

    def __init__(self, running: Running, recorder: Recorder) -> None:
        assert isinstance(running.simulator, ShipStationSimulator)
        self.simulator = running.simulator
        self.recorder = recorder
        self.url = running.base_url
        self.both = opened(self.url, V1_KEYS | V2_KEYS)
        self.v1 = opened(self.url, V1_KEYS)
        self.v2 = opened(self.url, V2_KEYS)
        self.http = requests.Session()

    def close(self) -> None:
        self.http.close()
        for client in (self.both, self.v1, self.v2):
            client.close()

    def click(self, name: str, **arguments: Any) -> Any:
        with self.simulator.lock:
            return self.simulator.do(name, **arguments)

    def send(self, client: ShipStationClient, number: str, **changes: Any) -> str:
        outcome = Orders(client).write([outgoing(number, **changes)])[0]
        assert isinstance(outcome, Written), outcome
        return outcome.key

    def read(self, resource: Any, cursor: dict[str, Any] | None = None) -> dict[str, Any]:
        """Everything behind the cursor; returns the next one."""
        cursor = cursor or resource.start(BEFORE)
        for page in resource.changes(cursor):
            cursor = json.loads(json.dumps(page.cursor))
        return cursor

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """A call that our client never makes."""
        auth = ("sim-key", "sim-secret") if not path.startswith("/v2/") else None
        headers = {"API-Key": "sim-v2-key"} if auth is None else {}
        with self.recorder.direct():
            response = self.http.request(
                method, self.url + path, json=body, params=query, auth=auth, headers=headers, timeout=10
            )
        return response.json() if response.content else None
