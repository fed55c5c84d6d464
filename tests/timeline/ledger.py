"""A tiny stage for tests of the log: entries with a running total, and a follower that copies each entry."""

from typing import Any

from sqlalchemy import Integer, MetaData, String, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from command_center.timeline import Fact, Follower, StoredFact, Timeline, Transaction, open_timeline
from command_center.timeline.tables import Base, BigKey, JsonText, UtcDateTime

AREA = "320724199001"


class LedgerBase(DeclarativeBase):
    """Apart from the hall's own metadata, so that no migration knows of it."""

    metadata = MetaData()


class EntryRow(LedgerBase):
    __tablename__ = "ledger_entry"

    number: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    amount: Mapped[int] = mapped_column(Integer)


class CopyRow(LedgerBase):
    __tablename__ = "ledger_copy"

    number: Mapped[int] = mapped_column(BigKey, primary_key=True)
    seq: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(80))


class SampleRow(LedgerBase):
    __tablename__ = "ledger_sample"

    number: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[Any] = mapped_column(UtcDateTime, nullable=True)
    value: Mapped[Any] = mapped_column(JsonText, nullable=True)


def open_ledger(url: str) -> Timeline:
    """The log of `url` with the ledger's tables in the same database."""
    timeline = open_timeline(url)
    Base.metadata.create_all(timeline.engine)
    LedgerBase.metadata.create_all(timeline.engine)
    return timeline


def enter(tx: Transaction, *, name: str, amount: int = 1) -> dict[str, Any]:
    """Add an entry and tell of it."""
    row = EntryRow(name=name, amount=amount)
    tx.session.add(row)
    tx.session.flush()
    view = {"number": row.number, "name": name, "amount": amount}
    tx.emit(Fact("ledger.entered", name, {"entry": view}, area=AREA))
    return view


def copy(tx: Transaction, fact: StoredFact) -> None:
    """What the follower does with each entry."""
    tx.session.add(CopyRow(seq=fact.seq, name=fact.id))
    tx.emit(Fact("ledger.copied", fact.id, {"copy": {"of": fact.seq}}, area=AREA))


def follower(timeline: Timeline) -> Follower:
    return Follower(timeline, name="ledger.copier", handle=copy, kinds={"ledger.entered"})


def names(timeline: Timeline, row: type[EntryRow] | type[CopyRow]) -> list[str]:
    with timeline.reading() as session:
        return list(session.scalars(select(row.name).order_by(row.number)))


def total(timeline: Timeline) -> int:
    with timeline.reading() as session:
        return session.scalar(select(func.coalesce(func.sum(EntryRow.amount), 0))) or 0
