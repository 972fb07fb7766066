from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests
from werkzeug.routing import Rule
from werkzeug.wrappers import Response as HttpResponse

from connections import http as calling
from connections.errors import (
    ConnectionBroken,
    OutcomeUnknown,
    Rejected,
    Surprise,
    TryLater,
    VendorError,
)
from connections.http import Http
from connections.response import Response
from connections.vendor import Exchange
from sandbox.kit.responses import json_response
from sandbox.kit.server import Running
from sandbox.kit.simulator import Simulator


class Echo(Simulator):
    slug = "echo"

    def routes(self) -> Iterable[Rule]:
        return [
            Rule(
                "/echo",
                endpoint=lambda request: json_response({"got": request.get_data().decode(), "n": Decimal("1.10")}),
            ),
            Rule("/status/<int:code>", endpoint=lambda request, code: json_response({"code": code}, code)),
            Rule("/away", endpoint=lambda request: HttpResponse("", 302, {"Location": "http://evil.invalid/"})),
        ]

    def state(self) -> dict[str, Any]:
        return {}


@pytest.fixture
def echo() -> Iterator[Running]:
    running = Running(Echo())
    yield running
    running.stop()


def client(echo: Running, **options: Any) -> Http:
    return Http(echo.base_url, system="Echo", timeout=(1, 2), **options)


def arm(echo: Running, kind: str, **options: Any) -> None:
    requests.post(f"{echo.control_url}/faults", json={"kind": kind, **options}, timeout=5)


def test_it_reads_numbers_exactly(echo: Running) -> None:
    assert client(echo).get("/echo").json()["n"] == Decimal("1.10")


def test_it_sends_decimals_as_numbers_with_their_digits(echo: Running) -> None:
    assert client(echo).post("/echo", json={"total": Decimal("7000.0000")}).json()["got"] == '{"total":7000.0000}'


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "half", "late"])
def test_a_cut_write_has_an_unknown_outcome(echo: Running, kind: str) -> None:
    arm(echo, kind, path="/echo", seconds=0.1)
    with pytest.raises(OutcomeUnknown):
        client(echo).post("/echo", json={})


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "half", "server_error"])
def test_a_cut_read_is_tried_later(echo: Running, kind: str) -> None:
    arm(echo, kind, path="/echo")
    with pytest.raises(TryLater):
        client(echo).get("/echo")


def test_a_write_that_is_not_answered_in_time_has_an_unknown_outcome(echo: Running) -> None:
    arm(echo, "slow", path="/echo", seconds=1.5)
    slow = client(echo)
    slow.timeout = (1, 0.3)
    with pytest.raises(OutcomeUnknown):
        slow.post("/echo", json={})


def test_a_server_error_on_a_write_has_an_unknown_outcome(echo: Running) -> None:
    arm(echo, "error_after", path="/echo")
    with pytest.raises(OutcomeUnknown):
        client(echo).post("/echo", json={})


def test_a_write_that_never_left_is_tried_later() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TryLater, match="could not be reached"):
        Http(f"http://127.0.0.1:{port}", system="Echo", timeout=(1, 1)).post("/echo", json={})


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Rejected),
        (401, ConnectionBroken),
        (402, ConnectionBroken),
        (403, ConnectionBroken),
        (404, Rejected),
        (409, Rejected),
        (418, Surprise),
        (422, Rejected),
        (429, TryLater),
        (503, TryLater),
    ],
)
def test_it_turns_a_status_into_the_class_that_says_what_is_next(
    echo: Running, status: int, error: type[VendorError]
) -> None:
    with pytest.raises(error) as caught:
        client(echo).get(f"/status/{status}")
    assert caught.value.status == status


def test_it_follows_no_redirect(echo: Running) -> None:
    with pytest.raises(Surprise):
        client(echo).get("/away")


def test_it_sends_no_credentials_to_another_host(echo: Running) -> None:
    with pytest.raises(Rejected, match=r"evil\.invalid was not called"):
        client(echo).get("http://evil.invalid/echo")


def test_it_refuses_an_address_with_a_user_in_it(echo: Running) -> None:
    host = echo.base_url.removeprefix("http://")
    with pytest.raises(Rejected):
        client(echo).get(f"http://somebody@{host}/echo")


def test_it_refuses_another_port_of_the_same_host(echo: Running) -> None:
    with pytest.raises(Rejected):
        client(echo).get("http://127.0.0.1:1/echo")


def test_it_says_so_when_json_is_something_else(echo: Running) -> None:
    arm(echo, "not_json", path="/echo")
    with pytest.raises(Surprise, match="not JSON"):
        client(echo).get("/echo").json()


def test_it_reads_no_more_than_so_many_bytes(echo: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "MAX_BYTES", 5)
    with pytest.raises(TryLater):
        client(echo).get("/echo")


def test_it_notes_each_call_without_query_values(echo: Running) -> None:
    made: list[Exchange] = []
    client(echo, exchanges=made).get("/echo", params={"customerName": "Kari"})
    assert [(one.method, one.path, one.status) for one in made] == [("GET", "/echo", 200)]


def test_a_vendor_may_read_an_answer_its_own_way(echo: Running) -> None:
    def map_error(received: Response) -> VendorError | None:
        return Rejected("200 is a lie") if received.status == 200 else None

    with pytest.raises(Rejected, match="lie"):
        client(echo, map_error=map_error).get("/echo")


def test_it_reads_rows_one_by_one() -> None:
    response = Response(200, {}, b'[{"n": 1.10}, {"n": 2}]', "Echo")
    assert response.rows(lambda row: row["n"]) == [Decimal("1.10"), 2]


@pytest.mark.parametrize("body", [b"<html>", b'{"rows": []}', b"[1]", b'[{"n": "\xff"}]'])
def test_it_says_where_an_answer_holds_no_rows(body: bytes) -> None:
    with pytest.raises(Surprise, match="not a JSON list"):
        Response(200, {}, body, "Echo").rows(dict)


def test_a_header_that_says_nonsense_takes_no_response_away(echo: Running) -> None:
    def learn(budget: object, response: Response) -> None:
        int(float("inf"))

    assert client(echo, learn=learn).post("/echo", json=1).status == 200
