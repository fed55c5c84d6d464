"""What goes into an address book and what comes out of it. Points are lon/lat degrees WGS84, longitude first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gis.town_model import Grid, Line, Lonlat, Road, Village


@dataclass(frozen=True, slots=True)
class Spot:
    """Something with a name at a point: place, unit, camera or mandatory point.

    Attributes:
        kind: `place`, `unit`, `camera` or `point`.
        code: a number under which people know it besides its name: of a camera, the short one.
        sort: the registry's own kind of the thing, `school` for instance.
        near: name of what it belongs to, by which a group 村民小组 is located; "" for none.
    """

    kind: str
    id: str
    name: str
    lonlat: Lonlat
    area: str
    radius_m: float
    code: str = ""
    sort: str = ""
    near: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """One town, as the registry has it. `code` has 9 digits; areas are codes of grids, villages or the town."""

    code: str
    town: str
    county: str
    lonlat: Lonlat
    outline: Line
    villages: Sequence[Village]
    grids: Sequence[Grid]
    roads: Sequence[Road]
    spots: Sequence[Spot]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an address. `known`: the registry has something by this name.

    Kinds: province city county town village group grid road number building place unit camera point post crossing
    relation code coordinates.
    """

    kind: str
    text: str
    known: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is or is not offered, as a code with its parameters; pages have the words."""

    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that an address may mean.

    Attributes:
        label: as people say it.
        kind: town village group grid road post crossing place unit camera point coordinates.
        id: of the registry, "" for what is computed (a crossing, a post, a group).
        radius_m: how far off it may be.
        area: 15-digit grid, 12-digit village or 9-digit town code; of the point, not of the whole thing.
        grid: the grid at the point, "" outside all.
        village: name of the village the area belongs to, "" for none.
        score: 0 to 1, to compare candidates of one text; 1 means that everything written fits.
    """

    label: str
    kind: str
    id: str
    lonlat: Lonlat
    radius_m: float
    area: str
    grid: str
    village: str
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The parts that were read, and candidates, best first; `why` says why there is none."""

    parts: tuple[Part, ...]
    candidates: tuple[Candidate, ...]
    why: Reason | None
