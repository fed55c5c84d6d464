"""Clocks of real cases on the real store: acted on once, also after the hall was down or killed between two steps."""

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from command_center.response.case_keeper import CaseKeeper, fire
from command_center.response.engine.stored import from_json
from command_center.response.profiles import keep, profile_of
from command_center.response.tables import CaseRow, ClockRow, ProfileRow
from command_center.timeline import Timeline
from tests.contracts.timeline_contract import verify
from tests.response.case_walker import open_again, walk
from tests.response.hall import Hall

DAY_S = 86_400.0


def expired(timeline: Timeline) -> list[Any]:
    return [fact.data["expired"] for fact in timeline.since(0, 1_000_000) if fact.kind == "response.clock_expired"]


def test_a_clock_that_runs_out_is_told_once_with_what_follows(hall: Hall) -> None:
    case = hall.open_case()
    hall.dispatch(case["id"], "R000")
    keeper = CaseKeeper(hall.timeline)
    keeper.step()
    assert expired(hall.timeline) == []
    hall.clock.wait(60 * DAY_S)
    for _ in range(3):
        keeper.step()
    told = expired(hall.timeline)
    assert [one["due_at"] for one in told] == sorted(one["due_at"] for one in told)
    assert Counter(one["timer"] for one in told) == Counter({"T-RECV": 1, "T-ARRIVE": 1, "T-RESOLVE": 1})
    assert [one["kind"] for one in told[0]["effects"]][:2] == ["expired", "next_candidate"]
    shown = hall.detail(case["id"])["case"]
    assert hall.folded()["cases"][case["id"]] == {**shown, "lonlat": list(shown["lonlat"])}


def test_a_clock_that_was_stopped_while_the_keeper_looked_is_left_alone(hall: Hall) -> None:
    case = hall.open_case()
    (order,) = hall.dispatch(case["id"], "R000")
    hall.clock.wait(60 * DAY_S)
    hall.act("accept", order)
    head = hall.timeline.head()
    with hall.tx() as tx:
        assert not fire(tx, case_id=case["id"], name="T-RECV")
    assert hall.timeline.head() == head


def test_a_case_stays_under_the_version_it_was_opened_under(hall: Hall) -> None:
    case = hall.open_case()
    with hall.tx() as tx:
        row = tx.session.get(ProfileRow, ("hall", 1))
        assert row is not None
        row.body = {**row.body, "labels": {"dispatch": "旧派单"}}
        keep(tx, "hall")
    with hall.timeline.reading() as session:
        stored = session.get(CaseRow, case["id"])
        assert stored is not None
        assert profile_of(session, stored.profile, stored.profile_version).action_name("dispatch") == "旧派单"


def test_a_case_from_before_the_engine_goes_on_with_its_deadlines(hall: Hall) -> None:
    case = hall.open_case()
    (order,) = hall.dispatch(case["id"], "R000")
    before = {one["name"]: one["due_at"] for one in hall.detail(case["id"])["case"]["clocks"]}
    with hall.tx() as tx:
        tx.session.execute(update(CaseRow).values(value=None))
    for verb, said in (("accept", {}), ("depart", {}), ("arrive", {"note": "到"}), ("feedback", {"text": "好"})):
        hall.act(verb, order, **said)
    assert {one["name"]: one["due_at"] for one in hall.detail(case["id"])["case"]["clocks"]} == before
    hall.manage("resolve", case["id"], answer="好")
    hall.manage("call_back", case["id"], rating=5, solved=True)
    assert hall.manage("archive", case["id"])["state"] == "ARCHIVED"


def test_killed_between_any_two_steps_nothing_is_lost_and_no_clock_is_acted_on_twice(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/hall.db"
    open_again(url).timeline.close()
    dice, fork, acknowledged = random.Random(1), multiprocessing.get_context("fork"), 0
    for _ in range(8):
        heard, told = fork.Pipe(duplex=False)
        walker = fork.Process(target=walk, args=(url, told), daemon=True)
        walker.start()
        told.close()
        for _ in range(dice.randrange(3, 25)):
            acknowledged = max(acknowledged, heard.recv())
        time.sleep(dice.uniform(0, 0.02))
        assert walker.pid is not None
        os.kill(walker.pid, signal.SIGKILL)
        walker.join(10)
        while heard.poll():
            try:
                acknowledged = max(acknowledged, heard.recv())
            except EOFError:
                break
        heard.close()
    hall = open_again(url)
    facts = hall.timeline.since(0, 1_000_000)
    assert hall.timeline.head().seq >= acknowledged > 50
    assert verify(facts) == hall.timeline.head().digest
    fired = Counter((fact.id, fact.data["expired"]["timer"], fact.data["expired"]["due_at"]) for fact in facts
                    if fact.kind == "response.clock_expired")  # fmt: skip
    assert fired and set(fired.values()) == {1}
    with hall.timeline.reading() as session:
        for row in session.scalars(select(CaseRow)):
            case = from_json(row.value)
            clocks = session.scalars(select(ClockRow).where(ClockRow.case_id == row.id)).all()
            assert case.state == row.state
            assert {(one.name, one.of, one.due_at, one.fires) for one in clocks} == {
                (one.name, one.of, one.due_at, one.pending) for one in case.timers
            }
    hall.timeline.close()
