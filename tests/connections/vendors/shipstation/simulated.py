"""A running ShipStation simulator with clients for both API versions, and a place that takes its webhooks."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

from sandbox.kit.server import Running
from sandbox.shipstation.app import ShipStationSimulator

Document = dict[str, Any]


class Simulated:
    def __init__(self, running: Running) -> None:
        self.running = running
        assert isinstance(running.simulator, ShipStationSimulator)
        self.simulator = running.simulator
        self.url = running.base_url
        self.v1 = requests.Session()
        self.v1.auth = ("sim-key", "sim-secret")
        self.v2 = requests.Session()
        self.v2.headers["API-Key"] = "sim-v2-key"

    def get(self, path: str, **query: Any) -> Any:
        return self.v1.get(self.url + path, params=query, timeout=10).json()

    def post(self, path: str, body: Any) -> requests.Response:
        return self.v1.post(self.url + path, json=body, timeout=10)

    def call_v2(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        return self.v2.request(method, self.url + path, json=body, params=query, timeout=10)

    def set(self, **switches: Any) -> None:
        response = requests.post(f"{self.running.control_url}/settings", json=switches, timeout=10)
        assert response.status_code == 200, response.text

    def do(self, name: str, **arguments: Any) -> Any:
        response = requests.post(f"{self.running.control_url}/do/{name}", json=arguments, timeout=10)
        assert response.status_code == 200, response.text
        return response.json()

    def state(self) -> Any:
        return requests.get(f"{self.running.control_url}/state", timeout=10).json()

    def calls(self) -> Any:
        return requests.get(f"{self.running.control_url}/calls", timeout=10).json()

    def make(self, number: str = "1001", **changes: Any) -> Document:
        """Post one order and return what ShipStation stored."""
        response = self.post("/orders/createorder", order(number, **changes))
        assert response.status_code == 200, response.text
        stored: Document = response.json()
        return stored

    def subscribe(self, event: str, url: str, store: int | None = None) -> None:
        body = {"target_url": url, "event": event, "store_id": store, "friendly_name": "test"}
        assert self.post("/webhooks/subscribe", body).status_code == 201


@contextmanager
def simulated(**switches: Any) -> Iterator[Simulated]:
    """By default without limits and without anything that happens later by itself."""
    running = Running(ShipStationSimulator())
    simulator = Simulated(running)
    try:
        simulator.set(**{"v1_limit": 0, "v2_limit": 0, "side_effect_delay": 3600} | switches)
        yield simulator
    finally:
        simulator.v1.close()
        simulator.v2.close()
        running.stop()


def line(key: str = "1", sku: str = "SKI-180", quantity: int = 2, **changes: Any) -> Document:
    fields = {"lineItemKey": key, "sku": sku, "name": f"Item {sku}", "quantity": quantity, "unitPrice": 100.5}
    return fields | {"weight": {"value": 10, "units": "ounces"}} | changes


def order(number: str = "1001", **changes: Any) -> Document:
    """What an integration posts for one order."""
    address = {"name": "Kari Nordmann", "company": "Fjell AS", "street1": "1 Main St", "city": "Austin"}
    address |= {"state": "TX", "postalCode": "78703", "country": "US", "phone": "555"}
    return {
        "orderNumber": number,
        "orderKey": f"erp:{number}",
        "orderDate": "2026-11-20T08:15:00.0000000",
        "orderStatus": "awaiting_shipment",
        "customerUsername": "CUST-1",
        "customerEmail": "kari@example.com",
        "billTo": {"name": "Kari Nordmann"},
        "shipTo": address,
        "items": [line(), line("2", "POLE", 3)],
        "taxAmount": 5,
        "shippingAmount": 10,
    } | changes


class Receiver:
    """Takes webhooks; `received` holds (headers, raw body) in the order of arrival."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append(({key.lower(): value for key, value in self.headers.items()}, raw))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def bodies(self) -> list[Document]:
        return [json.loads(raw) for _, raw in self.received]

    def wait_for(self, count: int, seconds: float = 5.0) -> list[Document]:
        """The bodies once so many have come."""
        eventually(lambda: len(self.received) >= count, seconds)
        return self.bodies

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def listening() -> Iterator[Receiver]:
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.close()


def eventually(true: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)  # between two looks at another thread's work
