"""Reading a few columns of many rows by a list of keys: one fixed statement, without building a query each time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, connections, models

Row = tuple[Any, ...]


def rows_by(
    model: type[models.Model], columns: tuple[str, ...], key: str, keys: Sequence[int | str], **equal: int | str
) -> list[Row]:
    """These columns of the rows whose `key` is among `keys` and whose other columns equal what is given.

    For columns of plain text and numbers: values come as the database has them. Locks the rows where the database
    can, in the order of their numbers, so that two workers who want the same rows never wait for each other; so it is
    called in a transaction. Raises what the database raises.
    """
    if not keys:
        return []
    database = connections[connection.alias]  # not the proxy, which looks itself up at every access
    statement = _statement(model, columns, key, tuple(equal), database.vendor)
    values: Any = list(keys) if database.vendor == "postgresql" else json.dumps(list(keys))
    with database.cursor() as cursor:
        cursor.execute(statement, [*equal.values(), values])
        return list(cursor.fetchall())


@cache
def _statement(
    model: type[models.Model], columns: tuple[str, ...], key: str, equal: tuple[str, ...], vendor: str
) -> str:
    quote = connection.ops.quote_name
    name = {field: quote(str(model._meta.get_field(field).column)) for field in (*columns, key, *equal)}  # type: ignore[union-attr]
    wanted = "= ANY(%s)" if vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
    where = " AND ".join([*(f"{name[field]} = %s" for field in equal), f"{name[key]} {wanted}"])
    number = quote(str(model._meta.pk.column))
    lock = f" ORDER BY {number} FOR UPDATE" if vendor == "postgresql" else ""
    table = quote(model._meta.db_table)
    return f"SELECT {', '.join(name[field] for field in columns)} FROM {table} WHERE {where}{lock}"  # noqa: S608 (our own names)
