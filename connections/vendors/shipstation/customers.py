"""Customers. V1 cannot create them: they appear with the first order that names them (source: V1 reference)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connections.errors import NotReady
from connections.vendor import Body, Found, Outcome, Outgoing, Refused, Resource, Unchanged
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.reader import Listing, all_rows
from connections.writing import nothing_written, one_by_one

CUSTOMERS = Listing(
    path="/customers",
    plural="customers",
    stamp="modifyDate",
    start="",
    end="",
    sort={"sortBy": "CreateDate", "sortDir": "ASC"},
)


class Customers(Resource):
    """Links customers: what we know is found there by e-mail, then by user name. Nothing is written."""

    slug = "customers"
    label = "Customers"
    document = "customer"
    fields = frozenset({"email", "username", "name", "company", "phone"})
    batch_size = 100
    upsert = True

    client: ShipStationClient

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self._index: dict[tuple[str, str], str] | None = None

    def write(self, documents: Sequence[Outgoing]) -> Sequence[Outcome]:
        """`Unchanged` with the customer's key, or waiting for the first order that brings the customer."""
        return one_by_one(documents, nothing_written()(self._link))

    def find(self, documents: Sequence[Outgoing], since: datetime) -> Mapping[str, Found]:
        keys = {document.natural_key: self._key(document.payload) for document in documents}
        return {natural_key: Found(key) for natural_key, key in keys.items() if key}

    def _link(self, document: Outgoing) -> Outcome:
        key = self._key(document.payload)
        if key:
            return Unchanged(key, note="known to ShipStation")
        name = document.natural_key
        return Refused(
            NotReady(
                f"ShipStation does not know customer {name} yet; it learns customers from orders.",
                waits_for=f"first order of customer {name}",
                next_step="Nothing to do: the link is made once an order of this customer has been sent.",
            )
        )

    def _key(self, payload: Body) -> str:
        index = self._known()
        ways = [(name, _folded(payload.get(name))) for name in ("email", "username")]
        return next((index[way] for way in ways if way[1] and way in index), "")

    def _known(self) -> dict[tuple[str, str], str]:
        """All customers of the account by e-mail and by user name, read once; the oldest of equals wins."""
        if self._index is None:
            index: dict[tuple[str, str], str] = {}
            for row in all_rows(self.client.need_v1(), CUSTOMERS, CUSTOMERS.sort):
                names = [user.get("username") for user in row.get("marketplaceUsernames") or []]
                ways = [("email", row.get("email")), *(("username", name) for name in names)]
                for way, text in ways:
                    index.setdefault((way, _folded(text)), str(row["customerId"]))
            self._index = index
        return self._index


def _folded(text: Any) -> str:
    return str(text or "").strip().casefold()
