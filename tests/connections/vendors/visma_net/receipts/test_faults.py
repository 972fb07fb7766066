"""Receipts when answers are lost, calls are refused, and workers are killed between any two calls."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connections.errors import OutcomeUnknown, TryLater, VendorError
from connections.http import Http, Response
from connections.vendor import Outgoing, Unchanged, Written
from connections.vendors.visma_net.receipts.resource import PurchaseReceipts
from tests.connections.vendors.visma_net.desk import (
    MARK,
    ORDERS,
    RECEIPTS,
    SECOND,
    Desk,
    again,
    goods,
    refusal,
    shipment,
)

WAYS = ("add_lines", "direct", "create_from_order")
each_way = pytest.mark.parametrize("way", WAYS)
LOST = ("cut_after", "error_after", "half", "gateway_after", "not_json")
BEFORE = ("cut_before", "throttle", "server_error", "gateway_html", "gateway_empty", "token_lost")
STEPS = {
    "create": (RECEIPTS, "POST"),
    "add_lines": (RECEIPTS + "/", "POST"),
    "from_order": (ORDERS, "POST"),
    "quantities": (RECEIPTS + "/", "PUT"),
    "release": (RECEIPTS + "/", "POST"),
}
BY_WAY = {
    "add_lines": ("create", "add_lines", "quantities", "release"),
    "direct": ("create", "release"),
    "create_from_order": ("from_order", "quantities", "release"),
}


class Killed(BaseException):
    """The worker is gone: nothing of ours runs after it."""


class Killer:
    """Kills after so many calls: before the call is sent, or after its answer came and before it is used."""

    def __init__(self, after: int) -> None:
        self.left = after

    def around(self, real: Any) -> Any:
        def request(http: Http, *arguments: Any, **options: Any) -> Response:
            response: Response = real(http, *arguments, **options)
            self.left -= 1
            if self.left < 0:
                raise Killed
            return response

        return request


@pytest.fixture
def kill(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    real = Http.request

    def at(calls: int) -> None:
        monkeypatch.setattr(Http, "request", Killer(calls).around(real))

    def never() -> None:
        monkeypatch.setattr(Http, "request", real)

    at.never = never  # type: ignore[attr-defined]
    yield at
    never()


@each_way
@pytest.mark.parametrize("kind", LOST + BEFORE)
def test_no_lost_answer_doubles_or_loses_goods(desk: Desk, way: str, kind: str) -> None:
    for step in BY_WAY[way]:
        desk.simulator.actions.do_clear()
        desk.simulator.faults.clear()
        order = desk.order(STOL_101=10, STOL_102=5)
        desk.simulator.injected.clear()
        path, method = STEPS[step]
        desk.fault(kind, path, method, times=1)
        document = shipment(order, goods((1, 4), (2, 1)), way=way, release=True)
        outcome = desk.settled(document)
        assert isinstance(outcome, Written | Unchanged), (step, outcome)
        assert desk.quantities() == {1: Decimal(4), 2: Decimal(1)}, step
        assert desk.live()[0]["status"] == "Released"
        drafts = [each for each in desk.state()["purchaseReceipts"] if each["status"] not in {"Released", "Cancelled"}]
        assert drafts == [], step
        assert desk.simulator.injected[kind] == 1, step


@each_way
def test_a_worker_killed_after_any_call_is_resumed_without_doubles(desk: Desk, way: str, kill: Any) -> None:
    calls = 0
    while True:
        desk.simulator.actions.do_clear()
        order = desk.order(STOL_101=10, STOL_102=5, BORD_220=3)
        document = shipment(order, goods((1, 4), (2, 1)), way=way, release=True)
        kill(calls)
        try:
            desk.write(document)
            finished = True
        except Killed:
            finished = False
        kill.never()
        desk.find(document)
        outcome = desk.write(document)
        assert isinstance(outcome, Written | Unchanged), (calls, outcome)
        match = desk.find(document)
        assert match is not None
        assert match.complete
        assert desk.quantities() == {1: Decimal(4), 2: Decimal(1)}, calls
        assert len(desk.state()["purchaseReceipts"]) == 1, calls
        assert isinstance(desk.write(document), Unchanged)
        if finished:
            assert calls > 4
            return
        calls += 1


def test_a_worker_killed_during_a_correction_is_resumed(desk: Desk, kill: Any) -> None:
    calls = 0
    while True:
        desk.simulator.actions.do_clear()
        order = desk.order(STOL_101=10, STOL_102=5, BORD_220=3)
        document = shipment(order, goods((1, 4), (2, 1)))
        first = desk.write(document)
        assert isinstance(first, Written)
        changed = again(document, first.key, lines=goods((1, 2), (3, 3)))
        kill(calls)
        try:
            desk.write(changed)
            finished = True
        except Killed:
            finished = False
        kill.never()
        outcome = desk.write(changed)
        assert isinstance(outcome, Written | Unchanged), (calls, outcome)
        assert desk.quantities() == {1: Decimal(2), 3: Decimal(3)}, calls
        if finished:
            return
        calls += 1


def test_a_worker_killed_while_voiding_is_resumed(desk: Desk, kill: Any) -> None:
    for gone in (False, True):
        desk.switch(cancel_receipt="gone" if gone else "any")
        for calls in range(8):
            desk.simulator.actions.do_clear()
            order = desk.order(STOL_101=10)
            document = shipment(order, goods((1, 4)))
            first = desk.write(document)
            assert isinstance(first, Written)
            void = again(document, first.key, voided=True)
            kill(calls)
            try:
                desk.write(void)
            except Killed:
                pass
            kill.never()
            assert isinstance(desk.write(void), Written | Unchanged)
            assert desk.order_state(order)["lines"][0]["qtyOnReceipts"] == 0


@each_way
def test_find_says_unfinished_until_everything_is_done_and_never_writes(desk: Desk, way: str, kill: Any) -> None:
    calls, seen = 0, set()
    while True:
        desk.simulator.actions.do_clear()
        order = desk.order(STOL_101=10, STOL_102=5)
        document = shipment(order, goods((1, 4)), way=way, release=True)
        kill(calls)
        try:
            desk.write(document)
            finished = True
        except Killed:
            finished = False
        kill.never()
        before = desk.state()["purchaseReceipts"]
        match = desk.find(document)
        assert desk.state()["purchaseReceipts"] == before
        receipts = desk.receipts()
        assert (match is None) == (not receipts)
        if match is not None:
            done = receipts[0]["status"] == "Released" and {
                line.get("poOrderLineNbr"): line["receiptQty"] for line in receipts[0]["lines"]
            } == {1: 4}
            assert match.complete == done
            seen.add(match.complete)
        if finished:
            assert seen == {True, False}
            return
        calls += 1


def test_an_empty_receipt_is_found_although_the_order_does_not_name_it(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    desk.fault("cut_after", RECEIPTS, "POST")
    document = shipment(order, goods((1, 4)))
    with pytest.raises(OutcomeUnknown):
        desk.write(document)
    assert desk.receipts()[0]["lines"] == []
    match = desk.find(document)
    assert match is not None
    assert (match.key, match.complete) == (desk.receipts()[0]["receiptNbr"], False)
    desk.write(document)
    assert len(desk.receipts()) == 1


def test_it_is_found_among_more_receipts_than_fit_a_page(desk: Desk) -> None:
    desk.switch(max_page_size=2)
    order = desk.order(STOL_101=100)
    for _ in range(5):
        desk.simulator.actions.do_receive(order, {"1": 1})
    document = shipment(order, goods((1, 4)))
    desk.write(document)
    assert isinstance(desk.write(document), Unchanged)
    assert len(desk.receipts()) == 1


def test_a_create_that_is_applied_late_leaves_one_receipt_with_goods(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    desk.fault("late", RECEIPTS, "POST", seconds=0.6)
    document = shipment(order, goods((1, 4)))
    with pytest.raises(OutcomeUnknown):
        desk.write(document)
    assert desk.find(document) is None
    time.sleep(0.9)  # until the late write has been applied
    assert desk.find(document) is not None  # hence the growing delays of settle
    assert isinstance(desk.write(document), Written)
    assert len(desk.live()) == 1


def test_a_create_that_is_applied_after_the_next_try_is_tidied_away(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    desk.fault("late", RECEIPTS, "POST", seconds=0.4)
    document = shipment(order, goods((1, 4)))
    with pytest.raises(OutcomeUnknown):
        desk.write(document)
    desk.write(document)
    time.sleep(0.7)  # until the late write has been applied
    assert len(desk.live()) == 2
    desk.write(document)
    assert [each["lines"][0]["receiptQty"] for each in desk.live()] == [4]


def test_the_last_look_comes_after_visma_would_have_cut_the_call(desk: Desk) -> None:
    assert PurchaseReceipts.settle_delays[-1] > 4 * 60


def test_a_leftover_of_an_interrupted_create_from_order_serves_the_next_shipment(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    desk.fault("cut_after", "/erp/v1/purchaseorder", "POST")
    document = shipment(order, goods((1, 4)), way="create_from_order")
    with pytest.raises(OutcomeUnknown):
        desk.write(document)
    assert desk.find(document) is None
    other = shipment(order, goods((1, 3)), SECOND, way="create_from_order")
    assert isinstance(desk.write(other), Written)
    assert isinstance(desk.write(document), Written)
    assert (desk.quantities(MARK), desk.quantities(SECOND)) == ({1: Decimal(4)}, {1: Decimal(3)})
    assert len(desk.state()["purchaseReceipts"]) == 4  # with the two it begins with


def test_a_business_rule_with_status_500_is_a_refusal(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    desk.fault("business_500", RECEIPTS, "POST")
    (outcome,) = PurchaseReceipts(desk.client).write([shipment(order, goods((1, 4)))])
    assert "during processing" in str(getattr(outcome, "error", ""))
    assert desk.receipts() == []


@pytest.mark.parametrize(("method", "what"), [("PUT", "could not be filled"), ("POST", "given the lines of the order")])
def test_a_refusal_of_a_later_step_names_the_receipt_and_goes_on_there(desk: Desk, method: str, what: str) -> None:
    order = desk.order(STOL_101=10)
    document = shipment(order, goods((1, 4)))
    desk.fault("business_500", RECEIPTS + "/", method)
    error = refusal(desk.write(document))
    number = desk.receipts()[0]["receiptNbr"]
    assert what in error.message
    assert number in error.message
    assert number in error.next_step
    assert desk.receipts()[0]["status"] == "Hold"
    assert isinstance(desk.write(document), Written)
    assert len(desk.receipts()) == 1


def test_being_throttled_says_when_to_come_again(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    desk.switch(throttle_seconds=7)
    desk.fault("throttle", RECEIPTS, "POST")
    with pytest.raises(TryLater) as caught:
        desk.write(shipment(order, goods((1, 4))))
    assert caught.value.retry_after == 7
    assert desk.receipts() == []


def test_find_looks_behind_the_given_moment_only(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    document = Outgoing(MARK, shipment(order, goods((1, 4))).payload)
    desk.write(document)
    match = PurchaseReceipts(desk.client).find([document], datetime.now(UTC))
    assert match[MARK].complete


def test_find_raises_where_it_cannot_look(desk: Desk) -> None:
    order = desk.order(STOL_101=10)
    desk.fault("server_error", "/erp/v2/PurchaseReceipt", "GET")
    with pytest.raises(VendorError):
        desk.find(shipment(order, goods((1, 4))))


@each_way
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_under_a_storm_of_faults_every_shipment_has_one_receipt_and_no_goods_are_lost(
    desk: Desk, way: str, seed: int
) -> None:
    desk.simulator.actions.do_clear()
    desk.simulator.random.seed(seed)
    desk.switch(throttle_seconds=0, release="queued", release_reads=1)
    orders = [desk.order(STOL_101=12, STOL_102=12) for _ in range(3)]
    for kind in ("cut_after", "error_after", "half", "gateway_after", "cut_before", "server_error", "row_moved"):
        desk.fault(kind, "/erp", times=500, chance=0.04)
    work = [
        shipment(order, goods((1, 2), (2, at)), f"shipstation:{order}-{at}", way=way, release=True)
        for order in orders
        for at in (1, 2, 3)
    ]
    for document in work:
        outcome = desk.settled(document, most=60)
        assert isinstance(outcome, Written | Unchanged), outcome
    desk.simulator.faults.clear()
    for document in work:
        assert isinstance(desk.write(document), Unchanged)
    receipts = [each for each in desk.state()["purchaseReceipts"] if each["status"] != "Cancelled"]
    assert sorted(each["customStr1"] for each in receipts) == sorted(one.natural_key for one in work)
    assert {each["status"] for each in receipts} == {"Released"}
    for order in orders:
        assert [line["qtyOnReceipts"] for line in desk.order_state(order)["lines"]] == [6, 6]
    assert desk.simulator.injected.total() > 10
