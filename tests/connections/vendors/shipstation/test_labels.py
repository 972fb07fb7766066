from __future__ import annotations

from collections.abc import Iterator

import pytest

from connections.errors import Rejected
from connections.vendors.shipstation.client import ShipStationClient
from connections.vendors.shipstation.labels import Labels
from tests.connections.vendors.shipstation.accounts import V2_KEYS, opened
from tests.connections.vendors.shipstation.simulated import Simulated
from tests.connections.vendors.shipstation.v2_account import read, row_id, sent


@pytest.fixture
def client(simulator: Simulated) -> Iterator[ShipStationClient]:
    client = opened(simulator.url, V2_KEYS)
    yield client
    client.close()


def test_it_reads_labels_as_they_are(client: ShipStationClient, simulator: Simulated) -> None:
    made = simulator.do("ship", order_id=row_id(sent(client, "V2-LABEL")))["shipments"][0]
    documents, _ = read(Labels(client))
    document = next(one for one in documents if one.key == f"se-{made['shipmentId']}")
    assert document.body["tracking_number"] == document.label
    assert Labels(client).get(document.key)[0].key == document.key


def test_it_needs_a_v2_key() -> None:
    with pytest.raises(Rejected, match="no V2 API key"):
        Labels(opened()).get("1")
