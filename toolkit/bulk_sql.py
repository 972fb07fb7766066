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

import msgspec
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
# Those that the JSON text for PostgreSQL carries as they are, too.
IN_JSON = {models.DateTimeField, models.JSONField}
Value = Callable[[Any, BaseDatabaseWrapper], Any]


def insert(model: type[models.Model], rows: Sequence[Any]) -> None:
    """Insert new rows of a model; whatever has its fields as attributes will do. Raises what the database raises."""
    names = tuple(field.name for field in model._meta.concrete_fields if not field.primary_key)
    table, columns = _table(model), ", ".join(_columns(model, names))
    head = f"INSERT INTO {table} ({columns})"
    values = ", ".join(["%s"] * len(names))
    _run(model, names, rows, f"{head} VALUES ({values})", f"{head} SELECT {columns} FROM {_given(table)}")  # noqa: S608 (our own names)


def update(model: type[models.Model], rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write these fields of existing rows; deferred fields that are not named stay unread."""
    names = (*fields, str(model._meta.pk.name))
    table, (*columns, key) = _table(model), _columns(model, names)
    one = f"UPDATE {table} SET {', '.join(f'{name} = %s' for name in columns)} WHERE {key} = %s"  # noqa: S608 (our own names)
    sets = ", ".join(f"{name} = given.{name}" for name in columns)
    all_ = f"UPDATE {table} AS kept SET {sets} FROM {_given(table)} AS given WHERE kept.{key} = given.{key}"  # noqa: S608
    _run(model, names, rows, one, all_)


def _given(table: str) -> str:
    """The rows of one JSON text as rows of the table: one value, where thousands would have to be put in one by one."""
    return f"json_populate_recordset(NULL::{table}, %s::json)"


def _run(model: type[models.Model], names: tuple[str, ...], rows: Sequence[Any], one: str, all_: str) -> None:
    """SQLite takes a short statement for each row fastest; for PostgreSQL every statement is a journey, so it gets one."""
    if not rows:
        return
    database = connections[connection.alias]  # not the proxy, which looks itself up at every access
    readers = _readers(model, names, database.vendor)
    values = [[value(row, database) for value in readers] for row in rows]
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            columns = [str(_field(model, name).column) for name in names]
            cursor.execute(
                all_, [msgspec.json.encode([dict(zip(columns, row, strict=True)) for row in values]).decode()]
            )
        else:
            cursor.executemany(one, values)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _columns(model: type[models.Model], names: Sequence[str]) -> list[str]:
    return [connection.ops.quote_name(str(_field(model, name).column)) for name in names]


def _json(value: Any) -> str | None:
    return "{}" if value == {} else None if value is None else json.dumps(value)


@lru_cache(maxsize=512)
def _text(at: datetime, zone: tzinfo) -> str:
    """An instant as SQLite has it. The rows of a batch share most of theirs."""
    return str(timezone.make_naive(at, zone))


@cache
def _readers(model: type[models.Model], names: tuple[str, ...], vendor: str) -> list[Value]:
    """One function a field that reads its value the way the database takes it."""
    return [_reader(_field(model, name), vendor) for name in names]


def _reader(field: models.Field[Any, Any], vendor: str) -> Value:
    name = field.attname
    plain = PLAIN | IN_JSON if vendor == "postgresql" else PLAIN
    if type(field) in plain or field.primary_key:
        return lambda row, database: getattr(row, name)
    if type(field) is models.DateTimeField:
        return lambda row, database: None if (at := getattr(row, name)) is None else _text(at, database.timezone)
    if type(field) is models.JSONField and field.encoder is None:
        return lambda row, database: _json(getattr(row, name))
    return lambda row, database: field.get_db_prep_save(getattr(row, name), database)


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{name} is not a column")
    return field
