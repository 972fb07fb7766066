"""`make run`, from a copy of the product in which there is no `sandbox` and no test."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from sandbox.runtime.environment import HOST, ROOT, environment, free_port

pytestmark = pytest.mark.journey
LEFT_OUT = shutil.ignore_patterns(".*", "sandbox", "tests", "docs", "var", "__pycache__", "*.json")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("run") / "product"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    return copy


@contextmanager
def _run(product: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Its output goes to `run.log` beside the copy; it is stopped in the end."""
    env = environment(product.parent, PUBLIC_URL=f"http://{HOST}:{port}", LOG_LEVEL="INFO", WORKERS=1)
    with (product.parent / "run.log").open("w") as log:
        command = [sys.executable, "-m", "integrator.run", "--port", str(port)]
        process = subprocess.Popen(command, cwd=product, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _output(product: Path) -> str:
    return (product.parent / "run.log").read_text()


def _eventually(ready: Callable[[], bool], product: Path, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, _output(product)
        time.sleep(0.1)  # a process cannot say when it is ready


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


def test_it_serves_the_console_and_works_until_it_is_interrupted(product: Path) -> None:
    port = free_port()
    with _run(product, port) as process:
        _eventually(lambda: _answers(f"http://{HOST}:{port}/admin/login/"), product)
        _eventually(lambda: "ready for work" in _output(product), product)
    assert process.returncode == 0
    assert f"The console is on http://localhost:{port}" in _output(product)
    assert "come back to PUBLIC_URL, which is " in _output(product)
    assert _output(product).endswith("Both are stopped.\n")
    assert not _answers(f"http://{HOST}:{port}/admin/login/")
    assert _processes_of(product) == []


def _processes_of(product: Path) -> list[str]:
    """Command lines of the processes that work in the copy."""
    folders = {path: path.resolve() for path in Path("/proc").glob("[0-9]*/cwd")}
    working = [path.parent for path, folder in folders.items() if folder == product]
    return [(process / "cmdline").read_text().replace("\0", " ") for process in working]


def test_it_says_that_its_port_is_taken(product: Path) -> None:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        port = listener.getsockname()[1]
        with _run(product, port) as process:
            process.wait(30)
    assert process.returncode == 1
    assert _output(product) == f"Port {port} is taken on {HOST}: choose another with PORT=.\n"


def test_it_says_which_setting_is_missing(product: Path) -> None:
    env = environment(product.parent, SECRET_KEY="")
    command = [sys.executable, "-m", "integrator.run", "--port", str(free_port())]
    done = subprocess.run(command, cwd=product, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr
