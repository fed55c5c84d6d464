"""Rows of the log itself, and the column types that every stage's rows share."""

from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The one metadata of the hall: every stage's tables hang on it."""

    metadata = MetaData(naming_convention=NAMES)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Aware UTC in Python; timestamptz in PostgreSQL; text with microseconds in SQLite.

    Raises:
        ValueError: a naive datetime is refused rather than guessed at.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonText(TypeDecorator[Any]):
    """Any JSON value, stored as text byte for byte the same on both engines."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


# SQLite only numbers rows by itself in a plain INTEGER key.
BigKey = BigInteger().with_variant(Integer, "sqlite")


class FactRow(Base):
    """One fact. `seq` has no gaps and follows the order of commits."""

    __tablename__ = "timeline_fact"

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(64))
    id: Mapped[str] = mapped_column(String(64), index=True)
    area: Mapped[str] = mapped_column(String(20))
    parties: Mapped[Any] = mapped_column(JsonText)
    actor: Mapped[Any | None] = mapped_column(JsonText)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    data_json: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(32))


class HeadRow(Base):
    """The one row that says how far the log has grown, and its digest there."""

    __tablename__ = "timeline_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(32))


class CursorRow(Base):
    """How far a follower has read; written in the same transaction as what it did."""

    __tablename__ = "timeline_cursor"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)


class DoneRow(Base):
    """A command that was carried out under a caller's key, with its answer, so that a repeat does nothing twice."""

    __tablename__ = "timeline_done"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    route: Mapped[str] = mapped_column(String(200))
    answer_json: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
