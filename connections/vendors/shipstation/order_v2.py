"""Orders where the account gives us only a V2 key.

V2 has no upsert: an `external_shipment_id` that exists is an error, so it is looked up first, and a write whose
answer was lost is found again by it. Only a pending shipment may change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from connections.vendors.shipstation.convert_v2 import order_from, shipment_from
from connections.vendors.shipstation.errors import without_private
from connections.vendors.shipstation.order_fields import with_our_keys
from connections.vendors.shipstation.outcomes import agrees, merged, one_by_one
from connections.vendors.shipstation.reader import Listing, all_rows

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
    return one_by_one(documents, lambda document: _write_one(http, client, document))


def find(client: ShipStationClient, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
    """Look each up by its `external_shipment_id`. Made since then, it is what we sent; an older one must say so."""
    start = codec.sortable(to_text(since - CLOCK_MARGIN))
    http = client.need_v2()
    found = {}
    for document in documents:
        shipment = by_external_id(http, document.natural_key)
        if shipment:
            wanted = _wanted(document, client)
            made_now = not document.target_key and codec.sortable(shipment.get("created_at")) >= start
            complete = made_now or agrees(shipment, wanted)
            proof = {name: shipment.get(name) for name in ("shipment_status", "modified_at")}
            found[document.natural_key] = Found(str(shipment["shipment_id"]), "", complete, proof)
    return found


def by_id(client: ShipStationClient, key: str) -> Body | None:
    """The order as it is now, in the words of V1."""
    answer = get_or_none(client.need_v2(), f"/v2/shipments/{quote(key, safe='')}")
    return order_from(read_object(answer)) if answer else None


def by_key(client: ShipStationClient, key: str) -> Body | None:
    """The order with this `orderKey` as it is now, in the words of V1."""
    shipment = by_external_id(client.need_v2(), key)
    return order_from(shipment) if shipment else None


def by_number(client: ShipStationClient, number: str) -> Iterator[Body]:
    """The orders with this number as they are now, in the words of V1."""
    yield from map(order_from, all_rows(client.need_v2(), BY_MODIFIED, {"shipment_number": number}))


def change(client: ShipStationClient, order: Body, changes: Body) -> Body:
    """Put notes and custom fields, in the words of V1, on a pending order; answers the order as it is then.

    It is read again, because what the update itself answers is not documented.
    """
    http, path = client.need_v2(), f"/v2/shipments/{quote(str(order['orderId']), safe='')}"
    wanted = {"internal_notes": changes["internalNotes"]} if "internalNotes" in changes else {}
    options = {name.replace("F", "_f"): text for name, text in (changes.get("advancedOptions") or {}).items()}
    _put_whole(http, read_object(http.get(path)), wanted | {"advanced_options": options})
    return order_from(read_object(http.get(path)))


def set_status(client: ShipStationClient, order: Body, wanted: str) -> Outcome:
    """Cancel a pending order. V2 has no call that holds one without an end."""
    if wanted != "cancelled":
        raise Rejected(
            f"Order {order.get('orderNumber')} cannot be set to {wanted} with a V2 key alone.",
            next_step="Set the status in ShipStation by hand, or enter API Key and API Secret (V1).",
        )
    key = str(order["orderId"])
    client.need_v2().put(f"/v2/shipments/{quote(key, safe='')}/cancel")
    return Written(key)


def by_external_id(http: Http, key: str) -> Body | None:
    answer = get_or_none(http, f"/v2/shipments/external_shipment_id/{quote(key, safe='')}")
    return read_object(answer) if answer else None


def _wanted(document: Outgoing, client: ShipStationClient) -> Body:
    payload = with_our_keys(document.payload, document.natural_key)
    return shipment_from(payload, client.settings.get("store_id"))


def _write_one(http: Http, client: ShipStationClient, document: Outgoing) -> Outcome:
    wanted = _wanted(document, client)
    current = by_external_id(http, document.natural_key)
    if current and current.get("shipment_status") == SHIPPED and document.sent == document.payload:
        return Unchanged(str(current["shipment_id"]), note="shipped as it was sent")
    if current:
        return _update(http, current, wanted)
    try:
        return _create(http, wanted)
    except Rejected:
        current = by_external_id(http, document.natural_key)
        if current is None:
            raise
        return _update(http, current, wanted)  # an earlier write of ours came late


def _update(http: Http, current: Body, wanted: Body) -> Outcome:
    status = current.get("shipment_status")
    if status != "pending":
        told = ("shipment_id", "shipment_number", "shipment_status")
        raise Locked(
            f"Order {current.get('shipment_number')} is {status} in ShipStation and can no longer be changed.",
            current={name: current.get(name) for name in told},
            next_step="Compare the two orders; change the shipment by hand if need be, then close or replay this record.",
        )
    _put_whole(http, current, wanted)
    return Written(str(current["shipment_id"]))


def _put_whole(http: Http, current: Body, wanted: Body) -> None:
    """Whether what an update leaves out is kept or emptied is not known, so all of it goes back."""
    whole = {name: value for name, value in current.items() if name not in _THEIRS}
    http.put(f"/v2/shipments/{quote(str(current['shipment_id']), safe='')}", json=merged(whole, wanted))


def _create(http: Http, wanted: Body) -> Outcome:
    entry = {"validate_address": "no_validation", "create_sales_order": True, **wanted}
    answer = written_object(http.post("/v2/shipments", json={"shipments": [entry]}))
    made = answer.get("shipments")
    if not isinstance(made, list) or not made or not isinstance(made[0], dict):
        raise OutcomeUnknown("ShipStation answered a new order without saying what became of it.")
    if made[0].get("shipment_id") and not made[0].get("errors"):
        return Written(str(made[0]["shipment_id"]))
    errors = [error if isinstance(error, dict) else {"message": error} for error in made[0].get("errors") or []]
    raise Rejected(
        f"ShipStation refused order {wanted.get('shipment_number')}.",
        words=without_private(" ".join(str(error.get("message") or "") for error in errors)),
        fields={str(error["field_name"]): "" for error in errors if error.get("field_name")},
        next_step="Correct what it names in the source system or in the mapping, then replay.",
    )
