"""Rows of what came in: signals of the video engine, and positions."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, BigKey, JsonText, UtcDateTime


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

    `flags` are those of `position.Flag`; a row with any of them proves nothing.

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
    flags: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class DeviceStateRow(Base):
    """How a device was when it was last heard of. `device_id` is of a device, or of the user behind a phone page.

    `suspicions` has what stands against it, by reason, with the time since when; `sos_ms` the last alarm that was told.
    """

    __tablename__ = "ingest_device_state"

    device_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[str | None] = mapped_column(String(64))
    seen_ms: Mapped[int] = mapped_column(BigInteger)
    fix_ms: Mapped[int | None] = mapped_column(BigInteger)
    battery: Mapped[float | None] = mapped_column(Float)
    charging: Mapped[bool | None] = mapped_column(Boolean)
    signal: Mapped[int | None] = mapped_column(Integer)
    satellites: Mapped[int | None] = mapped_column(Integer)
    suspicions: Mapped[Any] = mapped_column(JsonText)
    sos_ms: Mapped[int | None] = mapped_column(BigInteger)


class FeedRow(Base):
    """Where the picture of a camera comes from, what is watched for in it, and how long its clips are kept.

    `zones` is a list of objects with the members of `video.model.Zone`; `detectors` a list of kinds, None for all;
    `busy_hours` a list of [start, end] in local time of day. `retention_days` None takes the hall's usual one. A row
    that a person has `edited` keeps his choices when the list of feeds is loaded again.
    """

    __tablename__ = "ingest_feed"

    camera_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    zones: Mapped[Any] = mapped_column(JsonText)
    sensitivity: Mapped[float] = mapped_column(Float)
    detectors: Mapped[Any | None] = mapped_column(JsonText)
    pinned: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    busy_hours: Mapped[Any] = mapped_column(JsonText, default=list, server_default="[]")
    confirm: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    retention_days: Mapped[int | None] = mapped_column(Integer)
    edited: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))


class TraceRow(Base):
    """What a camera would have told at sensitivity `needs`: to try other settings on what has been."""

    __tablename__ = "ingest_trace"
    __table_args__ = (Index("ix_ingest_trace_camera_started", "camera_id", "started_at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    camera_id: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(32))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    needs: Mapped[float] = mapped_column(Float)
    score: Mapped[float] = mapped_column(Float)
    box: Mapped[Any | None] = mapped_column(JsonText)
    zone: Mapped[str] = mapped_column(String(100))


class MemoryRow(Base):
    """What the detectors of a camera have learned, so that a restart does not begin anew."""

    __tablename__ = "ingest_memory"

    camera_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    memory: Mapped[Any] = mapped_column(JsonText)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FeedHourRow(Base):
    """How a camera was watched within one hour; `hour` is its start. Seconds it was online, lost, or in trouble."""

    __tablename__ = "ingest_feed_hour"

    camera_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True, index=True)
    online_s: Mapped[float] = mapped_column(Float)
    lost_s: Mapped[float] = mapped_column(Float)
    trouble_s: Mapped[float] = mapped_column(Float)
    looks: Mapped[int] = mapped_column(Integer)
    age_worst_s: Mapped[float] = mapped_column(Float)
