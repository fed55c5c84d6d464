"""The ledger: every verdict a row of its own, streets beside points, and the cause of each absence."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from command_center.ingest.position import Position
from command_center.patrol.duties import queries
from command_center.patrol.duties.facts import JudgementView
from command_center.patrol.lines.commands import add_line, change_line
from gis.metric import destination

from .conftest import GRID, PLACE, PLANNER, Patrol

EAST_END = destination(PLACE, 90.0, 600.0)
LINE: dict[str, Any] = {
    "name": "人民路",
    "area": GRID,
    "line": [PLACE, EAST_END],
    "windows": [{"start": "08:10:00", "end": "08:40:00"}],
    "person_id": "p1",
}


def line(patrol: Patrol, **more: Any) -> str:
    with patrol.timeline.transaction() as tx:
        return add_line(tx, **(LINE | more)).id


def walking(
    patrol: Patrol, start_min: float, from_m: float, to_m: float, *, person_id: str = "p1", every_s: float = 10.0
) -> list[Position]:
    """Fixes of somebody who walks along the line at 1.4 m/s, between two distances from its west end."""
    seconds = abs(to_m - from_m) / 1.4
    found = []
    for step in range(int(seconds / every_s) + 1):
        metres = from_m + (to_m - from_m) * min(1.0, step * every_s / seconds)
        lon, lat = destination(PLACE, 90.0, metres)
        at = patrol.at(start_min) + timedelta(seconds=step * every_s)
        found.append(Position(person_id, at, max(at, patrol.clock()), lon, lat, accuracy_m=8.0))
    return found


def ledger(patrol: Patrol, duty_id: str) -> list[JudgementView]:
    with patrol.timeline.reading() as db:
        return queries.judgements(db, duty_id)


def test_a_street_is_told_while_it_is_walked_and_credited_when_enough_is_done(patrol: Patrol) -> None:
    line(patrol)
    patrol.live(walking(patrol, 12, -20, 620), until_min=42)
    duty = patrol.duty()
    assert (duty["state"], duty["visited_by"], duty["line_id"] is not None) == ("visited", "p1", True)
    assert duty["share"] is not None and duty["share"] > 0.95
    kinds = patrol.kinds()
    assert kinds[:2] == ["patrol.line_added", "patrol.duty_opened"]
    assert "patrol.progressed" in kinds and kinds.count("patrol.visited") == 1


def test_what_several_walk_of_a_street_adds_up_unless_one_is_assigned_alone(patrol: Patrol) -> None:
    line(patrol)
    line(patrol, assigned_only=True)
    walks = [*walking(patrol, 12, -20, 320), *walking(patrol, 20, 300, 620, person_id="p2")]
    patrol.live(walks, until_min=42)
    found = {duty["state"]: duty for duty in patrol.duties()}
    detail = found["visited"]["detail"]
    assert detail is not None and sorted(detail["walked"]) == ["p1", "p2"]
    assert found["missed"]["share"] == pytest.approx(0.53, abs=0.05)
    assert found["missed"]["cause"] == "not_visited"


def test_a_team_may_be_the_only_one_that_counts(patrol: Patrol) -> None:
    line(patrol, person_id=None, unit_id="U01", assigned_only=True)
    patrol.live(walking(patrol, 12, -20, 620, person_id="p3"), until_min=42)
    assert patrol.duty()["visited_by"] == "p3"


def test_a_changed_line_moves_its_coming_duties(patrol: Patrol) -> None:
    line_id = line(patrol, line=[destination(PLACE, 0.0, 900.0), destination(PLACE, 45.0, 1500.0)])
    with patrol.timeline.transaction() as tx:
        change_line(tx, id=line_id, changes={"line": [PLACE, EAST_END], "need_share": 0.8}, by=PLANNER)
    patrol.live(walking(patrol, 12, -20, 520), until_min=42)
    assert (patrol.duty()["state"], patrol.duty()["need_share"]) == ("visited", 0.8)


def test_the_ledger_keeps_the_absence_beside_the_late_proof_and_says_whose_positions_came_late(patrol: Patrol) -> None:
    patrol.point()
    patrol.settle(45)
    patrol.settle(70)
    late = patrol.standing(15, 25)
    patrol.send(late)
    patrol.settle(71)
    first, second = ledger(patrol, patrol.duty()["id"])
    assert (first["version"], first["state"], first["cause"], first["reason"]) == (
        1,
        "missed",
        "device_silent",
        "window_over",
    )
    assert first["evidence_until"] is None
    assert (second["version"], second["state"], second["visited_by"]) == (2, "visited", "p1")
    assert (second["reason"], second["late"]) == ("late_positions", {"p1": len(late)})
    assert second["evidence_until"] == "2026-08-23T01:10:09.000Z"
    assert first["judged_at"] < second["judged_at"]


def test_silence_poor_reception_and_doubt_are_not_absence(patrol: Patrol) -> None:
    for person_id in ("p1", "p2", "p3"):
        patrol.point(person_id=person_id, assigned_only=True)
    poor = [replace(one, accuracy_m=180.0) for one in patrol.standing(15, 25, away_m=150.0)]
    elsewhere = patrol.standing(12, 30, person_id="p2", away_m=2_000.0)
    patrol.live([*poor, *elsewhere], until_min=42)
    found = {duty["person_id"]: (duty["cause"], duty["detail"]) for duty in patrol.duties()}
    assert found["p1"] == ("poor_gps", {"fixes": len(poor), "accuracy_m": 180})
    assert found["p2"] == ("not_visited", None)
    assert found["p3"] == ("device_silent", None)


def test_positions_that_come_late_from_elsewhere_tell_that_the_device_was_not_silent(patrol: Patrol) -> None:
    patrol.point()
    patrol.settle(45)
    patrol.send(patrol.standing(15, 25, away_m=3_000.0))
    patrol.settle(47)
    assert (patrol.duty()["state"], patrol.duty()["cause"]) == ("missed", "not_visited")


def test_judging_again_goes_on_after_a_crash_with_what_waited(patrol: Patrol, restarted: Any) -> None:
    patrol.point()
    patrol.settle(45)
    patrol.send(patrol.standing(15, 16))
    patrol.settle(46)
    patrol.send(patrol.standing(16, 25))
    patrol.clock.moment = patrol.at(46.2)
    patrol.keeper.tick(patrol.clock.moment)
    assert patrol.duty()["state"] == "missed"
    again = restarted(patrol)
    again.settle(52)
    assert again.duty()["state"] == "visited"
    again.stop()
