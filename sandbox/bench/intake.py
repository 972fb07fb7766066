"""Webhook intake of the web process under load, beside a bare view that inserts one row."""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from sandbox.bench.environment import BenchEnvironment
from sandbox.runtime.environment import HOST, free_port
from sandbox.runtime.process import wait_until

SENDERS, EACH = 4, 250


def intake(bench: BenchEnvironment) -> dict[str, Any]:
    """Milliseconds to answer a notification, and calls to the systems meanwhile, which must be none."""
    bench.start_systems(0)
    fixture = bench.create_fixture(bench.scenario.parcels)
    right = fixture.integration.right
    body = _notification(bench.right.base_url)
    web = bench.processes.web()
    before = _outside(bench)
    ours = _measured(f"{web}/hooks/{right.webhook_token}/", body)
    after = _outside(bench)
    bench.processes.stop("web")
    theirs = _measured(f"{_serve_bare(bench)}/insert/{right.pk}", body)
    ratio = round(ours["p50_ms"] / theirs["p50_ms"], 2)
    return {"intake": ours, "bare": theirs, "ratio_p50": ratio, "outside_calls": after - before}


def _outside(bench: BenchEnvironment) -> int:
    return sum(system.calls().get("total", 0) for system in (bench.left, bench.right))


def _notification(base_url: str) -> Callable[[], bytes]:
    """Each another happening, as in the worst case: a repeated one only counts up."""

    def make() -> bytes:
        url = f"{base_url}/shipments?storeID=1&batchId={uuid.uuid4().int % 10**9}&includeShipmentItems=False"
        return json.dumps({"resource_url": url, "resource_type": "SHIP_NOTIFY"}).encode()

    return make


def _serve_bare(bench: BenchEnvironment) -> str:
    port = free_port()
    bind = ["--bind", f"{HOST}:{port}", "--workers", "1", "--threads", "8"]
    process = bench.processes.start("bare", [sys.executable, "-m", "gunicorn", *bind, "sandbox.bench.plain_view"])
    url = f"http://{HOST}:{port}"
    wait_until(process, lambda: _post(url + "/", b"") is not None)
    return url


def _measured(url: str, make: Callable[[], bytes]) -> dict[str, float]:
    _send(url, make, 20)  # warm
    started = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as senders:
        each = senders.map(lambda _: _send(url, make, EACH), range(SENDERS))
        took = sorted(one for times in each for one in times)
    seconds = time.monotonic() - started
    cuts = statistics.quantiles(took, n=100)
    return {
        "p50_ms": round(cuts[49] * 1000, 2),
        "p99_ms": round(cuts[98] * 1000, 2),
        "per_second": round(len(took) / seconds, 1),
    }


def _send(url: str, make: Callable[[], bytes], times: int) -> list[float]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    took = []
    for _ in range(times):
        body = make()
        started = time.perf_counter()
        connection.request("POST", parts.path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        took.append(time.perf_counter() - started)
        if answer.status != 200:
            raise RuntimeError(f"{parts.path} answered {answer.status}")
    connection.close()
    return took


def _post(url: str, body: bytes) -> int | None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("POST", parts.path, body)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()
