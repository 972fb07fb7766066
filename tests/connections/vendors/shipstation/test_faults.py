"""Whatever breaks between the systems, every order is there once, and every parcel is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from connections.errors import OutcomeUnknown, Surprise, TryLater, VendorError
from connections.vendor import Document, Outgoing, Refused, Unchanged, Written
from connections.vendors.shipstation.orders.orders import Orders
from connections.vendors.shipstation.shipments.shipments import Shipments
from tests.connections.vendors.shipstation.accounts import V1_KEYS, V2_KEYS, opened, outgoing
from tests.connections.vendors.shipstation.simulated import Simulated, simulated
from tests.connections.vendors.shipstation.simulation import BEFORE, fault

KINDS = ("cut_before", "cut_after", "half", "not_json", "error_after", "throttle", "server_error")


@pytest.fixture
def system() -> Iterator[Simulated]:
    with simulated(throttle_seconds=0) as simulator:
        yield simulator


def arm_faults(system: Simulated, chance: float = 0.1) -> None:
    for kind in KINDS:
        fault(system, kind, "/", times=1000, chance=chance)


def delivered(orders: Orders, documents: list[Outgoing]) -> dict[str, str]:
    """What an engine does: write what is due, look after what is unknown, until all have arrived."""
    due = documents
    unknown: list[Outgoing] = []
    keys: dict[str, str] = {}
    for _ in range(200):
        sent, due = due[:10], due[10:]
        for document, error in failures(orders, sent, keys):
            assert isinstance(error, OutcomeUnknown | TryLater)
            (unknown if isinstance(error, OutcomeUnknown) else due).append(document)
        due += missing(orders, unknown, keys)
        if not due and not unknown:
            return keys
    raise AssertionError("did not arrive")


def failures(orders: Orders, sent: list[Outgoing], keys: dict[str, str]) -> list[tuple[Outgoing, VendorError]]:
    if not sent:
        return []
    try:
        outcomes = orders.write(sent)
    except VendorError as error:
        return [(document, error) for document in sent]
    pairs = list(zip(sent, outcomes, strict=True))
    keys |= {
        document.natural_key: outcome.key for document, outcome in pairs if isinstance(outcome, Written | Unchanged)
    }
    return [(document, outcome.error) for document, outcome in pairs if isinstance(outcome, Refused)]


def missing(orders: Orders, unknown: list[Outgoing], keys: dict[str, str]) -> list[Outgoing]:
    """Those of the unknown that are not there; the others are settled. Who cannot be looked up stays unknown."""
    absent = []
    for document in list(unknown):
        try:
            matches = orders.find([document], BEFORE)
        except VendorError:
            continue
        unknown.remove(document)
        keys |= {natural_key: there.key for natural_key, there in matches.items()}
        absent += [] if matches else [document]
    return absent


@pytest.mark.parametrize("credentials", [V1_KEYS, V2_KEYS], ids=["v1", "v2"])
def test_it_brings_every_order_over_exactly_once(system: Simulated, credentials: dict[str, str]) -> None:
    orders = Orders(opened(system.url, credentials))
    arm_faults(system)
    keys = delivered(orders, [outgoing(f"N{n}") for n in range(40)])
    orders.client.close()
    stored = Counter(order.open()["orderKey"] for order in system.simulator.account.orders.rows.values())
    assert stored == {f"N{n}": 1 for n in range(40)}
    assert len(set(keys.values())) == len(keys) == 40


def read_through(shipments: Shipments) -> dict[str, Document]:
    """Poll until a reading ends without an error, always from the last stored cursor."""
    cursor: dict[str, Any] = shipments.start(BEFORE)
    seen: dict[str, Document] = {}
    for _ in range(200):
        try:
            for page in shipments.changes(cursor):
                seen |= {document.key: document for document in page.documents}
                cursor = page.cursor
        except (TryLater, Surprise):
            continue
        else:
            return seen
    raise AssertionError("did not end")


def test_it_reads_every_parcel_through_faults(system: Simulated) -> None:
    client = opened(system.url)
    Orders(client).write([outgoing(f"P{n}") for n in range(60)])
    system.do("ship_all", seed=3)
    arm_faults(system, chance=0.05)
    documents = read_through(Shipments(client))
    client.close()
    account = system.simulator.account
    assert len(documents) == len(account.shipments) + len(account.fulfillments)
    assert {document.body["orderKey"] for document in documents.values()} == {f"P{n}" for n in range(60)}
