"""Open the log, change state and emit facts in one transaction, and read facts since a number."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import orjson
from sqlalchemy import Engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from command_center.timeline.facts import GENESIS_DIGEST, Fact, StoredFact, chain, iso
from command_center.timeline.migrate import upgrade
from command_center.timeline.postgres import PostgresDriver
from command_center.timeline.sqlite import SqliteDriver
from command_center.timeline.tables import FactRow, HeadRow


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log has grown and its digest there."""

    seq: int
    digest: str


class Driver(Protocol):
    """What an engine must do so that facts get their numbers in commit order."""

    engine: Engine

    def begin_write(self, session: Session) -> None:
        """Open the transaction in which rows are read and changed."""

    def begin_read(self, session: Session) -> None:
        """Open a transaction that sees one state of the database from its first query to its last."""

    def hold_log(self, session: Session) -> None:
        """Be the only writer of the log from here to the commit."""

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Queue writers of this process where the engine itself would refuse a second one."""
        yield


@dataclass(slots=True)
class Transaction:
    """One change of state with the facts that tell of it. Facts are numbered when the block ends."""

    session: Session
    now: datetime
    facts: list[Fact] = field(default_factory=list)

    def emit(self, fact: Fact) -> None:
        """Add a fact; it is stored with the change or not at all."""
        self.facts.append(fact)


class Timeline:
    """The log of a hall on one database; safe to use from many threads."""

    def __init__(self, driver: Driver, *, clock: Callable[[], datetime]) -> None:
        self._driver = driver
        self._listeners: list[Callable[[int], None]] = []
        self._readers: list[Callable[[list[StoredFact]], None]] = []
        self._clock = clock
        self._local = threading.local()

    @property
    def engine(self) -> Engine:
        return self._driver.engine

    def on_commit(self, listener: Callable[[int], None]) -> None:
        """Call `listener(seq)` after each commit that added facts. It must return at once and may not raise."""
        self._listeners.append(listener)

    def on_stored(self, reader: Callable[[list[StoredFact]], None]) -> None:
        """Hand `reader` the facts of each commit of this process, after it: a short cut past reading them again.

        Called in the committing thread, so two commits may come the wrong way round; it must return soon and may not
        raise. Facts of other processes are not handed over.
        """
        self._readers.append(reader)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Change state and emit facts; all of it is stored when the block ends, none of it if the block raises.

        Raises:
            RuntimeError: a transaction is already open in this thread (it would wait for itself).
        """
        if getattr(self._local, "open", False):
            raise RuntimeError("a transaction is already open in this thread")
        self._local.open = True
        try:
            with self._driver.writing(), Session(self._driver.engine, expire_on_commit=False) as session:
                self._driver.begin_write(session)
                tx = Transaction(session, self._clock())
                yield tx
                session.flush()
                rows = self._store(tx) if tx.facts else []
                facts = [stored(row) for row in rows]
                session.commit()
        finally:
            self._local.open = False
        if facts:
            self._tell(facts)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for queries only: one consistent view, never committed."""
        with Session(self._driver.engine) as session:
            self._driver.begin_read(session)
            yield session

    def _tell(self, facts: list[StoredFact]) -> None:
        for reader in self._readers:
            reader(facts)
        for listener in self._listeners:
            listener(facts[-1].seq)

    def _store(self, tx: Transaction) -> list[FactRow]:
        session = tx.session
        self._driver.hold_log(session)
        head = session.get(HeadRow, 1, with_for_update=True, populate_existing=True)
        if head is None:
            head = HeadRow(id=1, seq=0, digest=GENESIS_DIGEST)
            session.add(head)
        rows: list[FactRow] = []
        for fact in tx.facts:
            rows.append(_row(fact, seq=head.seq + 1, digest=head.digest, now=tx.now))
            head.seq, head.digest = rows[-1].seq, rows[-1].digest
        session.add_all(rows)
        session.flush()
        return rows

    def head(self, session: Session | None = None) -> Head:
        """The newest number and the digest there; (0, zeros) for an empty log.

        Args:
            session: read within this session, so that the head agrees with what else it reads.
        """
        if session is None:
            with self.reading() as own:
                return self.head(own)
        row = session.get(HeadRow, 1, populate_existing=True)
        return Head(row.seq, row.digest) if row else Head(0, GENESIS_DIGEST)

    def since(self, seq: int, limit: int = 1000) -> list[StoredFact]:
        """Facts with a number above `seq`, in order, at most `limit`."""
        query = select(FactRow).where(FactRow.seq > seq).order_by(FactRow.seq).limit(limit)
        with self.reading() as session:
            return [stored(row) for row in session.scalars(query)]

    def now(self) -> datetime:
        """The time that a transaction opened now would carry."""
        return self._clock()

    def about(self, ids: list[str], limit: int = 1000) -> list[StoredFact]:
        """Facts whose subject is one of `ids`, in order."""
        query = select(FactRow).where(FactRow.id.in_(ids)).order_by(FactRow.seq).limit(limit)
        with self.reading() as session:
            return [stored(row) for row in session.scalars(query)]

    def close(self) -> None:
        self._driver.engine.dispose()


def _row(fact: Fact, *, seq: int, digest: str, now: datetime) -> FactRow:
    happened_at = fact.happened_at or now
    data_json = orjson.dumps(fact.data).decode()
    return FactRow(
        seq=seq,
        kind=fact.kind,
        id=fact.id,
        area=fact.area,
        parties=list(fact.parties),
        actor=fact.actor,
        happened_at=happened_at,
        received_at=fact.received_at or now,
        stored_at=now,
        data_json=data_json,
        digest=chain(digest, seq=seq, kind=fact.kind, id=fact.id, at=iso(happened_at), data_json=data_json),
    )


def stored(row: FactRow) -> StoredFact:
    """A row of the log as readers get it."""
    return StoredFact(
        seq=row.seq,
        kind=row.kind,
        id=row.id,
        area=row.area,
        parties=tuple(row.parties),
        actor=row.actor,
        happened_at=row.happened_at,
        received_at=row.received_at,
        stored_at=row.stored_at,
        data_json=row.data_json,
        digest=row.digest,
    )


def utc_now() -> datetime:
    return datetime.now(UTC)


def open_timeline(url: str, *, clock: Callable[[], datetime] = utc_now) -> Timeline:
    """Open the database of `url` and bring its tables up to date.

    Args:
        url: `sqlite:///path/to.db` or `postgresql+psycopg://user:password@host/name`.
        clock: where transactions get their time from.

    Raises:
        ValueError: the engine is neither SQLite nor PostgreSQL.
    """
    driver = open_driver(url)
    upgrade(driver.engine)
    return Timeline(driver, clock=clock)


def open_driver(url: str) -> Driver:
    """The driver for a URL, its database as it is.

    Raises:
        ValueError: the engine is neither SQLite nor PostgreSQL.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteDriver(parsed)
    if parsed.get_backend_name() == "postgresql":
        return PostgresDriver(parsed.set(drivername="postgresql+psycopg"))
    raise ValueError(f"no driver for {parsed.get_backend_name()}")
