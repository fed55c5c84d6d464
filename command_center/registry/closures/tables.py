"""Rows of closed roads."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText, UtcDateTime


class ClosureRow(Base):
    """封路: what was drawn, whom it stops, until when. A row is never deleted: it is the record of what was closed.

    `corners` is [[lon, lat], …] WGS84 as drawn. `streets` and `lines` say what that closed on the roads as they were
    when it was drawn; which stretches it closes on the roads of today is found again by `OpenRoads`.
    """

    __tablename__ = "registry_closure"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(500))
    # line, area
    shape: Mapped[str] = mapped_column(String(8))
    corners: Mapped[Any] = mapped_column(JsonText)
    profiles: Mapped[Any] = mapped_column(JsonText)
    # The smallest area that holds all corners.
    area: Mapped[str] = mapped_column(String(15), index=True)
    streets: Mapped[Any] = mapped_column(JsonText)
    lines: Mapped[Any] = mapped_column(JsonText)
    closed_m: Mapped[float] = mapped_column(Float)
    begins_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    # None: until it is lifted.
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # in_force, ended (by the clock), lifted
    state: Mapped[str] = mapped_column(String(8), index=True)
    closed_by: Mapped[Any] = mapped_column(JsonText)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_by: Mapped[Any] = mapped_column(JsonText, nullable=True)
    version: Mapped[int] = mapped_column(Integer)
