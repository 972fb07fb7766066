"""Registering V2 webhooks, with headers of the subscriber's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from sandbox.kit.responses import json_response
from sandbox.shipstation.api.v2_responses import (
    v2_body,
    v2_error,
    v2_missing,
    v2_refused,
)
from sandbox.shipstation.store import Document

if TYPE_CHECKING:
    from sandbox.shipstation.app import ShipStationSimulator

V2_EVENTS = {
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
    def __init__(self, simulator: ShipStationSimulator) -> None:
        self.simulator = simulator

    @property
    def hooks(self) -> dict[str, Document]:
        return self.simulator.hooks.v2

    def routes(self) -> Iterable[Rule]:
        path = "/v2/environment/webhooks"
        yield Rule(path, endpoint=self.listed, methods=["GET"])
        yield Rule(path, endpoint=self.create, methods=["POST"])
        yield Rule(f"{path}/<key>", endpoint=self.one, methods=["GET"])
        yield Rule(f"{path}/<key>", endpoint=self.update, methods=["PUT"])
        yield Rule(f"{path}/<key>", endpoint=self.delete, methods=["DELETE"])

    def listed(self, request: Request) -> Response:
        return json_response(list(self.hooks.values()))

    def one(self, request: Request, key: str) -> Response:
        return json_response(self._hook(key))

    def _hook(self, key: str) -> Document:
        if key not in self.hooks:
            raise v2_missing("Webhook")
        return self.hooks[key]

    def create(self, request: Request) -> Response:
        """`name` is required since 2026. The same event and URL again is a conflict."""
        fields = v2_body(request, "name", "event", "url")
        if fields["event"] not in V2_EVENTS:
            raise v2_refused("invalid_field_value", f"'{fields['event']}' is not a valid event.")
        same = (fields["event"], fields["url"])
        if any((hook["event"], hook["url"]) == same for hook in self.hooks.values()):
            message = "A webhook already exists for this event and URL."
            return v2_error(409, "webhook_event_type_conflict", message, "business_rules")
        key = f"se-{self.simulator.account.number()}"
        self.hooks[key] = {
            "webhook_id": key,
            "name": fields["name"],
            "event": fields["event"],
            "url": fields["url"],
            "headers": _headers(fields.get("headers")),
            "store_id": fields.get("store_id"),
        }
        return json_response(self.hooks[key])

    def update(self, request: Request, key: str) -> Response:
        hook, fields = self._hook(key), v2_body(request)
        if "headers" in fields:
            fields["headers"] = _headers(fields["headers"])
        hook.update({name: fields[name] for name in ("name", "url", "headers") if name in fields})
        return Response(b"", 204)

    def delete(self, request: Request, key: str) -> Response:
        del self.hooks[self._hook(key)["webhook_id"]]
        return Response(b"", 204)


def _headers(sent: Any) -> list[dict[str, str]]:
    if not isinstance(sent or [], list):
        raise v2_refused("invalid_field_value", "'headers' must be a list.")
    return [{"key": str(one["key"]), "value": str(one["value"])} for one in sent or []]
