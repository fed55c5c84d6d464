"""Read a day: duties, rounds, minutes and looks brought together. Read only, always within an area."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from command_center.patrol.days.parts import only_stops, places_in, stops_in
from command_center.patrol.days.presence import TRACKS_KEPT, Presence, read_presence
from command_center.patrol.days.reckoning import (
    DAY_MIN,
    Due,
    Minutes,
    Tally,
    first_stops,
    minutes_of,
    planned_teams,
    tally,
    union,
)
from command_center.patrol.days.rounds import COVERING, RoundOnDay, published, rounds_of, teams_of
from command_center.patrol.days.seen import Eye, Look, Seen, Spot, seen
from command_center.patrol.days.views import (
    CaseName,
    DayDuty,
    DayReport,
    PlaceDay,
    PlanOnDay,
    SpotDay,
    TallyView,
    TeamDay,
    minutes_view,
    spot_view,
    tally_view,
)
from command_center.patrol.duties.tables import DutyRow
from command_center.patrol.lines.tables import LineRow
from command_center.patrol.plans.tables import NeedRow, PlanRow
from command_center.patrol.points.tables import PointRow
from command_center.patrol.proof.street import REACH_M, Street
from command_center.patrol.video_patrol.tables import VideoMarkRow
from command_center.patrol.windows import day_bounds
from command_center.registry.town_index import TownIndex
from command_center.timeline.facts import iso

# Places along a street at which it may be seen.
SAMPLE_M = 25.0
# Case codes by case id, of those that are asked for.
CodesOf = Callable[[Session, Collection[str]], Mapping[str, str]]


@dataclass(frozen=True)
class Day:
    """All that is read of a day before it is reckoned."""

    date: date
    area: str
    now: datetime
    rows: Sequence[DutyRow]
    names: Mapping[str, str]
    dues: Sequence[Due]
    plans: Sequence[PlanRow]
    rounds: Sequence[RoundOnDay]
    presence: Presence
    looks: Sequence[Look]
    gaps: Mapping[str, int | None]
    codes: Mapping[str, str]

    @property
    def midnight_s(self) -> float:
        return day_bounds(self.date)[0].timestamp()

    @property
    def now_s(self) -> float:
        """Seconds of the day that are past, 0 to 86,400."""
        return min(max(0.0, self.now.timestamp() - self.midnight_s), DAY_MIN * 60.0)


def read_day(session: Session, *, day: date, area: str, now: datetime, codes_of: CodesOf) -> Day:
    """Read what the reckoning of a local day in an area needs."""
    start, end = day_bounds(day)
    query = select(DutyRow).where(DutyRow.window_start >= start, DutyRow.window_start < end)
    query = query.where(DutyRow.area.startswith(area, autoescape=True))
    # What a change of the plan called off was never asked of anybody.
    query = query.where(or_(DutyRow.state != "excused", DutyRow.cause.is_not(None)))
    rows = session.scalars(query.order_by(DutyRow.window_start, DutyRow.id)).all()
    plans, rounds = _rounds(session, area=area, day=day)
    marks = select(VideoMarkRow.camera_id, VideoMarkRow.at)
    marks = marks.where(VideoMarkRow.at >= start, VideoMarkRow.at < end, VideoMarkRow.result != "blind")
    looks = [Look(id, at.timestamp() - start.timestamp()) for id, at in session.execute(marks)]
    return Day(
        date=day,
        area=area,
        now=now,
        rows=rows,
        names=_names(session, rows),
        dues=[due_of(row, start.timestamp()) for row in rows],
        plans=plans,
        rounds=rounds,
        presence=read_presence(session, since=start, until=end),
        looks=looks,
        gaps={id: gap_s for id, gap_s in session.execute(select(NeedRow.point_id, NeedRow.gap_s))},
        codes=codes_of(session, {row.case_id for row in rows if row.case_id}),
    )


def _rounds(session: Session, *, area: str, day: date) -> tuple[list[PlanRow], list[RoundOnDay]]:
    """The plans by which people go in an area, and their rounds; of plans for more than it the stops in it alone."""
    here = stops_in(places_in(session, area))
    plans, rounds = list[PlanRow](), list[RoundOnDay]()
    for row in published(session, area=area, day=day):
        found: list[RoundOnDay | None] = [*rounds_of(row, day)]
        if not row.area.startswith(area):
            found = [only_stops(one, here) for one in found if one is not None]
        told = [one for one in found if one is not None]
        if told or row.area.startswith(area):
            plans.append(row)
            rounds += told
    return plans, rounds


def due_of(row: DutyRow, midnight_s: float) -> Due:
    """A duty as it is counted."""
    return Due(
        id=row.id,
        target_id=row.point_id or row.line_id or "",
        area=row.area,
        start_s=row.window_start.timestamp() - midnight_s,
        end_s=row.window_end.timestamp() - midnight_s,
        state=row.state,
        cause=row.cause,
        case_id=row.case_id,
        person_id=row.person_id,
        visited_by=row.visited_by,
        need_s=row.need_s,
        dwell_s=row.dwell_s,
        length_m=_street(row).length_m if row.line is not None else 0.0,
        passes=2 if row.both_sides else 1,
        share=row.share or 0.0,
        done=tuple((float(a), float(b)) for a, b in row.done or ()),
    )


def report(session: Session, day: Day, town: TownIndex) -> DayReport:
    """The day as the coordinator reads it."""
    teams = {one.id: one for one in teams_of(session, area=day.area)}
    crew_of = {person: one.id for one in teams.values() for person in one.persons}
    crew_of |= {person: one.team_id for one in day.rounds for person in one.persons}
    team_of = planned_teams(day.dues, first_stops(day.rounds, day.midnight_s), crew_of)

    def count(dues: Iterable[Due]) -> Tally:
        return tally(dues, team_of=team_of, crew_of=crew_of)

    of_team: dict[str | None, list[Due]] = {}
    for one in day.dues:
        of_team.setdefault(team_of[one.id], []).append(one)
    found = seen_of(day, town)
    bases = {one.id: one.base for one in teams.values()} | {one.team_id: one.base for one in day.rounds}
    names = {one.id: (one.name, one.force) for one in teams.values()}
    names |= {one.team_id: (one.team, one.force) for one in day.rounds}
    listed = list[TeamDay]()
    minutes = list[Minutes]()
    for team_id, (name, force) in sorted(names.items(), key=lambda item: (item[1][0], item[0])):
        # How long a team was on a round that is told in part alone is for those who may read the whole.
        rounds = [own for own in day.rounds if own.team_id == team_id and own.whole]
        persons = {person for own in rounds for person in own.persons} or (
            teams[team_id].persons if team_id in teams else ()
        )
        spent = minutes_of(rounds, persons, bases[team_id], day.presence, int(day.now_s // 60))
        minutes.append(spent)
        sums = count(of_team.get(team_id, ()))
        listed.append(_team(team_id, name, force, bool(rounds), tally_view(sums, day.codes), spent))
    loose = count(of_team.get(None, ()))
    if loose.due:
        listed.append(_team(None, "", "", False, tally_view(loose, day.codes), Minutes(0, 0, 0, 0)))
    total = Minutes(*(sum(getattr(one, name) for one in minutes) for name in ("planned", "begun", "proved", "extra")))
    return DayReport(
        date=day.date.isoformat(),
        area=day.area,
        as_of=iso(day.now),
        tracks_kept=day_bounds(day.date)[0] > day.now - TRACKS_KEPT,
        plans=[_plan(row) for row in day.plans],
        total=tally_view(count(day.dues), day.codes),
        minutes=minutes_view(total),
        teams=listed,
        places=places_of(day, town, found, count),
        spots=spots_of(day, found),
        duties=[_duty(day, row, due, team_of[row.id]) for row, due in zip(day.rows, day.dues, strict=True)],
    )


def seen_of(day: Day, town: TownIndex) -> dict[str, Seen]:
    """When every place with a duty was seen by feet and by eyes."""
    by_target: dict[str, list[tuple[DutyRow, Due]]] = {}
    for row, due in zip(day.rows, day.dues, strict=True):
        by_target.setdefault(due.target_id, []).append((row, due))
    spots, stays = [], dict[str, list[tuple[float, float]]]()
    for target_id, of in by_target.items():
        row = of[-1][0]
        spots.append(
            Spot(
                id=target_id,
                lonlat=_samples(row),
                reach_m=REACH_M if row.line is not None else row.radius_m,
                windows=tuple((due.start_s, due.end_s) for _, due in of),
                gap_s=day.gaps.get(target_id),
            )
        )
        stays[target_id] = [span for row, _ in of for span in _stays(row, day.midnight_s)]
    cameras = (town.cameras.get(id) for id in {look.camera_id for look in day.looks})
    eyes = [Eye(one.id, one.lonlat, one.heading_deg, one.fov_deg, one.range_m) for one in cameras if one is not None]
    return seen(spots, presence=day.presence, stays=stays, looks=day.looks, eyes=eyes, now_s=day.now_s)


def spots_of(day: Day, found: Mapping[str, Seen]) -> list[SpotDay]:
    """Every place by hour, in order of its area and name."""
    planned, missed = _hours_planned(day), dict[str, list[int]]()
    last: dict[str, DutyRow] = {}
    for row, due in zip(day.rows, day.dues, strict=True):
        last[due.target_id] = row
        if due.state == "missed":
            hour = min(23, int((due.end_s - 1) // 3600))
            missed.setdefault(due.target_id, [0] * 24)[hour] += 1
    views = [
        spot_view(
            id,
            line=row.line is not None,
            name=day.names.get(id, id),
            area=row.area,
            lonlat=(row.lon, row.lat),
            path=[(lon, lat) for lon, lat in row.line or ()],
            done=_done(row, day.rows),
            gap_s=day.gaps.get(id),
            one=found[id],
            planned=planned.get(id, [0] * 24),
            missed=missed.get(id, [0] * 24),
        )
        for id, row in last.items()
    ]
    return sorted(views, key=lambda view: (view["area"], view["name"], view["id"]))


def places_of(
    day: Day, town: TownIndex, found: Mapping[str, Seen], count: Callable[[Iterable[Due]], Tally]
) -> list[PlaceDay]:
    """Villages, each followed by its grids, as far as anything was due in them."""
    stops: dict[str, int] = {}
    planned = _hours_planned(day)
    area_of = {due.target_id: due.area for due in day.dues}
    for id, hours in planned.items():
        if id in area_of:
            stops[area_of[id]] = stops.get(area_of[id], 0) + sum(hours)
    grids = sorted(set(area_of.values()))
    codes = sorted({*grids, *(code[:12] for code in grids if len(code) > 12)})
    views = []
    for code in codes:
        targets = [id for id, area in area_of.items() if area.startswith(code)]
        village, grid = town.villages.get(code[:12]), town.grids.get(code)
        views.append(
            PlaceDay(
                code=code,
                name=grid.name if grid else village.name if village and len(code) == 12 else town.center.name,
                village=code[:12],
                tally=tally_view(count(one for one in day.dues if one.area.startswith(code)), day.codes),
                planned_stops=sum(number for area, number in stops.items() if area.startswith(code)),
                feet_min=sum(sum(found[id].feet) for id in targets),
                looks=sum(sum(found[id].eyes) for id in targets),
            )
        )
    return views


def _team(id: str | None, name: str, force: str, round: bool, sums: TallyView, minutes: Minutes) -> TeamDay:
    return TeamDay(id=id, name=name, force=force, round=round, tally=sums, minutes=minutes_view(minutes))


def _plan(row: PlanRow) -> PlanOnDay:
    published_at = iso(row.published_at) if row.published_at else None
    return PlanOnDay(id=row.id, day=row.day.isoformat(), area=row.area, published_at=published_at)


def _duty(day: Day, row: DutyRow, due: Due, team_id: str | None) -> DayDuty:
    return DayDuty(
        id=row.id,
        target_id=due.target_id,
        line=row.line is not None,
        name=day.names.get(due.target_id, due.target_id),
        area=row.area,
        team_id=team_id,
        window_start=iso(row.window_start),
        window_end=iso(row.window_end),
        state=row.state,  # type: ignore[typeddict-item]
        cause=row.cause,
        case=CaseName(id=row.case_id, code=day.codes.get(row.case_id, "")) if row.case_id else None,
        visited_by=row.visited_by,
        visited_at=iso(row.visited_at) if row.visited_at else None,
        need_s=row.need_s,
        dwell_s=row.dwell_s,
        length_m=round(due.length_m),
        share=row.share,
    )


def _done(row: DutyRow, rows: Iterable[DutyRow]) -> list[tuple[float, float]]:
    """The parts of a street that are walked on the day; what was proved of another course of it says nothing here."""
    if row.line is None:
        return []
    same = (one for one in rows if one.line_id == row.line_id and one.line == row.line)
    return union((float(start), float(end)) for one in same for start, end in one.done or ())


def _hours_planned(day: Day) -> dict[str, list[int]]:
    """Stops of rounds by place and hour of the day."""
    hours: dict[str, list[int]] = {}
    for one in day.rounds:
        for stop in one.stops:
            if stop.kind in COVERING and 0 <= stop.arrive_s < DAY_MIN * 60:
                hours.setdefault(stop.need_id, [0] * 24)[int(stop.arrive_s // 3600)] += 1
    return hours


def _names(session: Session, rows: Iterable[DutyRow]) -> dict[str, str]:
    points = {row.point_id for row in rows if row.point_id}
    lines = {row.line_id for row in rows if row.line_id}
    found = session.execute(select(PointRow.id, PointRow.name).where(PointRow.id.in_(points))).all()
    found_lines = session.execute(select(LineRow.id, LineRow.name).where(LineRow.id.in_(lines))).all()
    return {id: name for id, name in (*found, *found_lines)}


def _street(row: DutyRow) -> Street:
    return Street(tuple((lon, lat) for lon, lat in row.line or ()))


def _samples(row: DutyRow) -> NDArray[np.float64]:
    """Where a place may be seen: the point itself, or places along the street."""
    if row.line is None:
        return np.array([[row.lon, row.lat]])
    street = _street(row)
    step = max(1, round(SAMPLE_M * street.count / street.length_m)) if street.length_m else 1
    return street.frame.to_lonlat(street.middle_xy[::step])


def _stays(row: DutyRow, midnight_s: float) -> list[tuple[float, float]]:
    """What the proof of a duty says beyond the minutes: a quick crossing leaves no position in any of them."""
    if row.visited_at is None:
        return []
    start, end = row.stay_start or row.visited_at, row.stay_end or row.visited_at
    return [(start.timestamp() - midnight_s, end.timestamp() - midnight_s)]
