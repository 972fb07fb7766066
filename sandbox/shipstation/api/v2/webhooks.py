"""Registering V2 webhooks, with headers of the subscriber's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.responses import json_response
from sandbox.shipstation.api.v2.responses import body_of, error_response, missing, refused
from sandbox.shipstation.store import Account
from sandbox.shipstation.webhooks import Subscription, Webhooks

EVENTS = {
    "batch",
    "batch_processed_v2",
    "carrier_connected",
    "fulfillment_rejected_v2",
    "fulfillment_shipped_v2",
    "label_created_v2",
    "order_source_refresh_complete",
    "rate",
    "report_complete",
    "sales_orders_imported",
    "shipment_created_v2",
    "track",
    "track_event_v2",
}


class V2Webhooks:
    def __init__(self, account: Account, webhooks: Webhooks) -> None:
        self.account = account
        self.webhooks = webhooks.v2

    def routes(self) -> Iterable[Rule]:
        path = "/v2/environment/webhooks"
        yield Rule(path, endpoint=self.list, methods=["GET"])
        yield Rule(path, endpoint=self.create, methods=["POST"])
        yield Rule(f"{path}/<key>", endpoint=self.webhook, methods=["GET"])
        yield Rule(f"{path}/<key>", endpoint=self.update, methods=["PUT"])
        yield Rule(f"{path}/<key>", endpoint=self.delete, methods=["DELETE"])

    def list(self, request: Request) -> Response:
        return json_response([*self.webhooks.values()])

    def webhook(self, request: Request, key: str) -> Response:
        return json_response(self._webhook(key))

    def _webhook(self, key: str) -> Subscription:
        if key not in self.webhooks:
            raise missing("Webhook")
        return self.webhooks[key]

    def create(self, request: Request) -> Response:
        """`name` is required since 2026. The same event and URL again is a conflict."""
        fields = body_of(request, "name", "event", "url")
        if fields["event"] not in EVENTS:
            raise refused("invalid_field_value", f"'{fields['event']}' is not a valid event.")
        same = (fields["event"], fields["url"])
        if any((webhook["event"], webhook["url"]) == same for webhook in self.webhooks.values()):
            message = "A webhook already exists for this event and URL."
            return error_response(409, "webhook_event_type_conflict", message, "business_rules")
        key = f"se-{self.account.next_number()}"
        self.webhooks[key] = {
            "webhook_id": key,
            "name": fields["name"],
            "event": fields["event"],
            "url": fields["url"],
            "headers": _headers(fields.get("headers")),
            "store_id": fields.get("store_id"),
        }
        return json_response(self.webhooks[key])

    def update(self, request: Request, key: str) -> Response:
        webhook, fields = self._webhook(key), body_of(request)
        if "headers" in fields:
            fields["headers"] = _headers(fields["headers"])
        webhook.update({name: fields[name] for name in ("name", "url", "headers") if name in fields})
        return Response(b"", 204)

    def delete(self, request: Request, key: str) -> Response:
        del self.webhooks[self._webhook(key)["webhook_id"]]
        return Response(b"", 204)


def _headers(headers: Any) -> list[dict[str, str]]:
    if not isinstance(headers or [], list):
        raise refused("invalid_field_value", "'headers' must be a list.")
    return [{"key": str(header["key"]), "value": str(header["value"])} for header in headers or []]
