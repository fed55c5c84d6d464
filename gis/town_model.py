"""What a model town consists of: plain frozen records, WGS84 lon/lat rounded to a decimetre, ready for JSON."""

from dataclasses import asdict, dataclass
from typing import Any

import orjson

Lonlat = tuple[float, float]
Line = tuple[Lonlat, ...]


@dataclass(frozen=True, slots=True)
class Center:
    """The 综治中心 itself. `code` has 9 digits; `model` says that nothing in it is real."""

    code: str
    name: str
    county: str
    model: bool
    lonlat: Lonlat


@dataclass(frozen=True, slots=True)
class Village:
    """村 or 社区: 12-digit code, closed outline ring, and the point where its name is written."""

    code: str
    name: str
    kind: str
    center: Lonlat
    outline: Line


@dataclass(frozen=True, slots=True)
class Grid:
    """网格: 15-digit code; kind `base` 基础网格 or `special` 专属网格."""

    code: str
    name: str
    village: str
    kind: str
    households: int
    outline: Line


@dataclass(frozen=True, slots=True)
class Road:
    """A road as drawn: one stretch of one name and class."""

    id: str
    kind: str
    name: str
    line: Line


@dataclass(frozen=True, slots=True)
class RoadNetwork:
    """The roads as travelled: nodes and one-way arcs, column by column."""

    node_lonlat: Line
    arc_from: tuple[int, ...]
    arc_to: tuple[int, ...]
    length_m: tuple[float, ...]
    speed_mps: tuple[float, ...]
    road_class: tuple[int, ...]


# Of a town that is only drawn.
NO_NETWORK = RoadNetwork((), (), (), (), (), ())


@dataclass(frozen=True, slots=True)
class Water:
    """River, canal, pond or reservoir: a closed ring, with holes where land lies in it."""

    id: str
    kind: str
    name: str
    outline: Line
    holes: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A place people know by name."""

    id: str
    kind: str
    name: str
    lonlat: Lonlat
    area: str


@dataclass(frozen=True, slots=True)
class Unit:
    """单位: a station, office or team that people belong to."""

    id: str
    kind: str
    name: str
    lonlat: Lonlat
    area: str


@dataclass(frozen=True, slots=True)
class Person:
    """One of the forces. `travel` is car, scooter or foot; `base` is where the day begins."""

    id: str
    name: str
    call_sign: str
    force: str
    unit_id: str
    area: str
    base: Lonlat
    travel: str


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera under its GB/T 28181 id, as it stands: heading in degrees clockwise from north, range in metres.

    `recorder` and `switch` name what it hangs on, empty where nobody knows.
    """

    id: str
    number: str
    name: str
    lonlat: Lonlat
    heading_deg: float
    fov_deg: float
    range_m: float
    area: str
    place: str
    kind: str
    point_class: int
    recorder: str = ""
    switch: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """A time of day, local, `HH:MM:SS`, end after start."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class PatrolPoint:
    """必巡点位: be within `radius_m` for `dwell_s` in each window."""

    id: str
    name: str
    kind: str
    area: str
    lonlat: Lonlat
    radius_m: float
    dwell_s: int
    windows: tuple[Window, ...]
    person_id: str


@dataclass(frozen=True, slots=True)
class Town:
    """A whole town."""

    seed: int
    center: Center
    outline: Line
    villages: tuple[Village, ...]
    grids: tuple[Grid, ...]
    roads: tuple[Road, ...]
    network: RoadNetwork
    waters: tuple[Water, ...]
    places: tuple[Place, ...]
    units: tuple[Unit, ...]
    persons: tuple[Person, ...]
    cameras: tuple[Camera, ...]
    points: tuple[PatrolPoint, ...]

    def to_json(self) -> bytes:
        """The town as JSON with sorted keys: the same town gives the same bytes."""
        body: dict[str, Any] = asdict(self)
        return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
