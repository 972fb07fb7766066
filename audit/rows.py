"""Writing many rows of one table at once.

Django's `bulk_create` and `bulk_update` build one statement that holds every value of every row; for the tables that
grow with each document this was measured at more than half of all processor time. `executemany` sends one short
statement and the rows. Nothing else is different: fields prepare their own values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.db import connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

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
    columns = _columns(model, names)
    marks = ", ".join(["%s"] * len(names))
    table = connection.ops.quote_name(model._meta.db_table)
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 (names of our own columns)
    _run(model, names, statement, rows)


def update(model: type[models.Model], rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write these fields of existing rows; deferred fields that are not named stay unread."""
    sets = ", ".join(f"{column} = %s" for column in _columns(model, fields))
    table, key = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(str(model._meta.pk.column))
    statement = f"UPDATE {table} SET {sets} WHERE {key} = %s"  # noqa: S608 (names of our own columns)
    _run(model, (*fields, "pk"), statement, rows)


def _run(model: type[models.Model], names: tuple[str, ...], statement: str, rows: Sequence[Any]) -> None:
    if not rows:
        return
    database = connections[connection.alias]  # not the proxy, which looks itself up at every access
    readers = _readers(model, names)
    with database.cursor() as cursor:
        cursor.executemany(statement, [[value(row, database) for value in readers] for row in rows])


def _columns(model: type[models.Model], names: Sequence[str]) -> list[str]:
    return [connection.ops.quote_name(str(_field(model, name).column)) for name in names]


@cache
def _readers(model: type[models.Model], names: tuple[str, ...]) -> list[Value]:
    """One function a field that reads its value the way the database takes it."""
    return [_reader(model._meta.pk if name == "pk" else _field(model, name)) for name in names]


def _reader(field: models.Field[Any, Any]) -> Value:
    name = field.attname
    if type(field) in PLAIN or field.primary_key:
        return lambda row, database: getattr(row, name)
    if type(field) is models.DateTimeField:
        return lambda row, database: (
            None if (at := getattr(row, name)) is None else database.ops.adapt_datetimefield_value(at)
        )
    return lambda row, database: field.get_db_prep_save(getattr(row, name), database)


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{name} is not a column")
    return field
