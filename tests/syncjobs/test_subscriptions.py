from __future__ import annotations

from syncjobs import lifecycle, subscriptions, webhooks
from tests.syncjobs.conftest import Lab


def test_activation_subscribes_and_pausing_removes(lab: Lab) -> None:
    subscriptions.subscribe(lab.integration)
    assert lab.shelf.subscriptions == {"THING": webhooks.webhook_url(lab.left)}
    lifecycle.pause(lab.integration, lab.person)
    lab.run_tasks()
    assert lab.shelf.subscriptions == {}
