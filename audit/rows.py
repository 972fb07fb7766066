"""Writing many rows of one table at once.

Django's `bulk_create` and `bulk_update` build one statement that holds every value of every row; for the tables that
grow with each document this was measured at more than half of all processor time. Here the fields prepare their own
values, and nothing is built that the database does not need.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from functools import cache, lru_cache
from typing import Any

from django.db import connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

# Fields whose values go to the database as they are.
PLAIN = {
    models.CharField,
    models.TextField,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
    models.BigIntegerField,
    models.ForeignKey,
}
Value = Callable[[Any, BaseDatabaseWrapper], Any]


def insert(model: type[models.Model], rows: Sequence[Any]) -> None:
    """Insert new rows of a model; whatever has its fields as attributes will do. Raises what the database raises."""
    names = tuple(field.name for field in model._meta.concrete_fields if not field.primary_key)
    columns = ", ".join(_columns(model, names))
    row = f"({', '.join(['%s'] * len(names))})"
    head = f"INSERT INTO {_table(model)} ({columns}) VALUES "  # noqa: S608 (names of our own columns)
    _run(model, names, head + row, rows, together=lambda count: head + ", ".join([row] * count))


def update(model: type[models.Model], rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write these fields of existing rows; deferred fields that are not named stay unread."""
    columns, key = _columns(model, fields), connection.ops.quote_name(str(model._meta.pk.column))
    one = f"UPDATE {_table(model)} SET {', '.join(f'{name} = %s' for name in columns)} WHERE {key} = %s"  # noqa: S608

    def together(count: int) -> str:
        types = [_field(model, name).cast_db_type(connection) for name in (*fields, model._meta.pk.name)]  # type: ignore[attr-defined]  # not in the stubs
        row = f"({', '.join(f'%s::{kind}' for kind in types)})"
        sets = ", ".join(f"{name} = given.{name}" for name in columns)
        given = f"(VALUES {', '.join([row] * count)}) AS given ({', '.join([*columns, key])})"
        return f"UPDATE {_table(model)} AS kept SET {sets} FROM {given} WHERE kept.{key} = given.{key}"  # noqa: S608

    _run(model, (*fields, "pk"), one, rows, together)


def _run(
    model: type[models.Model],
    names: tuple[str, ...],
    statement: str,
    rows: Sequence[Any],
    together: Callable[[int], str],
) -> None:
    """SQLite takes a short statement for each row fastest; for PostgreSQL every statement is a journey, so it gets one."""
    if not rows:
        return
    database = connections[connection.alias]  # not the proxy, which looks itself up at every access
    readers = _readers(model, names, database.vendor)
    values = [[value(row, database) for value in readers] for row in rows]
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute(together(len(values)), [value for row in values for value in row])
        else:
            cursor.executemany(statement, values)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _columns(model: type[models.Model], names: Sequence[str]) -> list[str]:
    return [connection.ops.quote_name(str(_field(model, name).column)) for name in names]


@lru_cache(maxsize=512)
def _text(at: datetime, zone: tzinfo) -> str:
    """An instant as SQLite has it. The rows of a batch share most of theirs."""
    return str(timezone.make_naive(at, zone))


@cache
def _readers(model: type[models.Model], names: tuple[str, ...], vendor: str) -> list[Value]:
    """One function a field that reads its value the way the database takes it."""
    return [_reader(model._meta.pk if name == "pk" else _field(model, name), vendor) for name in names]


def _reader(field: models.Field[Any, Any], vendor: str) -> Value:
    name = field.attname
    if type(field) in PLAIN or field.primary_key:
        return lambda row, database: getattr(row, name)
    if type(field) is models.DateTimeField:
        if vendor == "sqlite":
            return lambda row, database: None if (at := getattr(row, name)) is None else _text(at, database.timezone)
        return lambda row, database: database.ops.adapt_datetimefield_value(getattr(row, name))
    if type(field) is models.JSONField and field.encoder is None and vendor == "sqlite":
        return lambda row, database: None if (value := getattr(row, name)) is None else json.dumps(value)
    return lambda row, database: field.get_db_prep_save(getattr(row, name), database)


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{name} is not a column")
    return field
