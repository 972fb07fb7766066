"""Writing many rows of one table at once.

Django's `bulk_create` and `bulk_update` build one statement that holds every value of every row; for the tables that
grow with each document this was measured at more than half of all processor time. Here the fields prepare their own
values, what is known of a table is worked out once, and nothing is built that the database does not need.

PostgreSQL refuses the character NUL in texts and in JSON, and all rows with it: what replaces it is a character that
says so (U+FFFD).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache, partial
from operator import attrgetter
from typing import Any, cast

import msgspec
import psycopg
from django.db import connection, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
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
INSTEAD_OF_NUL = "\ufffd"
ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
Row = list[Any]
Preparation = Callable[[Any], Any]


def insert(model: type[models.Model], rows: Sequence[Any]) -> None:
    """Insert new rows of a model; whatever has its fields as attributes will do.

    Raises what the database raises, and then none is stored.
    """
    _insert(model, rows)


def insert_numbered(model: type[models.Model], rows: Sequence[Any]) -> list[int]:
    """The same; returns the primary keys of the rows, in their order."""
    return _insert(model, rows, numbered=True)


def update(model: type[models.Model], rows: Sequence[Any], fields: Sequence[str]) -> None:
    """Write these fields of existing rows; deferred fields that are not named stay unread."""
    if not rows:
        return
    database = connections[connection.alias]
    table = _table(model, (*fields, str(model._meta.pk.name)), database.vendor)
    values = table.values(rows, database)
    if database.vendor == "postgresql":
        _update_at_once(table, values, database)
    else:
        with database.cursor() as cursor:
            cursor.executemany(table.update, values)


def _insert(model: type[models.Model], rows: Sequence[Any], *, numbered: bool = False) -> list[int]:
    if not rows:
        return []
    database = connections[connection.alias]  # not the proxy, which looks itself up at every access
    table = _table(model, _all_but_key(model), database.vendor)
    values = table.values(rows, database)
    with transaction.atomic(using=database.alias, savepoint=False), database.cursor() as cursor:
        if database.vendor == "postgresql":
            numbers = _numbers(table, len(values), cursor) if numbered else []
            _copy(table, values, numbers, cursor)
            return numbers
        cursor.executemany(table.insert, values)
        return _last_numbers(len(values), cursor) if numbered else []


# What is known of a table


@dataclass(frozen=True)
class _Table:
    """Some columns of a table: how they are read off a row, and the statements that write them."""

    name: str
    key: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    """Without lengths, for PostgreSQL cuts a text off where it is told to take it as a shorter one."""
    read: Callable[[Any], tuple[Any, ...]]
    fields: dict[int, models.Field[Any, Any]]
    """Those whose values need preparation, by their place."""
    texts: tuple[int, ...]
    """Those that PostgreSQL takes no NUL in, by their place."""
    insert: str
    update: str
    """The last column is the key."""

    def values(self, rows: Sequence[Any], database: BaseDatabaseWrapper) -> list[Row]:
        prepared = [(place, _preparation(field, database)) for place, field in self.fields.items()]
        values = [list(self.read(row)) for row in rows]
        for row in values:
            for place, prepare in prepared:
                if row[place] is not None:
                    row[place] = prepare(row[place])
        if database.vendor == "postgresql":
            for row in values:
                for place in self.texts:
                    if row[place] and "\0" in row[place]:
                        row[place] = row[place].replace("\0", INSTEAD_OF_NUL)
        return values

    def in_json(self, place: int, value: Any) -> Any:
        """A value inside of a JSON text."""
        return msgspec.Raw(value.encode()) if self.types[place] == "jsonb" and value is not None else value


@cache
def _all_but_key(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.name for field in model._meta.concrete_fields if not field.primary_key)


@cache
def _table(model: type[models.Model], names: tuple[str, ...], vendor: str) -> _Table:
    fields = [_field(model, name) for name in names]
    quoted = connection.ops.quote_name
    table, columns = quoted(model._meta.db_table), [quoted(str(field.column)) for field in fields]
    sets = ", ".join(f"{column} = %s" for column in columns[:-1])
    holes = ", ".join(["%s"] * len(columns))
    plain = PLAIN | {models.DateTimeField} if vendor == "postgresql" else PLAIN
    return _Table(
        name=table,
        key=quoted(str(model._meta.pk.column)),
        columns=tuple(columns),
        types=tuple(_type(field) for field in fields),
        read=attrgetter(*(field.attname for field in fields)),
        fields={
            place: field for place, field in enumerate(fields) if type(field) not in plain and not field.primary_key
        },
        texts=tuple(place for place, field in enumerate(fields) if type(field) in {models.CharField, models.TextField}),
        insert=f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({holes})",  # noqa: S608 (our own names)
        update=f"UPDATE {table} SET {sets} WHERE {columns[-1]} = %s",  # noqa: S608
    )


def _type(field: models.Field[Any, Any]) -> str:
    kind = field.target_field if isinstance(field, models.ForeignKey) else field
    return str(kind.cast_db_type(connection)).partition("(")[0]  # type: ignore[attr-defined]  # not in the stubs


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{name} is not a column")
    return field


def _preparation(field: models.Field[Any, Any], database: BaseDatabaseWrapper) -> Preparation:
    """How a value of a field that is not None becomes one that the database takes."""
    if type(field) is models.DateTimeField:
        return _Moments(database.timezone)
    if type(field) is models.JSONField and field.encoder is None:
        return _json_without_nul if database.vendor == "postgresql" else _json
    kind = type(field)
    if (kind.get_db_prep_save, kind.get_db_prep_value) == (
        models.Field.get_db_prep_save,
        models.Field.get_db_prep_value,
    ):
        return cast(Preparation, field.get_prep_value)
    return partial(field.get_db_prep_save, connection=database)


def _json(value: Any) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:  # half of a surrogate pair, which json escapes
        return json.dumps(value)


def _json_without_nul(value: Any) -> str:
    """As PostgreSQL's own JSON type takes it."""
    text = _json(value)
    return ESCAPED_NUL.sub(lambda match: f"{match[1]}{INSTEAD_OF_NUL}", text) if "\\u0000" in text else text


class _Moments:
    """Instants as SQLite has them. The rows of a batch share most of theirs."""

    def __init__(self, zone: tzinfo | None) -> None:
        self.zone = zone
        self.last: datetime | None = None
        self.text = ""

    def __call__(self, at: datetime) -> str:
        if at is not self.last:
            self.last, self.text = at, str(timezone.make_naive(at, self.zone))
        return self.text


# SQLite: a short statement for each row is the fastest


def _last_numbers(count: int, cursor: CursorWrapper) -> list[int]:
    """Nobody else writes between two rows of one transaction, so their numbers have no gap."""
    cursor.execute("SELECT last_insert_rowid()")
    last: int = cursor.fetchone()[0]
    return list(range(last - count + 1, last + 1))


# PostgreSQL: every statement is a journey, so there is one for all rows


def _numbers(table: _Table, count: int, cursor: CursorWrapper) -> list[int]:
    sequence = f"pg_get_serial_sequence('{table.name}', '{table.key.strip(chr(34))}')"
    cursor.execute(f"SELECT nextval({sequence}) FROM generate_series(1, %s)", [count])  # noqa: S608 (our own names)
    return [number for (number,) in cursor.fetchall()]


def _copy(table: _Table, values: list[Row], numbers: list[int], cursor: CursorWrapper) -> None:
    columns = (*table.columns, table.key) if numbers else table.columns
    for row, number in zip(values, numbers, strict=False):
        row.append(number)
    copied: psycopg.Cursor[Any] = cursor.cursor  # Django's cursor holds psycopg's
    statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
    with cursor.db.wrap_database_errors, copied.copy(statement.encode()) as copy:
        for row in values:
            copy.write_row(row)


def _update_at_once(table: _Table, values: list[Row], database: BaseDatabaseWrapper) -> None:
    """What all rows have in common is said once; the rest travels as one JSON text."""
    first, places = values[0], range(len(table.columns) - 1)
    common = [place for place in places if all(row[place] == first[place] for row in values)]
    varying = [place for place in range(len(table.columns)) if place not in common]
    sets = [
        f"{table.columns[place]} = " + (f"%s::{table.types[place]}" if place in common else f"given.c{place}")
        for place in places
    ]
    given = ", ".join(f"c{place} {table.types[place]}" for place in varying)
    statement = (
        f"UPDATE {table.name} AS kept SET {', '.join(sets)} FROM json_to_recordset(%s::json) AS given({given})"  # noqa: S608
        f" WHERE kept.{table.columns[-1]} = given.c{varying[-1]}"
    )
    rows = [{f"c{place}": table.in_json(place, row[place]) for place in varying} for row in values]
    with database.cursor() as cursor:
        cursor.execute(statement, [*(first[place] for place in common), msgspec.json.encode(rows).decode()])
