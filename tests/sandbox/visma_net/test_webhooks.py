from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.connections.vendors.visma_net.company import KNOWN, Company, wait_until

KEY = "a-key-of-the-portal"


class Ear:
    """Somebody who listens."""

    def __init__(self, status: int = 200) -> None:
        heard: list[tuple[dict[str, str], bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.heard = heard
        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def events(self) -> list[Any]:
        return [json.loads(body) for _, body in self.heard]

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    yield ear
    ear.stop()


@pytest.fixture
def company(ear: Ear) -> Iterator[Company]:
    company = Company()
    company.do("subscribe", url=ear.url, key=KEY)
    yield company
    company.stop()


def edit(company: Company, number: str = "000101", text: str = "x") -> None:
    company.do("edit_order", order_nbr=number, changes={"description": text})


def test_it_points_at_an_order_that_changed(company: Company, ear: Ear) -> None:
    edit(company)
    assert wait_until(lambda: ear.heard)
    [event] = ear.events()
    assert set(event) == {"eventId", "action", "contextId", "resourceUri"}
    assert (event["action"], event["contextId"]) == ("Changed", KNOWN["tenant_id"])
    assert event["resourceUri"] == f"{company.erp}/v1/purchaseorder/000101"


@pytest.mark.parametrize("header", ["X-Visma-Signature", "X-Hmac"])
def test_it_signs_what_it_sends(company: Company, ear: Ear, header: str) -> None:
    company.switch(webhook_header=header)
    edit(company)
    assert wait_until(lambda: ear.heard)
    headers, body = ear.heard[0]
    expected = base64.b64encode(hmac.new(KEY.encode(), body, hashlib.sha256).digest()).decode()
    assert headers[header.lower()] == expected


def test_it_may_wrap_the_pointer(company: Company, ear: Ear) -> None:
    company.switch(webhook_body="nested")
    edit(company)
    assert wait_until(lambda: ear.heard)
    assert ear.events()[0]["message"]["action"] == "Changed"


def test_a_receipt_is_told_of_by_its_order_only(company: Company, ear: Ear) -> None:
    company.do("receive", order_nbr="000101")
    assert wait_until(lambda: [each for each in ear.events() if each["action"] == "Status Changed"])
    assert {each["resourceUri"].rpartition("/v1/")[2] for each in ear.events()} == {"purchaseorder/000101"}


def test_invoices_are_told_of_to_those_who_ask(company: Company, ear: Ear) -> None:
    company.do("subscribe", url=ear.url, key=KEY, entities=["ArInvoice"])
    edit(company)
    company.do("release_invoice", invoice_nbr="300142")
    assert wait_until(lambda: ear.heard)
    assert [each["resourceUri"].rpartition("/v1/")[2] for each in ear.events()] == ["customerinvoice/300142"]


def test_another_company_is_told_of_only_without_a_tenant(company: Company, ear: Ear) -> None:
    company.do("subscribe", url=ear.url, key=KEY, tenant="another")
    edit(company)
    company.do("subscribe", url=ear.url, key=KEY)
    edit(company, "000102")
    assert wait_until(lambda: ear.heard)
    assert [each["resourceUri"][-6:] for each in ear.events()] == ["000102"]


def test_events_may_come_twice(company: Company, ear: Ear) -> None:
    company.switch(webhook_mode="duplicated")
    edit(company)
    assert wait_until(lambda: len(ear.heard) == 2)
    assert ear.events()[0] == ear.events()[1]


def test_events_may_never_come(company: Company, ear: Ear) -> None:
    company.switch(webhook_mode="dropped")
    edit(company)
    company.switch(webhook_mode="normal")
    edit(company, "000102")
    assert wait_until(lambda: ear.heard)
    assert [each["resourceUri"][-6:] for each in ear.events()] == ["000102"]


def test_events_may_come_late(company: Company, ear: Ear) -> None:
    company.switch(webhook_mode="delayed", webhook_delay=0.3)
    edit(company)
    assert company.state()["deliveries"]["waiting"] == 1
    assert wait_until(lambda: ear.heard)


def test_events_may_overtake_each_other(company: Company, ear: Ear) -> None:
    company.switch(webhook_mode="reordered")
    edit(company, "000101")
    edit(company, "000102")
    assert wait_until(lambda: len(ear.heard) == 2)
    assert [each["resourceUri"][-6:] for each in ear.events()] == ["000102", "000101"]


def test_events_may_name_a_foreign_host(company: Company, ear: Ear) -> None:
    company.switch(webhook_mode="wrong_host")
    edit(company)
    assert wait_until(lambda: ear.heard)
    assert ear.events()[0]["resourceUri"] == "https://evil.invalid/v1/purchaseorder/000101"


def test_everything_may_go_wrong_by_turns(company: Company, ear: Ear) -> None:
    company.switch(webhook_mode="mixed")
    for place in range(30):
        edit(company, text=str(place))
    assert any(kind.startswith("webhook_") for kind in company.simulator.injected)


@pytest.mark.parametrize(("retries", "heard"), [(0, 1), (2, 3)])
def test_it_may_try_again(company: Company, ear: Ear, retries: int, heard: int) -> None:
    deaf = Ear(status=500)
    company.do("unsubscribe")
    company.do("subscribe", url=deaf.url, key=KEY)
    company.switch(webhook_retries=retries, webhook_retry_seconds=0.05)
    edit(company)
    assert wait_until(lambda: len(deaf.heard) == heard)
    assert wait_until(lambda: company.state()["deliveries"].get("failed") == heard)
    deaf.stop()


def test_it_says_again_what_it_said(company: Company, ear: Ear) -> None:
    edit(company)
    assert wait_until(lambda: company.state()["deliveries"].get("delivered") == 1)
    assert company.do("resend") == {"resent": 1}
    assert wait_until(lambda: len(ear.heard) == 2)


def test_background_work_is_told_of(company: Company, ear: Ear) -> None:
    company.do("subscribe", url=ear.url, key=KEY, entities=["BackgroundApi"])
    company.post("v1/PurchaseReceipt", {"supplierId": {"value": "50000"}}, erp_api_background="subscription")
    company.state()
    assert wait_until(lambda: ear.heard)
    assert ear.events()[0]["action"] == "BACKGROUND_API_RESPONSE"
