from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.connections.vendors.acumatica.simulated import Site, wait_until


class Receiver:
    """Takes notifications; returns the next of `statuses`, then 200."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.statuses: list[int] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.received.append(json.loads(body))
                owner.headers.append(dict(self.headers))
                self.send_response(owner.statuses.pop(0) if owner.statuses else 200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def site(receiver: Receiver) -> Iterator[Site]:
    site = Site()
    site.order()
    site.settings(webhook_retry_seconds=0.01)
    site.do("push_target", url=receiver.url, header="X-Console-Key", value="s3cret")
    yield site
    site.stop()


def outcomes(site: Site) -> Any:
    return site.state()["push"]


def test_it_notifies_of_a_new_order(site: Site, receiver: Receiver) -> None:
    number = site.order()
    assert wait_until(lambda: receiver.received)
    message = receiver.received[0]
    assert (message["Deleted"], message["Query"], message["CompanyId"]) == ([], "SO-ShipStation", "MyStore")
    assert message["Inserted"][0] | {"SOOrder_lastModifiedDateTime": ""} == {
        "OrderType": "SO",
        "OrderNbr": number,
        "Status": "Open",
        "SOOrder_lastModifiedDateTime": "",
    }
    assert receiver.headers[0]["X-Console-Key"] == "s3cret"


def test_it_notifies_of_a_change_with_the_old_and_the_new_row(site: Site, receiver: Receiver) -> None:
    site.do("hold", order_nbr="000001")
    assert wait_until(lambda: receiver.received)
    message = receiver.received[0]
    assert [message[part][0]["Status"] for part in ("Deleted", "Inserted")] == ["Open", "On Hold"]
    stamp = message["Inserted"][0]["SOOrder_lastModifiedDateTime"]
    assert not stamp.endswith("Z")
    assert "+" not in stamp


def test_it_notifies_of_a_deleted_order(site: Site, receiver: Receiver) -> None:
    site.login()
    site.http.delete(f"{site.api}/SalesOrder/SO/000001", timeout=30)
    assert wait_until(lambda: receiver.received)
    assert (receiver.received[0]["Inserted"], len(receiver.received[0]["Deleted"])) == ([], 1)


def test_it_sends_each_message_an_id_and_an_ascending_time(site: Site, receiver: Receiver) -> None:
    for _ in range(3):
        site.order()
    assert wait_until(lambda: len(receiver.received) == 3)
    assert len({message["Id"] for message in receiver.received}) == 3
    times = [message["TimeStamp"] for message in receiver.received]
    assert times == sorted(times)


def test_it_tries_again_with_the_same_id(site: Site, receiver: Receiver) -> None:
    receiver.statuses = [500, 302, 200]
    site.order()
    assert wait_until(lambda: outcomes(site).get("delivered"))
    assert len({message["Id"] for message in receiver.received}) == 1
    assert outcomes(site)["attempts"] == 3


def test_it_gives_up_after_five_attempts_until_a_person_resends(site: Site, receiver: Receiver) -> None:
    receiver.statuses = [500] * 5
    site.order()
    assert wait_until(lambda: outcomes(site).get("given_up"))
    assert (len(receiver.received), outcomes(site).get("delivered")) == (5, None)
    assert site.do("push_resend") == {"resent": 1}
    assert wait_until(lambda: len(receiver.received) == 6)


@pytest.mark.parametrize(("mode", "expected"), [("reordered", [1, 0]), ("delayed", [0, 1])])
def test_it_can_send_badly(site: Site, receiver: Receiver, mode: str, expected: list[int]) -> None:
    site.settings(webhook_mode=mode, webhook_delay=0.2 if mode == "delayed" else 0.0)
    numbers = [site.order(), site.order()]
    assert wait_until(lambda: len(receiver.received) == len(expected))
    orders = [message["Inserted"][0]["OrderNbr"] for message in receiver.received]
    assert orders == [numbers[index] for index in expected]


def test_it_can_send_twice(site: Site, receiver: Receiver) -> None:
    site.settings(webhook_mode="duplicated")
    numbers = []
    for count in (2, 4):
        numbers.append(site.order())
        assert wait_until(lambda count=count: len(receiver.received) == count)
    orders = [message["Inserted"][0]["OrderNbr"] for message in receiver.received]
    assert orders == [numbers[0], numbers[0], numbers[1], numbers[1]]
    assert [message["Id"] for message in receiver.received[::2]] == [
        message["Id"] for message in receiver.received[1::2]
    ]


def test_it_can_drop_messages(site: Site, receiver: Receiver) -> None:
    site.settings(webhook_mode="dropped")
    site.order()
    assert (outcomes(site), receiver.received) == ({"dropped": 1}, [])
