"""The ShipStation simulator: V1 at the root, V2 under /v2, one account behind both, and a page for a person.

Facts, and how sure each is, are in the vendor notes; where a fact is unverified there is a switch and both sides can
be tried. Switches (see `SWITCHES`) are set with `POST /_control/settings`, what a person would do in ShipStation with
`POST /_control/do/<name>` or on the page at `/_operator`.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable
from typing import Any, ClassVar

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.responses import json_response
from sandbox.kit.simulator import Simulator
from sandbox.shipstation.account import Account
from sandbox.shipstation.actions import Operator
from sandbox.shipstation.api.v1_directory import V1Directory
from sandbox.shipstation.api.v1_orders import V1Orders
from sandbox.shipstation.api.v1_responses import exception
from sandbox.shipstation.api.v1_shipments import V1Shipments
from sandbox.shipstation.api.v2 import V2
from sandbox.shipstation.api.v2_responses import v2_error
from sandbox.shipstation.pages.operator import Page
from sandbox.shipstation.rules.shipping import Shipping
from sandbox.shipstation.webhooks import Hooks

SWITCHES: dict[str, Any] = {
    # Limits: requests in each window; 0 switches the limit off, headers stay.
    "v1_limit": 40,
    "v2_limit": 200,
    "window_seconds": 60,
    # What an injected 429 tells the client to wait.
    "throttle_seconds": 1,
    # Refusals
    "revoked": False,
    "plan_lacks_v1": False,
    # A write to a shipped or cancelled order: "error", "silent" (200, unchanged) or "server_error".
    "locked_answer": "error",
    # createorder with a missing business value: "400" or "500".
    "invalid_answer": "400",
    # Lists
    "range_ends": "inclusive",
    "pages_zero": False,
    # What ShipStation does by itself, and when
    "side_effect_delay": 1.0,
    "address_validation": True,
    "void_status": "awaiting_shipment",
    "split_keeps_key": False,
    # Webhooks: normal, delayed, duplicated, dropped, reordered, wrong_host, or mixed of all.
    "webhook_mode": "normal",
    "webhook_delay": 0.0,
    "webhook_retries": 0,
    "webhook_retry_seconds": 30.0,
    "mark_as_shipped_notifies": True,
    "subscribe_answer": "201",
    "sign_v1_hooks": False,
    "stale_timestamp": False,
    # V2: carriers answer 207 with an error beside the list.
    "v2_multi_status": False,
    "inventory_needs_product": False,
}


class ShipStationSimulator(Operator, Simulator):
    slug: ClassVar[str] = "shipstation"
    base_path: ClassVar[str] = ""
    addresses: ClassVar[dict[str, str]] = {"v2_base_url": "", "jwks_url": "/jwks"}
    operator_path: ClassVar[str] = "/_operator"
    credentials: ClassVar[dict[str, Any]] = {
        "api_key": "sim-key",
        "api_secret": "sim-secret",
        "v2_api_key": "sim-v2-key",
    }

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.seed = seed
        self.switches |= SWITCHES
        self.account = Account(self)
        self.hooks = Hooks(self)
        self.shipping = Shipping(self.account, self.hooks)
        self.v2 = V2(self)
        self.doors = (V1Orders(self), V1Shipments(self), V1Directory(self), self.v2, Page(self))
        self.windows: dict[str, tuple[float, int]] = {}
        self.account.found()
        self.v2.inventory.found()

    def routes(self) -> Iterable[Rule]:
        for door in self.doors:
            yield from door.routes()
        yield Rule("/jwks", endpoint=lambda request: json_response(self.hooks.keys.published()))

    # Who may come in, and how often

    def guard(self, request: Request) -> Response | None:
        request.get_data()  # a refused body must not be left in the connection
        self.account.end_holds()
        if _is_open(request.path):
            return None
        if request.path.startswith("/v2/"):
            return self._guard_v2(request)
        return self._guard_v1(request)

    def _guard_v1(self, request: Request) -> Response | None:
        if self._count("v1", "v1_limit") < 0:
            return json_response({"message": "Too Many Requests"}, 429)
        pair = f"{self.credentials['api_key']}:{self.credentials['api_secret']}"
        wanted = "Basic " + base64.b64encode(pair.encode()).decode()
        if self.switches["revoked"] or request.headers.get("Authorization") != wanted:
            return json_response({"message": "Invalid API credentials"}, 401)
        if self.switches["plan_lacks_v1"]:
            return json_response({"message": "Your plan does not include API access"}, 402)
        return None

    def _guard_v2(self, request: Request) -> Response | None:
        if self.switches["revoked"] or request.headers.get("API-Key") != self.credentials["v2_api_key"]:
            return v2_error(401, "unauthorized", "The API key is invalid.", kind="security")
        if self._count("v2", "v2_limit") < 0:
            return self._v2_throttled(self._seconds_left("v2"))
        return None

    def _count(self, key: str, switch: str) -> float:
        """Take one call from the window of this key; negative when none was left."""
        now, start, used = self.now(), *self.windows.get(key, (0.0, 0))
        if not 0 <= now - start < float(self.switches["window_seconds"]):
            start, used = now, 0
        limit = int(self.switches[switch])
        left = limit - used - 1 if limit else math.inf
        self.windows[key] = (start, used + (left >= 0))
        return left

    def _seconds_left(self, key: str) -> int:
        length = float(self.switches["window_seconds"])
        start = self.windows.get(key, (self.now(), 0))[0]
        return max(1, math.ceil(start + length - self.now()))

    def finish(self, request: Request, response: Response) -> Response:
        """V1 counts on every answer, also on errors: ceiling, calls left, seconds to the next window."""
        if _is_open(request.path) or request.path.startswith("/v2/"):
            return response
        limit = int(self.switches["v1_limit"])
        used = self.windows.get("v1", (0.0, 0))[1]
        left = 0 if response.status_code == 429 else max(limit - used, 0)
        response.headers.setdefault("X-Rate-Limit-Limit", str(limit or 40))
        response.headers.setdefault("X-Rate-Limit-Remaining", str(left if limit else 40))
        response.headers.setdefault("X-Rate-Limit-Reset", str(self._seconds_left("v1")))
        return response

    def throttled(self, request: Request) -> Response:
        seconds = int(self.switches["throttle_seconds"])
        if request.path.startswith("/v2/"):
            return self._v2_throttled(seconds)
        headers = {"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": str(seconds)}
        return json_response({"message": "Too Many Requests"}, 429, headers)

    def _v2_throttled(self, seconds: int) -> Response:
        response = v2_error(429, "rate_limit_exceeded", "Rate limit exceeded.", kind="system")
        response.headers["Retry-After"] = str(seconds)
        return response

    def failed(self, request: Request, status: int) -> Response:
        """V1 wears the envelope of an unhandled failure; a V2 500 has no body."""
        if request.path.startswith("/v2/"):
            return Response(b"", status) if status >= 500 else v2_error(status, "unspecified", "Failed.")
        match status:
            case 500:
                return exception("Execution Timeout Expired.", "System.Data.SqlClient.SqlException")
            case 404:
                return json_response({"Message": "No HTTP resource was found that matches the request URI."}, 404)
            case 405:
                return json_response({"Message": "The requested resource does not support this method."}, 405)
            case 401:
                return json_response({"message": "Invalid API credentials"}, 401)
        return json_response({"message": "An internal error occurred"}, status)

    # Contents

    def state(self) -> dict[str, Any]:
        """All orders with their deleted ones, shipments, fulfillments and what ShipStation made of them."""
        account, hooks = self.account, self.hooks
        return {
            "orders": [_order_state(order.open(), order.deleted) for order in account.orders],
            "shipments": [row.open() for row in account.shipments.values()],
            "fulfillments": [row.open() for row in account.fulfillments.values()],
            "customers": list(account.customers.values()),
            "products": list(account.products.values()),
            "inventory": list(self.v2.inventory.stock.values()),
            "webhooks": [*hooks.v1.values(), *hooks.v2.values()],
            "deliveries": {**hooks.outcomes, "waiting": len(hooks.waiting)},
        }


_STATE_FIELDS = [
    "orderId",
    "orderNumber",
    "orderKey",
    "orderStatus",
    "orderDate",
    "createDate",
    "modifyDate",
    "customerId",
    "customerUsername",
    "customerEmail",
    "shipTo",
    "orderTotal",
    "amountPaid",
    "taxAmount",
    "shippingAmount",
    "internalNotes",
    "requestedShippingService",
    "carrierCode",
    "serviceCode",
    "shipDate",
    "holdUntilDate",
    "tagIds",
    "externallyFulfilled",
]
_LINE_FIELDS = ["orderItemId", "lineItemKey", "sku", "name", "quantity", "unitPrice", "productId", "adjustment"]
_ADVANCED_FIELDS = [
    "storeId",
    "warehouseId",
    "mergedOrSplit",
    "mergedIds",
    "parentId",
    "customField1",
    "customField2",
    "customField3",
    "source",
]


def _order_state(document: dict[str, Any], deleted: bool) -> dict[str, Any]:
    shown = {name: document[name] for name in _STATE_FIELDS}
    lines = [{name: line[name] for name in _LINE_FIELDS} for line in document["items"]]
    advanced = {name: document["advancedOptions"][name] for name in _ADVANCED_FIELDS}
    return shown | {"items": lines, "advancedOptions": advanced, "deleted": deleted}


def _is_open(path: str) -> bool:
    """Not part of the vendor's API proper: no credentials, no limit."""
    return path.startswith(("/_operator", "/jwks"))


SIMULATOR = ShipStationSimulator
