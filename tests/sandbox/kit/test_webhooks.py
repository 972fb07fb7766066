from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.kit.context import Context
from sandbox.kit.webhooks import WebhookSender, post
from tests.connections.vendors.shipstation.simulated import Receiver, eventually, listening
from tests.sandbox.kit.echo import Echo

NORMAL = {"webhook_mode": "normal", "webhook_delay": 0.0, "webhook_retries": 0, "webhook_retry_seconds": 0.01}


@pytest.fixture
def context() -> Context:
    context = Echo().context
    context.switches.update(NORMAL)
    return context


@pytest.fixture
def sender(context: Context) -> WebhookSender:
    return WebhookSender(context)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


def send(sender: WebhookSender, receiver: Receiver, text: str = "1", retries: int = 0) -> None:
    for _, delay in sender.copies():
        sender.send(receiver.url, text.encode(), lambda: {"X-Try": "yes"}, {"text": text}, delay, retries)


def test_it_delivers_with_headers_and_remembers(sender: WebhookSender, receiver: Receiver) -> None:
    send(sender, receiver)
    eventually(lambda: sender.outcomes["delivered"] == 1)
    headers, body = receiver.received[0]
    assert (headers["x-try"], body) == ("yes", b"1")
    assert list(sender.sent) == [{"url": receiver.url, "status": 200, "text": "1"}]


def test_it_drops(context: Context, sender: WebhookSender) -> None:
    context.switches["webhook_mode"] = "dropped"
    assert list(sender.copies()) == []
    assert context.injected == {"webhook_dropped": 1}


def test_it_sends_twice(context: Context, sender: WebhookSender, receiver: Receiver) -> None:
    context.switches["webhook_mode"] = "duplicated"
    send(sender, receiver)
    receiver.wait_for(2)
    assert [body for _, body in receiver.received] == [b"1", b"1"]


def test_it_lets_the_second_overtake_the_first(context: Context, sender: WebhookSender, receiver: Receiver) -> None:
    context.switches["webhook_mode"] = "reordered"
    send(sender, receiver, "1")
    send(sender, receiver, "2")
    receiver.wait_for(2)
    assert [body for _, body in receiver.received] == [b"2", b"1"]


def test_it_delays_as_the_switch_says(context: Context, sender: WebhookSender) -> None:
    context.switches.update(webhook_mode="delayed", webhook_delay=7.0)
    assert list(sender.copies()) == [(False, 7.0)]


def test_it_delays_minutes_where_no_time_is_said(context: Context, sender: WebhookSender) -> None:
    context.switches["webhook_mode"] = "delayed"
    ((_, delay),) = sender.copies()
    assert 60 <= delay <= 300


def test_it_names_a_wrong_host(context: Context, sender: WebhookSender) -> None:
    context.switches["webhook_mode"] = "wrong_host"
    assert list(sender.copies()) == [(True, 0.0)]


def test_it_tries_again_until_the_tries_are_spent(sender: WebhookSender, receiver: Receiver) -> None:
    receiver.status = 500
    send(sender, receiver, retries=2)
    eventually(lambda: sender.outcomes["failed"] == 3)
    assert (len(receiver.received), sender.waiting) == (3, [])


def test_a_receiver_that_is_not_there_is_a_failure() -> None:
    with listening() as receiver:
        url = receiver.url
    assert post(url, b"", {}) is None
