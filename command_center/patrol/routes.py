"""HTTP for mandatory points and duties; of mandatory lines in line_routes.py."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from command_center.access.commands import audit
from command_center.access.guard import Who, require
from command_center.errors import BadInput
from command_center.ingest.facts import PositionView
from command_center.patrol import commands, queries
from command_center.patrol.facts import DutyView, JudgementView, LineView, PointView, duty_view, point_view
from command_center.patrol.windows import local_day
from command_center.registry.door import TownDep
from command_center.registry.town_index import TownIndex
from command_center.timeline.door import CommandDep, TimelineDep

router = APIRouter(prefix="/api/v1/patrol", tags=["patrol"])

Onlooker = Annotated[Who, Depends(require("patrol.see"))]
Patroller = Annotated[Who, Depends(require("patrol.see", "patrol.see_own"))]
Planner = Annotated[Who, Depends(require("patrol.plan"))]

Degrees = Annotated[float, Field(ge=-180, le=180)]
Radius = Annotated[float, Field(ge=commands.RADIUS_M[0], le=commands.RADIUS_M[1])]
Dwell = Annotated[int, Field(ge=0, le=commands.LONGEST_DWELL_S)]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Kind = Annotated[str, Field(min_length=1, max_length=32)]


class WindowBody(BaseModel):
    """Local times of day; an end before the start lies on the next day."""

    start: Annotated[str, Field(max_length=8, examples=["07:20:00"])]
    end: Annotated[str, Field(max_length=8, examples=["08:10:00"])]


Windows = Annotated[list[WindowBody], Field(min_length=1, max_length=commands.MOST_WINDOWS)]


class NewPoint(BaseModel):
    name: Name
    kind: Kind
    lonlat: tuple[Degrees, Degrees]
    radius_m: Radius
    dwell_s: Dwell
    windows: Windows
    person_id: str | None = None
    assigned_only: bool = False


class PointChanges(BaseModel):
    """What is left out stays. `version` is the one the caller saw."""

    version: int | None = None
    name: Name | None = None
    kind: Kind | None = None
    lonlat: tuple[Degrees, Degrees] | None = None
    radius_m: Radius | None = None
    dwell_s: Dwell | None = None
    windows: Windows | None = None
    person_id: str | None = None
    assigned_only: bool | None = None
    active: bool | None = None


class DutyProof(TypedDict):
    """A duty with the positions that prove it, or the absence."""

    duty: DutyView
    point: PointView | None
    line: LineView | None
    positions: list[PositionView]


@router.get("/points")
def get_points(who: Onlooker, timeline: TimelineDep) -> list[PointView]:
    with timeline.reading() as db:
        return queries.points(db, who)


@router.post("/points", status_code=201)
def post_point(body: NewPoint, who: Planner, command: CommandDep, town: TownDep) -> PointView:
    area = area_at(town, body.lonlat, who)
    check_person(town, body.person_id)
    values = body.model_dump()
    view: PointView = command.run(lambda tx: point_view(commands.add_point(tx, **values, area=area, by=who)))
    return view


@router.patch("/points/{id}")
def patch_point(id: str, body: PointChanges, who: Planner, command: CommandDep, town: TownDep) -> PointView:
    changes: dict[str, Any] = body.model_dump(exclude_unset=True)
    version = changes.pop("version", None)
    if any(value is None for name, value in changes.items() if name != "person_id"):
        raise BadInput("point_value_missing")
    if "lonlat" in changes:
        changes["area"] = area_at(town, changes["lonlat"], who)
    check_person(town, changes.get("person_id"))
    view: PointView = command.run(
        lambda tx: point_view(commands.change_point(tx, id=id, changes=changes, by=who, version=version))
    )
    return view


@router.get("/duties")
def get_duties(
    who: Patroller,
    timeline: TimelineDep,
    day: Annotated[date | None, Query(alias="date", description="local date; today if left out")] = None,
) -> list[DutyView]:
    with timeline.reading() as db:
        return queries.duties(db, who, day or local_day(timeline.now()))


@router.get("/duties/{id}")
def get_duty(id: str, who: Patroller, timeline: TimelineDep) -> DutyProof:
    """One duty with its proof. Where a person went is personal: every look at it is written down."""
    with timeline.reading() as db:
        row = queries.duty_row(db, id=id, who=who)
        proof = DutyProof(
            duty=duty_view(row),
            point=queries.point_of(db, row),
            line=queries.line_of(db, row),
            positions=queries.proof(db, row),
        )
    with timeline.transaction() as tx:
        audit(tx, who=who, what="patrol.proof_seen", object_id=id, purpose=row.visited_by or row.person_id or "")
    return proof


@router.get("/duties/{id}/judgements")
def get_judgements(id: str, who: Patroller, timeline: TimelineDep) -> list[JudgementView]:
    """The ledger of one duty: every verdict there was, by what evidence, and why it was judged again."""
    with timeline.reading() as db:
        return queries.judgements(db, queries.duty_row(db, id=id, who=who).id)


def area_at(town: TownIndex, lonlat: tuple[float, float], who: Who) -> str:
    """The grid at a place.

    Raises:
        BadInput: the place is outside the caller's area.
    """
    area = town.grid_of(lonlat)
    if area is None or not who.sees(area):
        raise BadInput("point_outside")
    return area


def check_person(town: TownIndex, person_id: str | None) -> None:
    """Raise NotFound if there is no such person."""
    if person_id is not None:
        town.person(person_id)
