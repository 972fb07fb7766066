"""Push notifications: Acumatica calls a webhook after each change of an order.

No signature, one header for authentication, at most five attempts; then the message waits until it is sent again by
hand. Values are flat, and times carry no zone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sandbox.acumatica.store import Row, Store
from sandbox.kit import exact_json
from sandbox.kit.context import Context
from sandbox.kit.webhooks import WebhookSender

EPOCH_TICKS = 621355968000000000
QUERY = "SO-ShipStation"

Message = dict[str, Any]


@dataclass(frozen=True)
class Destination:
    url: str
    header: str
    value: str


class Webhooks(WebhookSender):
    def __init__(self, context: Context, store: Store) -> None:
        super().__init__(context)
        self.store = store
        self.destination: Destination | None = None
        store.orders.listeners.append(self._order_changed)

    def _order_changed(self, row: Row, status: str, modified: str) -> None:
        """The old row in Deleted, the new one in Inserted. A new record has no old row."""
        if self.destination is None:
            return
        message: Message = {
            "Inserted": [_flat(row, row.status, row.modified)] if self.store.orders.holds(row) else [],
            "Deleted": [_flat(row, status, modified)] if modified else [],
            "Query": QUERY,
            "CompanyId": self.store.tenant,
            "Id": str(self.context.new_id()),
            "TimeStamp": EPOCH_TICKS + int(self.context.now() * 10_000_000),
            "AdditionalInfo": {},
        }
        for _, delay in self.copies():
            self._post(message, delay)

    def resend(self) -> int:
        """What a person does with messages that were given up. Returns how many."""
        messages = self.given_up()
        for message in messages:
            self._post(message)
        return len(messages)

    def given_up(self) -> list[Message]:
        """Messages that were never delivered although all their attempts were made."""
        attempts = 1 + int(self.context.switches["webhook_retries"])
        sent = list(self.sent)
        failed = Counter(delivery["id"] for delivery in sent if not _delivered(delivery))
        delivered = {delivery["id"] for delivery in sent if _delivered(delivery)}
        messages = {delivery["id"]: delivery["message"] for delivery in sent}
        return [messages[key] for key, count in failed.items() if count >= attempts and key not in delivered]

    def state(self) -> dict[str, int]:
        """What became of the messages; only what happened is named."""
        outcomes = {
            "attempts": self.outcomes.total(),
            "delivered": self.outcomes["delivered"],
            "given_up": len(self.given_up()),
            "dropped": self.context.injected["webhook_dropped"],
        }
        return {name: count for name, count in outcomes.items() if count}

    def _post(self, message: Message, delay: float = 0.0) -> None:
        destination = self.destination
        if destination is None:
            return
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        headers[destination.header] = destination.value
        note = {"id": message["Id"], "message": message}
        body = exact_json.dumps(message).encode()
        self.send(destination.url, body, lambda: headers, note, delay, int(self.context.switches["webhook_retries"]))


def _delivered(delivery: dict[str, Any]) -> bool:
    return delivery["status"] is not None and delivery["status"] < 300


def _flat(row: Row, status: str, modified: str) -> Message:
    order = row.read()
    return {
        "OrderType": order["OrderType"],
        "OrderNbr": order["OrderNbr"],
        "Status": status,
        "SOOrder_lastModifiedDateTime": modified[:23],
    }
