"""HTTP for mandatory points."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from command_center.errors import BadInput
from command_center.patrol.door import Degrees, Name, Onlooker, Planner, Windows, area_at, check_person
from command_center.patrol.points import commands, queries
from command_center.patrol.points.facts import PointView, point_view
from command_center.registry.door import TownDep
from command_center.timeline.asked import Version
from command_center.timeline.door import CommandDep, TimelineDep

router = APIRouter(prefix="/api/v1/patrol/points", tags=["patrol"])

Radius = Annotated[float, Field(ge=commands.RADIUS_M[0], le=commands.RADIUS_M[1])]
Dwell = Annotated[int, Field(ge=0, le=commands.LONGEST_DWELL_S)]
Kind = Annotated[str, Field(min_length=1, max_length=32)]


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

    version: Version | None = None
    name: Name | None = None
    kind: Kind | None = None
    lonlat: tuple[Degrees, Degrees] | None = None
    radius_m: Radius | None = None
    dwell_s: Dwell | None = None
    windows: Windows | None = None
    person_id: str | None = None
    assigned_only: bool | None = None
    active: bool | None = None


@router.get("")
def get_points(who: Onlooker, timeline: TimelineDep) -> list[PointView]:
    with timeline.reading() as db:
        return queries.points(db, who)


@router.post("", status_code=201)
def post_point(body: NewPoint, who: Planner, command: CommandDep, town: TownDep) -> PointView:
    area = area_at(town, body.lonlat, who)
    check_person(town, body.person_id)
    values = body.model_dump()
    view: PointView = command.run(lambda tx: point_view(commands.add_point(tx, **values, area=area, by=who)))
    return view


@router.patch("/{id}")
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
