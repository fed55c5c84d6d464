"""Rows of hand-overs: what the police already knew and did, beside the case it became."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText, UtcDateTime


class HandoverRow(Base):
    """An incident of the police that was handed over. Receipt and feedback are read off the case, not kept twice.

    Attributes:
        number: 接警单编号, by which the police know it.
        unit_id: of those who gave it; None where a clerk took it down for them.
        station: their name; `contact`: whom to ask there.
        kind: 警情类别. `dealt`: what they did on the spot; `reason`: why it is not theirs to finish.
        reported_at: 报警时间. `given_at`: when it was handed over.
    """

    __tablename__ = "response_handover"

    number: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(26), unique=True)
    unit_id: Mapped[str | None] = mapped_column(String(16), index=True)
    station: Mapped[str] = mapped_column(String(64))
    contact: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8))
    dealt: Mapped[str] = mapped_column(String(2000))
    reason: Mapped[str] = mapped_column(String(500))
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    given_by: Mapped[Any] = mapped_column(JsonText)
