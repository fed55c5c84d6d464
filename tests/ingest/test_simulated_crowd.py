"""Simulated people: they walk, keep most duties, go where orders send them, and obey at a human pace."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from command_center.ingest.simulated_crowd import Crowd, World
from command_center.timeline.facts import iso
from gis.metric import distance_m
from gis.town import generate_town
from gis.town_model import Town

BEGIN = datetime(2026, 8, 23, 0, 0, tzinfo=UTC)
BEGINS_S = BEGIN.timestamp()


@pytest.fixture(scope="module")
def town() -> Town:
    return generate_town()


@pytest.fixture
def crowd(town: Town) -> Crowd:
    return Crowd(town, seed=7, begins_s=BEGINS_S)


def _where(crowd: Crowd, person_id: str, now_s: float) -> tuple[float, float]:
    found = next(one for one in crowd.report(now_s, "") if one["person_id"] == person_id)
    return found["lon"], found["lat"]


def _live(crowd: Crowd, world: World, from_s: float, to_s: float) -> None:
    for offset in range(int(from_s), int(to_s), 5):
        crowd.decide(world, BEGINS_S + offset)


def _order(town: Town, state: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "o1",
        "case_id": "c1",
        "person_id": town.persons[0].id,
        "state": state,
        "arrival_proposed_at": None,
    } | more


def _world(town: Town, **entities: dict[str, Any]) -> World:
    world = World()
    world.entities["case"]["c1"] = {"id": "c1", "lonlat": list(town.places[0].lonlat)}
    for name, entity in entities.items():
        world.entities[name][entity["id"]] = entity
    return world


def test_everybody_reports_from_within_the_town_and_most_forces_move(town: Town, crowd: Crowd) -> None:
    first, later = crowd.report(BEGINS_S, "t"), crowd.report(BEGINS_S + 600, "t")
    assert {one["person_id"] for one in first} == {person.id for person in town.persons}
    moved = [distance_m((a["lon"], a["lat"]), (b["lon"], b["lat"])) > 50 for a, b in zip(first, later, strict=True)]
    assert 30 < sum(moved) < 120
    assert all(distance_m((one["lon"], one["lat"]), town.center.lonlat) < 15_000 for one in first)


def test_the_same_seed_walks_the_same_rounds(town: Town, crowd: Crowd) -> None:
    again = Crowd(town, seed=7, begins_s=BEGINS_S)
    assert again.report(BEGINS_S + 99, "t") == crowd.report(BEGINS_S + 99, "t")


def test_who_accepted_an_order_goes_to_the_place_stays_and_goes_back_when_it_is_done(town: Town, crowd: Crowd) -> None:
    world, place = _world(town, order=_order(town, "accepted")), town.places[0].lonlat
    _live(crowd, world, 0, 10)
    assert distance_m(_where(crowd, town.persons[0].id, BEGINS_S + 3_000), place) < 20
    _live(crowd, world, 3_000, 3_010)
    assert distance_m(_where(crowd, town.persons[0].id, BEGINS_S + 3_600), place) < 20
    world.entities["order"]["o1"] = _order(town, "done")
    _live(crowd, world, 3_600, 3_610)
    assert distance_m(_where(crowd, town.persons[0].id, BEGINS_S + 4_200), place) > 50


def test_the_assigned_person_is_at_the_point_in_its_window_unless_it_is_left_undone(town: Town, crowd: Crowd) -> None:
    undone = 0
    for number, model in enumerate(town.points[:30]):
        start = BEGIN + timedelta(hours=2)
        duty = {
            "id": f"d{number}",
            "point_id": model.id,
            "person_id": model.person_id,
            "state": "open",
            "window_start": iso(start),
            "window_end": iso(start + timedelta(minutes=40)),
        }
        world = _world(town, point={"id": model.id, "lonlat": list(model.lonlat)}, duty=duty)
        _live(crowd, world, 6_000, 9_000)
        away_m = distance_m(_where(crowd, model.person_id, BEGINS_S + 9_000), model.lonlat)
        undone += away_m > model.radius_m
        _live(crowd, World(), 9_600, 9_605)
    assert 0 < undone < 10


def test_an_obedient_responder_takes_every_step_once_at_a_human_pace(town: Town, crowd: Crowd) -> None:
    world, steps, state = _world(town), [], "sent"
    after = {"accept": "accepted", "depart": "departed", "arrive": "arrived", "feedback": "reported", "done": "done"}
    for second in range(120):
        proposed = iso(BEGIN) if second > 40 else None
        world.entities["order"]["o1"] = _order(town, state, arrival_proposed_at=proposed)
        for act in crowd.obey(world, BEGINS_S + second):
            steps.append((act.verb, second))
            state = after[act.verb]
    assert [verb for verb, _ in steps] == ["accept", "depart", "arrive", "feedback", "done"]
    assert 8 <= steps[0][1] <= 16
    assert steps[2][1] > 40


def test_an_order_that_a_person_of_flesh_handles_is_left_to_him(town: Town, crowd: Crowd) -> None:
    world = _world(town)
    order = _order(town, "accepted")
    fact = {"kind": "response.order_accepted", "by": {"id": "u1", "name": "警01"}, "data": {"order": order}}
    world.fold(fact, crowd.own)
    assert [act for second in range(60) for act in crowd.obey(world, BEGINS_S + second)] == []
    crowd.own.add(("o1", "accept"))
    own = World()
    own.fold(fact, crowd.own)
    assert own.by_hand == set()
