"""A stage follows the log: what it writes and how far it has read are stored together."""

from collections.abc import Callable, Collection

from sqlalchemy import func, select

from command_center.timeline.facts import StoredFact
from command_center.timeline.store import Timeline, Transaction
from command_center.timeline.tables import CursorRow, FactRow

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

    def step(self, limit: int = 200) -> int:
        """Read the next facts and act on the wanted ones; return how many facts were passed."""
        facts = self._timeline.since(self._cursor(), limit)
        for fact in facts:
            if fact.kind in self._kinds:
                self._act(fact)
        if facts and facts[-1].kind not in self._kinds:
            # Nothing to do for these; the cursor is only remembered, a crash would pass them again without effect.
            self._seq = facts[-1].seq
        return len(facts)

    def _cursor(self) -> int:
        if self._seq is None:
            with self._timeline.reading() as session:
                row = session.get(CursorRow, self.name)
                self._seq = row.seq if row else 0
        return self._seq

    def _act(self, fact: StoredFact) -> None:
        with self._timeline.transaction() as tx:
            row = tx.session.get(CursorRow, self.name, with_for_update=True)
            if row is None:
                row = CursorRow(name=self.name, seq=0)
                tx.session.add(row)
            # Another process may follow under the same name: whoever comes second finds the fact passed.
            if row.seq < fact.seq:
                self._handle(tx, fact)
                row.seq = fact.seq
        self._seq = fact.seq

    def lag(self) -> int:
        """How many facts lie between the cursor and the head."""
        with self._timeline.reading() as session:
            head = session.scalar(select(func.max(FactRow.seq))) or 0
        return int(head) - self._cursor()
