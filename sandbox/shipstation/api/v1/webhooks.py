"""V1 webhooks over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.context import Context
from sandbox.kit.responses import json_response
from sandbox.shipstation.api.v1.responses import exception, fields_of, invalid, not_found
from sandbox.shipstation.catalogue import SELLER_ID
from sandbox.shipstation.store import Account
from sandbox.shipstation.webhooks import Subscription, Webhooks

EVENTS = {
    "ORDER_NOTIFY",
    "ITEM_ORDER_NOTIFY",
    "SHIP_NOTIFY",
    "ITEM_SHIP_NOTIFY",
    "FULFILLMENT_SHIPPED",
    "FULFILLMENT_REJECTED",
}


class V1Webhooks:
    def __init__(self, context: Context, account: Account, webhooks: Webhooks) -> None:
        self.context = context
        self.account = account
        self.webhooks = webhooks

    def routes(self) -> Iterable[Rule]:
        yield Rule("/webhooks", endpoint=self.list, methods=["GET"])
        yield Rule("/webhooks/subscribe", endpoint=self.subscribe, methods=["POST"])
        yield Rule("/webhooks/<int:key>", endpoint=self.unsubscribe, methods=["DELETE"])

    def list(self, request: Request) -> Response:
        return json_response({"webhooks": [*self.webhooks.v1.values()]})

    def subscribe(self, request: Request) -> Response:
        """201 as recorded; today's reference says 200 with other fields: switch `subscribe_response`."""
        fields = fields_of(request, "target_url", "event")
        if fields["event"] not in EVENTS:
            return invalid({"request.event": [f"'{fields['event']}' is not a known event."]})
        if not str(fields["target_url"]).startswith(("http://", "https://")):
            return exception("Invalid target_url")
        key = self.account.next_number()
        webhook = _subscription(key, fields)
        self.webhooks.v1[key] = webhook
        if str(self.context.switches["subscribe_response"]) == "200":
            return json_response({name: webhook[name] for name in ("WebHookID", "HookType", "Url", "Name")})
        return json_response({"id": key}, 201)

    def unsubscribe(self, request: Request, key: int) -> Response:
        if self.webhooks.v1.pop(key, None) is None:
            raise not_found("webhook")
        return Response(b"", 200)


def _subscription(key: int, fields: dict[str, Any]) -> Subscription:
    store = fields.get("store_id")
    return {
        "IsLabelAPIHook": False,
        "WebHookID": key,
        "SellerID": SELLER_ID,
        "StoreID": None if store is None else int(store),
        "HookType": fields["event"],
        "MessageFormat": "Json",
        "Url": fields["target_url"],
        "Name": fields.get("friendly_name"),
        "BulkCopyBatchID": None,
        "BulkCopyRecordID": None,
        "Active": True,
        "WebhookLogs": [],
        "Seller": None,
        "Store": None,
    }
