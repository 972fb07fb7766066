"""The ShipStation simulator: V1 at the root, V2 under /v2, one account behind both, and a page for a person.

Facts, and how sure each is, are in the vendor notes; where a fact is unverified there is a switch and both sides can
be tried. Switches (see `switches.py`) are set with `POST /_control/settings`, what a person would do in ShipStation
with `POST /_control/do/<name>` or on the page at `/_operator`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.pages import OPERATOR
from sandbox.kit.responses import json_response
from sandbox.kit.simulator import Simulator
from sandbox.shipstation import seed as seeding
from sandbox.shipstation.actions import Actions
from sandbox.shipstation.api.access import V1Access, V2Access
from sandbox.shipstation.api.v1.directory import V1Directory
from sandbox.shipstation.api.v1.order_lists import V1OrderLists
from sandbox.shipstation.api.v1.order_writes import V1OrderWrites
from sandbox.shipstation.api.v1.orders import V1Orders
from sandbox.shipstation.api.v1.products import V1Products
from sandbox.shipstation.api.v1.shipments import V1Shipments
from sandbox.shipstation.api.v1.webhooks import V1Webhooks
from sandbox.shipstation.api.v2.directory import V2Directory
from sandbox.shipstation.api.v2.fulfillments import V2Fulfillments
from sandbox.shipstation.api.v2.inventory import V2Inventory
from sandbox.shipstation.api.v2.labels import V2Labels
from sandbox.shipstation.api.v2.shipments import V2Shipments
from sandbox.shipstation.api.v2.webhooks import V2Webhooks
from sandbox.shipstation.contents import contents
from sandbox.shipstation.pages.operator import OrdersPage
from sandbox.shipstation.rules.imports import Imports
from sandbox.shipstation.rules.shipping import Shipping
from sandbox.shipstation.rules.statuses import Statuses
from sandbox.shipstation.store import Account
from sandbox.shipstation.switches import SWITCHES
from sandbox.shipstation.webhooks import Webhooks


class ShipStationSimulator(Simulator):
    slug: ClassVar[str] = "shipstation"
    base_path: ClassVar[str] = ""
    addresses: ClassVar[dict[str, str]] = {"v2_base_url": "", "jwks_url": "/jwks"}
    operator_path: ClassVar[str] = OPERATOR
    default_switches: ClassVar[dict[str, Any]] = SWITCHES
    credentials: ClassVar[dict[str, Any]] = {
        "api_key": "sim-key",
        "api_secret": "sim-secret",
        "v2_api_key": "sim-v2-key",
    }

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        context = self.context
        self.account = account = Account(context)
        self.webhooks = webhooks = Webhooks(context)
        self.statuses = statuses = Statuses(context, account)
        imports = Imports(context, account, statuses, webhooks)
        shipping = Shipping(context, account, statuses, webhooks)
        self.actions: Actions = Actions(context, account, statuses, shipping, webhooks)
        self.v1_access = V1Access(context, self.credentials)
        self.v2_access = V2Access(context, self.credentials)
        self.parts = (
            V1OrderLists(context, account),
            V1OrderWrites(context, account, imports),
            V1Orders(account, statuses, shipping),
            V1Shipments(context, account, shipping),
            V1Products(context, account),
            V1Directory(context, account),
            V1Webhooks(context, account, webhooks),
            V2Shipments(context, account, imports, statuses),
            V2Labels(context, account, shipping),
            V2Fulfillments(context, account, shipping),
            V2Inventory(context, account),
            V2Directory(context, account),
            V2Webhooks(account, webhooks),
            OrdersPage(account, webhooks, self.actions),
        )
        seeding.fill(context, account)

    def routes(self) -> Iterable[Rule]:
        for part in self.parts:
            yield from part.routes()
        yield Rule("/jwks", endpoint=lambda request: json_response(self.webhooks.keys.published()))

    # Every request

    def guard(self, request: Request) -> Response | None:
        request.get_data()  # a refused body must not be left in the connection
        self.statuses.end_due_holds()
        return None if _is_open(request.path) else self._access(request).refusal(request)

    def finish(self, request: Request, response: Response) -> Response:
        """V1 counts on every response, also on errors: ceiling, calls left, seconds to the next window."""
        if not _is_open(request.path) and not _is_v2(request):
            self.v1_access.set_headers(response)
        return response

    def throttled(self, request: Request) -> Response:
        return self._access(request).throttled(int(self.switches["throttle_seconds"]))

    def failed(self, request: Request, status: int) -> Response:
        return self._access(request).failed(status)

    def _access(self, request: Request) -> V1Access | V2Access:
        return self.v2_access if _is_v2(request) else self.v1_access

    # The control API

    def state(self) -> dict[str, Any]:
        return contents(self.account, self.webhooks)


def _is_v2(request: Request) -> bool:
    return request.path.startswith("/v2/")


def _is_open(path: str) -> bool:
    """Not part of the vendor's API proper: no credentials, no limit."""
    return path.startswith((OPERATOR, "/jwks"))


SIMULATOR = ShipStationSimulator
