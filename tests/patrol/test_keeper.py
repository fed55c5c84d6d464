"""A day of duties: opened, credited from positions alone, missed with a cause, judged again, and never forgotten."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from command_center.ingest.position import Position
from command_center.patrol.duties.commands import open_duties
from command_center.patrol.points.commands import change_point
from command_center.patrol.windows import local_day

from .conftest import MORNING, PLANNER, Patrol, patrolling


def test_a_new_point_opens_its_windows_of_today_that_can_still_be_met(patrol: Patrol) -> None:
    windows = [("07:00", "07:50"), ("07:50", "08:04"), ("08:10", "08:40"), ("23:00", "01:00")]
    patrol.point(windows=[{"start": start, "end": end} for start, end in windows])
    assert [duty["window_start"] for duty in patrol.duties()] == [
        "2026-08-23T00:10:00.000Z",
        "2026-08-23T15:00:00.000Z",
    ]
    assert patrol.kinds() == ["patrol.point_added", "patrol.duty_opened", "patrol.duty_opened"]


def test_opening_a_day_twice_opens_nothing_twice_and_each_day_opens_by_itself(patrol: Patrol) -> None:
    patrol.point()
    for _ in range(2):
        with patrol.timeline.transaction() as tx:
            assert open_duties(tx, local_day(tx.now)) == 0
    patrol.settle(24 * 60)
    assert [duty["state"] for duty in patrol.duties()] == ["missed", "open"]


def test_a_person_who_stands_there_long_enough_is_credited_while_the_window_is_open(patrol: Patrol) -> None:
    patrol.point()
    patrol.live(patrol.standing(15, 22), until_min=21)
    duty = patrol.duty()
    assert (duty["state"], duty["visited_by"], duty["visited_at"]) == ("visited", "p1", "2026-08-23T00:20:00.000Z")
    visited = patrol.timeline.since(0)[-1]
    assert visited.kind == "patrol.visited"
    assert visited.happened_at == patrol.at(20)
    assert visited.parties == ("p1",)


def test_the_end_of_the_window_settles_the_longest_stay(patrol: Patrol) -> None:
    patrol.point()
    patrol.live(patrol.standing(15, 27), until_min=42)
    assert (patrol.duty()["dwell_s"], patrol.kinds()[-1]) == (720, "patrol.settled")


def test_anybody_may_cover_unless_the_point_is_for_the_assigned_person_alone(patrol: Patrol) -> None:
    patrol.point()
    patrol.point(assigned_only=True)
    patrol.live(patrol.standing(15, 25, person_id="p2"), until_min=42)
    outcomes = {(duty["state"], duty["visited_by"], duty["cause"]) for duty in patrol.duties()}
    assert outcomes == {("visited", "p2", None), ("missed", None, "device_silent")}


def test_nobody_is_credited_for_passing_by_or_for_standing_beside_the_circle(patrol: Patrol) -> None:
    patrol.point()
    patrol.live([*patrol.standing(12, 16), *patrol.standing(17, 35, person_id="p2", away_m=120.0)], until_min=40)
    assert patrol.duty()["state"] == "open"
    patrol.live([], until_min=42)
    duty = patrol.duty()
    assert (duty["state"], duty["cause"], duty["dwell_s"]) == ("missed", "not_visited", 240)
    assert patrol.timeline.since(0)[-1].happened_at == patrol.at(40)


def test_a_duty_is_not_missed_before_the_grace_is_over(patrol: Patrol) -> None:
    patrol.point()
    patrol.settle(40.8)
    assert patrol.duty()["state"] == "open"
    patrol.settle(41)
    assert patrol.duty()["state"] == "missed"


def test_an_absence_has_its_cause(patrol: Patrol) -> None:
    for person_id in ("p1", "p2", "p3", None):
        patrol.point(person_id=person_id)
    patrol.away["p2"] = "case7"
    patrol.live(patrol.standing(0, 39, away_m=2_000.0), until_min=42)
    outcomes = {duty["person_id"]: (duty["state"], duty["cause"], duty["case_id"]) for duty in patrol.duties()}
    assert outcomes == {
        "p1": ("missed", "not_visited", None),
        "p2": ("excused", "called_away", "case7"),
        "p3": ("missed", "device_silent", None),
        None: ("missed", "not_visited", None),
    }


def test_positions_that_come_late_turn_a_missed_duty(patrol: Patrol) -> None:
    patrol.point()
    patrol.settle(45)
    assert patrol.duty()["cause"] == "device_silent"
    patrol.settle(70)
    patrol.send(patrol.standing(15, 25))
    patrol.settle(71)
    duty = patrol.duty()
    assert (duty["state"], duty["visited_by"], duty["cause"], duty["dwell_s"]) == ("visited", "p1", None, 600)
    fact = patrol.timeline.since(0)[-1]
    assert (fact.kind, fact.data["note"]) == ("patrol.visited", {"rejudged": True, "was": "missed"})
    assert fact.happened_at == patrol.at(20)


def test_positions_that_come_late_can_also_take_a_credit_away(patrol: Patrol) -> None:
    patrol.point()
    sparse = patrol.standing(15, 25, every_s=110.0)
    patrol.live(sparse, until_min=45)
    assert patrol.duty()["state"] == "visited"
    absent = patrol.standing(17, 24, away_m=1_000.0, every_s=55.0)
    patrol.send([position for position in absent if position.at not in {one.at for one in sparse}])
    patrol.settle(46)
    assert patrol.duty()["state"] == "missed"
    assert patrol.timeline.since(0)[-1].data["note"] == {"rejudged": True, "was": "visited"}


@pytest.mark.parametrize("crash_min", [16, 19, 24, 41])
def test_a_crash_forgets_nothing(patrol: Patrol, restarted: Callable[[Patrol], Patrol], crash_min: float) -> None:
    patrol.point()
    positions = patrol.standing(15, 25)
    patrol.live([one for one in positions if one.at <= patrol.at(crash_min)], until_min=crash_min)
    again = restarted(patrol)
    again.live([one for one in positions if one.at > patrol.at(crash_min)], until_min=43)
    assert (again.duty()["state"], again.duty()["dwell_s"]) == ("visited", 600)
    assert again.kinds().count("patrol.visited") == 1
    again.stop()


def test_a_window_that_ends_while_the_hall_is_down_is_judged_at_the_next_start(
    patrol: Patrol, restarted: Callable[[Patrol], Patrol]
) -> None:
    patrol.point()
    patrol.live(patrol.standing(15, 25), until_min=18)
    patrol.send(patrol.standing(18, 25))
    again = restarted(patrol)
    again.settle(120)
    assert (again.duty()["state"], again.duty()["visited_at"]) == ("visited", "2026-08-23T00:20:00.000Z")
    again.stop()


def test_late_positions_stored_just_before_a_crash_are_judged_after_it(
    patrol: Patrol, restarted: Callable[[Patrol], Patrol]
) -> None:
    patrol.point()
    patrol.settle(45)
    patrol.clock.moment = patrol.at(70)
    patrol.keeper.tick(patrol.clock.moment)
    patrol.clock.moment += timedelta(seconds=2)
    patrol.send(patrol.standing(15, 25))
    again = restarted(patrol)
    again.settle(72)
    assert (again.duty()["state"], again.kinds()[-1]) == ("visited", "patrol.visited")
    again.stop()


def test_a_changed_plan_calls_off_what_has_not_begun_and_leaves_what_has(patrol: Patrol) -> None:
    point_id = patrol.point(windows=[{"start": "08:10", "end": "08:40"}, {"start": "10:00", "end": "11:00"}])
    patrol.settle(12)
    _change(patrol, point_id, windows=[{"start": "14:00", "end": "15:00"}])
    assert [duty["state"] for duty in patrol.duties()] == ["open", "excused", "open"]
    patrol.settle(200)
    assert [(duty["state"], duty["cause"]) for duty in patrol.duties()][1] == ("excused", None)
    _change(patrol, point_id, active=False)
    assert [duty["state"] for duty in patrol.duties()] == ["missed", "excused", "excused"]
    _change(patrol, point_id, active=True, windows=[{"start": "14:00", "end": "14:30"}])
    last = patrol.duties()[-1]
    assert (last["state"], last["window_end"]) == ("open", "2026-08-23T06:30:00.000Z")


def test_a_moved_point_moves_its_coming_duties(patrol: Patrol) -> None:
    point_id = patrol.point(lonlat=(119.45, 34.12))
    _change(patrol, point_id, lonlat=(119.4, 34.1), dwell_s=60, person_id="p2")
    patrol.live(patrol.standing(15, 17), until_min=20)
    assert (patrol.duty()["state"], patrol.duty()["person_id"]) == ("visited", "p2")


def _change(patrol: Patrol, point_id: str, **changes: object) -> None:
    with patrol.timeline.transaction() as tx:
        change_point(tx, id=point_id, changes=changes, by=PLANNER)


def _ledger(path: Path, order: Callable[[list[Position]], list[tuple[float, Position]]]) -> list[tuple[object, ...]]:
    """The outcome of a morning of three people whose positions arrive as `order` says: minute of arrival, position."""
    path.mkdir()
    with patrolling(path) as patrol:
        patrol.point(id="a")
        patrol.point(id="b", dwell_s=600, assigned_only=True)
        patrol.point(id="c", lonlat=(119.41, 34.1), person_id="p3")
        walks = [
            *patrol.standing(0, 12, away_m=900.0, every_s=20),
            *patrol.standing(14, 23, away_m=30.0, every_s=20),
            *patrol.standing(25, 40, away_m=700.0, every_s=20),
            *patrol.standing(11, 30, person_id="p2", away_m=60.0, every_s=20),
            *patrol.standing(12, 39, person_id="p3", away_m=910.0, every_s=20),
        ]
        arriving = sorted(order(walks), key=lambda entry: entry[0])
        for minute in range(0, 122, 2):
            patrol.clock.moment = patrol.at(minute)
            patrol.send(
                replace(one, received_at=patrol.clock.moment) for when, one in arriving if minute - 2 < when <= minute
            )
            patrol.keeper.tick(patrol.clock.moment)
        patrol.settle(122)
        return [
            tuple(duty[name] for name in ("point_id", "state", "visited_by", "visited_at", "dwell_s", "cause"))
            for duty in sorted(patrol.duties(), key=lambda duty: duty["point_id"])
        ]


def _minutes(position: Position) -> float:
    return (position.at - MORNING).total_seconds() / 60


@pytest.fixture(scope="module")
def ledger_in_order(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    folder = tmp_path_factory.mktemp("ledger") / "in-order"
    return _ledger(folder, lambda walks: [(_minutes(one), one) for one in walks])


@pytest.mark.parametrize("seed", [1, 2])
def test_late_doubled_and_shuffled_positions_give_the_ledger_of_the_same_day_in_order(
    tmp_path: Path, ledger_in_order: list[tuple[object, ...]], seed: int
) -> None:
    def in_disorder(walks: list[Position]) -> list[tuple[float, Position]]:
        rng = random.Random(seed)
        late = [(_minutes(one) + (rng.uniform(0, 60) if rng.random() < 0.2 else 0), one) for one in walks]
        late += [(when + rng.uniform(0, 15), one) for when, one in rng.sample(late, len(late) // 5)]
        rng.shuffle(late)
        return late

    assert [entry[1] for entry in ledger_in_order] == ["visited", "missed", "visited"]
    assert _ledger(tmp_path / "in-disorder", in_disorder) == ledger_in_order
