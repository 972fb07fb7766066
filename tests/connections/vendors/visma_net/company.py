"""A company at the simulator: a token, and short words for what the tests do often."""

from __future__ import annotations

import time
from typing import Any

import requests

from sandbox.kit.server import Running
from sandbox.visma_net.app import VismaNetSimulator

KNOWN = VismaNetSimulator.credentials


class Company:
    """The simulator over real HTTP, with its token in hand."""

    def __init__(self, running: Running | None = None, **switches: Any) -> None:
        self.running = running or Running(VismaNetSimulator())
        assert isinstance(self.running.simulator, VismaNetSimulator)
        self.simulator = self.running.simulator
        self.simulator.switches.update(switches)
        self.root = self.running.root_url
        self.erp = f"{self.root}/erp"
        self.v3 = f"{self.root}/salesorder/api/v3"
        self.connect = f"{self.root}/connect-host/connect"
        self.http = requests.Session()
        self.sign_in()

    def stop(self) -> None:
        self.http.close()
        self.running.stop()

    def token(self, **form: Any) -> requests.Response:
        sent = {
            "grant_type": "client_credentials",
            "client_id": KNOWN["client_id"],
            "client_secret": KNOWN["client_secret"],
            "tenant_id": KNOWN["tenant_id"],
        } | form
        return requests.post(
            f"{self.connect}/token", data={name: value for name, value in sent.items() if value is not None}, timeout=30
        )

    def sign_in(self, **form: Any) -> None:
        self.http.headers["Authorization"] = f"Bearer {self.token(**form).json()['access_token']}"

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.http.get(f"{self.erp}/{path}", params=query, timeout=30)

    def sale(self, path: str = "", **query: Any) -> requests.Response:
        return self.http.get(f"{self.v3}/SalesOrders{path}", params=query, timeout=30)

    def post(self, path: str, body: Any = None, **headers: str) -> requests.Response:
        return self.http.post(f"{self.erp}/{path}", json=body, headers=_named(headers), timeout=30)

    def put(self, path: str, body: Any, **headers: str) -> requests.Response:
        return self.http.put(f"{self.erp}/{path}", json=body, headers=_named(headers), timeout=30)

    def do(self, name: str, **arguments: Any) -> Any:
        response = requests.post(f"{self.running.control_url}/do/{name}", json=arguments, timeout=60)
        response.raise_for_status()
        return response.json()

    def fault(self, kind: str, **options: Any) -> None:
        requests.post(
            f"{self.running.control_url}/faults", json={"kind": kind, **options}, timeout=30
        ).raise_for_status()

    def switch(self, **switches: Any) -> None:
        requests.post(f"{self.running.control_url}/settings", json=switches, timeout=30).raise_for_status()

    def state(self) -> Any:
        return requests.get(f"{self.running.control_url}/state", timeout=30).json()

    # Common steps

    def make_order(self, *quantities: float, **line: Any) -> str:
        """An order of items that need no care, a line for each quantity."""
        items = ("STOL-101", "LAMPE-7", "BORD-140", "TAU-M")
        lines = [{"inventory": items[at], "orderQty": each, **line} for at, each in enumerate(quantities)]
        number: str = self.do("make_order", lines=lines)["orderNbr"]
        return number

    def order(self, number: str) -> Any:
        return self.get(f"v1/purchaseorder/{number}", includeCustomFreeFields="true").json()

    def line(self, number: str, line_nbr: int = 1) -> Any:
        return next(line for line in self.order(number)["lines"] if line["lineNbr"] == line_nbr)

    def make_receipt(self, **fields: Any) -> str:
        """An empty receipt; returns its number."""
        response = self.post("v1/PurchaseReceipt", wrap(**{"supplierId": "50000", **fields}))
        response.raise_for_status()
        return response.headers["Location"].rpartition("/")[2]

    def add_lines(self, receipt: str, order: str, *lines: int) -> requests.Response:
        chosen = [{"lineNbr": str(line)} for line in lines]
        body = {"purchaseOrderLines": [{"orderNbr": order, "lines": chosen}]}
        return self.post(f"v1/PurchaseReceipt/{receipt}/action/addpurchaseorderlines", body)

    def set_quantity(self, receipt: str, quantity: float, line: int = 1) -> requests.Response:
        update = {"operation": "Update", **wrap(lineNbr=line, receiptQty=quantity)}
        return self.put(f"v1/PurchaseReceipt/{receipt}", {"lines": [update]})

    def release(self, receipt: str) -> requests.Response:
        return self.post(f"v1/PurchaseReceipt/{receipt}/action/release")

    def receipt(self, number: str) -> Any:
        return self.get(f"v2/PurchaseReceipt/{number}", includeCustomFreeFields="true").json()

    def received(self, order: str, quantity: float, line: int = 1) -> str:
        """A receipt of so many of one line, not released."""
        receipt = self.make_receipt(supplierId=self.order(order)["supplier"]["number"])
        self.add_lines(receipt, order, line).raise_for_status()
        self.set_quantity(receipt, quantity).raise_for_status()
        return receipt


def wrap(**fields: Any) -> dict[str, Any]:
    return {name: {"value": value} for name, value in fields.items()}


def direct(order: str, quantity: float, line: int = 1, **changes: Any) -> dict[str, Any]:
    """A line that names its order line."""
    fields = {"poOrderType": "RegularOrder", "poOrderNbr": order, "poOrderLineNbr": line, "receiptQty": quantity}
    return {"operation": "Insert", **wrap(**fields | changes)}


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def wait_until(condition: Any, seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)  # between two looks at another thread's work
    return False
