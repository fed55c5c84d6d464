"""Rows of prewarning."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText, UtcDateTime

OPEN_STATES = ("raised", "taken")


class AlertRow(Base):
    """An alert. `open_subject` is its subject while it is open and empty after: only one open alert per subject."""

    __tablename__ = "prewarning_alert"
    __table_args__ = (Index("ix_prewarning_alert_state", "state", "raised_at"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    level: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(80), index=True)
    open_subject: Mapped[str | None] = mapped_column(String(80), unique=True)
    signal_id: Mapped[str | None] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(200))
    area: Mapped[str] = mapped_column(String(20))
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    camera_id: Mapped[str | None] = mapped_column(String(20))
    point_id: Mapped[str | None] = mapped_column(String(40))
    duty_id: Mapped[str | None] = mapped_column(String(80))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verify_by: Mapped[datetime] = mapped_column(UtcDateTime)
    count: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    score: Mapped[float | None] = mapped_column(Float)
    box: Mapped[Any | None] = mapped_column(JsonText)
    detail: Mapped[Any] = mapped_column(JsonText)
    taken_by: Mapped[Any | None] = mapped_column(JsonText)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[Any | None] = mapped_column(JsonText)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(String(1000))
    case_id: Mapped[str | None] = mapped_column(String(26))
    version: Mapped[int] = mapped_column(Integer)


class NumberRow(Base):
    """A running number under a name, e.g. of the alerts of one second; taken in the transaction that uses it."""

    __tablename__ = "prewarning_number"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[int] = mapped_column(Integer)
