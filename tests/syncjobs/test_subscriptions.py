from __future__ import annotations

from syncjobs import lifecycle, subscriptions, webhooks
from syncjobs.models import Flow
from tests.syncjobs.conftest import Lab


def test_activation_subscribes_and_pausing_removes(lab: Lab) -> None:
    subscriptions.subscribe(lab.integration)
    assert lab.shelf.subscriptions == {"THING": webhooks.webhook_url(lab.left)}
    lifecycle.pause(lab.integration, lab.person)
    lab.run_tasks()
    assert lab.shelf.subscriptions == {}


def test_a_flow_that_its_recipe_has_no_more_keeps_nothing_from_being_switched_on(lab: Lab) -> None:
    Flow.objects.create(integration=lab.integration, slug="gone")
    lifecycle.pause(lab.integration, lab.person)
    lab.run_tasks()
    lifecycle.activate(lab.integration, lab.person)
    lab.run_tasks()
    assert lab.shelf.subscriptions == {"THING": webhooks.webhook_url(lab.left)}
