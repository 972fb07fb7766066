from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.connections.vendors.shipstation.simulated import Simulated, order


def limits(response: requests.Response) -> tuple[str, ...]:
    return tuple(response.headers[f"X-Rate-Limit-{name}"] for name in ("Limit", "Remaining", "Reset"))


def test_it_refuses_v1_without_credentials(account: Simulated) -> None:
    response = requests.get(f"{account.url}/orders", timeout=5)
    assert (response.status_code, response.json()) == (401, {"message": "Invalid API credentials"})


def test_it_refuses_the_v1_secret_on_v2(account: Simulated) -> None:
    response = account.v1.get(f"{account.url}/v2/shipments", timeout=5)
    assert response.status_code == 401
    assert response.json()["errors"][0]["error_code"] == "unauthorized"


def test_it_refuses_everything_once_the_right_is_revoked(account: Simulated) -> None:
    account.set(revoked=True)
    assert account.v1.get(f"{account.url}/users", timeout=5).status_code == 401
    assert account.call_v2("GET", "/v2/users").status_code == 401


def test_it_says_402_when_the_plan_lacks_v1(account: Simulated) -> None:
    account.set(plan_lacks_v1=True)
    assert account.v1.get(f"{account.url}/users", timeout=5).status_code == 402
    assert account.call_v2("GET", "/v2/users").status_code == 200


def test_it_counts_down_within_a_window_and_then_throttles(account: Simulated) -> None:
    account.set(v1_limit=3)
    responses = [account.v1.get(f"{account.url}/users", timeout=5) for _ in range(4)]
    assert [response.status_code for response in responses] == [200, 200, 200, 429]
    assert [limits(response)[1] for response in responses] == ["2", "1", "0", "0"]
    assert responses[3].json() == {"message": "Too Many Requests"}
    assert 0 < int(limits(responses[3])[2]) <= 60


def test_it_opens_a_new_window_after_sixty_seconds(account: Simulated) -> None:
    account.set(v1_limit=1)
    account.get("/users")
    account.set(clock_offset=61)
    assert account.v1.get(f"{account.url}/users", timeout=5).status_code == 200


@pytest.mark.parametrize("path", ["/orders/99", "/nothing", "/orders?createDateStart=soon"])
def test_it_sends_rate_headers_on_errors_too(account: Simulated, path: str) -> None:
    response = account.v1.get(account.url + path, timeout=5)
    assert response.status_code >= 400
    assert limits(response)[0] == "40"


def test_it_tells_v2_when_to_come_back(account: Simulated) -> None:
    account.set(v2_limit=1)
    account.call_v2("GET", "/v2/users")
    response = account.call_v2("GET", "/v2/users")
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 60
    assert "X-Rate-Limit-Limit" not in response.headers


def test_it_tells_an_injected_throttle_how_long_to_wait(account: Simulated) -> None:
    account.set(throttle_seconds=7)
    requests.post(f"{account.running.control_url}/faults", json={"kind": "throttle"}, timeout=5)
    response = account.v1.get(f"{account.url}/users", timeout=5)
    assert (response.status_code, limits(response)[1:]) == (429, ("0", "7"))


def test_it_wraps_a_v1_failure_and_leaves_a_v2_failure_empty(account: Simulated) -> None:
    fault = {"kind": "server_error", "times": 2}
    requests.post(f"{account.running.control_url}/faults", json=fault, timeout=5)
    assert "ExceptionMessage" in account.v1.get(f"{account.url}/users", timeout=5).json()
    assert account.call_v2("GET", "/v2/users").content == b""


def test_it_does_the_work_although_the_answer_is_cut(account: Simulated) -> None:
    fault = {"kind": "cut_after", "path": "/orders/createorder", "method": "POST"}
    requests.post(f"{account.running.control_url}/faults", json=fault, timeout=5)
    with pytest.raises(requests.ConnectionError):
        account.post("/orders/createorder", order())
    assert account.get("/orders", orderNumber="1001")["total"] == 1


def test_it_fails_pages_that_show_a_poisoned_order(account: Simulated) -> None:
    bad = account.make("1001")["orderId"]
    account.make("1002")
    account.do("poison", order_id=bad)
    pages = [
        account.v1.get(f"{account.url}/orders", params={"pageSize": 1, "page": page}, timeout=5).status_code
        for page in (1, 2)
    ]
    assert pages == [500, 200]


def test_it_refuses_an_action_on_an_unknown_order_with_its_reason(account: Simulated) -> None:
    response = requests.post(f"{account.running.control_url}/do/ship", json={"order_number": "no"}, timeout=5)
    assert (response.status_code, response.json()["Message"]) == (409, "There is no order no.")


def test_it_lists_all_that_it_holds(account: Simulated) -> None:
    account.make()
    account.do("ship", order_number="1001")
    state = account.state()
    assert state["orders"][0]["orderStatus"] == "shipped"
    assert [row["sku"] for row in state["orders"][0]["items"]] == ["SKI-180", "POLE"]
    assert state["shipments"][0]["orderKey"] == "erp:1001"
    assert state["fulfillments"] == []


def test_it_keeps_one_order_for_each_key_under_parallel_writes(account: Simulated) -> None:
    account.set(side_effect_delay=0.01)

    def send(_: int) -> int:
        body = [order(str(number)) for number in range(20)]
        auth = ("sim-key", "sim-secret")
        return requests.post(f"{account.url}/orders/createorders", json=body, auth=auth, timeout=10).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(send, range(12))) == {200}
    orders = account.get("/orders", pageSize=500, sortBy="ModifyDate")["orders"]
    assert sorted(row["orderKey"] for row in orders) == sorted(f"erp:{number}" for number in range(20))
