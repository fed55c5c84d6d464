"""Rows of response: cases with their clocks, orders with their feedback, and what each responder is doing."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, Index, Integer, String, UniqueConstraint
from sqlalchemy import text as literal
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText, UtcDateTime

IS_OPEN = literal("ended_at IS NULL")


class CaseRow(Base):
    """A case. Which states and actions there are is said by its profile, never here.

    Attributes:
        profile, profile_version: the way of working it was opened under, and stays under.
        text: what was said at the counter, in full; "" for a case from an alert.
        asks: whether somebody has to decide on a request.
        ended_at: since when it is over, in whichever way; None while it is open.
        value: the case as the engine has it, with its regions; None for one from before there was an engine.
    """

    __tablename__ = "response_case"
    __table_args__ = (
        Index("ix_response_case_state", "state", "opened_at"),
        Index("ix_response_case_opened_at", "opened_at", "id"),
        # The few that are not over, among all that ever were.
        Index("ix_response_case_open", "priority", "opened_at", "id", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    query_code: Mapped[str] = mapped_column(String(8), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    asks: Mapped[bool] = mapped_column(Boolean, default=False, server_default=literal("false"))
    category: Mapped[str] = mapped_column(String(8))
    priority: Mapped[str] = mapped_column(String(2))
    level: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(12))
    area: Mapped[str] = mapped_column(String(20), index=True)
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    place: Mapped[str] = mapped_column(String(200))
    alert_id: Mapped[str | None] = mapped_column(String(26), unique=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[Any] = mapped_column(JsonText)
    answer: Mapped[str | None] = mapped_column(String(2000))
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    resolved_by: Mapped[Any | None] = mapped_column(JsonText)
    callback: Mapped[Any | None] = mapped_column(JsonText)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    archived_by: Mapped[Any | None] = mapped_column(JsonText)
    archive_hash: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    profile: Mapped[str] = mapped_column(String(32))
    profile_version: Mapped[int] = mapped_column(Integer)
    value: Mapped[Any | None] = mapped_column(JsonText)
    version: Mapped[int] = mapped_column(Integer)


class CaseUnitRow(Base):
    """A unit at work on a case, which is why its people see the case.

    Attributes:
        part: lead 主办, helper 协办, called 被吹哨、会办, pool 可以领办.
        waits: whether the case waits for this unit.
    """

    __tablename__ = "response_case_unit"
    __table_args__ = (Index("ix_response_case_unit_unit_id", "unit_id", "waits"),)

    case_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    part: Mapped[str] = mapped_column(String(8))
    waits: Mapped[bool] = mapped_column(Boolean)


class ClockRow(Base):
    """A deadline as an instant, so that a restart changes nothing; `basis` says what it was computed from.

    Attributes:
        of: what it belongs to where a case may have several of the name.
        fires: whether its expiry is still to come; the keeper looks for those that are due.
    """

    __tablename__ = "response_clock"
    __table_args__ = (
        UniqueConstraint("case_id", "name", "of"),
        Index(None, "fires", "due_at"),
        Index("ix_response_clock_running", "name", "stopped_at", "due_at"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(26), index=True)
    name: Mapped[str] = mapped_column(String(24))
    of: Mapped[str] = mapped_column(String(16))
    fires: Mapped[bool] = mapped_column(Boolean)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    basis: Mapped[str] = mapped_column(String(80))


class ProfileRow(Base):
    """One version of a way of working, whole, as the cases that were opened under it need it for ever."""

    __tablename__ = "response_profile"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    body: Mapped[Any] = mapped_column(JsonText)
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WayRow(Base):
    """A way of working of the center's own; its published versions are rows of `ProfileRow`.

    Attributes:
        base: the profile that comes with the product and that it extends, from its first day on.
        draft: the description being written, as written; None if nothing waits to be published.
        standing: the description last published, as written.
        published: its version; None as long as there was none.
        withdrawn_at: since when no case is opened under it any more.
        version: grows with every change, so that two who write at once are told.
    """

    __tablename__ = "response_way"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    base: Mapped[str] = mapped_column(String(32))
    draft: Mapped[Any | None] = mapped_column(JsonText)
    standing: Mapped[Any | None] = mapped_column(JsonText)
    published: Mapped[int | None] = mapped_column(Integer)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[Any] = mapped_column(JsonText)
    version: Mapped[int] = mapped_column(Integer)


class OrderRow(Base):
    """指令单: one person sent to one case. `active_for` is that person while the order is open: one at a time."""

    __tablename__ = "response_order"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    case_id: Mapped[str] = mapped_column(String(26), index=True)
    area: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[str] = mapped_column(String(40), index=True)
    active_for: Mapped[str | None] = mapped_column(String(40), unique=True)
    call_sign: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(40))
    force: Mapped[str] = mapped_column(String(4))
    text: Mapped[str] = mapped_column(String(1000))
    state: Mapped[str] = mapped_column(String(10), index=True)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    sent_by: Mapped[Any] = mapped_column(JsonText)
    eta_s: Mapped[float | None] = mapped_column(Float)
    distance_m: Mapped[float | None] = mapped_column(Float)
    reasons: Mapped[Any] = mapped_column(JsonText)
    route: Mapped[Any] = mapped_column(JsonText)
    accept_by: Mapped[datetime] = mapped_column(UtcDateTime)
    arrive_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    departed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrival_proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrived_how: Mapped[str | None] = mapped_column(String(10))
    arrived_note: Mapped[str | None] = mapped_column(String(500))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decline_reason: Mapped[str | None] = mapped_column(String(500))
    version: Mapped[int] = mapped_column(Integer)


class FeedbackRow(Base):
    """What a responder said from the spot, with a photo if there is one."""

    __tablename__ = "response_feedback"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    order_id: Mapped[str] = mapped_column(String(26), index=True)
    case_id: Mapped[str] = mapped_column(String(26), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(String(2000))
    photo_id: Mapped[str | None] = mapped_column(String(26))


class ResponderRow(Base):
    """What a person is doing. `base_status` is what they return to; `case_id` is the case they still belong to."""

    __tablename__ = "response_responder"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    call_sign: Mapped[str] = mapped_column(String(40))
    force: Mapped[str] = mapped_column(String(4))
    unit_id: Mapped[str] = mapped_column(String(40))
    area: Mapped[str] = mapped_column(String(20), index=True)
    status: Mapped[str] = mapped_column(String(12))
    base_status: Mapped[str] = mapped_column(String(12))
    order_id: Mapped[str | None] = mapped_column(String(26))
    case_id: Mapped[str | None] = mapped_column(String(26), index=True)
    version: Mapped[int] = mapped_column(Integer)
