"""Rows of the people of cases. What concerns the person is sealed: a copy of the file tells nothing of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText, UtcDateTime


class PartyRow(Base):
    """One person of one case.

    Attributes:
        role: reporter, party, agent or witness.
        name, phone, id_number, address, note: sealed under the key whose number each begins with; empty: not known.
        key: number of the key that all of them are sealed under.
        phone_index, id_index: by which the same person is found in other cases; they tell nothing without the key.
        sheltered: a minor, a victim or a whistle-blower: no name, no numbers, to anybody without asking.
        came_from: the case that was merged into this one and brought the person along.
    """

    __tablename__ = "response_party"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(26), index=True)
    came_from: Mapped[str | None] = mapped_column(String(26), index=True)
    role: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
    id_number: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    key: Mapped[int] = mapped_column(Integer, index=True)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    id_index: Mapped[str | None] = mapped_column(String(64), index=True)
    sheltered: Mapped[bool] = mapped_column(Boolean)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[Any] = mapped_column(JsonText)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer)
