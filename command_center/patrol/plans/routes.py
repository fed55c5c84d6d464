"""HTTP for teams, needs and plans."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse
from typing_extensions import TypedDict

from command_center.access.guard import Who, require
from command_center.errors import BadInput
from command_center.patrol.plans import commands, queries, searches
from command_center.patrol.plans.briefing import briefing_page
from command_center.patrol.plans.desk import DeskDep, PlanDesk, Ways
from command_center.patrol.plans.edits import with_move
from command_center.patrol.plans.facts import NeedView, PlanView, TeamView, need_view, plan_view, team_view
from command_center.patrol.plans.packing import Json
from command_center.patrol.plans.queries import OwnRound, PlanDetail
from command_center.patrol.plans.tables import PlanRow
from command_center.registry.door import TownDep
from command_center.registry.town_index import TownIndex
from command_center.settings import Settings
from command_center.timeline import Transaction
from command_center.timeline.asked import Day, Version
from command_center.timeline.door import Command, CommandDep, TimelineDep
from gis.planning.child import Job
from gis.planning.replan import Move

router = APIRouter(prefix="/api/v1/patrol", tags=["patrol plans"])

Planner = Annotated[Who, Depends(require("patrol.plan"))]
Patroller = Annotated[Who, Depends(require("patrol.see", "patrol.see_own"))]

Degrees = Annotated[float, Field(ge=-180, le=180)]
Name = Annotated[str, Field(min_length=1, max_length=64)]
TimeOfDay = Annotated[str, Field(max_length=8, examples=["06:00:00"])]
Share = Annotated[float, Field(ge=0, le=1)]

# The briefing carries its own script and style and needs nothing else.
BRIEFING_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)


class NewTeam(BaseModel):
    name: Name
    force: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    travel: Annotated[str, Field(pattern="^(car|scooter|foot)$")]
    lonlat: tuple[Degrees, Degrees]
    shift_start: TimeOfDay
    shift_end: TimeOfDay
    rest_s: Annotated[int, Field(ge=0, le=commands.LONGEST_REST_S)] = 0
    persons: Annotated[list[str], Field(max_length=20)] = []


class TeamChanges(BaseModel):
    """What is left out stays. `version` is the one the caller saw."""

    version: Version | None = None
    name: Name | None = None
    travel: Annotated[str, Field(pattern="^(car|scooter|foot)$")] | None = None
    lonlat: tuple[Degrees, Degrees] | None = None
    shift_start: TimeOfDay | None = None
    shift_end: TimeOfDay | None = None
    rest_s: Annotated[int, Field(ge=0, le=commands.LONGEST_REST_S)] | None = None
    persons: Annotated[list[str], Field(max_length=20)] | None = None
    active: bool | None = None


class NeedBody(BaseModel):
    visits: Annotated[int, Field(ge=1, le=commands.MOST_VISITS)] = 1
    gap_s: Annotated[int, Field(ge=commands.SHORTEST_GAP_S, le=86_400)] | None = None
    weight: Annotated[int, Field(ge=1, le=4)] = 2
    cover_minutes: int | None = None
    cover_share: Share | None = None


class PlanWish(BaseModel):
    """Plan this day; `wanted` is the highest score of predictability that is welcome, 1 for any.

    Of a day that has begun what is left is planned, unless `from_now` is false.
    """

    day: Day
    wanted: Share = 0.3
    from_now: bool = True


class MoveBody(BaseModel):
    """A visit goes to a team (null: nobody), to a place in its order, or to a time in seconds since local midnight."""

    version: Version
    visit_id: Annotated[str, Field(max_length=120)]
    team_id: Annotated[str, Field(max_length=64)] | None
    place: Annotated[int, Field(ge=0, le=500)] | None = None
    at_s: Annotated[int, Field(ge=0, le=3 * 86_400)] | None = None


class VersionBody(BaseModel):
    version: Version


class ChoiceBody(BaseModel):
    """Which proposal, and which of its relaxations."""

    proposal: Annotated[int, Field(ge=0, le=10_000)]
    relaxation: Annotated[int, Field(ge=0, le=100)]


class GoneBody(BaseModel):
    teams: Annotated[list[str], Field(min_length=1, max_length=200)]


class PlanProgressView(TypedDict):
    """How far the search is: 0 to 1, visits left out so far, seconds of travel; `running` false when it is over."""

    running: bool
    share: float
    left_out: int
    travel_s: int


@router.get("/teams")
def get_teams(who: Planner, timeline: TimelineDep) -> list[TeamView]:
    with timeline.reading() as db:
        return queries.teams(db, who)


@router.post("/teams", status_code=201)
def post_team(body: NewTeam, who: Planner, command: CommandDep, town: TownDep) -> TeamView:
    area = _base_area(town, body.lonlat, who)
    _check_persons(town, body.persons)
    view: TeamView = command.run(lambda tx: team_view(commands.add_team(tx, **body.model_dump(), area=area, by=who)))
    return view


@router.patch("/teams/{id}")
def patch_team(id: str, body: TeamChanges, who: Planner, command: CommandDep, town: TownDep) -> TeamView:
    changes: dict[str, Any] = body.model_dump(exclude_unset=True)
    version = changes.pop("version", None)
    if any(value is None for value in changes.values()):
        raise BadInput("point_value_missing")
    if "lonlat" in changes:
        changes["area"] = _base_area(town, changes["lonlat"], who)
    _check_persons(town, changes.get("persons", []))
    view: TeamView = command.run(
        lambda tx: team_view(commands.change_team(tx, id=id, changes=changes, version=version, by=who))
    )
    return view


@router.get("/needs")
def get_needs(who: Planner, timeline: TimelineDep) -> list[NeedView]:
    with timeline.reading() as db:
        return queries.needs_set(db, who)


@router.put("/needs/{point_id}")
def put_need(point_id: str, body: NeedBody, who: Planner, command: CommandDep) -> NeedView:
    view: NeedView = command.run(
        lambda tx: need_view(commands.set_need(tx, point_id=point_id, by=who, **body.model_dump()))
    )
    return view


@router.get("/plans")
def get_plans(who: Planner, timeline: TimelineDep, day: Day | None = None) -> list[PlanView]:
    with timeline.reading() as db:
        return queries.plans(db, who, day)


@router.post("/plans", status_code=202)
def post_plan(body: PlanWish, who: Planner, command: CommandDep, desk: DeskDep, request: Request) -> PlanView:
    effort = _effort(request)
    return _begin(
        command,
        desk,
        lambda tx: searches.ask_for_plan(tx, **body.model_dump(), by=who, graph=desk.graph, effort=effort),
    )


@router.get("/plans/{id}")
def get_plan(id: str, who: Planner, timeline: TimelineDep) -> PlanDetail:
    with timeline.reading() as db:
        return queries.detail(queries.plan_row(db, id=id, who=who))


@router.get("/plans/{id}/progress")
def get_progress(id: str, who: Planner, timeline: TimelineDep, desk: DeskDep) -> PlanProgressView:
    with timeline.reading() as db:
        running = queries.plan_row(db, id=id, who=who).state == "solving"
    one = desk.progress(id)
    if one is None:
        return PlanProgressView(running=running, share=0.0 if running else 1.0, left_out=0, travel_s=0)
    return PlanProgressView(running=True, share=one.share, left_out=one.left_out, travel_s=one.travel_s)


@router.get("/plans/{id}/ways")
def get_ways(id: str, who: Planner, timeline: TimelineDep, desk: DeskDep) -> Ways:
    """The ways along the roads of every team, leg by leg: base to first stop, …, last stop to base."""
    with timeline.reading() as db:
        row = queries.plan_row(db, id=id, who=who)
    return desk.ways(row)


@router.post("/plans/{id}/try")
def try_move(id: str, body: MoveBody, who: Planner, timeline: TimelineDep, desk: DeskDep) -> PlanDetail:
    """The plan as it would be after a move; nothing is changed."""
    with timeline.reading() as db:
        row = queries.plan_row(db, id=id, who=who)
        former = queries.former_days(db, area=row.area, before=row.day)
    before = row.predictability
    changed, score = with_move(row.body, _move(body), travel=desk.travel(id, row.body), former=former)
    row.body, row.predictability = changed, score
    return queries.detail(row, before=before)


@router.post("/plans/{id}/move")
def post_move(
    id: str, body: MoveBody, who: Planner, timeline: TimelineDep, command: CommandDep, desk: DeskDep
) -> PlanDetail:
    with timeline.reading() as db:
        row = queries.plan_row(db, id=id, who=who)
        former = queries.former_days(db, area=row.area, before=row.day)
    travel = desk.travel(id, row.body)

    def change(current: Json) -> tuple[Json, float]:
        return with_move(current, _move(body), travel=travel, former=former)

    view: PlanDetail = command.run(
        lambda tx: queries.detail(commands.change_plan(tx, id=id, version=body.version, change=change, by=who))
    )
    return view


@router.post("/plans/{id}/publish")
def publish(id: str, body: VersionBody, who: Planner, command: CommandDep) -> PlanView:
    view: PlanView = command.run(lambda tx: plan_view(commands.publish_plan(tx, id=id, version=body.version, by=who)))
    return view


@router.post("/plans/{id}/relax", status_code=202)
def relax(id: str, body: ChoiceBody, who: Planner, command: CommandDep, desk: DeskDep, request: Request) -> PlanView:
    """A new plan in which a proposed relaxation is granted, for this day alone."""
    effort = _effort(request)
    return _begin(
        command,
        desk,
        lambda tx: searches.relax_plan(
            tx, id=id, number=body.proposal, choice=body.relaxation, by=who, graph=desk.graph, effort=effort
        ),
    )


@router.post("/plans/{id}/drop-out", status_code=202)
def drop_out(id: str, body: GoneBody, who: Planner, command: CommandDep, desk: DeskDep, request: Request) -> PlanView:
    """A new plan without these teams; what is walked stays."""
    effort = _effort(request)
    return _begin(
        command,
        desk,
        lambda tx: searches.drop_out(tx, id=id, gone=body.teams, by=who, graph=desk.graph, effort=effort),
    )


@router.get("/plans/{id}/briefing", response_class=HTMLResponse)
def get_briefing(id: str, who: Planner, timeline: TimelineDep, desk: DeskDep, town: TownDep) -> HTMLResponse:
    """The briefing map with all rounds and a table of times, one page that is printed by the browser."""
    with timeline.reading() as db:
        row = queries.plan_row(db, id=id, who=who)
    page = briefing_page(town, queries.detail(row), desk.ways(row), made_at=timeline.now())
    return HTMLResponse(page, headers={"Content-Security-Policy": BRIEFING_POLICY})


@router.get("/rounds/mine")
def get_own_rounds(who: Patroller, timeline: TimelineDep) -> list[OwnRound]:
    """今日路线 of the caller himself."""
    with timeline.reading() as db:
        return queries.own_rounds(db, who, timeline.now())


def _begin(command: Command, desk: PlanDesk, verb: Callable[[Transaction], tuple[PlanRow, Job]]) -> PlanView:
    """Open the plan in one transaction, then hand its search to the desk; a repeat of the request begins nothing."""
    jobs: list[tuple[str, Job]] = []

    def run(tx: Transaction) -> PlanView:
        row, job = verb(tx)
        jobs.append((row.id, job))
        return plan_view(row)

    view: PlanView = command.run(run)
    for plan_id, job in jobs:
        desk.submit(plan_id, job)
    return view


def _effort(request: Request) -> searches.Effort:
    settings: Settings = request.app.state.settings
    return searches.Effort(settings.plan_solve_s, settings.plan_relax_s)


def _move(body: MoveBody) -> Move:
    return Move(body.visit_id, body.team_id, body.place, body.at_s)


def _base_area(town: TownIndex, lonlat: tuple[float, float], who: Who) -> str:
    area = town.grid_of(lonlat)
    if area is None or not who.sees(area):
        raise BadInput("team_outside")
    return area


def _check_persons(town: TownIndex, persons: list[str]) -> None:
    for person_id in persons:
        town.person(person_id)
