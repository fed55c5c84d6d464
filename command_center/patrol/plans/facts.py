"""How teams, needs and plans are told."""

from collections.abc import Iterable
from typing import Any, Literal

from typing_extensions import TypedDict

from command_center.patrol.plans.tables import NeedRow, PlanRow, TeamRow
from command_center.timeline import Fact
from command_center.timeline.facts import EVERYBODY, iso

PlanState = Literal["solving", "draft", "published", "replaced", "failed"]
Travel = Literal["car", "scooter", "foot"]


class TeamView(TypedDict):
    """`shift_start` and `shift_end` are local times of day; an end before the start lies on the next day."""

    id: str
    name: str
    force: str
    travel: Travel
    area: str
    lonlat: tuple[float, float]
    shift_start: str
    shift_end: str
    rest_s: int
    persons: list[str]
    active: bool
    version: int


class NeedView(TypedDict):
    """Visits per window, longest gap between visits, weight 1–4; how near a team must be for what share of duty."""

    point_id: str
    visits: int
    gap_s: int | None
    weight: int
    cover_minutes: int | None
    cover_share: float | None
    version: int


class PlanView(TypedDict):
    """A plan without its rounds. `left_out` counts visits that no team makes, `lacking` places too seldom covered."""

    id: str
    day: str
    area: str
    state: PlanState
    wanted: float
    predictability: float | None
    teams: int
    stops: int
    left_out: int
    lacking: int
    travel_s: int
    solved_s: float
    problem: str | None
    follows: str | None
    made_by: dict[str, str]
    made_at: str
    published_at: str | None
    version: int


def team_view(row: TeamRow) -> TeamView:
    return TeamView(
        id=row.id,
        name=row.name,
        force=row.force,
        travel=row.travel,  # type: ignore[typeddict-item]
        area=row.area,
        lonlat=(row.lon, row.lat),
        shift_start=row.shift_start,
        shift_end=row.shift_end,
        rest_s=row.rest_s,
        persons=row.persons,
        active=row.active,
        version=row.version,
    )


def need_view(row: NeedRow) -> NeedView:
    return NeedView(
        point_id=row.point_id,
        visits=row.visits,
        gap_s=row.gap_s,
        weight=row.weight,
        cover_minutes=row.cover_minutes,
        cover_share=row.cover_share,
        version=row.version,
    )


def plan_view(row: PlanRow) -> PlanView:
    body: dict[str, Any] = row.body
    rounds = body.get("rounds", [])
    return PlanView(
        id=row.id,
        day=row.day.isoformat(),
        area=row.area,
        state=row.state,  # type: ignore[typeddict-item]
        wanted=row.wanted,
        predictability=row.predictability,
        teams=len(rounds),
        stops=sum(len(one["stops"]) for one in rounds),
        left_out=len(body.get("unmet", [])),
        lacking=sum(one["share"] < one["wanted"] - 1e-9 for one in body.get("covers", [])),
        travel_s=body.get("travel_s", 0),
        solved_s=body.get("solved_s", 0.0),
        problem=row.problem,
        follows=row.follows,
        made_by=row.made_by,
        made_at=iso(row.made_at),
        published_at=iso(row.published_at) if row.published_at else None,
        version=row.version,
    )


def team_fact(kind: str, row: TeamRow, *, actor: dict[str, str] | None) -> Fact:
    return Fact(kind, row.id, {"team": team_view(row)}, row.area, actor=actor)


def need_fact(row: NeedRow, *, area: str, actor: dict[str, str]) -> Fact:
    return Fact("patrol.need_set", row.point_id, {"need": need_view(row)}, area, actor=actor)


def plan_fact(kind: str, row: PlanRow, *, actor: dict[str, str] | None, parties: Iterable[str] = ()) -> Fact:
    """The parties are the people who go by the plan, or did: their phones fetch their own route."""
    return Fact(kind, row.id, {"plan": plan_view(row)}, row.area, parties=tuple(sorted(set(parties))), actor=actor)


def rounds_fact(row: PlanRow) -> Fact:
    """That people go by other rounds on a day, and no more: it reaches those too who see a part of the area alone."""
    return Fact("patrol.rounds_changed", row.id, {"day": row.day.isoformat()}, row.area, parties=(EVERYBODY,))
