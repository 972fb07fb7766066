"""Opening a client for a stored connection: the one place where models meet vendors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from connections.budget import SharedBudget, account_name
from connections.health import stopping
from connections.models import Connection
from connections.sessions import StoredSessions
from connections.vendor import Account, Budget, Exchange, Rate


@dataclass(frozen=True)
class Opened:
    """A client and the calls it has made since somebody last looked."""

    client: Any
    exchanges: list[Exchange]

    def take_exchanges(self) -> list[Exchange]:
        made = list(self.exchanges)
        self.exchanges.clear()
        return made


@contextmanager
def opened(connection: Connection, *, for_person: bool = False) -> Iterator[Opened]:
    """A client of this connection for the length of the block. Raises `ConnectionBroken` if it cannot be made.

    A `ConnectionBroken` that leaves the block stops this connection, unless it has stopped another one before.
    `for_person` may spend the reserve of the rate budget and waits only shortly: somebody is looking at the screen.
    """
    account = account_of(connection, for_person=for_person)
    with stopping(connection):
        client = connection.declaration.open(account)
        try:
            yield Opened(client, account.exchanges)
        finally:
            client.close()


def account_of(connection: Connection, *, for_person: bool = False) -> Account:
    """The plain values that a vendor works with."""
    settings = connection.full_settings
    secrets = dict(connection.secrets or {})
    rates = connection.declaration.rates

    def budget(name: str) -> Budget:
        rate: Rate = rates[name]
        calls = int(settings.get(rate.setting) or 0) if rate.setting in settings else rate.calls
        known = settings | secrets
        counted = {field: str(known.get(field) or "") for field in rate.per} or secrets
        return SharedBudget(account_name(connection.vendor, name, counted), rate, calls, for_person=for_person)

    return Account(settings, secrets, StoredSessions(connection.pk), budget)
