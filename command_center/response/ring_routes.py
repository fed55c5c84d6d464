"""HTTP of the response rings. Both are worked out in a thread beside the loop, like every route without await."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from command_center.access.guard import Who, require
from command_center.response.rings import ForceRings, PlaceRings, RingsDep

router = APIRouter(prefix="/api/v1/response/rings", tags=["response"])

SeesTown = Annotated[Who, Depends(require("town.see"))]
SeesForces = Annotated[Who, Depends(require("position.see"))]


@router.get("")
def get_rings_of_place(
    rings: RingsDep,
    _who: SeesTown,
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-85, le=85)],
    profile: Annotated[Literal["car", "bicycle", "foot"], Query(description="how one travels")] = "car",
) -> PlaceRings:
    """What is reached from a place within one, three and five minutes, around what is closed now."""
    return rings.around((lon, lat), profile)


@router.get("/now")
def get_rings_now(
    rings: RingsDep,
    who: SeesForces,
    force: Annotated[str | None, Query(max_length=8)] = None,
    person_id: Annotated[str | None, Query(max_length=40)] = None,
) -> ForceRings:
    """What those who are free now reach together, and how much of the town that is; at most 15 seconds old."""
    return rings.now(who, force=force, person_id=person_id)
