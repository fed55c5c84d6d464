"""Rows of what was brought in: which tables, and which case came from which request of the other system."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText, UtcDateTime


class PastBatchRow(Base):
    """One table that was brought in.

    Attributes:
        counts: as planned; how many rows were closed, open, known before and refused.
        done_at: None while it runs, and for one that was broken off: the same table again goes on with the rest.
    """

    __tablename__ = "response_past_batch"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    file: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    counts: Mapped[Any] = mapped_column(JsonText)
    actor: Mapped[Any] = mapped_column(JsonText)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PastRow(Base):
    """A request of another system and the case it is here.

    Attributes:
        system: whose number it is: 12345, or what else a center takes over.
    """

    __tablename__ = "response_past"

    system: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(26), unique=True)
    batch_id: Mapped[str] = mapped_column(String(26), index=True)
