"""HTTP for mandatory lines, and for the way along the roads between two places from which one is drawn."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from command_center.errors import BadInput, NotFound
from command_center.patrol.door import Degrees, Name, Onlooker, Planner, Windows, area_at, check_person
from command_center.patrol.lines import commands, queries
from command_center.patrol.lines.facts import LineView, line_view
from command_center.patrol.proof.street import Street
from command_center.registry.door import TownDep
from command_center.registry.town_index import TownIndex
from command_center.timeline.asked import Version
from command_center.timeline.door import CommandDep, TimelineDep
from gis.roads import NoWay

router = APIRouter(prefix="/api/v1/patrol/lines", tags=["patrol"])

Corners = Annotated[
    list[tuple[Degrees, Degrees]],
    Field(min_length=2, max_length=commands.MOST_CORNERS, description="degrees WGS84, longitude first"),
]
Share = Annotated[float, Field(gt=0, le=1)]
# Steady speed that makes the shortest way the best one: a patrol does not care for fast roads.
WALKING_MPS = 1.4


class NewLine(BaseModel):
    name: Name
    line: Corners
    windows: Windows
    both_sides: bool = False
    need_share: Share = commands.USUAL_SHARE
    person_id: str | None = None
    unit_id: str | None = None
    assigned_only: bool = False


class LineChanges(BaseModel):
    """What is left out stays. `version` is the one the caller saw."""

    version: Version | None = None
    name: Name | None = None
    line: Corners | None = None
    windows: Windows | None = None
    both_sides: bool | None = None
    need_share: Share | None = None
    person_id: str | None = None
    unit_id: str | None = None
    assigned_only: bool | None = None
    active: bool | None = None


class WayBody(BaseModel):
    """Two places, degrees WGS84."""

    start: tuple[Degrees, Degrees]
    end: tuple[Degrees, Degrees]


class Way(TypedDict):
    """The shortest way along the roads."""

    line: list[tuple[float, float]]
    length_m: float


@router.get("")
def get_lines(who: Onlooker, timeline: TimelineDep) -> list[LineView]:
    with timeline.reading() as db:
        return queries.lines(db, who)


@router.post("", status_code=201)
def post_line(body: NewLine, who: Planner, command: CommandDep, town: TownDep) -> LineView:
    area = area_at(town, _middle(body.line), who)
    _check_assigned(town, body.person_id, body.unit_id)
    values = body.model_dump()
    view: LineView = command.run(lambda tx: line_view(commands.add_line(tx, **values, area=area, by=who)))
    return view


@router.patch("/{id}")
def patch_line(id: str, body: LineChanges, who: Planner, command: CommandDep, town: TownDep) -> LineView:
    changes: dict[str, Any] = body.model_dump(exclude_unset=True)
    version = changes.pop("version", None)
    if any(value is None for name, value in changes.items() if name not in ("person_id", "unit_id")):
        raise BadInput("line_value_missing")
    if "line" in changes:
        changes["area"] = area_at(town, _middle(changes["line"]), who)
    _check_assigned(town, changes.get("person_id"), changes.get("unit_id"))
    view: LineView = command.run(
        lambda tx: line_view(commands.change_line(tx, id=id, changes=changes, by=who, version=version))
    )
    return view


@router.post("/way")
def post_way(body: WayBody, _who: Planner, town: TownDep) -> Way:
    """The way along the road network between two places: a start for drawing a line. Changes nothing."""
    try:
        route = town.graph.route(body.start, body.end, speed_mps=WALKING_MPS)
    except NoWay:
        raise BadInput("no_way") from None
    # The legs from the places to the road are not part of the street.
    line = route.line_lonlat[1:-1] if len(route.line_lonlat) > 3 else route.line_lonlat
    corners = [(round(float(lon), 6), round(float(lat), 6)) for lon, lat in line]
    return Way(line=corners, length_m=round(Street(tuple(corners)).length_m, 1))


def _middle(line: list[tuple[float, float]]) -> tuple[float, float]:
    lons, lats = [corner[0] for corner in line], [corner[1] for corner in line]
    if max(lons) - min(lons) > 1.0 or max(lats) - min(lats) > 1.0:
        raise BadInput("line_outside")
    return Street(tuple(line)).middle_lonlat()


def _check_assigned(town: TownIndex, person_id: str | None, unit_id: str | None) -> None:
    check_person(town, person_id)
    if unit_id is not None and unit_id not in town.units:
        raise NotFound("unit_unknown", id=unit_id)
