"""A road is closed, its end is changed, it is lifted, or it ends by the clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from command_center.access.guard import Who
from command_center.errors import BadInput, Conflict, NotFound
from command_center.registry.closures.drawing import Closed, Drawing
from command_center.registry.closures.facts import closure_fact
from command_center.registry.closures.tables import ClosureRow
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id
from gis.roads.profiles import PROFILES

LONGEST = timedelta(days=366)
# Of grid, village, town and county.
AREA_DIGITS = (15, 12, 9, 6)


def close_road(
    tx: Transaction,
    drawing: Drawing,
    closed: Closed,
    *,
    area: str,
    name: str,
    reason: str,
    note: str,
    profiles: Sequence[str],
    ends_at: datetime | None,
    by: Who,
) -> ClosureRow:
    """Close what was drawn, from now on, and record `registry.road_closed`.

    Args:
        tx: the transaction.
        drawing: as drawn.
        closed: what it closes, by `Draughtsman.look`.
        area: the smallest that holds all corners, by `common_area`.
        name: e.g. 河西桥; empty: as the draughtsman calls it.
        reason: one of `facts.Reason`.
        note: in the officer's words.
        profiles: whom it stops; at least one of car, bicycle, foot.
        ends_at: when it ends by itself; None: until lifted.
        by: who does it.

    Raises:
        BadInput: it lies outside the officer's area, stops nobody, or its end is past or too far away.
    """
    if not by.sees(area):
        raise BadInput("closure_outside")
    stopped = [name for name in PROFILES if name in profiles]
    if not stopped:
        raise BadInput("closure_for_nobody")
    _check_end(tx, ends_at)
    row = ClosureRow(
        id=new_id(),
        name=name.strip() or closed.name,
        reason=reason,
        note=note.strip(),
        shape=drawing.shape,
        corners=[[round(lon, 6), round(lat, 6)] for lon, lat in drawing.corners],
        profiles=stopped,
        area=area,
        streets=[{"name": one.name, "metres": round(one.metres), "cuts": one.cuts} for one in closed.streets],
        lines=closed.lines,
        closed_m=closed.metres,
        begins_at=tx.now,
        ends_at=ends_at,
        state="in_force",
        closed_by=by.json(),
        ended_at=None,
        lifted_by=None,
        version=1,
    )
    tx.session.add(row)
    tx.session.flush()
    tx.emit(closure_fact("registry.road_closed", row, actor=by.json()))
    return row


def change_end(tx: Transaction, *, id: str, ends_at: datetime | None, by: Who, version: int) -> ClosureRow:
    """Let a closure last longer or shorter, and record `registry.closure_changed`.

    Raises:
        NotFound, Conflict: as `_open`.
        BadInput: the end is past or too far away.
    """
    row = _open(tx, id, by, version)
    _check_end(tx, ends_at)
    row.ends_at = ends_at
    row.version += 1
    tx.emit(closure_fact("registry.closure_changed", row, actor=by.json()))
    return row


def lift_closure(tx: Transaction, *, id: str, by: Who, version: int) -> ClosureRow:
    """Open the road again, and record `registry.closure_lifted`.

    Raises:
        NotFound, Conflict: as `_open`.
    """
    row = _open(tx, id, by, version)
    row.state, row.ended_at, row.lifted_by = "lifted", tx.now, by.json()
    row.version += 1
    tx.emit(closure_fact("registry.closure_lifted", row, actor=by.json()))
    return row


def end_closures(tx: Transaction) -> int:
    """End those whose time is over, as of that time; repeating it changes nothing. Returns how many ended."""
    over = select(ClosureRow).where(ClosureRow.state == "in_force", ClosureRow.ends_at <= tx.now)
    rows = list(tx.session.scalars(over.order_by(ClosureRow.ends_at, ClosureRow.id).with_for_update()))
    for row in rows:
        row.state, row.ended_at = "ended", row.ends_at
        row.version += 1
        tx.emit(closure_fact("registry.closure_ended", row, happened_at=row.ends_at))
    return len(rows)


def common_area(areas: Sequence[str]) -> str:
    """The smallest area of grid, village, town and county that holds all of these; empty where there is none."""
    for digits in AREA_DIGITS:
        common = {area[:digits] for area in areas}
        if len(common) == 1 and min(map(len, areas)) >= digits:
            return common.pop()
    return ""


def _open(tx: Transaction, id: str, by: Who, version: int) -> ClosureRow:
    """A closure that may still be changed.

    Raises:
        NotFound: there is none in the caller's area.
        Conflict: it is over, or somebody changed it since the caller saw it.
    """
    row = tx.session.get(ClosureRow, id, with_for_update=True, populate_existing=True)
    if row is None or not by.sees(row.area):
        raise NotFound("closure_unknown")
    if row.state != "in_force" or (row.ends_at is not None and row.ends_at <= tx.now):
        raise Conflict("closure_over", name=row.name)
    if row.version != version:
        raise Conflict("closure_changed", name=row.name)
    return row


def _check_end(tx: Transaction, ends_at: datetime | None) -> None:
    if ends_at is not None and not tx.now < ends_at <= tx.now + LONGEST:
        raise BadInput("closure_end_bad", days=LONGEST.days)
