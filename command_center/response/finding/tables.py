"""The words of each case, of which a migration makes a full-text index, and searches that somebody keeps."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText, UtcDateTime


class FoundRow(Base):
    """By what one case is found.

    Attributes:
        number: microseconds since 1970 when it was opened, the next free ones where two were opened at once: what is
            found by number is in the order of opening.
        words: with spaces between them; free texts are masked before they are cut into words.
    """

    __tablename__ = "response_found"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    case_id: Mapped[str] = mapped_column(String(26), unique=True)
    words: Mapped[str] = mapped_column(Text)


class KeptWishRow(Base):
    """A search that a user has given a name; nobody else sees it."""

    __tablename__ = "response_kept_wish"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(26), index=True)
    name: Mapped[str] = mapped_column(String(40))
    wish: Mapped[Any] = mapped_column(JsonText)
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)
