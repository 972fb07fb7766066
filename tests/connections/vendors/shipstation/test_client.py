from __future__ import annotations

from typing import Any

import pytest
import responses

from connections.errors import ConnectionBroken, OutcomeUnknown, Rejected, TryLater, VendorError
from tests.connections.vendors.shipstation.accounts import V1_KEYS, V1_URL, V2_KEYS, V2_URL, SpentBudget, opened

RATE = {"X-Rate-Limit-Limit": "40", "X-Rate-Limit-Remaining": "37", "X-Rate-Limit-Reset": "12"}


def error_of(status: int, method: str = "GET", budget: SpentBudget | None = None, **response: Any) -> VendorError:
    """The error that V1's answer becomes."""
    with responses.RequestsMock() as network:
        network.add(method, f"{V1_URL}/orders", status=status, **response)
        with pytest.raises(VendorError) as caught:
            opened(budget=budget).need_v1().request(method, "/orders", json={} if method == "POST" else None)
    return caught.value


@pytest.mark.usefixtures("network")
def test_it_signs_v1_calls_with_key_and_secret() -> None:
    call = responses.get(f"{V1_URL}/orders", json={"orders": []})
    opened().need_v1().get("/orders")
    assert call.calls[0].request.headers["Authorization"] == "Basic c2ltLWtleTpzaW0tc2VjcmV0"


@pytest.mark.usefixtures("network")
def test_it_signs_v2_calls_with_its_own_key() -> None:
    call = responses.get(f"{V2_URL}/v2/labels", json={"labels": []})
    opened(keys=V2_KEYS).need_v2().get("/v2/labels")
    assert call.calls[0].request.headers["API-Key"] == "sim-v2-key"
    assert "Authorization" not in call.calls[0].request.headers


@pytest.mark.parametrize("keys", [{}, {"api_key": "k"}, {"api_secret": "s"}, {"api_key": "", "v2_api_key": ""}])
def test_it_cannot_be_opened_without_a_complete_set_of_credentials(keys: dict[str, str]) -> None:
    with pytest.raises(ConnectionBroken, match="no complete ShipStation credentials"):
        opened(keys=keys)


def test_it_says_which_key_is_missing_for_a_call() -> None:
    with pytest.raises(Rejected, match="no V2 API key"):
        opened(keys=V1_KEYS).need_v2()
    with pytest.raises(Rejected, match="no API Key and API Secret"):
        opened(keys=V2_KEYS).need_v1()


@pytest.mark.usefixtures("network")
def test_it_learns_the_rate_headers_of_every_answer() -> None:
    budget = SpentBudget()
    responses.get(f"{V1_URL}/orders", json={"orders": []}, headers=RATE)
    opened(budget=budget).need_v1().get("/orders")
    assert budget.learned == [{"limit": 40, "remaining": 37, "resets_in": 12}]


def test_it_pauses_the_account_for_the_seconds_of_the_reset_header() -> None:
    budget = SpentBudget()
    error = error_of(429, budget=budget, json={"message": "Too Many Requests"}, headers=RATE)
    assert isinstance(error, TryLater)
    assert (error.retry_after, budget.pauses) == (12, [12])


def test_it_waits_a_whole_window_where_a_429_names_no_time() -> None:
    budget = SpentBudget()
    error_of(429, budget=budget, json={"message": "Too Many Requests"})
    assert budget.pauses == [60]


@pytest.mark.parametrize("status", [200, 400, 500])
def test_it_knows_the_throttle_sentence_under_another_status(status: int) -> None:
    error = error_of(status, "POST", json={"message": "Too Many Requests"})
    assert type(error) is TryLater


@pytest.mark.usefixtures("network")
def test_it_reads_an_order_that_quotes_the_throttle_sentence() -> None:
    responses.get(f"{V1_URL}/orders/1", json={"orderId": 1, "customerNotes": "Too Many Requests"})
    assert opened().need_v1().get("/orders/1").json()["orderId"] == 1


def test_it_reads_model_state_as_fields() -> None:
    error = error_of(
        400,
        "POST",
        json={"Message": "The request is invalid.", "ModelState": {"apiOrders[0].shipTo.name": ["Too long", "Odd"]}},
    )
    assert isinstance(error, Rejected)
    assert error.fields == {"shipTo.name": "Too long Odd"}
    assert error.words == "The request is invalid."


def test_it_reads_keys_in_any_case() -> None:
    error = error_of(400, "POST", json={"MESSAGE": "No.", "modelState": {"apiOrder": ["Cannot deserialize"]}})
    assert isinstance(error, Rejected)
    assert error.fields == {"order": "Cannot deserialize"}


EXCEPTION = {
    "Message": "An error has occurred.",
    "ExceptionMessage": "Invalid packageCode",
    "ExceptionType": "System.Exception",
    "StackTrace": "at ShipStation.Web",
}


def test_it_tries_a_failed_read_again() -> None:
    error = error_of(500, json=EXCEPTION)
    assert type(error) is TryLater
    assert (error.words, error.status) == ("Invalid packageCode", 500)


def test_it_does_not_know_the_outcome_of_a_failed_write() -> None:
    error = error_of(500, "POST", json=EXCEPTION)
    assert type(error) is OutcomeUnknown
    assert error.words == "Invalid packageCode"


def test_it_names_the_plan_on_a_402() -> None:
    error = error_of(402, json={"message": "Payment required"})
    assert isinstance(error, ConnectionBroken)
    assert "plan" in error.message


@pytest.mark.parametrize("response", [{"json": {"message": "Invalid API credentials"}}, {"body": "401 Unauthorized"}])
def test_it_breaks_the_connection_on_a_401(response: dict[str, Any]) -> None:
    error = error_of(401, **response)
    assert isinstance(error, ConnectionBroken)
    assert "V1 credentials" in error.message


def test_it_keeps_addresses_and_quoted_values_out_of_errors() -> None:
    said = 'Error converting value "Kari Nordmann" for kari.n@example.no, +47 22 00 00 00, amountPaid.'
    error = error_of(400, "POST", json={"message": said})
    assert error.words == "Error converting value … for …, …, amountPaid."


def test_it_says_nothing_of_an_html_page() -> None:
    assert error_of(404, body="<html>Kari Nordmann</html>").words == ""


@pytest.mark.usefixtures("network")
def test_it_reads_the_errors_of_v2() -> None:
    responses.post(
        f"{V2_URL}/v2/shipments",
        status=400,
        json={
            "request_id": "aa3d8e8e",
            "errors": [{"error_code": "invalid_field_value", "message": "Bad SKU.", "field_name": "items[0].sku"}],
        },
    )
    with pytest.raises(Rejected) as caught:
        opened(keys=V2_KEYS).need_v2().post("/v2/shipments", json={})
    assert caught.value.fields == {"items[0].sku": "Bad SKU."}
    assert caught.value.request_id == "aa3d8e8e"


@pytest.mark.usefixtures("network")
def test_it_reads_an_ended_plan_in_the_codes_of_v2() -> None:
    errors = [{"error_code": "subscription_inactive", "message": "Inactive."}]
    responses.get(f"{V2_URL}/v2/labels", status=400, json={"request_id": "r", "errors": errors})
    with pytest.raises(ConnectionBroken, match="plan"):
        opened(keys=V2_KEYS).need_v2().get("/v2/labels")


@pytest.mark.usefixtures("network")
def test_it_obeys_the_retry_after_of_v2() -> None:
    budget = SpentBudget()
    responses.get(f"{V2_URL}/v2/labels", status=429, headers={"Retry-After": "7"}, json={"errors": []})
    with pytest.raises(TryLater):
        opened(keys=V2_KEYS, budget=budget).need_v2().get("/v2/labels")
    assert budget.pauses == [7]


@pytest.mark.usefixtures("network")
def test_it_survives_the_empty_500_of_v2() -> None:
    responses.get(f"{V2_URL}/v2/labels", status=500)
    with pytest.raises(TryLater):
        opened(keys=V2_KEYS).need_v2().get("/v2/labels")
