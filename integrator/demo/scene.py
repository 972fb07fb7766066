"""What both demos begin with: simulated systems on a faster clock, and a customer between them."""

from __future__ import annotations

from typing import Any

from integrator.demo.installation import Running
from integrator.stage import CUSTOMER, Stage, set_up
from syncjobs.models import Integration

# A minute of the real clock passes in two seconds here, so the limits of calls a minute are raised alike.
CALLS_A_MINUTE = 1200
DAYS = 31
"""The first orders are thirty days old."""
SETTINGS: dict[str, dict[str, Any]] = {
    "acumatica": {"poll_seconds": "0.2", "order_types": "SO\nSA", "default_box": "SMALL"},
    "shipstation": {"v1_calls_per_minute": CALLS_A_MINUTE, "v2_calls_per_minute": CALLS_A_MINUTE},
}


def prepare(place: Running, *, every: int) -> Stage:
    """A draft integration whose flows read every so many seconds."""
    place.shipstation.switch(v1_limit=CALLS_A_MINUTE, v2_limit=CALLS_A_MINUTE)
    stage = set_up(place.acumatica, place.shipstation, customer=_name(), days=DAYS, settings=SETTINGS)
    stage.schedule(orders=every, shipments=every, order_changes=2 * every, customers=10 * every, items=10 * every)
    return stage


def _name() -> str:
    """In a kept database the customers of earlier starts stay; their simulated systems are gone."""
    earlier = Integration.objects.all()
    earlier.update(state=Integration.State.PAUSED)
    return f"{CUSTOMER} {earlier.count() + 1}" if earlier else CUSTOMER
