"""Orders: read by modify date, written by the upsert on `orderKey`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connections.errors import Locked, OutcomeUnknown, Rejected, TryLater, VendorError
from connections.http import Http
from connections.paging import to_text
from connections.vendor import (
    Body,
    Cursor,
    Document,
    Found,
    Outcome,
    Outgoing,
    Page,
    Refused,
    Resource,
    Written,
)
from connections.vendors.shipstation import codec, order_v2
from connections.vendors.shipstation.client import (
    ShipStationClient,
    get_or_none,
    read_object,
    written_object,
)
from connections.vendors.shipstation.convert_v2 import order_from
from connections.vendors.shipstation.order_fields import (
    ORDER_FIELDS,
    may_take,
    over_current,
    with_our_keys,
)
from connections.vendors.shipstation.outcomes import agrees, concerns_all
from connections.vendors.shipstation.troubles import without_private
from connections.vendors.shipstation.walks import Listing, StampWalk, all_rows

LOCKED = frozenset({"shipped", "cancelled"})
FEW = 3
# Their clock may stand a little behind ours.
CLOCK_MARGIN = timedelta(minutes=15)
BY_MODIFY_DATE = Listing(
    path="/orders",
    plural="orders",
    stamp="modifyDate",
    start="modifyDateStart",
    end="modifyDateEnd",
    sort={"sortBy": "ModifyDate", "sortDir": "ASC"},
)


def order_document(body: Body) -> Document:
    """A decoded order as a document."""
    return Document(
        key=str(body["orderId"]),
        version=codec.sortable(body.get("modifyDate")),
        body=body,
        status=str(body.get("orderStatus") or ""),
        label=str(body.get("orderNumber") or ""),
    )


def order_url(order: Mapping[str, Any]) -> str:
    """The order's page in ShipStation."""
    return f"https://ship.shipstation.com/orders/all-orders-search-result?quickSearch={order.get('orderNumber') or ''}"


def order_by_id(http: Http, order_id: str) -> Body | None:
    """The decoded order as it is now, or None."""
    answer = get_or_none(http, f"/orders/{order_id}")
    if answer is None:
        return None
    body: Body = codec.decode(read_object(answer), codec.received_at(answer))
    return body


def orders_by_key(http: Http, order_number: str, order_key: str) -> list[Body]:
    """The orders with exactly this `orderKey`. The vendor's filter knows the beginning of the number only."""
    if not order_number:
        return []
    rows = all_rows(http, BY_MODIFY_DATE, {"orderNumber": order_number})
    return [row for row in rows if row.get("orderKey") == order_key]


def gone(order_id: str, order_number: Any) -> Locked:
    """The refusal to write an order that somebody deleted there, or merged into another: that would double it."""
    return Locked(
        f"Order {order_number} is no longer in ShipStation: it was deleted, or merged into another order.",
        current={"orderId": order_id, "orderStatus": "deleted"},
        next_step="Look for the order in ShipStation; close this record, or restore the order and replay.",
    )


def locked(order: Mapping[str, Any]) -> Locked:
    """The refusal to change an order that is shipped or cancelled, or whose lines were split or merged."""
    status = order.get("orderStatus") if order.get("orderStatus") in LOCKED else "split or merged"
    told = ("orderId", "orderNumber", "orderStatus", "modifyDate", "shipDate")
    return Locked(
        f"Order {order.get('orderNumber')} is {status} in ShipStation and can no longer be changed.",
        current={name: order.get(name) for name in told},
        next_step="Compare the two orders; change the shipment by hand if need be, then close or replay this record.",
    )


class Orders(Resource):
    """Orders of the account. `skipped_rows` names rows that ShipStation could not answer in the last reading."""

    slug = "orders"
    label = "Orders"
    document = "order"
    fields = ORDER_FIELDS
    sample = "order.json"
    batch_size = 100
    upsert = True
    overlap = timedelta(hours=2)

    client: ShipStationClient

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self.skipped_rows: list[dict[str, Any]] = []

    def start(self, since: datetime) -> Cursor:
        return {"since": to_text(since), "walk": None}

    def changes(self, cursor: Cursor) -> Iterator[Page]:
        """Orders of every store, oldest change first. Our own writes come back too: they move `modifyDate`."""
        v1 = self.client.v1
        walk = (
            StampWalk(v1, BY_MODIFY_DATE)
            if v1
            else StampWalk(self.client.need_v2(), order_v2.BY_MODIFIED)
        )
        self.skipped_rows = walk.skipped
        for step in walk.steps(cursor, self.overlap):
            orders = step.rows if v1 else map(order_from, step.rows)
            yield Page([order_document(order) for order in orders], step.cursor)

    def get(self, key: str) -> Sequence[Document]:
        v1 = self.client.v1
        order = order_by_id(v1, key) if v1 else order_v2.by_id(self.client, key)
        return [order_document(order)] if order else []

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        """Upsert by `orderKey`, 100 in a call; an order that we know is read first and merged, or refused as locked."""
        if self.client.v1 is None:
            return order_v2.write(self.client, documents)
        return _Batch(self.client.v1, self.client.settings.get("store_id")).write(documents)

    def find(self, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
        """Few are looked up by number, many among the orders modified since."""
        if self.client.v1 is None:
            return order_v2.find(self.client, documents)
        wanted = {document.natural_key: document for document in documents}
        found: dict[str, Found] = {}
        for row in self._candidates(self.client.v1, documents, since):
            key = row.get("orderKey")
            if key in wanted and key not in found:
                found[key] = _found(row, wanted[key])
                if len(found) == len(wanted):
                    break
        return found

    def _candidates(
        self, http: Http, documents: Sequence[Outgoing], since: datetime
    ) -> Iterator[Body]:
        if len(documents) > FEW:
            walk = StampWalk(http, BY_MODIFY_DATE)
            for step in walk.steps(self.start(since), CLOCK_MARGIN):
                yield from step.rows
            return
        for document in documents:
            number = str(document.payload.get("orderNumber") or "")
            yield from orders_by_key(http, number, document.natural_key)


def _found(row: Body, document: Outgoing) -> Found:
    """An update has arrived only if the order says what we sent; sending it again does no harm."""
    sent = with_our_keys(document.payload, document.natural_key)
    proof = {name: row.get(name) for name in ("orderStatus", "modifyDate")}
    complete = not document.target_key or agrees(row, codec.decode(sent))
    return Found(str(row["orderId"]), order_url(row), complete, proof)


class _Batch:
    """One call of `Orders.write`: outcomes by natural key, gathered over however many calls it takes."""

    def __init__(self, http: Http, store_id: Any) -> None:
        self.http = http
        self.store_id = store_id
        self.outcomes: dict[str, Outcome] = {}

    def write(self, documents: Sequence[Outgoing]) -> list[Outcome]:
        ready: list[tuple[Outgoing, Body]] = []
        stopped: TryLater | None = None
        for document in documents:
            try:
                if stopped and document.target_key:
                    raise stopped
                ready.append((document, self._prepared(document)))
            except TryLater as error:
                stopped = error if concerns_all(error) else stopped
                self.outcomes[document.natural_key] = Refused(error)
            except Rejected as error:
                self.outcomes[document.natural_key] = Refused(error)
        if ready:
            self._post(ready)
        return [self.outcomes[document.natural_key] for document in documents]

    def _prepared(self, document: Outgoing) -> Body:
        """What goes into the batch. Raises `Locked` where the order may no longer change."""
        payload = with_our_keys(document.payload, document.natural_key)
        if not document.target_key:
            return self._placed(payload)
        current = order_by_id(self.http, document.target_key)
        if current is None:
            raise gone(document.target_key, payload.get("orderNumber"))
        sent = with_our_keys(document.sent, document.natural_key) if document.sent else None
        if current.get("orderStatus") in LOCKED or not may_take(current, payload, sent):
            raise locked(current)
        return over_current(current, payload, sent)

    def _placed(self, payload: Body) -> Body:
        """A new order goes to the connection's store; later the store may not change."""
        if not self.store_id:
            return payload
        options = {"storeId": int(self.store_id), **(payload.get("advancedOptions") or {})}
        return payload | {"advancedOptions": options}

    def _post(self, ready: Sequence[tuple[Outgoing, Body]]) -> None:
        try:
            answer = self.http.post(
                "/orders/createorders", json=[codec.encode(body) for _, body in ready]
            )
            results = written_object(answer).get("results")
            if not isinstance(results, list):
                raise OutcomeUnknown("ShipStation answered a batch of orders without its results.")
        except Rejected as error:
            self._apart(ready, error)
        except VendorError as error:
            if not any(isinstance(outcome, Written) for outcome in self.outcomes.values()):
                raise
            self.outcomes |= {document.natural_key: Refused(error) for document, _ in ready}
        else:
            self._take(ready, [row for row in results if isinstance(row, dict)])

    def _apart(self, ready: Sequence[tuple[Outgoing, Body]], error: Rejected) -> None:
        """A malformed order refuses the whole array, so halve until it stands alone."""
        if len(ready) == 1:
            self.outcomes[ready[0][0].natural_key] = Refused(error)
            return
        middle = len(ready) // 2
        self._post(ready[:middle])
        self._post(ready[middle:])

    def _take(self, ready: Sequence[tuple[Outgoing, Body]], results: list[Body]) -> None:
        by_key = {row["orderKey"]: row for row in results if row.get("orderKey")}
        by_number = {row.get("orderNumber"): row for row in results if not row.get("orderKey")}
        for document, body in ready:
            row = by_key.get(body["orderKey"]) or by_number.get(body.get("orderNumber"))
            self.outcomes[document.natural_key] = self._outcome(document, body, row)

    def _outcome(self, document: Outgoing, body: Body, row: Body | None) -> Outcome:
        if row is None:
            return Refused(
                OutcomeUnknown("ShipStation left this order out of its answer to the batch.")
            )
        if row.get("success") is True and row.get("orderId"):
            return Written(str(row["orderId"]), order_url(row), row)
        return Refused(self._refusal(document, body, str(row.get("errorMessage") or "")))

    def _refusal(self, document: Outgoing, body: Body, words: str) -> Rejected:
        refused = Rejected(
            f"ShipStation refused order {body.get('orderNumber')}.",
            words=without_private(words),
            next_step="Correct what it names in the source system or in the mapping, then replay.",
        )
        try:
            orders = orders_by_key(
                self.http, str(body.get("orderNumber") or ""), document.natural_key
            )
        except VendorError:
            return refused  # the reason for the refusal is worth more than the trouble of explaining it
        shut = [order for order in orders if order.get("orderStatus") in LOCKED]
        return locked(shut[0]) if shut else refused
