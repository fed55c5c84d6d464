"""How a closed road is told: whole, to everybody who may see the town, wherever in it he works."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from typing_extensions import TypedDict

from command_center.registry.closures.tables import ClosureRow
from command_center.timeline.facts import EVERYBODY, Fact, iso

Reason = Literal["flood", "fire", "accident", "works", "market", "control", "other"]
Shape = Literal["line", "area"]
Profile = Literal["car", "bicycle", "foot"]
State = Literal["in_force", "ended", "lifted"]


class Officer(TypedDict):
    id: str
    name: str


class StreetView(TypedDict):
    """`metres` of it are closed, in `cuts` places; a street without a name has an empty one."""

    name: str
    metres: int
    cuts: int


class ClosureView(TypedDict):
    """Corners and lines are lon/lat WGS84; `lines` are the closed parts of roads. `ends_at` None: until lifted."""

    id: str
    name: str
    reason: Reason
    note: str
    shape: Shape
    corners: list[tuple[float, float]]
    profiles: list[Profile]
    area: str
    streets: list[StreetView]
    lines: list[list[tuple[float, float]]]
    closed_m: int
    begins_at: str
    ends_at: str | None
    state: State
    closed_by: Officer
    ended_at: str | None
    lifted_by: Officer | None
    version: int


def closure_view(row: ClosureRow) -> ClosureView:
    return {
        "id": row.id,
        "name": row.name,
        "reason": row.reason,  # type: ignore[typeddict-item]
        "note": row.note,
        "shape": row.shape,  # type: ignore[typeddict-item]
        "corners": row.corners,
        "profiles": row.profiles,
        "area": row.area,
        "streets": row.streets,
        "lines": row.lines,
        "closed_m": round(row.closed_m),
        "begins_at": iso(row.begins_at),
        "ends_at": iso(row.ends_at) if row.ends_at else None,
        "state": row.state,  # type: ignore[typeddict-item]
        "closed_by": row.closed_by,
        "ended_at": iso(row.ended_at) if row.ended_at else None,
        "lifted_by": row.lifted_by,
        "version": row.version,
    }


def closure_fact(
    kind: str, row: ClosureRow, *, actor: Mapping[str, str] | None = None, happened_at: datetime | None = None
) -> Fact:
    """Roads are everybody's: a closure two villages away may lengthen the way of one's own people."""
    data = {"closure": closure_view(row)}
    return Fact(kind, row.id, data, row.area, parties=(EVERYBODY,), actor=actor, happened_at=happened_at)
