"""What the pair does with its connection to Visma.net: sign-ins, rights, limits, notifications; one behaviour each."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
import requests

from connections import lifecycle as connecting
from connections.models import RateWindow
from sandbox.visma_net.api.tokens import INTERACTIVE_SCOPES
from sandbox.visma_net.app import VismaNetSimulator
from sandbox.visma_net.webhooks import signature as signed
from syncjobs import webhooks
from syncjobs.engine.replay import replay_records
from syncjobs.models import Flow, FlowRun, WebhookEvent
from tests.syncjobs.recipes.purchasing import RECEIPT, Purchasing
from tests.world import PERSON

GOODS = ("purchase_orders", "cancellations", "receipts")


def cause(world: Purchasing) -> str:
    world.left.refresh_from_db()
    return f"{world.left.state}: {world.left.cause} -> {world.left.next_step}"


# Sign-in and rights


@pytest.mark.parametrize(
    ("tenant", "words"),
    [
        ("00000000-0000-4000-8000-000000000000", "Visma Connect does not take the sign-in that was granted to us"),
        (VismaNetSimulator.customer_tenant_id, "Visma Connect gives us a token, but Visma.net refuses every call"),
    ],
)
def test_a_wrong_tenant_stops_the_connection_and_says_which_id_is_meant(
    draft: Purchasing, tenant: str, words: str
) -> None:
    draft.configure(draft.left, tenant_id=tenant)
    draft.activate()
    draft.run_tasks()
    state, next_step = cause(draft).split(" -> ")
    assert state.startswith(f"broken: {words}")
    assert "tenant ID" in next_step


def test_a_wrong_company_is_told_from_an_empty_one_by_the_test_of_the_connection(draft: Purchasing) -> None:
    draft.visma.switches["company_mode"] = "strict"
    draft.configure(draft.left, company_id="9999999")
    draft.activate()
    draft.run_tasks()
    assert "broken: Visma.net answers, but as if for a company without a single branch." in cause(draft)
    draft.configure(draft.left, company_id="")
    connecting.probe(draft.left)
    assert cause(draft).startswith("ready: ")


def test_a_missing_scope_stops_the_connection_and_names_the_place_to_add_it(draft: Purchasing) -> None:
    draft.visma.switches["withheld_scopes"] = ["vismanet_erp_service_api:create"]
    draft.activate()
    draft.run_tasks()
    assert "broken: The Visma application was not given all the scopes" in cause(draft)
    assert "-> In the Visma Developer Portal, add the scopes read, create and update" in cause(draft)


def test_a_right_withdrawn_while_it_runs_pauses_everything_and_it_goes_on_once_mended(purchasing: Purchasing) -> None:
    number = purchasing.bought(4)
    purchasing.fault("visma_net", "forbidden", RECEIPT, "POST")
    purchasing.ship(number)
    assert "broken: Visma.net refused our rights: the scope vismanet_erp_service_api:create" in cause(purchasing)
    assert "-> Add the scope vismanet_erp_service_api:create" in cause(purchasing)
    assert purchasing.states("receipts") == {"due": 1}
    connecting.probe(purchasing.left)
    purchasing.run_rounds(1)
    assert purchasing.received() == [{1: 4}]


def test_an_expired_token_is_renewed_without_anybody_noticing(purchasing: Purchasing) -> None:
    purchasing.fault("visma_net", "token_lost", "/erp/v1/purchaseorder", "GET")
    number = purchasing.bought(4)
    assert purchasing.units(number) == {"STOL-101": 4}
    assert purchasing.visma.injected["token_lost"] == 1
    assert not FlowRun.objects.exclude(trouble="").exists()


def test_a_token_is_shared_and_asked_for_once(purchasing: Purchasing) -> None:
    number = purchasing.bought(4)
    purchasing.ship(number, rounds=2)
    assert purchasing.visma.calls["POST /connect-host/connect/token"] == 1


def test_refresh_tokens_that_are_good_once_survive(draft: Purchasing) -> None:
    draft.visma.switches["refresh_mode"] = "one_time"
    sign_in_by_browser(draft)
    draft.begin(*GOODS)
    for _ in range(3):
        draft.visma.switches["clock_offset"] += 4000  # the token has ended
        draft.bought(4)
    assert draft.states("purchase_orders") == {"synced": 3}
    assert sum(bool(grant.spent) for grant in draft.visma.connect.issued.refreshes.values()) == 4
    assert cause(draft).startswith("ready: ")


def sign_in_by_browser(world: Purchasing) -> None:
    """The connection as it is after a person has signed in once."""
    back = "http://testserver/back"
    known = world.visma.credentials
    parameters = {"scope": " ".join(INTERACTIVE_SCOPES), "redirect_uri": back}
    code = world.visma.connect.code(known["tenant_id"], parameters)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
    form |= {name: known[name] for name in ("client_id", "client_secret")}
    answer = requests.post(f"{world.left.settings['connect_url']}/connect/token", data=form, timeout=5)
    world.configure(world.left, auth_mode="authorization_code")
    connecting.enter_secrets(world.left, {"refresh_token": answer.json()["refresh_token"]}, PERSON)


# Limits


def test_a_refusal_for_too_many_calls_pauses_the_account_for_as_long_as_it_says(purchasing: Purchasing) -> None:
    purchasing.visma.switches["throttle_seconds"] = 120
    purchasing.buy(4)
    purchasing.fault("visma_net", "throttle", "/erp/v1/purchaseorder", "GET")
    purchasing.run_rounds(1)
    assert not purchasing.records("purchase_orders").exists()
    calls = purchasing.visma.calls["total"]
    paused = RateWindow.objects.filter(paused_until__isnull=False)
    assert paused.count() == 1
    purchasing.run_rounds(1)
    assert purchasing.visma.calls["total"] == calls
    assert "used up for now" in purchasing.flow("purchase_orders").trouble
    paused.update(paused_until=None)
    purchasing.run_rounds(1)
    assert purchasing.states("purchase_orders") == {"synced": 1}
    assert cause(purchasing).startswith("ready: ")


# Releases that do not come at once


def test_a_release_that_is_done_later_is_seen_through(purchasing: Purchasing) -> None:
    purchasing.released()
    purchasing.visma.switches.update(release="queued", release_reads=2)
    number = purchasing.bought(4)
    purchasing.ship(number, rounds=3)
    assert purchasing.order(number)["status"] == "Closed"
    assert purchasing.states("receipts") == {"synced": 1}


def test_a_release_that_does_not_end_is_waited_for(purchasing: Purchasing) -> None:
    purchasing.released()
    purchasing.visma.switches["release"] = "stuck"
    purchasing.ship(purchasing.bought(4))
    explanation = purchasing.explanation("receipts")
    assert explanation.startswith("waiting: Receipt")
    assert "is being released in Visma.net, and that is not done yet. -> It is looked at again by itself" in explanation
    purchasing.visma.actions.do_release(purchasing.receipts()[0]["receiptNbr"])
    purchasing.run_rounds(1)
    assert purchasing.states("receipts") == {"synced": 1}


def test_a_release_that_is_stuck_needs_a_person_in_the_end_and_doubles_nothing(purchasing: Purchasing) -> None:
    purchasing.released()
    purchasing.visma.switches["release"] = "stuck"
    purchasing.ship(purchasing.bought(4), rounds=3)
    (receipt,) = purchasing.receipts()
    explanation = purchasing.explanation("receipts")
    assert explanation.startswith(
        f"attention: Receipt {receipt['receiptNbr']} is in Visma.net, but could not be released"
    )
    assert f"See receipt {receipt['receiptNbr']} (screen Purchase receipts (PO302000))" in explanation
    purchasing.visma.actions.do_release(receipt["receiptNbr"])
    replay_records(purchasing.records("receipts"), PERSON)
    purchasing.run_tasks()
    assert purchasing.states("receipts") == {"synced": 1}


@pytest.mark.parametrize("refusal", ["400", "failed"])
def test_a_release_that_fails_names_the_cause_and_goes_on_there_after_the_cause_is_corrected(
    purchasing: Purchasing, refusal: str
) -> None:
    purchasing.released()
    purchasing.visma.switches.update(release="failed", action_refusal=refusal)
    number = purchasing.bought(4)
    purchasing.ship(number)
    explanation = purchasing.explanation("receipts")
    assert "attention: Receipt" in explanation
    assert "could not be released: The document could not be released: Inventory account is missing." in explanation
    assert "See receipt" in explanation
    purchasing.visma.switches["release"] = "done"
    replay_records(purchasing.records("receipts"), PERSON)
    purchasing.run_tasks()
    assert purchasing.order(number)["status"] == "Closed"
    assert len(purchasing.receipts()) == 1


# Notifications


def notice(world: Purchasing, number: str, key: str = "sim-webhook-key", host: str = "", event: str = "1") -> None:
    url = f"{host or world.visma.base_url}/v1/purchaseorder/{number}"
    body = json.dumps({"eventId": event, "action": "Changed", "contextId": "x", "resourceUri": url}).encode()
    webhooks.receive(world.left, body, {"x-visma-signature": signed(body, key)})
    world.run_tasks()


@pytest.fixture
def told_only(purchasing: Purchasing) -> Purchasing:
    """No flow reads by its schedule any more."""
    Flow.objects.update(next_run_at="2100-01-01T00:00:00Z")
    return purchasing


def test_a_signed_notification_brings_the_order_at_once(told_only: Purchasing) -> None:
    number = told_only.buy(4)
    notice(told_only, number)
    assert told_only.units(number) == {"STOL-101": 4}
    assert list(told_only.record("purchase_orders").triggers) == ["webhook"]


def test_the_same_notification_twice_is_one_record_and_one_write(told_only: Purchasing) -> None:
    number = told_only.buy(4)
    for event in ("1", "1", "2"):
        notice(told_only, number, event=event)
    assert told_only.states("purchase_orders") == {"synced": 1}
    assert (told_only.sends(), len(told_only.shipstation.state()["orders"])) == (1, 1)
    assert sorted(WebhookEvent.objects.values_list("received", flat=True)) == [1, 2]


def test_a_notification_also_carries_holds(told_only: Purchasing) -> None:
    number = told_only.buy(4)
    notice(told_only, number)
    told_only.visma.actions.do_hold_order(number)
    notice(told_only, number, event="2")
    assert told_only.sent_order(number)["orderStatus"] == "on_hold"


def test_a_wrong_signature_is_refused(told_only: Purchasing) -> None:
    number = told_only.buy(4)
    notice(told_only, number, key="somebody-elses")
    event = WebhookEvent.objects.get()
    assert (event.state, "has no signature of ours" in event.cause) == ("refused", True)
    assert not told_only.records("purchase_orders").exists()


def test_a_foreign_host_is_refused_and_no_credentials_are_sent_there(
    told_only: Purchasing, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = told_only.buy(4)
    calls = told_only.visma.calls["total"]
    tried = watch_connections(monkeypatch)
    notice(told_only, number, host="http://evil.invalid")
    event = WebhookEvent.objects.get()
    assert (event.state, "an address that is not Visma.net's" in event.cause) == ("refused", True)
    assert told_only.visma.calls["total"] == calls
    assert tried == []


def watch_connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every host name that is asked for from now on."""
    tried: list[Any] = []
    look_up = socket.getaddrinfo

    def watched(host: Any, *arguments: Any, **options: Any) -> Any:
        tried.append(host)
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", watched)
    return tried
