"""A whole day of patrol that has been: planned, walked along the roads, and judged by the hall's own keeper."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import insert, select

from command_center.access.guard import Who
from command_center.ingest.position import to_ms
from command_center.ingest.tables import PositionRow
from command_center.patrol.days.presence import PresenceKeeper
from command_center.patrol.duties.commands import open_duties
from command_center.patrol.duties.keeper import DutyKeeper
from command_center.patrol.lines.commands import add_line
from command_center.patrol.plans.commands import set_need
from command_center.patrol.plans.needs import gather, instant
from command_center.patrol.plans.packing import needs_json, rounds_json
from command_center.patrol.plans.tables import PlanRow
from command_center.patrol.points.tables import PointRow
from command_center.patrol.video_patrol.tables import VideoMarkRow, VideoPlanRow, VideoRoundRow
from command_center.patrol.windows import day_bounds
from command_center.registry.town_index import TownIndex
from command_center.settings import Settings
from command_center.timeline import Timeline
from command_center.timeline.ids import new_id
from gis.planning.needs import Needs, Visit, visits_of
from gis.planning.timetable import Round, Step, Stop
from gis.roads import NoWay

PLANNER = Who("u1", "planner", "周海燕", "coordinator", "320724199")
STREETS = (("省道示范线", 0.9), ("县道晴砚线", 0.8))
WALKED_MPS = {"car": 8.0, "scooter": 5.0, "foot": 1.4}
EVERY_S = 10
# Of all stops these are not made: now and then nobody goes.
SKIPPED = 7
SILENT_AFTER_S = 15.5 * 3600


class Clock:
    """The time of the day that has been; settable."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


def live_through(
    timeline: Timeline, clock: Clock, town: TownIndex, day: date, *, called_away: str | None = None
) -> str:
    """Live through a local day: all teams go round by a published plan, and at its end everything is judged.

    Args:
        timeline: of a hall whose points and teams are loaded, on `clock`.
        clock: set to the day's beginning and left at its end.
        town: the same town.
        day: to live through.
        called_away: the id of a case that kept the last person of all away.

    Returns:
        The id of the plan.
    """
    start, end = day_bounds(day)
    clock.moment = start + timedelta(seconds=1)
    with timeline.transaction() as tx:
        for name, share in STREETS:
            road = max((one for one in town.roads if one.name == name), key=lambda one: len(one.line))
            line = list(road.line)[:4]
            area = town.area_of(line[len(line) // 2])
            windows = [{"start": "09:00:00", "end": "12:00:00"}]
            add_line(
                tx, name=name, area=area, line=line, windows=windows, need_share=share, both_sides=name == "省道示范线"
            )
        for id in tx.session.scalars(select(PointRow.id).order_by(PointRow.id).limit(12)).all():
            set_need(tx, point_id=id, by=PLANNER, visits=1, gap_s=1800, weight=2, cover_minutes=None, cover_share=None)
        open_duties(tx, day)
        needs, rows = gather(tx.session, area=PLANNER.area, wanted=1.0)
        rounds = list(fair_rounds(needs))
        crews = {row.id: {"persons": row.persons, "travel": row.travel} for row in rows}
        plan_id = new_id()
        body = {
            "needs": needs_json(needs),
            "crews": crews,
            "fixed": {},
            "relaxations": [],
            "rounds": rounds_json(rounds),
        }
        tx.session.add(
            PlanRow(
                id=plan_id, day=day, area=PLANNER.area, state="published", wanted=1.0, predictability=0.2, body=body,
                made_by=PLANNER.json(), made_at=tx.now, published_at=tx.now, version=1,
            )
        )  # fmt: skip
        _look_through(tx, day)
        for one in rounds:
            crew = crews[one.team_id]
            for offset, person_id in enumerate(crew["persons"]):
                track = list(_walk(town, one, WALKED_MPS[crew["travel"]], day, offset))
                rows_of = [{"person_id": person_id, "flags": 0, "accuracy_m": 8.0} | position for position in track]
                if rows_of:
                    tx.session.execute(insert(PositionRow), rows_of)
    away = max(town.persons) if called_away else None
    keeper = DutyKeeper(timeline, Settings(), called_away=lambda _db, id, _a, _b: called_away if id == away else None)
    clock.moment = end + timedelta(hours=3)
    for _ in range(3):
        keeper.tick(clock.moment)
        clock.moment += timedelta(seconds=3)
    presence = PresenceKeeper(timeline)
    while presence.step():
        pass
    return plan_id


def fair_rounds(needs: Needs) -> Iterator[Round]:
    """Each team takes the next visit that it can still reach: a fair day, not a clever one."""
    left = sorted((one for one in visits_of(needs) if one.kind != "rest"), key=lambda one: (one.latest_s, one.id))
    for team in needs.teams:
        at_s, here, stops = team.start_s + 600, team.base, list[Stop]()
        for visit in list(left):
            way_s = _way_s(here, visit)
            arrive_s = max(at_s + way_s, visit.earliest_s)
            if arrive_s > visit.latest_s or arrive_s + visit.stay_s + 900 > team.end_s or len(stops) >= 6:
                continue
            stops.append(Stop(Step(visit, True), arrive_s, arrive_s + visit.stay_s))
            at_s, here = arrive_s + visit.stay_s, visit.last
            left.remove(visit)
        back_s = min(team.end_s, at_s + 1800) if stops else team.start_s + 600
        yield Round(team.id, team.start_s + 300, tuple(stops), back_s, 0)


def _way_s(here: tuple[float, float], visit: Visit) -> int:
    away = np.hypot(visit.first[0] - here[0], visit.first[1] - here[1]) * 100_000
    return int(away / 3.0) + 300


def _walk(town: TownIndex, one: Round, mps: float, day: date, offset: int) -> Iterator[dict[str, object]]:
    """Positions of somebody on a round: along the roads, staying at every stop but those that are skipped."""
    base = next((stop.visit.first for stop in one.stops), None)
    if base is None:
        return
    here, at_s = base, float(one.depart_s)
    for number, stop in enumerate(one.stops):
        if (number + int(one.team_id[1:])) % SKIPPED == 0:
            continue
        way = _way(town, here, stop.visit.first)
        # He leaves in time to arrive as planned, and is some minutes late now and then.
        length_m = _length_m(way)
        leaves_s = max(at_s, stop.arrive_s - length_m / mps + 60.0 * (number % 3))
        yield from _along(way, leaves_s, leaves_s + length_m / mps, day, offset)
        at_s = leaves_s + length_m / mps
        there = [stop.visit.first, stop.visit.last] if stop.visit.kind == "point" else _street(stop.visit)
        until_s = max(at_s + stop.visit.stay_s, stop.leave_s)
        yield from _along(there, at_s, until_s, day, offset)
        here, at_s = stop.visit.last, until_s


def _street(visit: Visit) -> list[tuple[float, float]]:
    return [visit.first, visit.last]


def _way(town: TownIndex, start: tuple[float, float], end: tuple[float, float]) -> list[tuple[float, float]]:
    try:
        return [start, *((float(x), float(y)) for x, y in town.graph.route(start, end).line_lonlat), end]
    except NoWay:
        return [start, end]


def _length_m(line: list[tuple[float, float]]) -> float:
    return float(np.hypot(*(np.diff(np.array(line), axis=0) * (92_000, 111_000)).T).sum()) + 1.0


def _along(
    line: list[tuple[float, float]], start_s: float, end_s: float, day: date, offset: int
) -> Iterator[dict[str, object]]:
    xy = np.array(line)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    for second in range(-(-int(start_s) // EVERY_S) * EVERY_S, int(end_s), EVERY_S):
        if second > SILENT_AFTER_S and offset == 1:
            return
        share = (second - start_s) / max(1.0, end_s - start_s) * along[-1]
        lon, lat = float(np.interp(share, along, xy[:, 0])), float(np.interp(share, along, xy[:, 1]))
        at_ms = to_ms(instant(day, second)) + offset * 700
        yield {"at_ms": at_ms, "received_ms": at_ms + 400, "lon": lon + 2e-5 * offset, "lat": lat}


def _look_through(tx: object, day: date) -> None:
    """Two rounds through the first plan of video patrol, every picture normal."""
    session = tx.session  # type: ignore[attr-defined]
    plan = session.scalars(select(VideoPlanRow).order_by(VideoPlanRow.id).limit(1)).first()
    if plan is None:
        return
    for hour in (9, 15):
        begun = instant(day, hour * 3600)
        row = VideoRoundRow(
            id=new_id(), plan_id=plan.id, area=plan.area, due_from=begun, due_until=begun + timedelta(hours=1),
            cameras=plan.cameras, state="done", watcher=PLANNER.json(), begun_at=begun, ended_at=begun,
            seen=len(plan.cameras), findings=0, blind=0, version=3,
        )  # fmt: skip
        session.add(row)
        session.flush()
        for number, camera_id in enumerate(plan.cameras):
            session.add(
                VideoMarkRow(
                    id=new_id(), round_id=row.id, camera_id=camera_id, at=begun + timedelta(seconds=15 * number),
                    result="normal", note="", looked_s=10, by=PLANNER.json(),
                )
            )  # fmt: skip
