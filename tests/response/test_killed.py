"""Under every way of working, killed in the middle of anything: what is stored is whole, and nothing happens twice."""

import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from command_center.response.archive import is_sealed
from command_center.response.engine.checking import shipped_profiles
from command_center.response.engine.stored import from_json
from command_center.response.finding.index import words_for
from command_center.response.finding.tables import FoundRow
from command_center.response.tables import CaseRow, CaseUnitRow, ClockRow
from tests.contracts.timeline_contract import verify
from tests.response.at_work import at_work
from tests.response.case_walker import open_again
from tests.response.hall import Hall

FORK = multiprocessing.get_context("fork")
WAYS = sorted(profile.id for profile in shipped_profiles().values() if profile.start == "SUBMITTED")
# When the plug is pulled, in ms after an order was given; None: it is carried out.
PULLED = st.none() | st.none() | st.sampled_from([0, 1, 3, 6, 10, 20])
PATIENCE_S = 60.0


class Center(RuleBasedStateMachine):
    """A hall in a process of its own that is killed and started again on what it left."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="yiping-killed-"))
        self.url = f"sqlite:///{self.folder}/hall.db"
        self.hall: Hall = open_again(self.url)
        self.acknowledged = 0
        self.start()

    def start(self) -> None:
        self.orders, theirs = FORK.Pipe()
        self.process = FORK.Process(target=at_work, args=(self.url, self.folder, theirs), daemon=True)
        self.process.start()
        theirs.close()

    def order(self, pulled: int | None, *words: Any) -> None:
        """Have something done, or begun."""
        self.orders.send(words)
        if pulled is None:
            assert self.orders.poll(PATIENCE_S), "nothing was heard"
            self.acknowledged, self.hall.clock.moment = self.orders.recv()
            return
        time.sleep(pulled / 1000)
        self.kill()
        self.start()

    def kill(self) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join(PATIENCE_S)
        self.orders.close()

    @initialize(ways=st.lists(st.sampled_from(WAYS), min_size=2, max_size=4, unique=True), contactable=st.booleans())
    def open_some(self, ways: list[str], contactable: bool) -> None:
        for way in ways:
            self.order(None, "open", way, contactable)

    @rule(way=st.sampled_from(WAYS), pulled=PULLED)
    def open_one(self, way: str, pulled: int | None) -> None:
        self.order(pulled, "open", way, True)

    @rule(which=st.integers(0, 9), pick=st.integers(0, 99), pulled=PULLED)
    def go_on(self, which: int, pick: int, pulled: int | None) -> None:
        self.order(pulled, "go", which, pick)

    @rule(picks=st.lists(st.integers(0, 99), min_size=4, max_size=12), which=st.integers(0, 3))
    def go_far(self, picks: list[int], which: int) -> None:
        for pick in picks:
            self.order(None, "go", which, pick)

    @rule(minutes=st.sampled_from([10, 600, 3000, 30_000]), pulled=PULLED)
    def wait(self, minutes: int, pulled: int | None) -> None:
        self.order(pulled, "wait", minutes)

    @invariant()
    def what_is_stored_is_whole(self) -> None:
        facts = self.hall.timeline.since(0, 1_000_000)
        head = self.hall.timeline.head()
        assert head.seq == len(facts) >= self.acknowledged
        assert verify(facts) == head.digest
        told = {fact.id: fact.data.get("case") or fact.data.get("matter") for fact in facts}
        with self.hall.timeline.reading() as session:
            rows = session.scalars(select(CaseRow)).all()
            assert {row.id for row in rows} == {id for id, view in told.items() if view}
            for row in rows:
                self.is_one(session, row, told[row.id])

    def is_one(self, session: Any, row: CaseRow, told: Any) -> None:
        """A case, its value, its clocks, its words and what was last told of it say the same."""
        case = from_json(row.value)
        assert (told["state"], told["version"]) == (row.state, row.version)
        assert case.state == row.state
        assert (row.ended_at is None) == (row.state not in shipped_profiles()[row.profile].ends)
        clocks = session.scalars(select(ClockRow).where(ClockRow.case_id == row.id))
        assert {(one.name, one.of, one.due_at, one.fires) for one in clocks} == {
            (one.name, one.of, one.due_at, one.pending) for one in case.timers
        }
        units = session.scalars(select(CaseUnitRow.unit_id).where(CaseUnitRow.case_id == row.id)).all()
        assert session.scalar(select(FoundRow.words).where(FoundRow.case_id == row.id)) == words_for(row, units)
        if row.state == "ARCHIVED":
            assert row.answer and row.resolved_at
            assert is_sealed(session, row)

    @invariant()
    def no_clock_is_acted_on_twice(self) -> None:
        fired = Counter(
            (fact.id, fact.data["expired"]["timer"], fact.data["expired"]["of"], fact.data["expired"]["due_at"])
            for fact in self.hall.timeline.since(0, 1_000_000)
            if fact.kind == "response.clock_expired"
        )
        assert set(fired.values()) <= {1}

    def teardown(self) -> None:
        self.kill()
        self.hall.timeline.close()
        shutil.rmtree(self.folder)


Center.TestCase.settings = settings(
    max_examples=6, stateful_step_count=12, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
TestKilled = Center.TestCase
