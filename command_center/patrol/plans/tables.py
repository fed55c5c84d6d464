"""Rows of teams, of what points ask for beyond their windows, and of plans."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Float, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText, UtcDateTime


class TeamRow(Base):
    """巡组: who goes on rounds together, how they move, where they begin, and their shift in local times of day."""

    __tablename__ = "patrol_team"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    force: Mapped[str] = mapped_column(String(3))
    travel: Mapped[str] = mapped_column(String(8))
    area: Mapped[str] = mapped_column(String(15), index=True)
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    shift_start: Mapped[str] = mapped_column(String(8))
    shift_end: Mapped[str] = mapped_column(String(8))
    rest_s: Mapped[int] = mapped_column(Integer)
    persons: Mapped[Any] = mapped_column(JsonText)
    active: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)


class NeedRow(Base):
    """What a point asks for beyond one visit in each window; a point without a row asks for nothing more."""

    __tablename__ = "patrol_need"

    point_id: Mapped[str] = mapped_column(ForeignKey("patrol_point.id"), primary_key=True)
    visits: Mapped[int] = mapped_column(Integer)
    gap_s: Mapped[int | None] = mapped_column(Integer)
    weight: Mapped[int] = mapped_column(Integer)
    cover_minutes: Mapped[int | None] = mapped_column(Integer)
    cover_share: Mapped[float | None] = mapped_column(Float)
    version: Mapped[int] = mapped_column(Integer)


class PlanRow(Base):
    """The rounds of one day in one area: solving → draft → published → replaced, or failed.

    `body` holds needs, rounds and what is left out: a plan is read whole and replaced whole.
    """

    __tablename__ = "patrol_plan"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    day: Mapped[date] = mapped_column(Date, index=True)
    area: Mapped[str] = mapped_column(String(15))
    state: Mapped[str] = mapped_column(String(16))
    wanted: Mapped[float] = mapped_column(Float)
    predictability: Mapped[float | None] = mapped_column(Float)
    body: Mapped[Any] = mapped_column(JsonText)
    problem: Mapped[str | None] = mapped_column(Text)
    follows: Mapped[str | None] = mapped_column(String(26))
    made_by: Mapped[Any] = mapped_column(JsonText)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer)
