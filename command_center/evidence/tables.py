"""Rows of evidence: what was kept, what is still to be fetched, and who looked."""

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText, UtcDateTime


class ClipRow(Base):
    """A stored piece of video with its stills. Never deleted by the closing of a case.

    `bytes` is the length of the video, `stored_bytes` of all that lies in the store. With `going_at` set its days are
    over: nobody is shown it any more, and it goes once its files are gone.
    """

    __tablename__ = "evidence_clip"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    alert_id: Mapped[str | None] = mapped_column(String(26), index=True)
    case_id: Mapped[str | None] = mapped_column(String(26), index=True)
    camera_id: Mapped[str] = mapped_column(String(20), index=True)
    area: Mapped[str] = mapped_column(String(20))
    start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sha256: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int] = mapped_column(Integer)
    stills: Mapped[int] = mapped_column(Integer)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    stored_bytes: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    going_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    going_why: Mapped[str | None] = mapped_column(String(20))


class PendingClipRow(Base):
    """A clip that is wanted. It stays until the clip is saved or the reason why not is recorded."""

    __tablename__ = "evidence_pending_clip"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    alert_id: Mapped[str] = mapped_column(String(26), index=True)
    camera_id: Mapped[str] = mapped_column(String(20))
    area: Mapped[str] = mapped_column(String(20))
    start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10), index=True)
    tries: Mapped[int] = mapped_column(Integer)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(200))


class PhotoRow(Base):
    """A picture taken on the spot by a responder."""

    __tablename__ = "evidence_photo"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(26), index=True)
    order_id: Mapped[str] = mapped_column(String(26), index=True)
    person_id: Mapped[str] = mapped_column(String(40))
    area: Mapped[str] = mapped_column(String(20))
    mime: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int] = mapped_column(Integer)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CameraLinkRow(Base):
    """A camera that belongs to a case: the one that saw it first (source), or one that somebody linked, and why."""

    __tablename__ = "evidence_camera_link"
    __table_args__ = (UniqueConstraint("case_id", "camera_id"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(26))
    camera_id: Mapped[str] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(String(10))
    by: Mapped[Any | None] = mapped_column(JsonText)
    why: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CustodyRow(Base):
    """Who saved, looked at or took out a clip or a photo, when, and what for."""

    __tablename__ = "evidence_custody"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    subject_id: Mapped[str] = mapped_column(String(26), index=True)
    who_id: Mapped[str] = mapped_column(String(40))
    who: Mapped[Any | None] = mapped_column(JsonText)
    action: Mapped[str] = mapped_column(String(10))
    why: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
