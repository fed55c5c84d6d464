"""What the log promises, whatever engine it lies on."""

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import StatementError

from command_center.errors import Conflict
from command_center.timeline import GENESIS_DIGEST, Fact, Head, StoredFact, Timeline, Transaction, chain
from command_center.timeline.door import Command, forget_answers
from command_center.timeline.facts import iso
from tests.timeline import ledger
from tests.timeline.ledger import CopyRow, EntryRow, SampleRow, enter, open_ledger

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip
MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3, minutes=-30))]),
)
# One database for all examples, and one class of promises run by two subclasses: both are meant.
MEANT = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.differing_executors]
SAME_DATABASE = settings(max_examples=25, deadline=None, suppress_health_check=MEANT)


def verify(facts: list[StoredFact]) -> str:
    """Number and chain the facts anew from the beginning; return the digest."""
    digest = GENESIS_DIGEST
    for number, fact in enumerate(facts, start=1):
        at = iso(fact.happened_at)
        digest = chain(digest, seq=number, kind=fact.kind, id=fact.id, at=at, data_json=fact.data_json)
        assert (fact.seq, fact.digest) == (number, digest)
    return digest


class TimelineContract:
    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def timeline(self, url: str) -> Iterator[Timeline]:
        timeline = open_ledger(url)
        yield timeline
        timeline.close()

    # -- one transaction

    def test_empty_log_has_number_zero_and_a_digest_of_zeros(self, timeline: Timeline) -> None:
        assert timeline.head() == Head(0, GENESIS_DIGEST)
        assert timeline.since(0) == []

    def test_fact_is_stored_with_the_change_that_made_it_true(self, timeline: Timeline) -> None:
        with timeline.transaction() as tx:
            enter(tx, name="a", amount=3)
        [fact] = timeline.since(0)
        assert (fact.seq, fact.kind, fact.id, fact.data["entry"]["amount"]) == (1, "ledger.entered", "a", 3)
        assert ledger.total(timeline) == 3
        assert timeline.head() == Head(1, verify([fact]))

    def test_facts_of_one_transaction_follow_each_other_in_order(self, timeline: Timeline) -> None:
        with timeline.transaction() as tx:
            for name in "abc":
                enter(tx, name=name)
        assert [(fact.seq, fact.id) for fact in timeline.since(0)] == [(1, "a"), (2, "b"), (3, "c")]

    def test_three_times_are_kept_to_the_microsecond(self, timeline: Timeline) -> None:
        happened = datetime(2026, 3, 1, 7, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=8)))
        received = datetime(2026, 3, 1, 0, 0, 0, 1, tzinfo=UTC)
        with timeline.transaction() as tx:
            tx.emit(Fact("ledger.noted", "x", {}, area=ledger.AREA, happened_at=happened, received_at=received))
        [fact] = timeline.since(0)
        assert (fact.happened_at, fact.received_at, fact.stored_at) == (happened, received, tx.now)

    def test_parties_and_actor_come_back_as_given(self, timeline: Timeline) -> None:
        actor = {"id": "u1", "name": "王值班"}
        with timeline.transaction() as tx:
            tx.emit(Fact("ledger.noted", "x", {"词": "值"}, area=ledger.AREA, parties=("p1", "p2"), actor=actor))
        [fact] = timeline.since(0)
        assert (fact.parties, fact.actor, fact.data) == (("p1", "p2"), actor, {"词": "值"})

    def test_rollback_leaves_nothing_and_uses_no_number(self, timeline: Timeline) -> None:
        with pytest.raises(ZeroDivisionError), timeline.transaction() as tx:
            enter(tx, name="lost")
            raise ZeroDivisionError
        assert (timeline.head().seq, ledger.total(timeline)) == (0, 0)
        with timeline.transaction() as tx:
            enter(tx, name="kept")
        assert [(fact.seq, fact.id) for fact in timeline.since(0)] == [(1, "kept")]

    def test_transaction_inside_a_transaction_is_refused_and_breaks_nothing(self, timeline: Timeline) -> None:
        with pytest.raises(RuntimeError), timeline.transaction(), timeline.transaction():
            pass
        with timeline.transaction() as tx:
            enter(tx, name="after")
        assert timeline.head().seq == 1

    def test_listeners_hear_the_new_head_after_the_commit_and_nothing_of_a_rollback(self, timeline: Timeline) -> None:
        heard: list[tuple[int, int]] = []
        timeline.on_commit(lambda seq: heard.append((seq, timeline.head().seq)))
        with timeline.transaction() as tx:
            enter(tx, name="a")
            enter(tx, name="b")
        with pytest.raises(ZeroDivisionError), timeline.transaction() as tx:
            enter(tx, name="c")
            raise ZeroDivisionError
        with timeline.transaction():
            pass
        assert heard == [(2, 2)]

    def test_since_gives_at_most_the_limit_and_about_only_the_asked(self, timeline: Timeline) -> None:
        with timeline.transaction() as tx:
            for index in range(10):
                enter(tx, name=f"n{index % 2}")
        assert [fact.seq for fact in timeline.since(3, limit=4)] == [4, 5, 6, 7]
        assert [fact.seq for fact in timeline.about(["n1"])] == [2, 4, 6, 8, 10]

    # -- many at once

    def test_eight_threads_and_a_follower_by_number_see_every_fact(self, timeline: Timeline) -> None:
        seen: list[StoredFact] = []
        done = threading.Event()

        def follow() -> None:
            while True:
                last = done.is_set()
                seen.extend(timeline.since(seen[-1].seq if seen else 0))
                if last:
                    return

        def write(writer: int) -> None:
            for index in range(25):
                with timeline.transaction() as tx:
                    enter(tx, name=f"{writer}-{index}")

        follower = threading.Thread(target=follow)
        follower.start()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(8)))
        done.set()
        follower.join()
        assert len(seen) == 200
        assert timeline.head() == Head(200, verify(seen))
        assert sorted(fact.id for fact in seen) == sorted(f"{w}-{i}" for w in range(8) for i in range(25))

    def test_processes_write_side_by_side_without_a_gap(self, url: str, timeline: Timeline) -> None:
        command = [sys.executable, "-m", "tests.timeline.writer", url]
        writers = [subprocess.Popen([*command, f"process{index}", "40"]) for index in range(3)]
        seen: list[StoredFact] = []
        while any(writer.poll() is None for writer in writers):
            seen.extend(timeline.since(seen[-1].seq if seen else 0))
            with timeline.transaction() as tx:
                enter(tx, name="here")
        assert [writer.returncode for writer in writers] == [0, 0, 0]
        seen.extend(timeline.since(seen[-1].seq if seen else 0))
        assert verify(seen) == timeline.head().digest
        assert sum(fact.id.startswith("process") for fact in seen) == 120

    def test_processes_that_start_together_open_an_empty_database(self, url: str) -> None:
        command = [sys.executable, "-m", "command_center.timeline", url]
        starters = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
        errors = [starter.communicate()[1] for starter in starters]
        assert [starter.returncode for starter in starters] == [0, 0, 0], errors

    def test_reading_is_one_view_from_its_first_query_on(self, timeline: Timeline) -> None:
        with timeline.transaction() as tx:
            enter(tx, name="before")
        with timeline.reading() as session:
            head = timeline.head(session)
            thread = threading.Thread(target=self._enter, args=(timeline, "meanwhile"))
            thread.start()
            thread.join()
            entries = session.query(EntryRow).count()
            assert (head.seq, entries, timeline.head(session).seq) == (1, 1, 1)
        assert timeline.head().seq == 2

    @staticmethod
    def _enter(timeline: Timeline, name: str) -> None:
        with timeline.transaction() as tx:
            enter(tx, name=name)

    # -- followers

    def test_follower_acts_once_on_each_wanted_fact(self, timeline: Timeline) -> None:
        with timeline.transaction() as tx:
            for name in "abc":
                enter(tx, name=name)
        follower = ledger.follower(timeline)
        while follower.step(limit=2):
            pass
        assert ledger.names(timeline, CopyRow) == ["a", "b", "c"]
        assert follower.lag() == 0

    @pytest.mark.parametrize("seed", range(3))
    def test_follower_repeats_nothing_and_loses_nothing_when_it_crashes(self, timeline: Timeline, seed: int) -> None:
        dice = random.Random(seed)
        names = [f"n{index}" for index in range(30)]
        with timeline.transaction() as tx:
            for name in names:
                enter(tx, name=name)

        def crashing(tx: Transaction, fact: StoredFact) -> None:
            if dice.random() < 0.2:
                raise ZeroDivisionError
            ledger.copy(tx, fact)
            if dice.random() < 0.2:
                raise ZeroDivisionError

        while ledger.names(timeline, CopyRow) != names:
            follower = ledger.follower(timeline)
            follower._handle = crashing
            try:
                while follower.step(limit=dice.randint(1, 7)):
                    pass
            except ZeroDivisionError:
                continue
        verify(timeline.since(0))

    def test_two_followers_of_one_name_share_the_work(self, timeline: Timeline) -> None:
        with timeline.transaction() as tx:
            for index in range(40):
                enter(tx, name=f"n{index}")

        def follow(_: int) -> None:
            follower = ledger.follower(timeline)
            while follower.step(limit=5):
                pass

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(follow, range(3)))
        assert sorted(ledger.names(timeline, CopyRow)) == sorted(f"n{index}" for index in range(40))

    def test_follower_writes_down_a_long_way_without_work(self, timeline: Timeline) -> None:
        with timeline.transaction() as tx:
            for index in range(1_100):
                tx.emit(Fact("ledger.noted", f"x{index}", {}, area=ledger.AREA))
        follower = ledger.follower(timeline)
        while follower.step(limit=500):
            pass
        again = ledger.follower(timeline)
        assert again.step() <= 100

    # -- commands under a key

    def command(self, timeline: Timeline, key: str | None, route: str = "POST /entries") -> Command:
        return Command(timeline, route=route, key=key)

    def test_command_sent_twice_is_done_once_and_answered_twice(self, timeline: Timeline) -> None:
        first, second = (
            self.command(timeline, "key-00001").run(lambda tx: enter(tx, name="a", amount=5)) for _ in range(2)
        )
        assert first == second
        assert (timeline.head().seq, ledger.total(timeline)) == (1, 5)

    def test_command_without_a_key_is_done_each_time(self, timeline: Timeline) -> None:
        for _ in range(2):
            self.command(timeline, None).run(lambda tx: enter(tx, name="a"))
        assert timeline.head().seq == 2

    def test_command_that_answers_nothing_is_replayed_as_nothing(self, timeline: Timeline) -> None:
        def quiet(tx: Transaction) -> None:
            enter(tx, name="a")

        assert [self.command(timeline, "key-00001").run(quiet) for _ in range(2)] == [None, None]
        assert timeline.head().seq == 1

    def test_command_that_failed_leaves_its_key_free(self, timeline: Timeline) -> None:
        def fail(tx: Transaction) -> None:
            enter(tx, name="a")
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            self.command(timeline, "key-00001").run(fail)
        self.command(timeline, "key-00001").run(lambda tx: enter(tx, name="b"))
        assert ledger.names(timeline, EntryRow) == ["b"]

    def test_key_of_another_request_is_refused(self, timeline: Timeline) -> None:
        self.command(timeline, "key-00001").run(lambda tx: enter(tx, name="a"))
        with pytest.raises(Conflict):
            self.command(timeline, "key-00001", "POST /others").run(lambda tx: enter(tx, name="b"))

    def test_twins_at_the_same_moment_are_done_once(self, timeline: Timeline) -> None:
        for round_ in range(5):
            start = threading.Barrier(4)
            key = f"key-{round_:05}"

            def send(_: int, key: str = key, start: threading.Barrier = start) -> Any:
                start.wait()
                return self.command(timeline, key).run(lambda tx: enter(tx, name=key))

            with ThreadPoolExecutor(4) as pool:
                answers = list(pool.map(send, range(4)))
            assert all(answer == answers[0] for answer in answers)
        assert ledger.total(timeline) == timeline.head().seq == 5

    def test_old_answers_are_forgotten_on_purpose(self, timeline: Timeline) -> None:
        self.command(timeline, "key-00001").run(lambda tx: enter(tx, name="a"))
        assert forget_answers(timeline) == 0
        assert forget_answers(timeline, older_than=timedelta(seconds=-1)) == 1

    # -- columns

    @SAME_DATABASE
    @given(moment=MOMENTS)
    def test_instants_come_back_as_the_same_instant_in_utc(self, timeline: Timeline, moment: datetime) -> None:
        back = self._round_trip(timeline, at=moment).at
        assert back == moment
        assert back.tzinfo == UTC

    @SAME_DATABASE
    @given(value=JSON)
    def test_json_comes_back_as_it_was(self, timeline: Timeline, value: Any) -> None:
        assert self._round_trip(timeline, value=value).value == value

    def test_naive_time_is_refused(self, timeline: Timeline) -> None:
        with pytest.raises(StatementError, match="time zone"):
            self._round_trip(timeline, at=datetime(2026, 1, 1))  # noqa: DTZ001

    @staticmethod
    def _round_trip(timeline: Timeline, **columns: Any) -> SampleRow:
        with timeline.transaction() as tx:
            row = SampleRow(**columns)
            tx.session.add(row)
            tx.session.flush()
            number = row.number
        with timeline.reading() as session:
            return session.get_one(SampleRow, number)
