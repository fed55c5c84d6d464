"""Read teams, needs and plans, always within the caller's area; and a person's own round of today."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.access.guard import Who
from command_center.errors import NotFound
from command_center.patrol.plans.facts import (
    NeedView,
    PlanView,
    TeamView,
    need_view,
    plan_view,
    team_view,
)
from command_center.patrol.plans.needs import instant, plan_day
from command_center.patrol.plans.packing import Json, all_visits, read_needs, read_rounds
from command_center.patrol.plans.tables import NeedRow, PlanRow, TeamRow
from command_center.patrol.points.tables import PointRow
from command_center.timeline.facts import iso
from gis.planning.needs import Needs, Visit
from gis.planning.predictability import Day
from gis.planning.timetable import Trouble, overlaps, troubles_of

FORMER_DAYS = 7
MOST_PLANS = 40


class CrewView(TypedDict):
    """A team as it goes in a plan; times are seconds since local midnight of the plan's day."""

    id: str
    name: str
    force: str
    travel: str
    base: tuple[float, float]
    start_s: int
    end_s: int
    rest_s: int
    persons: list[str]


class VisitView(TypedDict):
    """`earliest_s` and `latest_s` bound its beginning."""

    id: str
    need_id: str
    kind: str
    name: str
    first: tuple[float, float]
    last: tuple[float, float]
    earliest_s: int
    latest_s: int
    stay_s: int
    weight: int


class StopView(TypedDict):
    visit_id: str
    forward: bool
    arrive_s: int
    leave_s: int


class RoundView(TypedDict):
    team_id: str
    depart_s: int
    back_s: int
    travel_s: int
    stops: list[StopView]


class RelaxationView(TypedDict):
    """later, earlier, dwell: seconds; visits: so many fewer; anyone; team: one more like `like`, perhaps on `shift`."""

    kind: str
    need_id: str
    window: int
    amount: int
    like: str | None
    shift: tuple[int, int] | None


class PlanProposalView(TypedDict):
    need_id: str
    window: int
    visit_ids: list[str]
    cause: str
    relaxations: list[RelaxationView]
    searched: bool


class CoverView(TypedDict):
    id: str
    minutes: int
    share: float
    wanted: float


class UnmetView(TypedDict):
    visit_id: str
    cause: str


class TroubleView(TypedDict):
    """late, early, over_shift, no_way, wrong_team, overlap: by so many seconds; predictable: by so many hundredths."""

    code: str
    team_id: str
    visit_id: str
    seconds: int


class PlanDetail(TypedDict):
    plan: PlanView
    crews: list[CrewView]
    visits: list[VisitView]
    rounds: list[RoundView]
    unmet: list[UnmetView]
    proposals: list[PlanProposalView]
    covers: list[CoverView]
    relaxations: list[RelaxationView]
    troubles: list[TroubleView]
    fixed: dict[str, int]


class OwnStop(TypedDict):
    at: str
    leave_at: str
    name: str
    kind: str
    lonlat: tuple[float, float]


class OwnRound(TypedDict):
    """今日路线: the caller's own round, stops in order."""

    plan_id: str
    day: str
    team: str
    depart_at: str
    back_at: str
    stops: list[OwnStop]


def teams(session: Session, who: Who) -> list[TeamView]:
    """Teams of the caller's area by name, the inactive ones too."""
    query = select(TeamRow).where(TeamRow.area.startswith(who.area, autoescape=True))
    return [team_view(row) for row in session.scalars(query.order_by(TeamRow.name, TeamRow.id))]


def needs_set(session: Session, who: Who) -> list[NeedView]:
    """What points of the caller's area ask for beyond their windows."""
    query = select(NeedRow).join(PointRow, PointRow.id == NeedRow.point_id)
    query = query.where(PointRow.area.startswith(who.area, autoescape=True))
    return [need_view(row) for row in session.scalars(query.order_by(NeedRow.point_id))]


def plans(session: Session, who: Who, day: date | None) -> list[PlanView]:
    """Plans of the caller's area, newest first; of one day or the newest of all."""
    query = select(PlanRow).where(PlanRow.area.startswith(who.area, autoescape=True))
    if day is not None:
        query = query.where(PlanRow.day == day)
    newest = query.order_by(PlanRow.made_at.desc(), PlanRow.id.desc()).limit(MOST_PLANS)
    return [plan_view(row) for row in session.scalars(newest)]


def plan_row(session: Session, *, id: str, who: Who) -> PlanRow:
    """One plan.

    Raises:
        NotFound: there is none in the caller's area.
    """
    row = session.get(PlanRow, id)
    if row is None or not who.sees(row.area):
        raise NotFound("plan_unknown")
    return row


def former_days(session: Session, *, area: str, before: date) -> list[Day]:
    """When each visit began by the plans published for the last days, newest last."""
    since = before - timedelta(days=FORMER_DAYS)
    query = select(PlanRow).where(
        PlanRow.area == area, PlanRow.state == "published", PlanRow.day >= since, PlanRow.day < before
    )
    return [
        {stop["visit_id"]: stop["arrive_s"] for one in row.body["rounds"] for stop in one["stops"]}
        for row in session.scalars(query.order_by(PlanRow.day, PlanRow.published_at))
    ]


def detail(row: PlanRow, *, before: float | None = None) -> PlanDetail:
    """A plan with everything in it.

    Args:
        before: its score of predictability before the change that is being looked at.
    """
    body: Json = row.body
    needs = read_needs(body["needs"])
    visits = all_visits(body)
    return PlanDetail(
        plan=plan_view(row),
        crews=[_crew(one, body["crews"].get(one.id)) for one in needs.teams],
        visits=[_visit(one, _names(needs)) for one in visits.values()],
        rounds=body.get("rounds", []),
        unmet=body.get("unmet", []),
        proposals=body.get("proposals", []),
        covers=body.get("covers", []),
        relaxations=body["relaxations"],
        troubles=_troubles(row, needs, visits, before),
        fixed=body["fixed"],
    )


def _troubles(row: PlanRow, needs: Needs, visits: dict[str, Visit], before: float | None) -> list[TroubleView]:
    rounds = read_rounds(row.body.get("rounds", []), visits)
    teams = {team.id: team for team in needs.teams}
    found: Sequence[Trouble] = [
        *(trouble for one in rounds for trouble in troubles_of(teams[one.team_id], one)),
        *overlaps(rounds),
    ]
    views = [
        TroubleView(code=one.code, team_id=one.team_id, visit_id=one.visit_id, seconds=one.seconds) for one in found
    ]
    score = row.predictability or 0.0
    # A change by hand that makes tomorrow easier to foretell is said at once.
    if score > row.wanted + 1e-9 and (before is None or score > before + 1e-9):
        over = round(100 * (score - row.wanted))
        views.append(TroubleView(code="predictable", team_id="", visit_id="", seconds=over))
    return views


def _crew(team: Any, crew: Json | None) -> CrewView:
    return CrewView(
        id=team.id,
        name=team.name,
        force=team.force,
        travel=crew["travel"] if crew else "car",
        base=team.base,
        start_s=team.start_s,
        end_s=team.end_s,
        rest_s=team.rest_s,
        persons=crew["persons"] if crew else [],
    )


def _names(needs: Needs) -> dict[str, str]:
    teams = {team.id: team.name for team in needs.teams}
    return teams | {one.id: one.name for one in needs.streets} | {one.id: one.name for one in needs.points}


def _visit(visit: Visit, names: dict[str, str]) -> VisitView:
    return VisitView(
        id=visit.id,
        need_id=visit.need_id,
        kind=visit.kind,
        name=names.get(visit.need_id, visit.need_id),
        first=visit.first,
        last=visit.last,
        earliest_s=visit.earliest_s,
        latest_s=visit.latest_s,
        stay_s=visit.stay_s,
        weight=visit.weight,
    )


def own_rounds(session: Session, who: Who, now: datetime) -> list[OwnRound]:
    """The rounds of today that the caller himself is to go, by the published plans."""
    if who.person_id is None:
        return []
    query = select(PlanRow).where(PlanRow.day == plan_day(now), PlanRow.state == "published").order_by(PlanRow.id)
    return [
        _own(row, one)
        for row in session.scalars(query)
        for one in row.body["rounds"]
        if one["stops"] and who.person_id in row.body["crews"].get(one["team_id"], {"persons": []})["persons"]
    ]


def _own(row: PlanRow, one: Json) -> OwnRound:
    needs = read_needs(row.body["needs"])
    visits = all_visits(row.body)
    names = _names(needs)
    stops = []
    for stop in one["stops"]:
        visit = visits[stop["visit_id"]]
        stops.append(
            OwnStop(
                at=iso(instant(row.day, stop["arrive_s"])),
                leave_at=iso(instant(row.day, stop["arrive_s"] + visit.stay_s)),
                name=names.get(visit.need_id, ""),
                kind=visit.kind,
                lonlat=visit.first if stop["forward"] else visit.last,
            )
        )
    return OwnRound(
        plan_id=row.id,
        day=row.day.isoformat(),
        team=names.get(one["team_id"], ""),
        depart_at=iso(instant(row.day, one["depart_s"])),
        back_at=iso(instant(row.day, one["back_s"])),
        stops=stops,
    )
