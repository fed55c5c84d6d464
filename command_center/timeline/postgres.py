"""PostgreSQL: many writers at once, one at a time in the moment when facts get their numbers."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, create_engine, text
from sqlalchemy.orm import Session

# Any constant will do, as long as every process of the hall uses the same one.
LOG_LOCK = 0x59495049


class PostgresDriver:
    """A server. Row changes run side by side; the log is held by an advisory lock until the commit."""

    def __init__(self, url: URL) -> None:
        self.engine = create_engine(url, pool_size=16, max_overflow=48, pool_pre_ping=True)

    @contextmanager
    def writing(self) -> Iterator[None]:
        yield

    def begin_write(self, session: Session) -> None:
        session.connection()

    def begin_read(self, session: Session) -> None:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})

    def hold_log(self, session: Session) -> None:
        """Without it numbers are visible out of order and a follower that reads by number missed 17 to 70 of 480."""
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOG_LOCK})
