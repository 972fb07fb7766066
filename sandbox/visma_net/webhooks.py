"""Webhooks: small signed pointers to what changed. Subscribing is done in the Developer Portal, not over the API."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.kit import exact_json
from sandbox.kit.webhooks import WebhookSender
from sandbox.visma_net.store import Row

if TYPE_CHECKING:
    from sandbox.visma_net.app import VismaNetSimulator

WRONG_HOST = "https://evil.invalid"
PLACES = {"purchaseOrders": ("PurchaseOrder", "purchaseorder"), "customerInvoices": ("ArInvoice", "customerinvoice")}


@dataclass
class Subscription:
    url: str
    key: str
    tenant: str
    entities: tuple[str, ...]


class Hooks(WebhookSender):
    def __init__(self, simulator: VismaNetSimulator) -> None:
        super().__init__(simulator.context)
        self.simulator = simulator
        self.subscriptions: list[Subscription] = []

    def changed(self, tenant: str, table: str, row: Row, action: str) -> None:
        """There is no event for receipts and none for stock."""
        if table in PLACES:
            entity, path = PLACES[table]
            self._tell(tenant, entity, action, f"/v1/{path}/{row.key}")

    def background_done(self, ident: str, tenant: str) -> None:
        self._tell(tenant, "BackgroundApi", "BACKGROUND_API_RESPONSE", f"/v1/background/{ident}")

    def resend(self) -> int:
        """Say again what was said last."""
        for each in list(self.sent)[-10:]:
            self._post(Subscription(each["url"], each["key"], "", ()), each["body"], retries=0)
        return min(len(self.sent), 10)

    def _tell(self, tenant: str, entity: str, action: str, path: str) -> None:
        simulator = self.simulator
        for hook in self.subscriptions:
            if entity not in hook.entities or (hook.tenant and hook.tenant != tenant):
                continue
            copies = list(self.copies())
            event = str(simulator.new_id()) if copies else ""
            for wrong_host, delay in copies:
                host = WRONG_HOST if wrong_host else simulator.base_url
                body = {"eventId": event, "action": action, "contextId": tenant, "resourceUri": host + path}
                nested = simulator.switches["webhook_body"] == "nested"
                text = exact_json.dumps({"message": body} if nested else body).encode()
                self._post(hook, text, delay, int(simulator.switches["webhook_retries"]))

    def _post(self, hook: Subscription, body: bytes, delay: float = 0.0, retries: int = 0) -> None:
        name = str(self.simulator.switches["webhook_header"])
        headers = {"Content-Type": "application/json; charset=utf-8", name: signed(body, hook.key)}
        self.send(hook.url, body, lambda: headers, {"key": hook.key, "body": body}, delay, retries)


def signed(body: bytes, key: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()
