"""How mandatory lines are told."""

from collections.abc import Mapping

from typing_extensions import TypedDict

from command_center.patrol.lines.tables import LineRow
from command_center.patrol.windows import WindowView
from command_center.timeline import Fact


class LineView(TypedDict):
    id: str
    name: str
    area: str
    line: list[tuple[float, float]]
    length_m: float
    both_sides: bool
    need_share: float
    windows: list[WindowView]
    person_id: str | None
    unit_id: str | None
    assigned_only: bool
    active: bool
    version: int


def line_view(row: LineRow) -> LineView:
    return LineView(
        id=row.id,
        name=row.name,
        area=row.area,
        line=row.line,
        length_m=row.length_m,
        both_sides=row.both_sides,
        need_share=row.need_share,
        windows=row.windows,
        person_id=row.person_id,
        unit_id=row.unit_id,
        assigned_only=row.assigned_only,
        active=row.active,
        version=row.version,
    )


def line_fact(kind: str, row: LineRow, *, actor: Mapping[str, str] | None) -> Fact:
    return Fact(kind, row.id, {"line": line_view(row)}, row.area, actor=actor)
