"""What the routes of every kind of patrol take: who may call, names, windows, and the place of a thing."""

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, Field

from command_center.access.guard import Who, require
from command_center.errors import BadInput
from command_center.patrol.windows import MOST_WINDOWS
from command_center.registry.town_index import TownIndex

Onlooker = Annotated[Who, Depends(require("patrol.see"))]
Patroller = Annotated[Who, Depends(require("patrol.see", "patrol.see_own"))]
Planner = Annotated[Who, Depends(require("patrol.plan"))]

Degrees = Annotated[float, Field(ge=-180, le=180)]
Name = Annotated[str, Field(min_length=1, max_length=64)]


class WindowBody(BaseModel):
    """Local times of day; an end before the start lies on the next day."""

    start: Annotated[str, Field(max_length=8, examples=["07:20:00"])]
    end: Annotated[str, Field(max_length=8, examples=["08:10:00"])]


Windows = Annotated[list[WindowBody], Field(min_length=1, max_length=MOST_WINDOWS)]


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
