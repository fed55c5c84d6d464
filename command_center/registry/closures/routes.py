"""HTTP of closed roads."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from command_center.access.guard import Who, require
from command_center.registry.closures import commands, queries
from command_center.registry.closures.drawing import MOST_CORNERS, Closed, Drawing
from command_center.registry.closures.facts import ClosureView, Profile, Reason, Shape, StreetView, closure_view
from command_center.registry.closures.roads import RoadsDep
from command_center.registry.door import TownDep
from command_center.registry.town_index import TownIndex
from command_center.timeline.asked import Moment, Version
from command_center.timeline.door import CommandDep, TimelineDep

router = APIRouter(prefix="/api/v1/closures", tags=["registry"])

Onlooker = Annotated[Who, Depends(require("town.see"))]
Closer = Annotated[Who, Depends(require("road.close"))]
Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-85, le=85)]
Corners = Annotated[
    list[tuple[Lon, Lat]],
    Field(min_length=2, max_length=MOST_CORNERS, description="degrees WGS84, longitude first; an area closes itself"),
]
Ends = Annotated[Moment | None, Field(description="when it ends by itself; null: until it is lifted")]


class DrawingBody(BaseModel):
    shape: Shape
    corners: Corners
    profiles: Annotated[list[Profile], Field(min_length=1, max_length=3)]

    def drawing(self) -> Drawing:
        return Drawing(self.shape, self.corners)


class NewClosure(DrawingBody):
    """In force at once. An empty name becomes that of the street or the bridge."""

    name: Annotated[str, Field(max_length=64)] = ""
    reason: Reason
    note: Annotated[str, Field(max_length=500)] = ""
    ends_at: Ends = None


class EndBody(BaseModel):
    """`version` is the one the caller saw."""

    version: Version
    ends_at: Ends


class LiftBody(BaseModel):
    version: Version


class ProfileMetres(TypedDict):
    profile: str
    metres: int


class ClosurePreview(TypedDict):
    """What a drawing would close; `profiles`: how much of it each way of travelling may use now."""

    name: str
    streets: list[StreetView]
    closed_m: int
    profiles: list[ProfileMetres]
    lines: list[list[tuple[float, float]]]
    area: str


@router.get("")
def get_closures(
    _who: Onlooker,
    timeline: TimelineDep,
    state: Annotated[list[Literal["in_force", "ended", "lifted"]] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[ClosureView]:
    """Closures, newest first; the record of those that are over is kept."""
    with timeline.reading() as session:
        return queries.closures(session, states=state or (), limit=limit)


@router.post("/preview")
def preview_closure(body: DrawingBody, _who: Closer, town: TownDep, roads: RoadsDep) -> ClosurePreview:
    """What a drawing would close. Changes nothing."""
    closed = roads.draughtsman().look(body.drawing(), body.profiles)
    return {
        "name": closed.name,
        "streets": _streets(closed),
        "closed_m": round(closed.metres),
        "profiles": [{"profile": name, "metres": round(metres)} for name, metres in closed.metres_of.items()],
        "lines": [list(line) for line in closed.lines],
        "area": _area(town, body),
    }


@router.post("", status_code=201)
def post_closure(body: NewClosure, who: Closer, command: CommandDep, town: TownDep, roads: RoadsDep) -> ClosureView:
    drawing = body.drawing()
    closed = roads.draughtsman().look(drawing, body.profiles)
    area, values = _area(town, body), body.model_dump(exclude={"shape", "corners"})
    view: ClosureView = command.run(
        lambda tx: closure_view(commands.close_road(tx, drawing, closed, area=area, by=who, **values))
    )
    return view


@router.patch("/{id}")
def patch_closure(id: str, body: EndBody, who: Closer, command: CommandDep) -> ClosureView:
    """Let it last longer or shorter."""
    view: ClosureView = command.run(
        lambda tx: closure_view(commands.change_end(tx, id=id, by=who, **body.model_dump()))
    )
    return view


@router.post("/{id}/lift")
def lift_closure(id: str, body: LiftBody, who: Closer, command: CommandDep) -> ClosureView:
    """Open the road again before its time."""
    view: ClosureView = command.run(
        lambda tx: closure_view(commands.lift_closure(tx, id=id, by=who, version=body.version))
    )
    return view


def _streets(closed: Closed) -> list[StreetView]:
    return [{"name": one.name, "metres": round(one.metres), "cuts": one.cuts} for one in closed.streets]


def _area(town: TownIndex, body: DrawingBody) -> str:
    return commands.common_area([town.area_of(corner) for corner in body.corners])
