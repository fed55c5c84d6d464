"""Rows of duties and of every verdict on them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, BigKey, JsonText, UtcDateTime


class DutyRow(Base):
    """One window of one point or line on one day. What was required is kept as it was when the window began.

    Of a line, `lon` and `lat` is the place half way, `done` the proved parts as [[from, to], …] in shares of its
    length.
    """

    __tablename__ = "patrol_duty"
    __table_args__ = (UniqueConstraint("point_id", "window_start"), UniqueConstraint("line_id", "window_start"))

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    point_id: Mapped[str | None] = mapped_column(ForeignKey("patrol_point.id"))
    line_id: Mapped[str | None] = mapped_column(ForeignKey("patrol_line.id"))
    area: Mapped[str] = mapped_column(String(15))
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    radius_m: Mapped[float] = mapped_column(Float)
    need_s: Mapped[int] = mapped_column(Integer)
    line: Mapped[Any | None] = mapped_column(JsonText)
    need_share: Mapped[float | None] = mapped_column(Float)
    both_sides: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    window_start: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    window_end: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    person_id: Mapped[str | None] = mapped_column(String(64), index=True)
    unit_id: Mapped[str | None] = mapped_column(String(16))
    assigned_only: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(16))
    visited_by: Mapped[str | None] = mapped_column(String(64))
    visited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stay_start: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stay_end: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dwell_s: Mapped[int] = mapped_column(Integer)
    share: Mapped[float | None] = mapped_column(Float)
    done: Mapped[Any | None] = mapped_column(JsonText)
    cause: Mapped[str | None] = mapped_column(String(32))
    detail: Mapped[Any | None] = mapped_column(JsonText)
    case_id: Mapped[str | None] = mapped_column(String(64))
    alert_id: Mapped[str | None] = mapped_column(String(64))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer)


class JudgementRow(Base):
    """台账: one verdict on a duty. Rows are only ever added; `version` counts those of one duty from 1.

    `evidence_until` is when the latest of the positions that were weighed had reached us. `why` says what made the hall
    look: `{"reason": "proved" | "window_over" | "late_positions" | "plan", "late": {person_id: count}}`.
    """

    __tablename__ = "patrol_judgement"
    __table_args__ = (UniqueConstraint("duty_id", "version"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    duty_id: Mapped[str] = mapped_column(ForeignKey("patrol_duty.id"))
    version: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    visited_by: Mapped[str | None] = mapped_column(String(64))
    visited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dwell_s: Mapped[int] = mapped_column(Integer)
    share: Mapped[float | None] = mapped_column(Float)
    cause: Mapped[str | None] = mapped_column(String(32))
    case_id: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[Any | None] = mapped_column(JsonText)
    judged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    evidence_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    why: Mapped[Any] = mapped_column(JsonText)


class ProgressRow(Base):
    """How far the arrived positions were looked at for duties that are settled already."""

    __tablename__ = "patrol_progress"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    received_ms: Mapped[int] = mapped_column(BigInteger)
