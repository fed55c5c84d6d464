"""Rows of what came in: signals of the video engine, and positions."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText, UtcDateTime


class SignalRow(Base):
    """One thing that a camera showed, from its start to its end."""

    __tablename__ = "ingest_signal"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    camera_id: Mapped[str] = mapped_column(String(20), index=True)
    area: Mapped[str] = mapped_column(String(15))
    kind: Mapped[str] = mapped_column(String(32))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    score: Mapped[float] = mapped_column(Float)
    box: Mapped[Any | None] = mapped_column(JsonText)
    detail: Mapped[Any] = mapped_column(JsonText)
    version: Mapped[int] = mapped_column(Integer)


class PositionRow(Base):
    """Where a person was at a time. The same report sent twice is one row. Times in milliseconds since 1970 UTC.

    Kept by person so that a track is one stretch of the file. There are thousands of rows a second, so times are plain
    numbers, and the only other order kept is that of arrival, which grows at its end.
    """

    __tablename__ = "ingest_position"
    __table_args__ = ({"sqlite_with_rowid": False},)

    person_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    received_ms: Mapped[int] = mapped_column(BigInteger, index=True)
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    speed_mps: Mapped[float | None] = mapped_column(Float)
    heading_deg: Mapped[float | None] = mapped_column(Float)
    accuracy_m: Mapped[float | None] = mapped_column(Float)


class FeedRow(Base):
    """Where the picture of a camera comes from, and what to watch for in it.

    `zones` is a list of {name, kind, polygon}, corners in fractions of the picture.
    """

    __tablename__ = "ingest_feed"

    camera_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    zones: Mapped[Any] = mapped_column(JsonText)
    sensitivity: Mapped[float] = mapped_column(Float)
