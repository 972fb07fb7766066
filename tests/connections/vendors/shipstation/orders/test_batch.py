from __future__ import annotations

from typing import Any

from connections.errors import OutcomeUnknown, Rejected, TryLater, VendorError
from connections.vendors.shipstation.orders.batch import OrderBatch
from tests.connections.vendors.shipstation.accounts import outgoing
from tests.connections.vendors.shipstation.simulation import error_of


class Failing:
    """A way out that fails, call after call, as it is told."""

    def __init__(self, *errors: VendorError) -> None:
        self.errors = list(errors)

    def post(self, path: str, json: Any) -> Any:
        raise self.errors.pop(0)


def test_what_stops_the_sending_does_not_speak_for_orders_that_may_be_written() -> None:
    http: Any = Failing(Rejected("one is malformed", status=400), OutcomeUnknown("?"), TryLater("slow", status=429))
    outcomes = OrderBatch(http, "").write([outgoing(f"{number}-ANY") for number in range(4)])
    assert [type(error_of(outcome)) for outcome in outcomes] == [OutcomeUnknown] * 2 + [TryLater] * 2
