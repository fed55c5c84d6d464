"""A day read afterwards: what was due and what is proved, seen within the area, the same in whatever order it came."""

import io
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import select

from command_center.access.tables import AuditRow
from command_center.ingest.position import Position
from command_center.patrol.days.presence import PresenceKeeper, read_presence
from command_center.patrol.days.reckoning import Due, covered, tally
from command_center.patrol.windows import day_bounds

from .conftest import MORNING, Patrol, patrolling
from .serving_patrol import Hall, serving_patrol

DAY = "2026-08-23"
SPAN = {"from": "2026-08-23T00:00:00Z", "until": "2026-08-23T01:00:00Z"}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A morning with one visit proved, one missed without a position, and one excused by a case."""
    with serving_patrol(tmp_path_factory.mktemp("hall")) as hall:
        visitor, silent, away = hall.persons[0], hall.persons[1], hall.persons[2]
        hall.away[away] = "case-1"
        with hall.signed_in("planner") as planner:
            for name, person_id in (("小学", visitor), ("医院", silent), ("车站", away)):
                body = hall.body(name=name, person_id=person_id, assigned_only=True)
                assert planner.post("/patrol/points", json=body).status_code == 201
        hall.clock.moment = hall.at(20)
        lon, lat = hall.place
        hall.send(replace(one, lon=lon, lat=lat) for one in hall.standing(12, 20, person_id=visitor))
        hall.settle(60)
        while PresenceKeeper(hall.timeline).step():
            pass
        yield hall


def _day(hall: Hall, name: str, **params: str) -> dict[str, Any]:
    with hall.signed_in(name) as client:
        answer = client.get(f"/patrol/days/{DAY}", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _own(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [duty for duty in report["duties"] if duty["name"] in ("小学", "医院", "车站")]


def test_what_was_due_is_proved_missed_with_its_cause_or_excused_with_its_case(hall: Hall) -> None:
    report = _day(hall, "planner")
    told = {duty["name"]: (duty["state"], duty["cause"]) for duty in _own(report)}
    assert told == {
        "小学": ("visited", None),
        "医院": ("missed", "device_silent"),
        "车站": ("excused", "called_away"),
    }
    assert next(duty["case"]["id"] for duty in _own(report) if duty["name"] == "车站") == "case-1"


def test_sums_of_teams_and_of_villages_are_those_of_the_whole(hall: Hall) -> None:
    report = _day(hall, "planner")
    whole = report["total"]
    assert whole["due"] == whole["proved"] + whole["missed"] + whole["excused"] + whole["open"] == len(report["duties"])
    villages = [place for place in report["places"] if len(place["code"]) == 12]
    for name in ("due", "proved", "missed", "excused", "need_s", "stay_s"):
        assert sum(team["tally"][name] for team in report["teams"]) == whole[name], name
        assert sum(place["tally"][name] for place in villages) == whole[name], name


def test_a_place_is_seen_by_feet_in_the_hour_in_which_somebody_stood_there(hall: Hall) -> None:
    report = _day(hall, "planner")
    target = next(duty["target_id"] for duty in _own(report) if duty["name"] == "小学")
    feet = next(spot["feet"] for spot in report["spots"] if spot["id"] == target)
    assert feet[8] == sum(feet) > 5


def test_one_village_reads_its_own_day_and_nobody_elses(hall: Hall) -> None:
    own = _day(hall, "village")
    assert {duty["area"][:12] for duty in own["duties"]} == {own["area"]}
    assert _day(hall, "elsewhere")["duties"] == []
    with hall.signed_in("village") as village, hall.signed_in("walker") as walker:
        assert village.get(f"/patrol/days/{DAY}", params={"area": "320724199"}).status_code == 404
        assert walker.get(f"/patrol/days/{DAY}").status_code == 403
        assert walker.get(f"/patrol/days/{DAY}/tracks", params=SPAN).status_code == 403


def test_the_workbook_says_what_the_page_says(hall: Hall) -> None:
    report = _day(hall, "planner")
    with hall.signed_in("planner") as planner:
        answer = planner.get(f"/patrol/days/{DAY}/report.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    head, row = list(book["合计"].values)[:2]
    sums = dict(zip(head, row, strict=True))
    assert (sums["应巡（次）"], sums["已巡"]) == (report["total"]["due"], report["total"]["proved"])
    assert len(list(book["任务"].values)) == len(report["duties"]) + 1


def test_an_hour_is_played_again_and_the_look_is_written_down(hall: Hall) -> None:
    with hall.signed_in("planner") as planner:
        played = planner.get(f"/patrol/days/{DAY}/tracks", params=SPAN).json()
        too_long = planner.get(f"/patrol/days/{DAY}/tracks", params=SPAN | {"until": "2026-08-23T09:00:00Z"})
        elsewhere = planner.get("/patrol/days/2026-08-22/tracks", params=SPAN)
    (track,) = played["tracks"]
    assert track["person_id"] == hall.persons[0]
    at_s = np.cumsum(track["at_s"])
    assert (at_s[0], at_s[-1]) == (12 * 60, 20 * 60)
    assert np.cumsum(track["lon"])[-1] / 1e6 == pytest.approx(hall.place[0], abs=1e-5)
    assert {"visited", "missed", "excused"} >= {event["kind"] for event in played["events"]} >= {"visited", "missed"}
    assert (too_long.status_code, elsewhere.status_code) == (400, 400)
    assert too_long.json()["code"] == "day_stretch_bad"
    with hall.timeline.reading() as db:
        seen = db.scalars(select(AuditRow.user_name).where(AuditRow.what == "patrol.tracks_seen")).all()
    assert seen == ["planner"]


def test_published_rounds_of_a_day_without_a_plan_are_none(hall: Hall) -> None:
    with hall.signed_in("planner") as planner:
        assert planner.get(f"/patrol/days/{DAY}/rounds").json() == []


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    """Folders for as many patrols as are asked for."""
    yield [tmp_path_factory.mktemp("presence") for _ in range(60)]


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**31))
@example(seed=220153)
def test_minutes_are_the_same_in_whatever_order_positions_arrive(fresh: list[Path], seed: int) -> None:
    random_ = random.Random(seed)
    # One position of a person in a second: of two the first to arrive is kept, here as everywhere.
    moments = random_.sample([(person, second) for person in ("p1", "p2") for second in range(3_600)], 40)
    # No further apart than anybody walks: of two between which nobody could have gone, the later to arrive is doubted.
    taken = [
        Position(person, MORNING + timedelta(seconds=second), MORNING, 119.4 + random_.random() / 10_000, 34.1)
        for person, second in moments
    ]
    late = random_.sample(taken, len(taken)) + random_.sample(taken, 10)
    assert _minutes(fresh.pop(), [sorted(taken, key=lambda one: one.at)]) == _minutes(fresh.pop(), [late[:9], late[9:]])


def _minutes(folder: Path, arriving: list[list[Position]]) -> list[tuple[str, int, float]]:
    """Who was where in which minute, after positions arrived in these lots and were taken in between."""
    with patrolling(folder) as patrol:
        patrol.clock.moment = patrol.at(61)
        for lot in arriving:
            patrol.send([replace(one, received_at=patrol.clock.moment) for one in lot])
            patrol.clock.moment += timedelta(seconds=20)
            while PresenceKeeper(patrol.timeline).step():
                pass
        return _read(patrol)


def _read(patrol: Patrol) -> list[tuple[str, int, float]]:
    since, until = day_bounds(date(2026, 8, 23))
    with patrol.timeline.reading() as db:
        found = read_presence(db, since=since, until=until)
    return [
        (found.persons[person], int(minute), float(lon))
        for person, minute, (lon, _) in zip(found.person, found.minute, found.lonlat, strict=True)
    ]


def test_a_street_walked_twice_counts_its_metres_twice_as_duties_and_once_as_street() -> None:
    halves = [
        Due("a", "street", "1", 0, 60, "visited", length_m=1000.0, share=0.5, done=((0.0, 0.5),)),
        Due("b", "street", "1", 60, 120, "visited", length_m=1000.0, passes=2, share=0.5, done=((0.25, 0.75),)),
    ]
    sums = tally(halves, team_of={}, crew_of={})
    assert (sums.due_m, sums.proved_m, sums.street_m, sums.walked_m) == (3000.0, 1500.0, 1000.0, 750.0)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda ends: (min(ends), max(ends))), max_size=8))
def test_the_union_of_spans_is_no_longer_than_they_are_and_does_not_depend_on_their_order(
    spans: list[tuple[float, float]],
) -> None:
    assert covered(spans) == pytest.approx(covered(spans[::-1]))
    assert max((end - start for start, end in spans), default=0.0) <= covered(spans) + 1e-9
    assert covered(spans) <= sum(end - start for start, end in spans) + 1e-9
