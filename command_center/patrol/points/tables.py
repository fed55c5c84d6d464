"""Rows of mandatory points."""

from typing import Any

from sqlalchemy import Boolean, Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText


class PointRow(Base):
    """必巡点位: a place where somebody must be at certain times of the day."""

    __tablename__ = "patrol_point"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    area: Mapped[str] = mapped_column(String(15), index=True)
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    radius_m: Mapped[float] = mapped_column(Float)
    dwell_s: Mapped[int] = mapped_column(Integer)
    windows: Mapped[Any] = mapped_column(JsonText)
    person_id: Mapped[str | None] = mapped_column(String(64))
    # Whether only the assigned person counts; else anybody of the forces may cover and is credited.
    assigned_only: Mapped[bool] = mapped_column(Boolean)
    active: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)
