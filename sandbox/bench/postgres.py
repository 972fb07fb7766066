"""A PostgreSQL database of the benchmark's own, where a server can be reached."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

NAME = f"integrator_bench_{os.getpid()}"
DEFAULT = "postgres://root@127.0.0.1:5432/postgres"


def server() -> str:
    """The URL of a database on the server to use; BENCH_POSTGRES names another."""
    return os.environ.get("BENCH_POSTGRES") or DEFAULT


def reachable() -> bool:
    try:
        psycopg.connect(server(), connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def own_database() -> Iterator[str]:
    """The URL of a new database, dropped in the end."""
    _execute("CREATE DATABASE {}")
    try:
        yield urlunsplit(urlsplit(server())._replace(path=f"/{NAME}"))
    finally:
        _execute("DROP DATABASE IF EXISTS {} WITH (FORCE)")


def _execute(statement: str) -> None:
    with psycopg.connect(server(), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(NAME)))
