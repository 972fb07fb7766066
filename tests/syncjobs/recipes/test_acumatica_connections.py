"""What the pair does with its connections: sign-ins, notifications, secrets."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import AuditEntry
from connections import lifecycle as connecting
from connections.models import Connection
from syncjobs import lifecycle, webhooks
from syncjobs.models import FlowRun, WebhookEvent
from tests.world import PERSON, World


def test_a_wrong_password_stops_the_connection_with_one_cause(world: World) -> None:
    connecting.enter_secrets(world.left, {"password": "wrong-PLANTED"}, PERSON)
    world.activate()
    world.run_tasks()
    world.left.refresh_from_db()
    assert world.left.state == "broken"
    assert "PLANTED" not in world.left.cause
    connecting.enter_secrets(world.left, {"password": "sim-password"}, PERSON)
    connecting.probe(world.left)
    assert world.left.state == "ready"


def test_the_session_is_signed_out_when_work_is_done(running: World, settings: Any) -> None:
    assert running.acumatica.state()["sessions"] == 1
    settings.SESSION_IDLE_SECONDS = -1
    running.tick()
    assert running.acumatica.state()["sessions"] == 0


def test_webhooks_are_removed_at_deactivation(running: World) -> None:
    assert running.shipstation.state()["webhooks"]
    lifecycle.pause(running.integration, PERSON)
    running.run_tasks()
    assert running.shipstation.state()["webhooks"] == []


def test_no_secret_reaches_the_trail_a_record_an_event_or_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    secrets = {"password": "PLANTED-pw", "client_secret": "PLANTED-cs"}
    connecting.enter_secrets(world.left, secrets, PERSON)
    connecting.enter_secrets(world.right, {"api_secret": "PLANTED-as", "v2_api_key": "PLANTED-v2"}, PERSON)
    world.activate()
    world.run_tasks()
    for side in (world.left, world.right):
        connecting.probe(side, PERSON)
    webhooks.receive(
        world.right, b'{"resource_url": "https://evil.invalid/orders", "resource_type": "SHIP_NOTIFY"}', {}
    )
    world.run_rounds()
    kept = [
        *(f"{entry.summary} {entry.data} {entry.subject}" for entry in AuditEntry.objects.all()),
        *(f"{connection.cause} {connection.next_step} {connection.probe}" for connection in Connection.objects.all()),
        *(f"{event.cause} {event.headers}" for event in WebhookEvent.objects.all()),
        *(f"{run.trouble}" for run in FlowRun.objects.all()),
        caplog.text,
    ]
    assert {connection.state for connection in Connection.objects.all()} == {"broken"}
    assert not [text for text in kept if "PLANTED" in text]
