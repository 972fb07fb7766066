"""The simulated order desk: a list of orders behind an API key, and the shipments that are written on them.

Switches: `rights` of the key, `page_size` of the list. Actions: `seed`, `edit`, `close`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit import exact_json
from sandbox.kit.responses import json_response
from sandbox.kit.simulator import Simulator

NEEDED = ("order", "tracking")
ADDRESS = {"street": "500 W 2nd St", "city": "Austin", "state": "TX", "postcode": "78701", "country": "US"}


class ExampleSimulator(Simulator):
    slug: ClassVar[str] = "example"
    base_path: ClassVar[str] = "/api"
    credentials: ClassVar[dict[str, Any]] = {"api_key": "sim-key"}
    default_switches: ClassVar[dict[str, Any]] = {"rights": ["orders.read", "shipments.write"], "page_size": 50}

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.orders: dict[str, dict[str, Any]] = {}
        self.shipments: dict[str, dict[str, Any]] = {}

    def state(self) -> dict[str, Any]:
        return {"orders": list(self.orders.values()), "shipments": list(self.shipments.values())}

    def routes(self) -> Iterable[Rule]:
        yield Rule(
            "/api/key", endpoint=lambda request: json_response({"rights": self.switches["rights"]}), methods=["GET"]
        )
        yield Rule("/api/orders", endpoint=self._list, methods=["GET"])
        yield Rule("/api/orders/<number>", endpoint=self._get, methods=["GET"])
        yield Rule("/api/orders/<number>/shipments", endpoint=self._shipments, methods=["GET", "POST"])
        yield Rule("/api/shipments/<key>", endpoint=self._put, methods=["PUT"])

    def guard(self, request: Request) -> Response | None:
        if request.headers.get("X-Api-Key") != self.credentials["api_key"]:
            return refusal("key", "Unknown key.")
        right = "shipments.write" if "shipments" in request.path else "orders.read"
        if request.path != "/api/key" and right not in self.switches["rights"]:
            return refusal("right", f"This key may not {right}.")
        return None

    # The API

    def _list(self, request: Request) -> Response:
        """The oldest change first; of those with the same time, what comes behind `after`."""
        place = request.args["changed_since"], request.args["after"]
        later = sorted((o for o in self.orders.values() if (o["changed"], o["number"]) > place), key=_place)
        return json_response({"orders": later[: self.switches["page_size"]]})

    def _get(self, request: Request, number: str) -> Response:
        return json_response({"order": self.orders.get(number)})

    def _shipments(self, request: Request, number: str) -> Response:
        if request.method == "GET":
            return json_response({"shipments": [row for row in self.shipments.values() if row["order"] == number]})
        return self._store(str(len(self.shipments) + 1), exact_json.loads(request.get_data()))

    def _put(self, request: Request, key: str) -> Response:
        return self._store(key, exact_json.loads(request.get_data()))

    def _store(self, key: str, shipment: dict[str, Any]) -> Response:
        order = self.orders.get(shipment.get("order", ""))
        missing = next((name for name in NEEDED if not shipment.get(name)), None)
        if missing or order is None:
            return refusal("invalid", "A value is needed." if missing else "No such order.", missing or "order")
        if order["status"] == "closed":
            return refusal("closed", "The order is closed.")
        self.shipments[key] = {**shipment, "id": key}
        self._change(order, status="shipped")
        return json_response({"shipment": self.shipments[key]})

    # What a person does there

    def do_seed(self, orders: int = 10) -> list[str]:
        """New open orders; returns their numbers."""
        numbers = [f"A-{1000 + len(self.orders) + place}" for place in range(1, orders + 1)]
        for number in numbers:
            quantity, price = self.random.randint(1, 5), Decimal(self.random.randint(100, 20_000)) / 100
            self.orders[number] = {
                "number": number,
                "status": "open",
                "customer": {"name": "Jamie Rivera", "email": "orders@riveraoutdoor.example"},
                "address": ADDRESS,
                "lines": [{"sku": "SKI-180", "name": "Ski 180 cm", "quantity": quantity, "price": str(price)}],
                "total": str(quantity * price),
            }
            self._change(self.orders[number])
        return numbers

    def do_edit(self, number: str, **fields: Any) -> None:
        self._change(self.orders[number], **fields)

    def do_close(self, number: str) -> None:
        self._change(self.orders[number], status="closed")

    def _change(self, order: dict[str, Any], **fields: Any) -> None:
        order |= {**fields, "changed": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self.now()))}


def refusal(code: str, message: str, field: str = "") -> Response:
    """Whatever is wrong, the status is 200."""
    return json_response({"error": {"code": code, "message": message, "field": field}})


def _place(order: dict[str, Any]) -> tuple[str, str]:
    return order["changed"], order["number"]


SIMULATOR = ExampleSimulator
