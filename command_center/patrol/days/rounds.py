"""The rounds by which people go on a local day: of the plans that are published for it and for the night before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from command_center.patrol.plans.needs import DAY_S, instant
from command_center.patrol.plans.packing import all_visits, read_needs
from command_center.patrol.plans.tables import PlanRow, TeamRow
from command_center.patrol.windows import day_bounds
from gis.planning.needs import PointNeed, StreetNeed

Span = tuple[float, float]
Lonlat = tuple[float, float]
# A street or a point is worth a stop; a rest or a stay on standby covers nothing that was asked for.
COVERING = ("point", "street")


@dataclass(frozen=True, slots=True)
class StopOnDay:
    """One stop. Times are seconds since the local midnight of the day; `window_start` is when its window begins."""

    need_id: str
    kind: str
    name: str
    lonlat: Lonlat
    arrive_s: float
    leave_s: float
    window_start: datetime | None


@dataclass(frozen=True, slots=True)
class RoundOnDay:
    """The round of one team by one published plan; its times may lie before midnight or after the next one.

    Of a round that is not `whole` only what lies in an area is left; see `parts`.
    """

    plan_id: str
    team_id: str
    team: str
    force: str
    travel: str
    persons: tuple[str, ...]
    base: Lonlat
    depart_s: float
    back_s: float
    stops: tuple[StopOnDay, ...]
    whole: bool = True

    @property
    def on_patrol(self) -> list[Span]:
        """When the team is to be on patrol, its rests left out, within the day."""
        edges = [self.depart_s]
        for stop in self.stops:
            if stop.kind == "rest":
                edges += [stop.arrive_s, stop.leave_s]
        edges.append(self.back_s)
        spans = zip(edges[::2], edges[1::2], strict=True)
        return [(max(0.0, a), min(float(DAY_S), b)) for a, b in spans if min(DAY_S, b) > max(0.0, a)]


@dataclass(frozen=True, slots=True)
class TeamOnDay:
    """A team that exists, whether it has a round or not."""

    id: str
    name: str
    force: str
    persons: tuple[str, ...]
    base: Lonlat


def published(session: Session, *, area: str, day: date) -> list[PlanRow]:
    """The published plans that reach into a local day, of areas within one and of those that hold it, the older first.

    Of the plan of a wider area only parts may be told in this one; see `parts`.
    """
    holding = [area[:digits] for digits in range(6, len(area), 3)]
    query = select(PlanRow).where(
        PlanRow.state == "published",
        PlanRow.day.in_([day - timedelta(days=1), day]),
        or_(PlanRow.area.startswith(area, autoescape=True), PlanRow.area.in_(holding)),
    )
    return list(session.scalars(query.order_by(PlanRow.day, PlanRow.published_at, PlanRow.id)))


def rounds_of(row: PlanRow, day: date) -> list[RoundOnDay]:
    """The rounds of a plan that have any time within a local day."""
    shift_s = (instant(row.day, 0) - day_bounds(day)[0]).total_seconds()
    needs = read_needs(row.body["needs"])
    visits = all_visits(row.body)
    teams = {team.id: team for team in needs.teams}
    places: list[PointNeed | StreetNeed] = [*needs.points, *needs.streets]
    names = {one.id: one.name for one in needs.teams} | {one.id: one.name for one in places}
    windows = {one.id: one.windows for one in places}
    found = []
    for one in row.body.get("rounds", []):
        team, crew = teams[one["team_id"]], row.body["crews"].get(one["team_id"], {})
        if not one["stops"] or one["back_s"] + shift_s <= 0 or one["depart_s"] + shift_s >= DAY_S:
            continue
        stops = []
        for stop in one["stops"]:
            visit = visits[stop["visit_id"]]
            number = _window_number(visit.id)
            of = windows.get(visit.need_id, ())
            stops.append(
                StopOnDay(
                    need_id=visit.need_id,
                    kind=visit.kind,
                    name=names.get(visit.need_id, ""),
                    lonlat=visit.first if stop["forward"] else visit.last,
                    arrive_s=stop["arrive_s"] + shift_s,
                    leave_s=stop["leave_s"] + shift_s,
                    window_start=instant(row.day, of[number][0]) if number is not None and number < len(of) else None,
                )
            )
        found.append(
            RoundOnDay(
                plan_id=row.id,
                team_id=team.id,
                team=team.name,
                force=team.force,
                travel=crew.get("travel", "car"),
                persons=tuple(crew.get("persons", ())),
                base=team.base,
                depart_s=one["depart_s"] + shift_s,
                back_s=one["back_s"] + shift_s,
                stops=tuple(stops),
            )
        )
    return found


def _window_number(visit_id: str) -> int | None:
    """`need@window.number` → window; None for rests and stays on standby, which have none."""
    window = visit_id.rpartition("@")[2].partition(".")[0]
    return int(window) if window.isdigit() else None


def teams_of(session: Session, *, area: str) -> list[TeamOnDay]:
    """The active teams of an area by name."""
    query = select(TeamRow).where(TeamRow.active, TeamRow.area.startswith(area, autoescape=True))
    rows: Sequence[Any] = session.scalars(query.order_by(TeamRow.name, TeamRow.id)).all()
    return [TeamOnDay(row.id, row.name, row.force, tuple(row.persons), (row.lon, row.lat)) for row in rows]
