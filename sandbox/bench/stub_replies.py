"""What the stub answers: recorded from Acumatica's simulator, and made up for ShipStation as its own answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_plus

from werkzeug.test import Client

from sandbox.acumatica.app import AcumaticaSimulator
from sandbox.bench.plain_acumatica_shipstation import ENDPOINT, EXPAND, PAGE
from sandbox.kit import exact_json

_AFTER = re.compile(r"OrderNbr gt '(\w+)'")
_NUMBER = re.compile(rb'"orderKey": ?"(\w+)"')


@dataclass(frozen=True)
class Reply:
    """An answer without what every answer has."""

    body: bytes = b""
    status: int = 200
    headers: tuple[str, ...] = ()


NOT_THERE = Reply(b'{"Message":"The stub does not know this."}', status=404)


@dataclass(frozen=True)
class AcumaticaReplies:
    sign_in: Reply
    pages: dict[str, Reply]
    """By the order number behind which a page begins; the first one's is empty."""

    def __call__(self, method: str, path: str, body: bytes) -> Reply:
        if path.endswith("/auth/login"):
            return self.sign_in
        if path.endswith("/auth/logout"):
            return Reply(status=204)
        if "/SalesOrder?" in path:
            after = _AFTER.search(unquote_plus(path))
            return self.pages[after[1] if after else ""]
        return NOT_THERE


def acumatica_replies(orders: int) -> AcumaticaReplies:
    """Replies with so many open orders, made by the simulator once."""
    simulator = AcumaticaSimulator()
    simulator.do("add_orders", count=orders)
    client, known = Client(simulator), simulator.credentials
    asked = {"name": known["username"]} | {name: known[name] for name in ("password", "tenant", "branch")}
    signed_in = client.post(f"{simulator.base_path}/entity/auth/login", json=asked)
    cookies = tuple(f"Set-Cookie: {cookie}" for cookie in signed_in.headers.getlist("Set-Cookie"))
    return AcumaticaReplies(Reply(status=204, headers=cookies), dict(_pages(client, simulator.base_path + ENDPOINT)))


def _pages(client: Client, endpoint: str) -> Iterator[tuple[str, Reply]]:
    after = ""
    while True:
        query = {"$expand": EXPAND, "$top": str(PAGE), "$filter": f"OrderNbr gt '{after}'"}
        body = client.get(f"{endpoint}/SalesOrder", query_string=query).data
        yield after, Reply(body)
        page = exact_json.loads(body)
        if len(page) < PAGE:
            return
        after = page[-1]["OrderNbr"]["value"]


class ShipStationReplies:
    """Takes every order, by a line of the answer that is made in advance for each."""

    def __init__(self, orders: int) -> None:
        self.lines = {f"{number:06}".encode(): _line(number) for number in range(1, orders + 1)}

    def __call__(self, method: str, path: str, body: bytes) -> Reply:
        if path == "/orders/createorders":
            lines = b",".join([self.lines[number] for number in _NUMBER.findall(body)])
            return Reply(b'{"hasErrors":false,"results":[%b]}' % lines)
        if method == "GET" and path.partition("?")[0] == "/orders":
            return Reply(b'{"orders":[],"total":0,"page":1,"pages":0}')
        return NOT_THERE


def _line(number: int) -> bytes:
    line = {"orderId": 100_000 + number, "orderNumber": f"{number:06}", "orderKey": f"{number:06}"}
    return exact_json.dumps({**line, "success": True, "errorMessage": None}).encode()
