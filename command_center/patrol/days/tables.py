"""Rows of where people were minute by minute: a day of patrol is read from them, not from a million positions."""

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base


class PresenceRow(Base):
    """The first trusted position of each minute of one hour of one person; `minutes` as `presence.SLOT`, 60 of them.

    `hour` counts hours since 1970 UTC. It is a track of a person and is kept as long as the positions it came from.
    """

    __tablename__ = "patrol_presence"

    hour: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    person_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    minutes: Mapped[bytes] = mapped_column(LargeBinary)
