from __future__ import annotations

import socket
from pathlib import Path

from sandbox.runtime.environment import environment, free_port


def test_it_gives_an_installation_its_own_database_and_keys(tmp_path: Path) -> None:
    env = environment(tmp_path, WORKERS=3)
    assert env["DATABASE_URL"] == f"sqlite:///{tmp_path}/integrator.sqlite3"
    assert env["WORKERS"] == "3"
    assert env["FERNET_KEYS"] != environment(tmp_path)["FERNET_KEYS"]


def test_it_takes_the_next_port_if_one_is_taken() -> None:
    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert free_port(port) > port
