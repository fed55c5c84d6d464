"""What can be imported: for each kind its table, its fields, and how one row becomes a record or is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from command_center.errors import BadInput
from command_center.registry import tables
from command_center.registry.imports import areas, cameras, lines, people, points
from command_center.registry.imports.cells import Cells
from command_center.registry.imports.known import Known

Build = Callable[[Cells, Known], dict[str, Any]]
Complete = Callable[[dict[str, Any], int, Known], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of layer.

    Attributes:
        table: where it is stored.
        key: the column that is its id.
        fields: what a column of a file may mean, those a row cannot do without first.
        shape: point, polygon or line.
        build: makes the columns that a row has; raises BadRow.
        complete: adds what a new record needs and the row does not say; raises BadRow.
        identify: the id of a row, or the key under which one is issued; raises BadRow.
        issue: a fresh id.
        whole_town: whether only somebody who may see the whole town may import it.
        follows_at_start: what of it a running hall takes up at its next start only: a key of the messages, or "".
    """

    name: str
    table: Any
    key: str
    fields: tuple[str, ...]
    shape: str
    build: Build
    complete: Complete
    identify: Callable[[Cells, Known, bool], tuple[str | None, str | None]]
    issue: Callable[[Known], str]
    whole_town: bool = False
    follows_at_start: str = ""


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("center", tables.CenterRow, "code", ("code", "name", "county", "lon", "lat"), "polygon", areas.center,
             areas.complete_center, areas.identify, areas.no_issue, whole_town=True),
        Kind("villages", tables.VillageRow, "code", ("code", "name", "kind", "lon", "lat"), "polygon", areas.village,
             areas.complete_village, areas.identify, areas.no_issue, whole_town=True),
        Kind("grids", tables.GridRow, "code", ("code", "name", "village", "kind", "households"), "polygon", areas.grid,
             areas.complete_grid, areas.identify_grid, areas.no_issue),
        Kind("roads", tables.RoadRow, "id", ("name", "kind", "id", "oneway", "speed"), "line", lines.road,
             lines.complete, lines.identify, lines.issue, whole_town=True),
        Kind("water", tables.WaterRow, "id", ("name", "kind", "id"), "polygon", lines.water,
             lines.complete_water, points.identify, points.issue_water, whole_town=True),
        Kind("places", tables.PlaceRow, "id", ("name", "lon", "lat", "kind", "id"), "point", points.place,
             points.complete, points.identify, points.issue_place),
        Kind("units", tables.UnitRow, "id", ("name", "lon", "lat", "kind", "id"), "point", points.place,
             points.complete, points.identify, points.issue_unit),
        Kind("people", tables.PersonRow, "id",
             ("name", "call_sign", "force", "unit_id", "area", "lon", "lat", "travel", "phone", "id"), "point",
             people.person, people.complete, people.identify, people.issue),
        Kind("cameras", tables.CameraRow, "id",
             ("id", "lon", "lat", "name", "place", "number", "kind", "heading_deg", "fov_deg", "range_m", "point_class",
              "recorder", "switch"), "point",
             cameras.camera, cameras.complete, cameras.identify, cameras.issue,
             follows_at_start="import_restart_cameras"),
    )
}  # fmt: skip
ALIASES = {"boundary": "center", "village": "villages", "grid": "grids", "road": "roads", "persons": "people",
           "camera": "cameras", "place": "places", "unit": "units"}  # fmt: skip


def kind_of(name: str) -> Kind:
    """A kind by its name.

    Raises:
        BadInput: there is no such kind.
    """
    kind = KINDS.get(ALIASES.get(name, name))
    if kind is None:
        raise BadInput("import_kind_unknown", name=name, known=", ".join(KINDS))
    return kind
