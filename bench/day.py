"""A county's day of patrol as it is read: planned against delivered, and an hour of tracks played again."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import insert

from bench.report import Figure, Report
from command_center.access.guard import Who
from command_center.ingest.position import to_ms
from command_center.ingest.tables import PositionRow
from command_center.patrol.days.presence import PresenceKeeper
from command_center.patrol.days.queries import read_day, report
from command_center.patrol.days.sheet import workbook
from command_center.patrol.days.tracks import events, tracks
from command_center.patrol.duties.tables import DutyRow
from command_center.patrol.plans.packing import needs_json, rounds_json
from command_center.patrol.plans.tables import NeedRow, PlanRow, TeamRow
from command_center.patrol.points.tables import PointRow
from command_center.patrol.windows import day_bounds
from command_center.registry.commands import load_town
from command_center.registry.queries import town_index
from command_center.registry.tables import PersonRow
from command_center.timeline import Timeline, open_timeline
from command_center.timeline.ids import new_id
from command_center.timeline.tables import Base
from gis.planning.needs import Needs, PointNeed, Team, visits_of
from gis.planning.timetable import Round, Step, Stop
from gis.town import generate_town

DAY = date(2026, 8, 23)
WINDOWS = ((8, 11), (11, 14), (14, 17))
SHIFT_H = (8, 16)
EVERY_S = 10
TIMES = 15
WHO = Who("u1", "planner", "周海燕", "coordinator", "320724199")


def run(officers: int, points: int) -> Report:
    """Make the day once and read it again and again.

    Args:
        officers: in teams of two, each eight hours with a position every ten seconds.
        points: each with three windows.
    """
    with tempfile.TemporaryDirectory(prefix="yiping-day-") as folder, _made(Path(folder), officers, points) as timeline:
        keeper = PresenceKeeper(timeline)
        begun = time.perf_counter()
        while keeper.step():
            pass
        took_s = time.perf_counter() - begun
        with timeline.reading() as db:
            town = town_index(db)
            now = day_bounds(DAY)[1]

            def told() -> object:
                return report(db, read_day(db, day=DAY, area=WHO.area, now=now, codes_of=lambda _db, _ids: {}), town)

            page_ms = _times_ms(told)
            since = day_bounds(DAY)[0] + timedelta(hours=10)
            until = since + timedelta(hours=1)
            hour_ms = _times_ms(lambda: tracks(db, town, area=WHO.area, since=since, until=until))
            ticks_ms = _times_ms(lambda: events(db, WHO, area=WHO.area, since=since, until=until))
            view = report(db, read_day(db, day=DAY, area=WHO.area, now=now, codes_of=lambda _db, _ids: {}), town)
            sheet_ms = _times_ms(lambda: workbook(view), 3)
    stored = officers * (SHIFT_H[1] - SHIFT_H[0]) * 3600 // EVERY_S
    return Report(
        "day",
        [
            Figure("positions of the day", stored, "positions"),
            Figure("duties of the day", len(view["duties"]), "duties"),
            Figure("day reckoned, p50", statistics.median(page_ms), "ms", 300.0, "lower"),
            Figure("day reckoned, worst", max(page_ms), "ms"),
            Figure("workbook, p50", statistics.median(sheet_ms), "ms"),
            Figure("an hour of tracks read, p50", statistics.median(hour_ms), "ms"),
            Figure("events of an hour read, p50", statistics.median(ticks_ms), "ms"),
            Figure("positions brought to minutes", stored / took_s, "positions/s", None, "higher"),
        ],
    )


def _times_ms(act: Callable[[], object], times: int = TIMES) -> list[float]:
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        found.append((time.perf_counter() - begun) * 1000.0)
    return found


@contextmanager
def _made(folder: Path, officers: int, points: int) -> Iterator[Timeline]:
    """A hall's store with one full day in it."""
    moment = [day_bounds(DAY)[1] + timedelta(minutes=5)]
    timeline = open_timeline(f"sqlite:///{folder}/hall.db", clock=lambda: moment[0])
    Base.metadata.create_all(timeline.engine)
    chance = np.random.default_rng(7)
    model = generate_town(cameras=5)
    with timeline.transaction() as tx:
        load_town(tx, model)
        here = {person.id for person in model.persons}
        for number in range(officers - len(here)):
            tx.session.add(
                PersonRow(
                    id=f"x{number}", name=f"x{number}", call_sign=f"外{number:03}", force="AUX", unit_id="U01",
                    area=model.persons[0].area, lon=model.persons[0].base[0], lat=model.persons[0].base[1],
                    travel="foot",
                )
            )  # fmt: skip
        persons = [*sorted(here), *(f"x{number}" for number in range(officers))][:officers]
        spots = _points(model.points, points, chance)
        teams = _teams(persons, [person.base for person in model.persons])
        for spot in spots:
            tx.session.add(PointRow(**spot))
        tx.session.flush()
        for spot in spots:
            tx.session.add(NeedRow(point_id=spot["id"], visits=1, gap_s=3600, weight=2, version=1))
        for team, crew in teams:
            tx.session.add(
                TeamRow(
                    id=team.id, name=team.name, force=team.force, travel="foot", area=WHO.area, lon=team.base[0],
                    lat=team.base[1], shift_start="08:00:00", shift_end="16:00:00", rest_s=0, persons=crew,
                    active=True, version=1,
                )
            )  # fmt: skip
        tx.session.flush()
        for duty in _duties(spots, persons, chance):
            tx.session.add(duty)
        tx.session.add(_plan(spots, teams))
        _positions(tx.session, persons, spots, chance)
    yield timeline
    timeline.close()


def _points(model: object, count: int, chance: np.random.Generator) -> list[dict[str, object]]:
    known = list(model)  # type: ignore[call-overload]
    found = []
    for number in range(count):
        like = known[number % len(known)]
        lon, lat = np.array(like.lonlat) + chance.normal(0.0, 0.003, 2)
        windows = [{"start": f"{a:02}:00:00", "end": f"{b:02}:00:00"} for a, b in WINDOWS]
        found.append(
            {
                "id": f"q{number}", "name": f"点位{number}", "kind": "other", "area": like.area, "lon": float(lon),
                "lat": float(lat), "radius_m": 60.0, "dwell_s": 120, "windows": windows, "person_id": None,
                "assigned_only": False, "active": True, "version": 1,
            }
        )  # fmt: skip
    return found


def _teams(persons: list[str], bases: list[tuple[float, float]]) -> list[tuple[Team, list[str]]]:
    pairs = [persons[index : index + 2] for index in range(0, len(persons), 2)]
    return [
        (
            Team(f"t{n}", f"巡组{n:03}", "AUX", 1.4, bases[n % len(bases)], SHIFT_H[0] * 3600, SHIFT_H[1] * 3600),
            crew,
        )
        for n, crew in enumerate(pairs)
    ]


def _duties(spots: list[dict[str, object]], persons: list[str], chance: np.random.Generator) -> Iterator[DutyRow]:
    start, _ = day_bounds(DAY)
    for spot in spots:
        for a, b in WINDOWS:
            seen = chance.random() < 0.8
            begins, ends = start + timedelta(hours=a), start + timedelta(hours=b)
            at = begins + (ends - begins) * float(chance.random())
            yield DutyRow(
                id=new_id(), point_id=spot["id"], area=spot["area"], lon=spot["lon"], lat=spot["lat"], radius_m=60.0,
                need_s=120, both_sides=False, window_start=begins, window_end=ends, assigned_only=False,
                dwell_s=180 * seen,
                state="visited" if seen else "missed", visited_by=str(chance.choice(persons)) if seen else None,
                visited_at=at if seen else None, cause=None if seen else "not_visited", settled_at=ends, version=2,
            )  # fmt: skip


def _plan(spots: list[dict[str, object]], teams: list[tuple[Team, list[str]]]) -> PlanRow:
    windows = tuple((a * 3600, b * 3600) for a, b in WINDOWS)
    needs = Needs(
        teams=tuple(team for team, _ in teams),
        points=tuple(
            PointNeed(
                str(spot["id"]), str(spot["name"]), (float(str(spot["lon"])), float(str(spot["lat"]))), windows, 120
            )
            for spot in spots
        ),
    )
    stops: dict[str, list[Stop]] = {team.id: [] for team, _ in teams}
    for number, visit in enumerate(visits_of(needs)):
        stops[teams[number % len(teams)][0].id].append(
            Stop(Step(visit, True), visit.earliest_s + 600, visit.earliest_s + 720)
        )
    rounds = [
        Round(team.id, team.start_s, tuple(sorted(stops[team.id], key=lambda stop: stop.arrive_s)), team.end_s, 3600)
        for team, _ in teams
    ]
    body = {"needs": needs_json(needs), "crews": {team.id: {"persons": crew, "travel": "foot"} for team, crew in teams}}
    now = day_bounds(DAY)[0]
    return PlanRow(
        id=new_id(), day=DAY, area=WHO.area, state="published", wanted=1.0, predictability=0.1, made_by=WHO.json(),
        body=body | {"rounds": rounds_json(rounds), "fixed": {}, "relaxations": []}, made_at=now, published_at=now,
        version=1,
    )  # fmt: skip


def _positions(db: object, persons: list[str], spots: list[dict[str, object]], chance: np.random.Generator) -> None:
    """Everybody walks from point to point all day."""
    start_ms = to_ms(day_bounds(DAY)[0]) + SHIFT_H[0] * 3_600_000
    count = (SHIFT_H[1] - SHIFT_H[0]) * 3600 // EVERY_S
    lonlat = np.array([(spot["lon"], spot["lat"]) for spot in spots], dtype=np.float64)
    for person_id in persons:
        corners = lonlat[chance.integers(0, len(spots), 30)]
        along = np.linspace(0.0, 29.0, count)
        lon, lat = (np.interp(along, np.arange(30), corners[:, axis]) for axis in (0, 1))
        at_ms = start_ms + np.arange(count) * EVERY_S * 1000
        db.execute(  # type: ignore[attr-defined]
            insert(PositionRow),
            [
                {"person_id": person_id, "at_ms": int(at), "received_ms": int(at) + 400, "lon": x, "lat": y, "flags": 0}
                for at, x, y in zip(at_ms.tolist(), lon.tolist(), lat.tolist(), strict=True)
            ],
        )
