"""Rows of imports: what was brought in, and which id was issued to which key of a foreign list."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText, UtcDateTime


class ImportRow(Base):
    """One import that was stored. `sha256` is of the file, `counts` says how many rows were new, changed and so on."""

    __tablename__ = "registry_import"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    file: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    datum: Mapped[str] = mapped_column(String(16))
    counts: Mapped[Any] = mapped_column(JsonText)
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_registry_import_at", "at"),)


class KeyRow(Base):
    """The id that a row without one of ours was given, so that its next import finds it again."""

    __tablename__ = "registry_import_key"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    id: Mapped[str] = mapped_column(String(32))
