"""Mandatory streets come and change, and their duties follow."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from command_center.access.guard import Who
from command_center.errors import BadInput
from command_center.patrol.duties.commands import open_duties, replan
from command_center.patrol.editing import change_row
from command_center.patrol.lines.facts import line_fact
from command_center.patrol.lines.tables import LineRow
from command_center.patrol.proof.street import Street
from command_center.patrol.windows import MOST_WINDOWS, local_day, plain_windows
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id

USUAL_SHARE = 0.9
MOST_CORNERS = 2_000
# Shorter than a move that tells its direction, a street could not be proved.
LENGTH_M = (50.0, 30_000.0)


def add_line(
    tx: Transaction,
    *,
    name: str,
    area: str,
    line: Sequence[Sequence[float]],
    windows: Sequence[Mapping[str, str]],
    both_sides: bool = False,
    need_share: float = USUAL_SHARE,
    person_id: str | None = None,
    unit_id: str | None = None,
    assigned_only: bool = False,
    id: str | None = None,
    by: Who | None = None,
) -> LineRow:
    """Add a mandatory street and open its duties of today.

    Args:
        tx: the transaction.
        name: e.g. 人民路.
        area: grid or village code of where its middle lies.
        line: (lon, lat) degrees WGS84, at least two different places, 50 m to 30 km long.
        windows: `{"start", "end"}` local times of day.
        both_sides: whether it must be walked in both directions.
        need_share: part of it that must be walked, above 0 up to 1.
        person_id, unit_id: who is assigned.
        assigned_only: whether nobody else's way counts.
        id: of the line, where it has one already.
        by: who does it; None for an import.

    Raises:
        BadInput: a value is impossible.
    """
    row = LineRow(
        id=id or new_id(),
        name=name.strip(),
        area=area,
        line=_plain_line(line),
        length_m=0.0,
        both_sides=both_sides,
        need_share=need_share,
        windows=plain_windows(windows),
        person_id=person_id,
        unit_id=unit_id,
        assigned_only=assigned_only,
        active=True,
        version=1,
    )
    _check(row)
    tx.session.add(row)
    tx.session.flush()
    tx.emit(line_fact("patrol.line_added", row, actor=by.json() if by else None))
    open_duties(tx, local_day(tx.now), line_id=row.id)
    return row


def change_line(
    tx: Transaction, *, id: str, changes: Mapping[str, Any], by: Who, version: int | None = None
) -> LineRow:
    """Change a line. Duties whose window began already stay as they were; later ones follow the change.

    Args:
        tx: the transaction.
        id: of the line.
        changes: new values by name: name, area, line, both_sides, need_share, windows, person_id, unit_id,
            assigned_only, active.
        by: who does it.
        version: refuse if the line is no longer the one the caller saw.

    Raises:
        NotFound: there is no such line in the caller's area.
        Conflict: somebody changed it in between.
        BadInput: a value is impossible.
    """
    row = change_row(
        tx,
        LineRow,
        id,
        changes=changes,
        version=version,
        by=by,
        unknown="line_unknown",
        changed="line_changed",
        put={"line": _put_line},
        check=_check,
        tell=lambda row: line_fact("patrol.line_changed", row, actor=by.json()),
    )
    replan(tx, row)
    return row


def _put_line(row: LineRow, line: Sequence[Sequence[float]]) -> None:
    row.line = _plain_line(line)


def _plain_line(line: Sequence[Sequence[float]]) -> list[list[float]]:
    """The corners without repeats, to a tenth of a metre."""
    corners = [[round(float(lon), 6), round(float(lat), 6)] for lon, lat in line]
    return [corner for corner, _ in itertools.groupby(corners)]


def _check(row: LineRow) -> None:
    """Refuse what is impossible, and note the length."""
    if not row.name:
        raise BadInput("line_nameless")
    if not 2 <= len(row.line) <= MOST_CORNERS:
        raise BadInput("line_corners_bad", most=MOST_CORNERS)
    if not all(-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0 for lon, lat in row.line):
        raise BadInput("line_outside")
    lons, lats = [corner[0] for corner in row.line], [corner[1] for corner in row.line]
    # Beyond this a flat frame no longer measures it; it is far too long in any case.
    too_wide = max(lons) - min(lons) > 1.0 or max(lats) - min(lats) > 1.0
    row.length_m = 0.0 if too_wide else round(Street(tuple((lon, lat) for lon, lat in row.line)).length_m, 1)
    if not LENGTH_M[0] <= row.length_m <= LENGTH_M[1]:
        raise BadInput("line_length_bad", least=int(LENGTH_M[0]), most_km=int(LENGTH_M[1] / 1000))
    if not 0.0 < row.need_share <= 1.0:
        raise BadInput("share_bad")
    if not 1 <= len(row.windows) <= MOST_WINDOWS:
        raise BadInput("windows_bad")
    if row.assigned_only and row.person_id is None and row.unit_id is None:
        raise BadInput("assigned_to_nobody")
