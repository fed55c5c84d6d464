"""Points come and change, and their duties follow."""

from collections.abc import Mapping, Sequence
from typing import Any

from command_center.access.guard import Who
from command_center.errors import BadInput
from command_center.patrol.duties.commands import open_duties, replan
from command_center.patrol.editing import change_row, put_lonlat
from command_center.patrol.points.facts import point_fact
from command_center.patrol.points.tables import PointRow
from command_center.patrol.windows import MOST_WINDOWS, local_day, plain_windows, read_windows
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id

# A circle smaller than the receiver's own error would credit nobody.
RADIUS_M = (15.0, 2_000.0)
LONGEST_DWELL_S = 4 * 3_600


def add_point(
    tx: Transaction,
    *,
    name: str,
    kind: str,
    area: str,
    lonlat: tuple[float, float],
    radius_m: float,
    dwell_s: int,
    windows: Sequence[Mapping[str, str]],
    person_id: str | None = None,
    assigned_only: bool = False,
    id: str | None = None,
    by: Who | None = None,
) -> PointRow:
    """Add a mandatory point and open its duties of today.

    Args:
        tx: the transaction.
        name, kind: e.g. 示范镇中心小学, school.
        area: grid or village code of where it lies.
        lonlat: degrees WGS84.
        radius_m: 15 to 2,000.
        dwell_s: unbroken stay that is needed; 0: passing is enough.
        windows: `{"start", "end"}` local times of day.
        person_id: who is assigned.
        assigned_only: whether nobody else may cover.
        id: of the point, where it has one already.
        by: who does it; None for an import.

    Raises:
        BadInput: a value is impossible.
    """
    row = PointRow(
        id=id or new_id(),
        name=name.strip(),
        kind=kind,
        area=area,
        lon=lonlat[0],
        lat=lonlat[1],
        radius_m=radius_m,
        dwell_s=dwell_s,
        windows=plain_windows(windows),
        person_id=person_id,
        assigned_only=assigned_only,
        active=True,
        version=1,
    )
    _check(row)
    tx.session.add(row)
    tx.session.flush()
    tx.emit(point_fact("patrol.point_added", row, actor=by.json() if by else None))
    open_duties(tx, local_day(tx.now), point_id=row.id)
    return row


def change_point(
    tx: Transaction, *, id: str, changes: Mapping[str, Any], by: Who, version: int | None = None
) -> PointRow:
    """Change a point. Duties whose window began already stay as they were; later ones follow the change.

    Args:
        tx: the transaction.
        id: of the point.
        changes: new values by name: name, kind, area, lonlat, radius_m, dwell_s, windows, person_id, assigned_only,
            active.
        by: who does it.
        version: refuse if the point is no longer the one the caller saw.

    Raises:
        NotFound: there is no such point in the caller's area.
        Conflict: somebody changed it in between.
        BadInput: a value is impossible.
    """
    row = change_row(
        tx,
        PointRow,
        id,
        changes=changes,
        version=version,
        by=by,
        unknown="point_unknown",
        changed="point_changed",
        put={"lonlat": put_lonlat},
        check=_check,
        tell=lambda row: point_fact("patrol.point_changed", row, actor=by.json()),
    )
    replan(tx, row)
    return row


def _check(row: PointRow) -> None:
    if not row.name:
        raise BadInput("point_nameless")
    if not RADIUS_M[0] <= row.radius_m <= RADIUS_M[1]:
        raise BadInput("radius_bad", least=int(RADIUS_M[0]), most=int(RADIUS_M[1]))
    if not (-180.0 <= row.lon <= 180.0 and -90.0 <= row.lat <= 90.0):
        raise BadInput("point_outside")
    if not 0 <= row.dwell_s <= LONGEST_DWELL_S:
        raise BadInput("dwell_bad", most=LONGEST_DWELL_S)
    windows = read_windows(row.windows)
    if not 1 <= len(windows) <= MOST_WINDOWS:
        raise BadInput("windows_bad")
    if any(window.length_s < row.dwell_s for window in windows):
        raise BadInput("dwell_too_long")
    if row.assigned_only and row.person_id is None:
        raise BadInput("assigned_to_nobody")
