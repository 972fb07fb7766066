"""Reading many orders by few calls, through the only filter that names an order: what its number begins with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from connections.errors import ConnectionBroken, TryLater, VendorError
from connections.http import Http
from connections.vendor import Body
from connections.vendors.shipstation.orders.lookup import (
    BY_MODIFY_DATE,
    common_beginning,
    order_by_id,
    orders_by_number,
)
from connections.writing import concerns_all, nothing_written

# So many orders are read one by one: a list of them would save little, and may miss some.
FEW = 3
# One order that no list can show fails three or four lists; more fail in an outage.
MOST_FAILED = 5
NEWEST_FIRST = BY_MODIFY_DATE.sort | {"sortDir": "DESC"}


class OrderRef(NamedTuple):
    """The order with this id, whose number is thought to be this one; without an id, all orders with this number."""

    number: str
    order_id: str = ""


Group = list[OrderRef]


class OrderSearch:
    """Orders as they are now. `read` lists many at once; what it missed is read singly when it is asked for.

    That a list does not show an order proves nothing: somebody may have given it another number there.
    """

    def __init__(self, http: Http) -> None:
        self.http = http
        self.rows: dict[str, Body] = {}
        """Decoded orders by id."""
        self.listed: set[str] = set()
        """Numbers of which every order is among `rows`."""
        self.stopped: VendorError | None = None
        """Why nothing more can be read: bad credentials, a spent budget."""
        self.calls_left = self.failures_left = 0

    def read(self, refs: Iterable[OrderRef], *, just_written: bool = False) -> None:
        """List these orders, by at most a third as many calls as there are orders. Raises nothing: single reads do.

        `just_written`: they are the latest changed of the account, so that one page shows all of them.
        """
        group = [ref for ref in dict.fromkeys(refs) if ref.number]
        self.calls_left, self.failures_left = len(group) // FEW, MOST_FAILED
        groups = [group]
        while groups:
            group = self._missing(groups.pop())
            if len(group) <= FEW or not self.calls_left:
                continue
            beginning = common_beginning(ref.number for ref in group)
            if beginning or just_written:
                groups += self._list(group, beginning)
            else:
                groups += _split(group, beginning)

    def by_id(self, order_id: str) -> Body | None:
        """The decoded order, or None where it is not there any more."""
        if order_id not in self.rows:
            with self._single():
                order = order_by_id(self.http, order_id)
            if order is None:
                return None
            self.rows[order_id] = order
        return self.rows[order_id]

    def by_number(self, number: str) -> list[Body]:
        """The orders whose number begins so, oldest first."""
        if number in self.listed:
            rows = [row for row in self.rows.values() if _begins(row, (number.casefold(),))]
            return sorted(rows, key=lambda row: int(row["orderId"]))
        with self._single():
            return list(orders_by_number(self.http, number))

    def absent(self, ref: OrderRef) -> bool:
        """Whether the lists show no such order."""
        if ref.order_id:
            return ref.order_id not in self.rows
        return ref.number in self.listed and not any(
            str(row.get("orderNumber")).casefold() == ref.number.casefold() for row in self.rows.values()
        )

    def recheck(self, numbers: Iterable[str]) -> bool:
        """Have these numbers asked for singly from now on; whether they would not have been."""
        listed = self.listed.intersection(numbers)
        self.listed -= listed
        return bool(listed)

    @contextmanager
    def _single(self) -> Iterator[None]:
        """Around a single read: what would keep the next one from working too is not tried again."""
        if self.stopped:
            raise self.stopped
        try:
            with nothing_written():
                yield
        except VendorError as error:
            self.stopped = error if concerns_all(error) else None
            raise

    def _missing(self, group: Group) -> Group:
        return [
            ref for ref in group if ref.order_id not in self.rows and (ref.order_id or ref.number not in self.listed)
        ]

    def _list(self, group: Group, beginning: str) -> list[Group]:
        """Read what begins so, newest change first, as long as that is the cheapest way; returns what to list next."""
        all_of_it, seen, page = group, set[str](), 0
        while self.calls_left:
            page += 1
            try:
                rows, total = self._page(group, beginning, page)
            except TryLater as error:
                if concerns_all(error):
                    return self._stop(error)
                return self._without_the_bad_one(group, beginning)
            except VendorError as error:
                return self._stop(error) if isinstance(error, ConnectionBroken) else []
            seen |= rows
            if len(seen) >= total:
                self.listed |= {ref.number for ref in all_of_it if not ref.order_id}
            group, pages_left = self._missing(group), math.ceil(total / BY_MODIFY_DATE.size) - page
            if not group or not rows or pages_left <= 0:
                return []
            groups = _split(group, beginning)
            calls = [_calls(longer, len(beginning), total) for longer in groups]
            if sum(calls) < pages_left:
                return [part for part, count in zip(groups, calls, strict=True) if count < len(part)]
        return []

    def _without_the_bad_one(self, group: Group, beginning: str) -> list[Group]:
        """Shorter lists instead of one that fails: mostly because of a single order that ShipStation cannot list."""
        self.failures_left -= 1
        return _split(group, beginning) if self.failures_left else []

    def _stop(self, error: VendorError) -> list[Group]:
        self.stopped, self.calls_left = error, 0
        return []

    def _page(self, group: Group, beginning: str, page: int) -> tuple[set[str], int]:
        """The ids of one page, and how many there are in all; keeps those of the group."""
        self.calls_left -= 1
        params = NEWEST_FIRST | ({"orderNumber": beginning} if beginning else {})
        chunk = BY_MODIFY_DATE.fetch(self.http, params, page, BY_MODIFY_DATE.size)
        ids = {ref.order_id for ref in group}
        numbers = tuple(ref.number.casefold() for ref in group if not ref.order_id)
        kept = [row for row in chunk.rows if str(row.get("orderId")) in ids or _begins(row, numbers)]
        decoded = BY_MODIFY_DATE.decoded(replace(chunk, rows=kept))
        self.rows |= {str(row["orderId"]): row for row in decoded}
        total = chunk.total or (page - 1) * BY_MODIFY_DATE.size + len(chunk.rows) + chunk.has_more
        return {str(row.get("orderId")) for row in chunk.rows}, total


def _begins(row: Body, beginnings: tuple[str, ...]) -> bool:
    return str(row.get("orderNumber") or "").casefold().startswith(beginnings)


def _split(group: Group, beginning: str) -> list[Group]:
    """The group by the next character of its numbers; a number that is the beginning itself is in none of them."""
    parts: dict[str, Group] = {}
    for ref in group:
        if ref.number != beginning:
            parts.setdefault(ref.number[len(beginning)], []).append(ref)
    return list(parts.values())


def _calls(group: Group, known: int, total: int) -> int:
    """How many calls a group costs at most: singly, or by lists, if each character more leaves a tenth of the total."""
    expected = total / 10.0 ** (len(common_beginning(ref.number for ref in group)) - known)
    return min(len(group), math.ceil(expected / BY_MODIFY_DATE.size))
