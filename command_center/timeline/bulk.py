"""Many rows into a table at once, past the session: for what nobody has open while it is stored.

Most of the time that storing many rows takes goes into turning values into what the driver takes. That needs no
connection, so it can be done beforehand, and elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, make_url
from sqlalchemy.orm import DeclarativeBase


@dataclass(frozen=True, slots=True)
class Ready:
    """Values as the driver takes them, under their columns."""

    table: str
    columns: tuple[str, ...]
    values: list[tuple[Any, ...]]


def store_name(connection: Connection) -> str:
    """The engine and its driver, as `ready` wants to know them."""
    return f"{connection.dialect.name}+{connection.dialect.driver}"


def ready(store: str, table: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]]) -> Ready:
    """Rows as that store takes them. All have the columns of the first.

    Args:
        store: from `store_name`.
        table: whose columns have the names of the rows' keys.
        rows: values as the session has them.
    """
    columns = tuple(rows[0]) if rows else ()
    makers = [_maker(store, table, name) for name in columns]
    values = [
        tuple(row[name] if make is None else make(row[name]) for name, make in zip(columns, makers, strict=True))
        for row in rows
    ]
    return Ready(table.__tablename__, columns, values)


def insert_ready(connection: Connection, rows: Ready) -> None:
    """Store them, in the transaction of the connection."""
    if not rows.values:
        return
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    columns, marks = ", ".join(rows.columns), ", ".join([mark] * len(rows.columns))
    connection.exec_driver_sql(f"INSERT INTO {rows.table} ({columns}) VALUES ({marks})", rows.values)


def _maker(store: str, table: type[DeclarativeBase], name: str) -> Callable[[Any], Any] | None:
    dialect = _dialect(store)
    found: Callable[[Any], Any] | None = (
        table.__table__.columns[name].type.dialect_impl(dialect).bind_processor(dialect)
    )
    return found


@lru_cache(maxsize=4)
def _dialect(store: str) -> Dialect:
    return make_url(f"{store}://").get_dialect()()
