"""The tail: what this process stores and what it reads are the same, in whichever order they come."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from command_center.timeline import StoredFact, Timeline
from command_center.wall.frames import framed, line, unframed
from command_center.wall.tail import Tail
from tests.timeline.ledger import enter, open_ledger

COUNT = 12


@pytest.fixture
def handed_over(tmp_path: Path) -> Iterator[tuple[Timeline, list[StoredFact]]]:
    """A log with a few facts, and the facts as they were handed over at their commits."""
    timeline, facts = open_ledger(f"sqlite:///{tmp_path}/hall.db"), list[StoredFact]()
    timeline.on_stored(facts.extend)
    for index in range(COUNT):
        with timeline.transaction() as tx:
            enter(tx, name=f"n{index}")
    yield timeline, facts
    timeline.close()


def test_facts_handed_over_at_the_commit_are_those_of_the_database(
    handed_over: tuple[Timeline, list[StoredFact]],
) -> None:
    timeline, facts = handed_over
    assert facts == timeline.since(0)
    assert [line(fact) for fact in facts] == [line(fact) for fact in timeline.since(0)]


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(COUNT)), looks=st.sets(st.integers(0, COUNT - 1)))
def test_tail_is_whole_in_whichever_order_commits_are_handed_over(
    handed_over: tuple[Timeline, list[StoredFact]], order: list[int], looks: set[int]
) -> None:
    timeline, facts = handed_over

    async def play() -> None:
        tail = Tail(timeline, keep=1000)
        for step, index in enumerate(order):
            tail.offer([line(facts[index])])
            if step in looks:
                await tail.refresh()
        await tail.refresh()
        lines = tail.after(0, 1000)
        assert lines is not None
        assert [item.seq for item in lines] == list(range(1, COUNT + 1))
        assert tail.head == timeline.head()
        tail.close()

    asyncio.run(play())


@given(text=st.text(max_size=70_000) | st.integers(0, 70_000).map(lambda size: "x" * size))
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_frame_gives_back_its_text(text: str) -> None:
    assert unframed(framed(text.encode())) == text.encode()
