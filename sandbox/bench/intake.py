"""Intake of notifications under load, beside a bare Django view that inserts one row; both behind two web workers."""

from __future__ import annotations

import json
import socket
import statistics
import sys
import time
import uuid
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any
from urllib.parse import urlsplit

from sandbox.bench.environment import BenchEnvironment
from sandbox.runtime.environment import HOST, free_port
from sandbox.runtime.process import wait_until

SENDERS, EACH, ROUNDS = 4, 300, 3


def intake(bench: BenchEnvironment) -> dict[str, Any]:
    """Notifications a second and milliseconds to answer one, ours and the bare view's in turn, medians of the rounds.

    Calls to the systems meanwhile must be none. The same notification many times must be one event and one task.
    """
    bench.start_systems(0)
    right = bench.create_fixture(bench.scenario.parcels).integration.right
    base_url = bench.right.base_url
    before = _outside(bench)
    urls = {
        "intake": f"{_serve(bench, 'intake', 'integrator.wsgi')}/hooks/{right.webhook_token}/",
        "bare": f"{_serve(bench, 'bare', 'sandbox.bench.plain_view')}/insert/{right.pk}",
    }
    with ProcessPoolExecutor(SENDERS, get_context("spawn")) as senders:
        for url in urls.values():
            _round(senders, url, [_notification(base_url) for _ in range(40)])
        rounds: dict[str, list[dict[str, float]]] = {name: [] for name in urls}
        for _ in range(ROUNDS):
            for name, url in urls.items():
                bodies = [_notification(base_url) for _ in range(SENDERS * EACH)]
                rounds[name].append(_round(senders, url, bodies))
        repeated = _repeated(senders, urls["intake"], right.pk, _notification(base_url))
    found = {name: _medians(figures) for name, figures in rounds.items()}
    ours, bare = found["intake"], found["bare"]
    return found | {
        "share_of_bare": round(ours["per_second"] / bare["per_second"], 2),
        "p99_times_bare": round(ours["p99_ms"] / bare["p99_ms"], 2),
        "outside_calls": _outside(bench) - before,
        "repeated": repeated,
    }


def _outside(bench: BenchEnvironment) -> int:
    return sum(system.calls().get("total", 0) for system in (bench.left, bench.right))


def _notification(base_url: str) -> bytes:
    """One of another happening each time, as in the worst case: a repeated one only counts up."""
    url = f"{base_url}/shipments?storeID=1&batchId={uuid.uuid4().int % 10**9}&includeShipmentItems=False"
    return json.dumps({"resource_url": url, "resource_type": "SHIP_NOTIFY"}).encode()


def _serve(bench: BenchEnvironment, name: str, application: str) -> str:
    port = free_port()
    bind = ["--bind", f"{HOST}:{port}", "--workers", "2", "--no-control-socket"]
    process = bench.processes.start(name, [sys.executable, "-m", "gunicorn", *bind, application])
    wait_until(process, lambda: _answers(port))
    return f"http://{HOST}:{port}"


def _answers(port: int) -> bool:
    try:
        _post(HOST, port, _request("/", b""))
    except OSError:
        return False
    return True


def _round(senders: ProcessPoolExecutor, url: str, bodies: list[bytes]) -> dict[str, float]:
    parts = urlsplit(url)
    requests = [_request(parts.path, body) for body in bodies]
    shares = [requests[number::SENDERS] for number in range(SENDERS)]
    started = time.monotonic()
    answered = senders.map(_send, [parts.port or 0] * SENDERS, shares)
    took = [seconds for share in answered for seconds in share]
    seconds = time.monotonic() - started
    cuts = statistics.quantiles(took, n=100)
    return {"per_second": len(took) / seconds, "p50_ms": cuts[49] * 1000, "p99_ms": cuts[98] * 1000}


def _medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(one[name] for one in rounds), 2) for name in rounds[0]}


def _repeated(senders: ProcessPoolExecutor, url: str, connection_id: int, body: bytes) -> dict[str, int]:
    """What the same notification makes that comes many times before a worker picks it up."""
    from django_q.models import OrmQ

    from syncjobs import dispatch
    from syncjobs.models import WebhookEvent

    dispatch.followed(connection_id)
    times = SENDERS * EACH
    events, tasks = WebhookEvent.objects.count(), OrmQ.objects.count()
    _round(senders, url, [body] * times)
    return {
        "times": times,
        "events": WebhookEvent.objects.count() - events,
        "tasks": OrmQ.objects.count() - tasks,
    }


def _request(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"{head}\r\nConnection: close\r\n\r\n".encode() + body


def _send(port: int, requests: list[bytes]) -> list[float]:
    """One sender: request after request, each on a connection of its own, as a system's notifications come."""
    took = []
    for request in requests:
        started = time.perf_counter()
        status = _post(HOST, port, request)
        took.append(time.perf_counter() - started)
        if status != 200:
            raise RuntimeError(f"A notification was answered with {status}.")
    return took


def _post(host: str, port: int, request: bytes) -> int:
    """Written on the bare socket, so that the senders leave the processor to what is measured."""
    with socket.create_connection((host, port), timeout=60) as connection:
        connection.sendall(request)
        response = b""
        while part := connection.recv(4096):
            response += part
    return int(response.split(b" ", 2)[1])
