"""Rows of mandatory streets."""

from typing import Any

from sqlalchemy import Boolean, Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText


class LineRow(Base):
    """必巡线路: a street that must be walked at certain times of the day. `line` is [[lon, lat], …] WGS84."""

    __tablename__ = "patrol_line"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    area: Mapped[str] = mapped_column(String(15), index=True)
    line: Mapped[Any] = mapped_column(JsonText)
    length_m: Mapped[float] = mapped_column(Float)
    both_sides: Mapped[bool] = mapped_column(Boolean)
    need_share: Mapped[float] = mapped_column(Float)
    windows: Mapped[Any] = mapped_column(JsonText)
    person_id: Mapped[str | None] = mapped_column(String(64))
    unit_id: Mapped[str | None] = mapped_column(String(16))
    # Whether only the assigned person, or the unit, counts; else what anybody of the forces walks adds up.
    assigned_only: Mapped[bool] = mapped_column(Boolean)
    active: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)
