"""A person at the simulator: a signed-in `requests` session and short words for what the tests do often."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import urljoin

import requests

from sandbox.acumatica.app import AcumaticaSimulator
from sandbox.kit.server import Running

PARTS = "Details,Packages,Orders"


class Site:
    """The simulator over real HTTP. Operations take no time unless a test says so."""

    def __init__(self) -> None:
        self.running = Running(AcumaticaSimulator())
        self.url = self.running.base_url
        self.api = f"{self.url}/entity/Default/25.200.001"
        self.http = requests.Session()
        self.settings(operation_seconds=0, polls=0)

    def stop(self) -> None:
        self.http.close()
        self.running.stop()

    def settings(self, **switches: Any) -> None:
        requests.post(f"{self.running.control_url}/settings", json=switches, timeout=30).raise_for_status()

    def fault(self, kind: str, **options: Any) -> None:
        requests.post(
            f"{self.running.control_url}/faults", json={"kind": kind, **options}, timeout=30
        ).raise_for_status()

    def do(self, name: str, **arguments: Any) -> Any:
        response = requests.post(f"{self.running.control_url}/do/{name}", json=arguments, timeout=60)
        response.raise_for_status()
        return response.json()

    def state(self) -> Any:
        return requests.get(f"{self.running.control_url}/state", timeout=30).json()

    def login(self, http: requests.Session | None = None, **changed: Any) -> requests.Response:
        sent = {"name": "api-user", "password": "sim-password", "tenant": "MyStore", "branch": "MYSTORE"} | changed
        return (http or self.http).post(f"{self.url}/entity/auth/login", json=sent, timeout=30)

    def get(self, path: str, **query: str) -> requests.Response:
        params = {f"${name}": value for name, value in query.items()}
        return self.http.get(f"{self.api}/{path}", params=params, timeout=30, allow_redirects=False)

    def put(self, entity: str, body: Any, expand: str = "", **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        params = {"$expand": expand} if expand else {}
        return self.http.put(f"{self.api}/{entity}", json=body, params=params, headers=named, timeout=30)

    def act(self, action: str, keys: dict[str, str], **parameters: Any) -> requests.Response:
        """Run an action and, where it runs long, ask once how it went; returns the last response."""
        body = {"entity": wrap(keys), "parameters": wrap(parameters)}
        response = self.http.post(f"{self.api}/{action}", json=body, timeout=30)
        return self.look(response) if response.status_code == 202 else response

    def look(self, response: requests.Response) -> requests.Response:
        return self.http.get(self.running.root_url + response.headers["Location"], timeout=30)

    # Common steps

    def order(self, **fields: Any) -> str:
        number: str = self.do("add_order", **fields)["OrderNbr"]
        return number

    def ship(self, number: str, **fields: Any) -> requests.Response:
        """A shipment of a whole order, or of what `fields` says."""
        body = {"Details": [line(number)]} | fields
        return self.put("Shipment", body, PARTS)

    def status(self, number: str) -> Any:
        return self.get(f"SalesOrder/SO/{number}", select="Status").json()["Status"]["value"]

    def confirm(self, shipment: str) -> requests.Response:
        return self.act("Shipment/ConfirmShipment", {"ShipmentNbr": shipment})

    def shipment(self, number: str) -> Any:
        matches = [row for row in self.state()["shipments"] if row["ShipmentNbr"] == number]
        return matches[0] if matches else None

    def on_hand(self, item: str, warehouse: str = "WHOLESALE") -> float:
        items = {row["InventoryID"]: row for row in self.state()["items"]}
        quantity: float = items[item]["on_hand"][warehouse]
        return quantity


def consented(page: requests.Response, decision: str = "allow") -> str:
    """Send the form of a consent page off, as a browser would; returns where it leads."""
    action, ident = re.search(r'action="([^"]+)"', page.text), re.search(r'name="request" value="(\w+)"', page.text)
    assert action, page.text
    assert ident, page.text
    form = {"request": ident[1], "decision": decision}
    response = requests.post(urljoin(page.url, action[1]), data=form, timeout=30, allow_redirects=False)
    return response.headers["Location"]


def wrap(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: {"value": value} for name, value in fields.items()}


def line(number: str, **fields: Any) -> dict[str, Any]:
    return wrap({"OrderType": "SO", "OrderNbr": number} | fields)


def value(response: requests.Response, name: str) -> Any:
    return response.json()[name].get("value")


def wait_until(condition: Any, seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)  # between two looks at another thread's work
    return False
