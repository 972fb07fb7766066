"""Orders where the account gives us only a V2 key.

V2 has no upsert: an `external_shipment_id` that exists is an error, so it is looked up first, and a write whose
answer was lost is found again by it. Only a pending shipment may change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from connections.errors import Locked, OutcomeUnknown, Rejected
from connections.http import Http
from connections.reader import to_text
from connections.vendor import Body, Found, Outcome, Outgoing, Unchanged, Written
from connections.vendors.shipstation import codec
from connections.vendors.shipstation.client import (
    ShipStationClient,
    get_or_none,
    read_object,
    written_object,
)
from connections.vendors.shipstation.codec import agrees, merged
from connections.vendors.shipstation.errors import without_private
from connections.vendors.shipstation.orders.codec_v2 import order_from, shipment_from
from connections.vendors.shipstation.orders.fields import with_our_keys
from connections.vendors.shipstation.orders.search import OrderRef
from connections.vendors.shipstation.orders.v1 import Edit, Saved, save_each
from connections.vendors.shipstation.reader import Listing, all_rows
from connections.writing import nothing_written, one_by_one

BY_MODIFIED = Listing(
    path="/v2/shipments",
    plural="shipments",
    stamp="modified_at",
    start="modified_at_start",
    end="modified_at_end",
    sort={"sort_by": "modified_at", "sort_dir": "asc"},
    size=100,
    size_name="page_size",
    pacific=False,
)
CLOCK_MARGIN = timedelta(minutes=15)
SHIPPED = "label_purchased"
_THEIRS = ("shipment_id", "created_at", "modified_at", "shipment_status", "tags", "total_weight")


def write(client: ShipStationClient, documents: Sequence[Outgoing]) -> list[Outcome]:
    """Create what is not there, update what is pending, refuse the rest as locked."""
    http = client.need_v2()
    return one_by_one(documents, nothing_written()(lambda document: _write_one(http, client, document)))


def find(client: ShipStationClient, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
    """Look each up by its `external_shipment_id`. Made since then, it is what we sent; an older one must say so."""
    start = codec.sortable(to_text(since - CLOCK_MARGIN))
    http = client.need_v2()
    matches = {}
    for document in documents:
        shipment = by_external_id(http, document.natural_key)
        if shipment:
            body = _body(document, client)
            made_now = not document.target_key and codec.sortable(shipment.get("created_at")) >= start
            complete = made_now or agrees(shipment, body)
            proof = {name: shipment.get(name) for name in ("shipment_status", "modified_at")}
            matches[document.natural_key] = Found(str(shipment["shipment_id"]), "", complete, proof)
    return matches


class V2Orders:
    """Orders of the account in the words of V1, to be read and changed; each by itself, as V2 has no list for many."""

    open_statuses = frozenset({"awaiting_shipment"})
    """V2 takes a change of pending shipments only, which V1 calls so."""

    def __init__(self, client: ShipStationClient) -> None:
        self.client = client
        self.http = client.need_v2()

    def read(self, refs: Iterable[OrderRef]) -> None:
        """Nothing: no list of V2 filters by ids, or by what numbers begin with."""

    def by_id(self, order_id: str) -> Body | None:
        return by_id(self.client, order_id)

    def by_key(self, key: str, number: str = "") -> Body | None:
        """The order with this `orderKey`."""
        shipment = by_external_id(self.http, key)
        return order_from(shipment) if shipment else None

    def by_number(self, number: str) -> list[Body]:
        return [order_from(row) for row in all_rows(self.http, BY_MODIFIED, {"shipment_number": number})]

    def absent(self, ref: OrderRef) -> bool:
        return False

    def recheck(self, numbers: Iterable[str]) -> bool:
        return False

    def save(self, edits: Sequence[Edit]) -> list[Saved]:
        """Set notes and custom fields, or cancel, by a call each. Raises nothing."""
        return save_each(edits, self._save, self.by_id)

    def _save(self, edit: Edit) -> Body:
        if "orderStatus" in edit.changes:
            return _cancel(self.http, edit.order, edit.changes["orderStatus"])
        return _change(self.http, edit.order, edit.changes)


def by_id(client: ShipStationClient, key: str) -> Body | None:
    """The order as it is now, in the words of V1."""
    answer = get_or_none(client.need_v2(), f"/v2/shipments/{quote(key, safe='')}")
    return order_from(read_object(answer)) if answer else None


def _change(http: Http, order: Body, changes: Body) -> Body:
    """Put notes and custom fields on a pending order; returns the order as it is then.

    It is read again, because what the update itself answers is not documented.
    """
    path = f"/v2/shipments/{quote(str(order['orderId']), safe='')}"
    fields = {"internal_notes": changes["internalNotes"]} if "internalNotes" in changes else {}
    options = {name.replace("F", "_f"): text for name, text in (changes.get("advancedOptions") or {}).items()}
    _put_whole(http, read_object(http.get(path)), fields | {"advanced_options": options})
    return order_from(read_object(http.get(path)))


def _cancel(http: Http, order: Body, status: str) -> Body:
    """Cancel a pending order. V2 has no call that holds one without an end."""
    if status != "cancelled":
        raise Rejected(
            f"Order {order.get('orderNumber')} cannot be set to {status} with a V2 key alone.",
            next_step="Set the status in ShipStation by hand, or enter API Key and API Secret (V1).",
        )
    http.put(f"/v2/shipments/{quote(str(order['orderId']), safe='')}/cancel")
    return order | {"orderStatus": status}


def by_external_id(http: Http, key: str) -> Body | None:
    answer = get_or_none(http, f"/v2/shipments/external_shipment_id/{quote(key, safe='')}")
    return read_object(answer) if answer else None


def _body(document: Outgoing, client: ShipStationClient) -> Body:
    payload = with_our_keys(document.payload, document.natural_key)
    return shipment_from(payload, client.settings.get("store_id"))


def _write_one(http: Http, client: ShipStationClient, document: Outgoing) -> Outcome:
    body = _body(document, client)
    current = by_external_id(http, document.natural_key)
    if current and current.get("shipment_status") == SHIPPED and document.sent == document.payload:
        return Unchanged(str(current["shipment_id"]), note="shipped as it was sent")
    if current:
        return _update(http, current, body)
    try:
        return _create(http, body)
    except Rejected:
        current = by_external_id(http, document.natural_key)
        if current is None:
            raise
        return _update(http, current, body)  # an earlier write of ours came late


def _update(http: Http, current: Body, body: Body) -> Outcome:
    status = current.get("shipment_status")
    if status != "pending":
        names = ("shipment_id", "shipment_number", "shipment_status")
        raise Locked(
            f"Order {current.get('shipment_number')} is {status} in ShipStation and can no longer be changed.",
            current={name: current.get(name) for name in names},
            next_step="Compare the two orders; change the shipment by hand if need be, then close or replay this record.",
        )
    _put_whole(http, current, body)
    return Written(str(current["shipment_id"]))


def _put_whole(http: Http, current: Body, body: Body) -> None:
    """Whether what an update leaves out is kept or emptied is not known, so all of it goes back."""
    whole = {name: value for name, value in current.items() if name not in _THEIRS}
    http.put(f"/v2/shipments/{quote(str(current['shipment_id']), safe='')}", json=merged(whole, body))


def _create(http: Http, body: Body) -> Outcome:
    entry = {"validate_address": "no_validation", "create_sales_order": True, **body}
    result = written_object(http.post("/v2/shipments", json={"shipments": [entry]}))
    created = result.get("shipments")
    if not isinstance(created, list) or not created or not isinstance(created[0], dict):
        raise OutcomeUnknown("ShipStation answered a new order without saying what became of it.")
    if created[0].get("shipment_id") and not created[0].get("errors"):
        return Written(str(created[0]["shipment_id"]))
    errors = [error if isinstance(error, dict) else {"message": error} for error in created[0].get("errors") or []]
    raise Rejected(
        f"ShipStation refused order {body.get('shipment_number')}.",
        words=without_private(" ".join(str(error.get("message") or "") for error in errors)),
        fields={str(error["field_name"]): "" for error in errors if error.get("field_name")},
        next_step="Correct what it names in the source system or in the mapping, then replay.",
    )
