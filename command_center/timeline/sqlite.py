"""SQLite: write-ahead log, one writer at a time, every commit on disk before it is acknowledged."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine, event, text
from sqlalchemy.orm import Session

BUSY_TIMEOUT_MS = 30_000


class SqliteDriver:
    """One file. Writers of this process queue on a lock; writers of other processes wait for the file's."""

    def __init__(self, url: URL) -> None:
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = create_engine(url, pool_size=16, max_overflow=48)
        self._lock = threading.Lock()
        event.listen(self.engine, "connect", _configure)
        event.listen(self.engine, "begin", _begin)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Without this lock eight writers met "database is locked" in 6 of 40 runs, in spite of the busy timeout."""
        with self._lock:
            yield

    def begin_write(self, session: Session) -> None:
        session.connection(execution_options={"yiping_begin": "BEGIN IMMEDIATE"})

    def begin_read(self, session: Session) -> None:
        session.connection()

    def hold_log(self, session: Session) -> None:
        """The writer lock of BEGIN IMMEDIATE is held already."""


def _configure(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling starts transactions late; `_begin` says when instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: Any) -> None:
    connection.execute(text(connection.get_execution_options().get("yiping_begin", "BEGIN")))
