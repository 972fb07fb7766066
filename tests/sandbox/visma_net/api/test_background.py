from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from sandbox.visma_net.app import VismaNetSimulator
from tests.connections.vendors.visma_net.company import Company, wrap


@pytest.fixture
def company() -> Iterator[Company]:
    company = Company()
    yield company
    company.stop()


def asked(company: Company, supplier: str = "50000") -> Any:
    response = company.post("v1/PurchaseReceipt", wrap(supplierId=supplier), erp_api_background="none")
    assert response.status_code == 202
    body = response.json()
    assert body["stateLocation"] == f"{company.erp}/v1/background/{body['id']}"
    return body["id"]


def test_the_work_is_done_and_its_answer_kept(company: Company) -> None:
    ident = asked(company)
    state = company.get(f"v1/background/{ident}").json()
    assert (state["status"], state["statusCode"]) == ("Finished", 201)
    number = state["responseHeaders"]["Location"].rpartition("/")[2]
    assert company.get(f"v2/PurchaseReceipt/{number}").status_code == 200
    assert company.get(f"v1/background/{ident}/content").json() == {}


def test_the_work_may_take_a_while(company: Company) -> None:
    company.switch(background_seconds=60)
    before = len(company.state()["purchaseReceipts"])
    ident = asked(company)
    assert company.get(f"v1/background/{ident}").json()["status"] == "Queued"
    assert company.get(f"v1/background/{ident}/content").status_code == 404
    assert len(company.state()["purchaseReceipts"]) == before
    company.switch(clock_offset=61)
    assert len(company.state()["purchaseReceipts"]) == before + 1
    assert company.get(f"v1/background/{ident}").json()["status"] == "Finished"


def test_a_finished_job_may_have_failed(company: Company) -> None:
    ident = asked(company, supplier="77")
    assert company.get(f"v1/background/{ident}").json()["statusCode"] == 400
    assert "77" in company.get(f"v1/background/{ident}/content").json()["message"]


def test_its_times_are_the_servers_with_an_offset(company: Company) -> None:
    shown = company.get(f"v1/background/{asked(company)}").json()["receivedUtc"]
    offset = datetime.fromisoformat(shown).utcoffset()
    assert offset is not None
    assert offset.total_seconds() in (3600, 7200)


def test_its_answer_is_kept_for_a_day(company: Company) -> None:
    company.switch(token_seconds=10**6)
    company.sign_in()
    ident = asked(company)
    company.state()
    company.switch(clock_offset=24 * 3600 + 60)
    assert company.get(f"v1/background/{ident}").status_code == 200
    assert company.get(f"v1/background/{ident}/content").status_code == 410


def test_it_belongs_to_one_company(company: Company) -> None:
    ident = asked(company)
    company.sign_in(tenant_id=VismaNetSimulator.other_tenant_id)
    assert company.get(f"v1/background/{ident}").status_code == 403
    assert company.get("v1/background/none").status_code == 404
