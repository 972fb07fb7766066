from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest

from sandbox.bench.stub import Caller
from sandbox.bench.stub_replies import AcumaticaReplies, ShipStationReplies, acumatica_replies

ORDERS = 150
LIST = "/MyInstance/entity/Default/25.200.001/SalesOrder?%24filter=LastModified+gt+x"


class Wire:
    """What is written to a connection."""

    def __init__(self) -> None:
        self.sent = b""

    def write(self, data: bytes) -> None:
        self.sent += data


@pytest.fixture(scope="module")
def acumatica() -> AcumaticaReplies:
    return acumatica_replies(ORDERS)


def calling(replies: Any) -> tuple[Caller, Wire]:
    caller, wire = Caller(replies, 0.0), Wire()
    caller.connection_made(cast(asyncio.BaseTransport, wire))
    return caller, wire


def test_it_lists_every_order_once_page_by_page(acumatica: AcumaticaReplies) -> None:
    first = json.loads(acumatica("GET", LIST, b"").body)
    last = first[-1]["OrderNbr"]["value"]
    second = json.loads(acumatica("GET", f"{LIST}+and+OrderNbr+gt+%27{last}%27", b"").body)
    numbers = [order["OrderNbr"]["value"] for order in first + second]
    assert (len(first), numbers) == (100, [f"{number:06}" for number in range(1, ORDERS + 1)])


def test_it_takes_each_order_of_a_batch_under_an_id_of_its_own() -> None:
    batch = json.dumps(
        [{"orderNumber": "000007", "orderKey": "000007"}, {"orderNumber": "000001", "orderKey": "000001"}]
    )
    answer = json.loads(ShipStationReplies(ORDERS)("POST", "/orders/createorders", batch.encode()).body)
    assert [(row["orderKey"], row["orderId"], row["success"]) for row in answer["results"]] == [
        ("000007", 100007, True),
        ("000001", 100001, True),
    ]


def test_it_waits_for_the_whole_of_a_request_and_answers_one_after_the_other() -> None:
    caller, wire = calling(ShipStationReplies(ORDERS))
    body = b'[{"orderKey": "000007"}]'
    caller.data_received(b"POST /orders/createorders HTTP/1.1\r\ncontent-length: %d\r\n" % len(body))
    caller.data_received(b"\r\n" + body[:5])
    assert wire.sent == b""
    caller.data_received(body[5:])
    assert wire.sent.startswith(b"HTTP/1.1 200 OK\r\n")
    assert wire.sent.count(b'"orderKey":"000007"') == 1
    caller.data_received(b"GET /nowhere HTTP/1.1\r\n\r\n")
    assert b"HTTP/1.1 404 Not Found" in wire.sent
