"""Rows of questions."""

from datetime import datetime

from sqlalchemy import Float, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, UtcDateTime

# Those that an answer still changes.
OPEN = ("asked", "unanswered")


class SafetyRow(Base):
    """是否安全: asked → answered | moved | ended (the duty) | unanswered (an alert) → answered | moved.

    `lon`, `lat` is where he has not moved from since `still_since`; `on_duty` the duty, or the plan of his round.
    """

    __tablename__ = "prewarning_safety"
    __table_args__ = (Index("ix_prewarning_safety_person", "person_id", "state"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(64))
    on_duty: Mapped[str] = mapped_column(String(80))
    area: Mapped[str] = mapped_column(String(15))
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    still_since: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer_by: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
