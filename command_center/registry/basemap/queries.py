"""Read which basemap the hall has, and the box within which one is made."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.registry import tables
from command_center.registry.queries import setting
from gis.basemap.features import Bounds

KEY = "basemap"
# A wall is wide: left and right of the town it shows the neighbours.
BEYOND_SHARE, BEYOND_LEAST_DEG = 1.0, 0.1


class StoredBasemap(TypedDict):
    """The tiles in use. `version` names their file and changes with their content."""

    version: str
    file: str
    attribution: str
    min_zoom: int
    max_zoom: int
    features: dict[str, int]
    bytes: int
    model: bool


def stored_basemap(session: Session) -> StoredBasemap | None:
    """The vector tiles that were built last, None where there are none."""
    found: StoredBasemap | None = setting(session, KEY)
    return found


def ground_bounds(session: Session) -> Bounds | None:
    """The town with its neighbourhood, None while there is no town."""
    outline: Any = session.scalar(select(tables.CenterRow.outline))
    if not outline:
        return None
    lons, lats = [point[0] for point in outline], [point[1] for point in outline]
    return Bounds(min(lons), min(lats), max(lons), max(lats)).widened(BEYOND_SHARE, BEYOND_LEAST_DEG)
