"""Webhooks: small signed pointers to what changed. Subscribing is done in the Developer Portal, not over the API."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from sandbox.kit import exact_json
from sandbox.kit.context import Context
from sandbox.kit.webhooks import WebhookSender
from sandbox.visma_net.store import Row, Store

WRONG_HOST = "https://evil.invalid"
ENTITIES = {"purchaseOrders": ("PurchaseOrder", "purchaseorder"), "customerInvoices": ("ArInvoice", "customerinvoice")}
"""The entity of a table's events, and its path. There is no event for receipts and none for stock."""
RESENT = 10


@dataclass
class Subscription:
    url: str
    key: str
    tenant: str
    entities: tuple[str, ...]


class Webhooks(WebhookSender):
    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.subscriptions: list[Subscription] = []

    def listen(self, store: Store) -> None:
        """Notify of each change in this company."""

        def changed(table: str, row: Row, action: str) -> None:
            if table in ENTITIES:
                entity, path = ENTITIES[table]
                self._notify(store.tenant, entity, action, f"/v1/{path}/{row.key}")

        store.listeners.append(changed)

    def background_done(self, job_id: str, tenant: str) -> None:
        self._notify(tenant, "BackgroundApi", "BACKGROUND_API_RESPONSE", f"/v1/background/{job_id}")

    def resend(self) -> int:
        """Deliver the last notifications once more. Returns how many."""
        last = list(self.sent)[-RESENT:]
        for delivery in last:
            self._post(Subscription(delivery["url"], delivery["key"], "", ()), delivery["body"])
        return len(last)

    def _notify(self, tenant: str, entity: str, action: str, path: str) -> None:
        switches = self.context.switches
        for subscription in self.subscriptions:
            if entity not in subscription.entities or subscription.tenant not in ("", tenant):
                continue
            copies = list(self.copies())
            event_id = str(self.context.new_id()) if copies else ""
            for wrong_host, delay in copies:
                host = WRONG_HOST if wrong_host else self.context.base_url
                event = {"eventId": event_id, "action": action, "contextId": tenant, "resourceUri": host + path}
                nested = switches["webhook_body"] == "nested"
                body = exact_json.dumps({"message": event} if nested else event).encode()
                self._post(subscription, body, delay, int(switches["webhook_retries"]))

    def _post(self, subscription: Subscription, body: bytes, delay: float = 0.0, retries: int = 0) -> None:
        name = str(self.context.switches["webhook_header"])
        headers = {"Content-Type": "application/json; charset=utf-8", name: signature(body, subscription.key)}
        note = {"key": subscription.key, "body": body}
        self.send(subscription.url, body, lambda: headers, note, delay, retries)


def signature(body: bytes, key: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()
