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


class HeldRow(Base):
    """A signal that prewarning still thinks about: held back, or open and counted to see what goes wrong together.

    `due_at` is when it is to be judged next, None when nothing is left to judge. `verdict` is empty while it is held
    back, then `raised`, `joined` (part of the incident `alert_id`) or `natural`. `ended_at` is when the camera
    recovered.
    """

    __tablename__ = "prewarning_held"
    __table_args__ = (Index("ix_prewarning_held_kind", "kind", "happened_at"),)

    signal_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    camera_id: Mapped[str] = mapped_column(String(20), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    verdict: Mapped[str] = mapped_column(String(10))
    alert_id: Mapped[str | None] = mapped_column(String(26), index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    score: Mapped[float | None] = mapped_column(Float)
    box: Mapped[Any | None] = mapped_column(JsonText)
    detail: Mapped[Any] = mapped_column(JsonText)


class ProbeRow(Base):
    """An alert of lost pictures for which somebody must still go and ask where the fault lies."""

    __tablename__ = "prewarning_probe"

    alert_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    tries: Mapped[int] = mapped_column(Integer)


class ProposalRow(Base):
    """A change of sensitivity that false alarms speak for; an officer decides. `open_key` allows one open proposal
    per camera and kind."""

    __tablename__ = "prewarning_proposal"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    open_key: Mapped[str | None] = mapped_column(String(60), unique=True)
    camera_id: Mapped[str] = mapped_column(String(20), index=True)
    area: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(32))
    sensitivity: Mapped[float] = mapped_column(Float)
    proposed: Mapped[float] = mapped_column(Float)
    dismissed: Mapped[int] = mapped_column(Integer)
    confirmed: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10))
    decided_by: Mapped[Any | None] = mapped_column(JsonText)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NumberRow(Base):
    """A running number under a name, e.g. of the alerts of one second; taken in the transaction that uses it."""

    __tablename__ = "prewarning_number"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[int] = mapped_column(Integer)
