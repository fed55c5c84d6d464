"""Rounds of a plan for the whole town, as the coordinator of one village reads them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from command_center.patrol.days.parts import ground_of, pieces
from command_center.patrol.duties.tables import DutyRow
from command_center.patrol.lines.commands import add_line
from command_center.patrol.plans.commands import add_team, publish_plan
from command_center.patrol.plans.needs import gather
from command_center.patrol.plans.packing import needs_json, rounds_json
from command_center.patrol.plans.tables import PlanRow
from command_center.registry.queries import town_index
from command_center.registry.town_index import TownIndex
from command_center.timeline.facts import EVERYBODY
from gis.metric import destination
from gis.town import generate_town
from gis.town_teams import make_teams
from tests.past_day import PLANNER, fair_rounds

from .serving_patrol import TOWN, Hall, serving_patrol

DAY = date(2026, 8, 23)
NEAR_DEG = 2e-6


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A plan for the whole town is published."""
    with serving_patrol(tmp_path_factory.mktemp("rounds")) as hall:
        model = generate_town(cameras=1)
        for place in model.points[:40]:
            windows = [{"start": window.start, "end": window.end} for window in place.windows]
            hall.point(id=place.id, name=place.name, area=place.area, lonlat=place.lonlat, windows=windows)
        with hall.timeline.transaction() as tx:
            for one in make_teams(model)[:5]:
                add_team(
                    tx, id=one.id, name=one.name, force=one.force, travel=one.travel, area=one.area, lonlat=one.base,
                    shift_start=one.shift[0], shift_end=one.shift[1], rest_s=one.rest_s, persons=one.persons,
                )  # fmt: skip
        with hall.timeline.transaction() as tx:
            needs, rows = gather(tx.session, area=TOWN, wanted=1.0)
            body = {
                "needs": needs_json(needs),
                "crews": {row.id: {"persons": row.persons, "travel": row.travel} for row in rows},
                "fixed": {},
                "relaxations": [],
                "rounds": rounds_json(list(fair_rounds(needs))),
            }
            tx.session.add(
                PlanRow(
                    id="plan", day=DAY, area=TOWN, state="draft", wanted=1.0, predictability=0.2, body=body,
                    made_by=PLANNER.json(), made_at=tx.now, version=1,
                )
            )  # fmt: skip
        with hall.timeline.transaction() as tx:
            publish_plan(tx, id="plan", version=1, by=PLANNER)
        yield hall


@pytest.fixture(scope="module")
def town(hall: Hall) -> TownIndex:
    with hall.timeline.reading() as db:
        return town_index(db)


def _rounds(hall: Hall, name: str) -> list[dict[str, Any]]:
    with hall.signed_in(name) as client:
        answer = client.get(f"/patrol/days/{DAY}/rounds", timeout=60)
        assert answer.status_code == 200, answer.text
        return list(answer.json())


def _lines(rounds: list[dict[str, Any]]) -> list[Any]:
    lines = [line for one in rounds for way in one["ways"] for line in way]
    return [shapely.LineString(line) for line in lines if len(line) > 1]


def test_a_village_sees_the_stops_and_ways_that_lie_in_it_and_nothing_else(hall: Hall, town: TownIndex) -> None:
    whole = _rounds(hall, "planner")
    assert all(one["whole"] and len(one["ways"]) == len(one["stops"]) + 1 for one in whole)
    with hall.signed_in("village") as client:
        village = client.get("/session").json()["area"]
        places = {one["id"]: one["area"] for one in client.get("/patrol/points").json()}
    parts = _rounds(hall, "village")
    assert parts and not any(one["whole"] for one in parts)

    ground = ground_of(town, village)
    lines = _lines(parts)
    assert shapely.covers(ground.buffer(NEAR_DEG), lines).all()
    there = shapely.length(shapely.intersection(_lines(whole), ground)).sum()
    assert shapely.length(lines).sum() == pytest.approx(there, rel=1e-3)

    def stops(rounds: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
        own = (stop for one in rounds for stop in one["stops"] if stop["kind"] == "point")
        return sorted((stop["need_id"], stop["at"], stop["name"]) for stop in own)

    assert stops(parts) and stops(parts) == [stop for stop in stops(whole) if stop[0] in places]
    assert {area[:12] for area in places.values()} == {village}
    by_team = {one["team_id"]: one for one in whole}
    for one in parts:
        of = by_team[one["team_id"]]
        assert of["depart_at"] <= one["depart_at"] <= one["back_at"] <= of["back_at"]
        assert all(one["depart_at"] <= stop["at"] and stop["leave_at"] <= one["back_at"] for stop in one["stops"])
    assert _rounds(hall, "elsewhere") == []


def test_the_day_of_a_village_counts_the_stops_that_a_wider_plan_makes_there(hall: Hall) -> None:
    stops = [stop for one in _rounds(hall, "village") for stop in one["stops"] if stop["kind"] in ("point", "street")]
    with hall.signed_in("village") as client:
        report = client.get(f"/patrol/days/{DAY}").json()
    assert [one["id"] for one in report["plans"]] == ["plan"]
    assert sum(sum(spot["planned"]) for spot in report["spots"]) == len(stops)
    # How long a team was on its way is told of whole rounds alone.
    assert report["minutes"]["planned"] == 0


def test_everybody_hears_that_rounds_changed_and_no_more_than_that(hall: Hall) -> None:
    fact = next(one for one in hall.timeline.since(0) if one.kind == "patrol.rounds_changed")
    assert (fact.data, fact.parties) == ({"day": DAY.isoformat()}, (EVERYBODY,))


def test_a_street_of_the_day_shows_the_pieces_walked_in_any_window_and_none_of_another_course(hall: Hall) -> None:
    course = [hall.place, destination(hall.place, 90.0, 600.0)]
    windows = [{"start": f"{hour:02}:00:00", "end": f"{hour + 1:02}:00:00"} for hour in (9, 12, 15)]
    with hall.timeline.transaction() as tx:
        id = add_line(tx, name="老街", area=TOWN + "001001", line=course, windows=windows).id
        rows = tx.session.scalars(select(DutyRow).where(DutyRow.line_id == id).order_by(DutyRow.window_start)).all()
        for row, done in zip(rows, ([[0.0, 0.9]], [[0.0, 0.3]], [[0.2, 0.5], [0.8, 1.0]]), strict=True):
            row.done, row.state, row.share = done, "visited", 0.9
        rows[0].line = course[::-1]
    with hall.signed_in("planner") as client:
        spots = client.get(f"/patrol/days/{DAY}").json()["spots"]
    (street,) = (one for one in spots if one["id"] == id)
    assert street["done"] == [[0.0, 0.5], [0.8, 1.0]]
    assert len(street["path"]) == 2
    assert all(one["path"] == [] == one["done"] for one in spots if not one["line"])


@given(st.lists(st.tuples(st.floats(-1, 3), st.floats(-1, 3)), min_size=2, max_size=8))
def test_pieces_of_a_way_are_in_order_and_together_what_lies_on_the_ground(corners: list[tuple[float, float]]) -> None:
    ground = shapely.Polygon([(0, 0), (2, 0), (2, 2), (1, 1), (0, 2)])
    line = shapely.LineString(corners)
    found = pieces(corners, ground)
    length = sum(shapely.LineString(piece.line).length for piece in found)
    steps = [shapely.LineString(corners[n : n + 2]) for n in range(len(corners) - 1)]
    assert length == pytest.approx(sum(step.intersection(ground).length for step in steps), abs=1e-4)
    shares = [share for piece in found for share in piece.share]
    assert shares == sorted(shares)
    assert (shares[-1] if shares else 0.0) <= 1.0 + 1e-9
    assert sum(piece.share[1] - piece.share[0] for piece in found) * line.length == pytest.approx(length, abs=1e-4)
