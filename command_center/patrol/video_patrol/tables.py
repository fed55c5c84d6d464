"""Rows of plans of video patrol, of their rounds, and of what was seen in each picture."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText, UtcDateTime


class VideoPlanRow(Base):
    """巡查方案: which cameras are to be looked through, how often, at which times of the day."""

    __tablename__ = "patrol_video_plan"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    # The smallest area that holds all its cameras.
    area: Mapped[str] = mapped_column(String(15), index=True)
    cameras: Mapped[Any] = mapped_column(JsonText)
    windows: Mapped[Any] = mapped_column(JsonText)
    every_min: Mapped[int] = mapped_column(Integer)
    at_once: Mapped[int] = mapped_column(Integer)
    show_s: Mapped[int] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)


class VideoRoundRow(Base):
    """One round that is due from a time until the next; the cameras are kept as they were when it opened."""

    __tablename__ = "patrol_video_round"
    __table_args__ = (UniqueConstraint("plan_id", "due_from"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("patrol_video_plan.id"))
    area: Mapped[str] = mapped_column(String(15))
    due_from: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    due_until: Mapped[datetime] = mapped_column(UtcDateTime)
    cameras: Mapped[Any] = mapped_column(JsonText)
    # open, running, done, missed
    state: Mapped[str] = mapped_column(String(8), index=True)
    watcher: Mapped[Any] = mapped_column(JsonText, nullable=True)
    begun_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen: Mapped[int] = mapped_column(Integer)
    findings: Mapped[int] = mapped_column(Integer)
    blind: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)


class VideoMarkRow(Base):
    """What an eye said of one picture: normal, a finding, or that there was no picture to judge."""

    __tablename__ = "patrol_video_mark"
    __table_args__ = (UniqueConstraint("round_id", "camera_id"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("patrol_video_round.id"))
    camera_id: Mapped[str] = mapped_column(String(20), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    result: Mapped[str] = mapped_column(String(8))
    finding: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(String(500))
    # Seconds for which the picture had been on the watcher's screen.
    looked_s: Mapped[int] = mapped_column(Integer)
    by: Mapped[Any] = mapped_column(JsonText)
