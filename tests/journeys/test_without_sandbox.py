"""The product runs from a tree without `sandbox/` and `tests/`, with the packages of requirements.txt and no others."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import requests

from tests.copies import ROOT, copy_tree, environment

pytestmark = pytest.mark.journey
HOST = "127.0.0.1"

BLOCKER = """
import sys

BLOCKED = {names!r}


class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)


sys.meta_path.insert(0, Blocker())
"""


def locked(file: str) -> set[str]:
    """The distributions that a requirements file pins, by normalised name."""
    return {name.lower().replace("_", "-") for name in re.findall(r"^([\w.-]+)==", (ROOT / file).read_text(), re.M)}


def packages_of_developers() -> set[str]:
    """What can be imported here and comes with requirements-dev.txt only."""
    extra = locked("requirements-dev.txt") - locked("requirements.txt")
    owners = packages_distributions().items()
    return {name for name, dists in owners if {dist.lower().replace("_", "-") for dist in dists} <= extra}


@dataclass
class Product:
    root: Path
    env: dict[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        python = [sys.executable, *command]
        return subprocess.run(python, cwd=self.root, env=self.env, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Product:
    folder = tmp_path_factory.mktemp("without-sandbox")
    root = copy_tree(folder / "product", without=["sandbox", "tests"])
    (folder / "sitecustomize.py").write_text(BLOCKER.format(names=packages_of_developers()))
    return Product(root, environment(folder / "data", PYTHONPATH=folder, QUEUE_POLL="0.1", WORKERS="1"))


@pytest.fixture(scope="module")
def running(product: Product) -> Iterator[str]:
    """The address of web and worker, started as `make run` starts them, and stopped as by Ctrl-C."""
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "integrator.run", "--port", str(port)]
    log = product.root.parent / "run.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=product.root, env=product.env, stdout=output, stderr=output)
    try:
        eventually(process, log, lambda: answers(port))
        yield f"http://{HOST}:{port}"
        assert process.poll() is None, log.read_text()[-3000:]
    finally:
        os.kill(process.pid, signal.SIGINT)
        process.wait(timeout=60)


def answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False


def eventually(process: subprocess.Popen[bytes], log: Path, ready: Callable[[], bool], seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > until:
            pytest.fail(log.read_text()[-3000:])
        time.sleep(0.5)  # each look costs the process that it waits for


@pytest.mark.parametrize("name", ["jinja2", "werkzeug", "sandbox", "tests", "pytest"])
def test_the_copy_cannot_import(product: Product, name: str) -> None:
    assert f"No module named '{name}'" in product.run("-c", f"import {name}").stderr


def test_its_checks_pass(product: Product) -> None:
    checked = product.run("manage.py", "check")
    assert (checked.returncode, checked.stdout) == (0, "System check identified no issues (0 silenced).\n")


def test_web_and_worker_start(running: str, product: Product) -> None:
    login = requests.get(f"{running}/admin/login/", timeout=10)
    assert login.status_code == 200
    assert 'name="password"' in login.text


def test_a_worker_writes_its_heartbeat(running: str, product: Product) -> None:
    """The tick is enqueued here, because a cluster looks at its schedule every half minute only."""
    enqueue = "from django_q.tasks import async_task; from syncjobs.management.commands.setup_queue import TICK"
    product.run("manage.py", "shell", "-c", f"{enqueue}; async_task(TICK)")
    until = time.monotonic() + 60
    while (beat := product.run("manage.py", "check_worker")).returncode and time.monotonic() < until:
        time.sleep(0.5)  # each look costs the worker that it waits for
    assert "The last tick is" in beat.stdout, beat.stderr
