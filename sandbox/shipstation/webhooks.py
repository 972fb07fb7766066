"""Webhooks of the simulated account: who subscribed to what, and what they are told.

V1 sends two keys and no signature. V2 adds the subscriber's own headers and a signature (`signing.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from sandbox.kit import exact_json
from sandbox.kit.context import Context
from sandbox.kit.webhooks import WebhookSender
from sandbox.shipstation.signing import SigningKeys
from sandbox.shipstation.store import Fulfillment, Order, Shipment

WRONG_HOST = "http://evil.invalid"
Subscription = dict[str, Any]


class Webhooks(WebhookSender):
    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.v1: dict[int, Subscription] = {}
        self.v2: dict[str, Subscription] = {}
        self.keys = SigningKeys()

    # What happened in the account

    def orders_imported(self, batch: str, orders: Sequence[Order]) -> None:
        """One webhook for each import action and store, with all its orders."""
        for store in sorted({order.store for order in orders}):
            query = {"storeID": store, "importBatch": batch}
            self._notify_v1("ORDER_NOTIFY", store, f"/orders?{urlencode(query)}")
            with_items = query | {"includeOrderItems": "True"}
            self._notify_v1("ITEM_ORDER_NOTIFY", store, f"/orders?{urlencode(with_items)}")
            url = f"/v2/shipments?{urlencode({'import_batch_id': batch})}"
            self._notify_v2("shipment_created_v2", store, url)

    def labels_made(self, batch: int, shipments: Sequence[Shipment]) -> None:
        """One webhook for each batch of labels; V1 tells only of outbound ones."""
        for store in sorted({shipment.store for shipment in shipments}):
            if any(not shipment.is_return for shipment in shipments if shipment.store == store):
                for event, items in (("SHIP_NOTIFY", "False"), ("ITEM_SHIP_NOTIFY", "True")):
                    query = {"storeID": store, "batchId": batch, "includeShipmentItems": items}
                    self._notify_v1(event, store, f"/shipments?{urlencode(query)}")
            self._notify_v2("label_created_v2", store, f"/v2/labels?batch_id=se-{batch}")

    def fulfilled(self, row: Fulfillment, order: Order) -> None:
        """Marked as shipped. That V1 tells of it at all is reported, not documented: a switch."""
        if self.context.switches["mark_as_shipped_notifies"]:
            url = f"/fulfillments?fulfillmentId={row.id}"
            self._notify_v1("FULFILLMENT_SHIPPED", order.store, url)
        url = f"/v2/fulfillments?fulfillment_id=se-{row.id}&shipment_id=se-{order.id}"
        self._notify_v2("fulfillment_shipped_v2", order.store, url)

    def rejected(self, order: Order) -> None:
        url = f"/orders?storeID={order.store}&orderNumber={order.number}"
        self._notify_v1("FULFILLMENT_REJECTED", order.store, url)
        self._notify_v2("fulfillment_rejected_v2", order.store, f"/v2/shipments?shipment_number={order.number}")

    # How it is delivered

    def _notify_v1(self, event: str, store: int, path: str) -> None:
        for webhook in self.v1.values():
            if webhook["HookType"] == event and webhook["Active"] and webhook["StoreID"] in (None, store):
                signed = bool(self.context.switches["sign_v1_webhooks"])
                self._post(webhook["Url"], event, path, {}, signed)

    def _notify_v2(self, event: str, store: int, path: str) -> None:
        for webhook in self.v2.values():
            if webhook["event"] == event and webhook.get("store_id") in (None, store):
                own = {header["key"]: header["value"] for header in webhook["headers"]}
                self._post(webhook["url"], event.upper(), path, own, signed=True)

    def _post(self, url: str, event: str, path: str, own: dict[str, str], signed: bool) -> None:
        for wrong_host, delay in self.copies():
            host = WRONG_HOST if wrong_host else self.context.base_url
            pointer = {"resource_url": host + path, "resource_type": event}
            body = exact_json.dumps(pointer).encode()
            retries = int(self.context.switches["webhook_retries"])
            self.send(url, body, partial(self._headers, body, own, signed), pointer, delay, retries)

    def _headers(self, body: bytes, own: dict[str, str], signed: bool) -> dict[str, str]:
        headers = {"Content-Type": "application/json", **own}
        if signed:
            headers |= self.keys.headers(body, bool(self.context.switches["stale_timestamp"]))
        return headers
