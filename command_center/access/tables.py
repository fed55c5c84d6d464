"""Rows of users, their sessions, devices that send for people, failed sign-ins, and the read audit."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, BigKey, JsonText, UtcDateTime


class UserRow(Base):
    """One sign-in of one person; nobody shares one. The name is stored folded to lower case."""

    __tablename__ = "access_user"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(32))
    area: Mapped[str] = mapped_column(String(15))
    person_id: Mapped[str | None] = mapped_column(String(64), index=True)
    unit_id: Mapped[str | None] = mapped_column(String(16))
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SessionRow(Base):
    """One signed-in browser. Only the SHA-256 of its token is kept, so a copy of the database signs nobody in."""

    __tablename__ = "access_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("access_user.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeviceRow(Base):
    """A sender of positions with a token of its own: of one person, or of a fleet (no person) that posts for all.

    `kind` is the protocol it speaks; those that know no bearer token name themselves by `external_id`, which alone is
    weak proof: where `secret_required`, the token must come with it. `datum` is that of the coordinates it sends.
    `acts_for` lists the simulated persons whose orders a fleet may carry out in a demonstration.
    """

    __tablename__ = "access_device"
    __table_args__ = (Index("ix_access_device_kind_external_id", "kind", "external_id", unique=True),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    area: Mapped[str] = mapped_column(String(15))
    person_id: Mapped[str | None] = mapped_column(String(64))
    acts_for: Mapped[Any] = mapped_column(JsonText)
    kind: Mapped[str] = mapped_column(String(16), default="http", server_default="http")
    external_id: Mapped[str | None] = mapped_column(String(64))
    datum: Mapped[str] = mapped_column(String(8), default="wgs84", server_default="wgs84")
    secret_required: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    active: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AttemptRow(Base):
    """Failed sign-ins in a row under one name, known or not: an unknown name is locked like a known one."""

    __tablename__ = "access_attempt"

    name_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditRow(Base):
    """Who looked at or did what, why, and when; rows are added, never changed."""

    __tablename__ = "access_audit"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    user_id: Mapped[str | None] = mapped_column(String(26), index=True)
    user_name: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(64))
    object_id: Mapped[str] = mapped_column(String(64), index=True)
    purpose: Mapped[str] = mapped_column(String(200))
