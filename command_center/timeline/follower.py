"""A stage follows the log: what it writes and how far it has read are stored together."""

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from command_center.timeline.facts import StoredFact
from command_center.timeline.store import Timeline, Transaction
from command_center.timeline.tables import CursorRow

SAVE_EVERY = 1_000
INSERTS: dict[str, Callable[..., Any]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}

Handle = Callable[[Transaction, StoredFact], None]


class Follower:
    """Hands each fact of the wanted kinds to `handle`, once, in order, in a transaction that also moves the cursor.

    A crash between two steps repeats nothing and loses nothing.
    """

    def __init__(self, timeline: Timeline, *, name: str, handle: Handle, kinds: Collection[str]) -> None:
        self.name = name
        self._timeline = timeline
        self._handle = handle
        self._kinds = frozenset(kinds)
        self._seq: int | None = None
        self._saved = 0

    def step(self, limit: int = 200) -> int:
        """Read the next facts and act on the wanted ones; return how many facts were passed."""
        facts = self._timeline.since(self._cursor(), limit)
        for fact in facts:
            if fact.kind in self._kinds:
                self._act(fact)
        if facts and facts[-1].kind not in self._kinds:
            # Nothing to do for these: a crash would pass them again without effect. Only a long way is written down.
            self._seq = facts[-1].seq
            if self._seq - self._saved >= SAVE_EVERY:
                self._save(self._seq)
        return len(facts)

    def lag(self) -> int:
        """How many facts lie between the cursor and the head."""
        return self._timeline.head().seq - self._cursor()

    def _cursor(self) -> int:
        if self._seq is None:
            with self._timeline.reading() as session:
                row = session.get(CursorRow, self.name)
                self._seq = self._saved = row.seq if row else 0
        return self._seq

    def _act(self, fact: StoredFact) -> None:
        with self._timeline.transaction() as tx:
            row = self._locked_row(tx)
            # Another process may follow under the same name: whoever comes second finds the fact passed.
            if row.seq < fact.seq:
                self._handle(tx, fact)
                row.seq = fact.seq
        self._seq = self._saved = fact.seq

    def _save(self, seq: int) -> None:
        with self._timeline.transaction() as tx:
            row = self._locked_row(tx)
            row.seq = max(row.seq, seq)
        self._saved = seq

    def _locked_row(self, tx: Transaction) -> CursorRow:
        row = tx.session.get(CursorRow, self.name, with_for_update=True)
        if row is None:
            # Two that start together both find no row: the second must wait for the first, not fail.
            insert = INSERTS[tx.session.get_bind().dialect.name](CursorRow).values(name=self.name, seq=0)
            tx.session.execute(insert.on_conflict_do_nothing())
            row = tx.session.get_one(CursorRow, self.name, with_for_update=True)
        return row
