"""Rows of mandatory points and of the duties that come of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText, UtcDateTime


class PointRow(Base):
    """必巡点位: a place where somebody must be at certain times of the day."""

    __tablename__ = "patrol_point"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    area: Mapped[str] = mapped_column(String(15), index=True)
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    radius_m: Mapped[float] = mapped_column(Float)
    dwell_s: Mapped[int] = mapped_column(Integer)
    windows: Mapped[Any] = mapped_column(JsonText)
    person_id: Mapped[str | None] = mapped_column(String(64))
    # Whether only the assigned person counts; else anybody of the forces may cover and is credited.
    assigned_only: Mapped[bool] = mapped_column(Boolean)
    active: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)


class DutyRow(Base):
    """One window of one point on one day. What was required is kept as it was when the window began."""

    __tablename__ = "patrol_duty"
    __table_args__ = (UniqueConstraint("point_id", "window_start"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    point_id: Mapped[str] = mapped_column(ForeignKey("patrol_point.id"))
    area: Mapped[str] = mapped_column(String(15))
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    radius_m: Mapped[float] = mapped_column(Float)
    need_s: Mapped[int] = mapped_column(Integer)
    window_start: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    window_end: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    person_id: Mapped[str | None] = mapped_column(String(64), index=True)
    assigned_only: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(16))
    visited_by: Mapped[str | None] = mapped_column(String(64))
    visited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stay_start: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stay_end: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dwell_s: Mapped[int] = mapped_column(Integer)
    cause: Mapped[str | None] = mapped_column(String(32))
    case_id: Mapped[str | None] = mapped_column(String(64))
    alert_id: Mapped[str | None] = mapped_column(String(64))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer)


class ProgressRow(Base):
    """How far the arrived positions were looked at for duties that are settled already."""

    __tablename__ = "patrol_progress"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    received_ms: Mapped[int] = mapped_column(BigInteger)
