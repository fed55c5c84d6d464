"""Points come and change, duties open for the day, and a verdict on a duty is written down with its fact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from command_center.access.guard import Who
from command_center.errors import BadInput, Conflict, NotFound
from command_center.ingest.position import from_ms
from command_center.patrol.facts import Cause, duty_fact, point_fact
from command_center.patrol.judge import Verdict
from command_center.patrol.tables import DutyRow, PointRow
from command_center.patrol.windows import day_bounds, local_day, read_windows
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id

# A circle smaller than the receiver's own error would credit nobody.
RADIUS_M = (15.0, 2_000.0)
LONGEST_DWELL_S = 4 * 3_600
MOST_WINDOWS = 24


@dataclass(frozen=True, slots=True)
class Absence:
    """Why nobody was there, as far as can be known; with the case that called the person away."""

    cause: Cause
    case_id: str | None = None


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
        windows=_windows(windows),
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
    row = tx.session.get(PointRow, id, with_for_update=True)
    if row is None or not by.sees(row.area):
        raise NotFound("point_unknown")
    if version is not None and version != row.version:
        raise Conflict("point_changed", name=row.name)
    for name, value in changes.items():
        if name == "lonlat":
            row.lon, row.lat = value
        else:
            setattr(row, name, _windows(value) if name == "windows" else value)
    _check(row)
    row.version += 1
    tx.session.flush()
    tx.emit(point_fact("patrol.point_changed", row, actor=by.json()))
    _replan(tx, row)
    return row


def open_duties(tx: Transaction, day: date, *, point_id: str | None = None) -> int:
    """Open what is due on a local day and is not open yet; repeating it changes nothing. Returns how many were opened.

    Windows that can no longer be met (over, or too little left of them) are not opened: nobody was told of them.

    Args:
        tx: the transaction.
        day: local date on which the windows start.
        point_id: this point only; None: all active points.
    """
    query = select(PointRow).where(PointRow.active)
    if point_id is not None:
        query = query.where(PointRow.id == point_id)
    points = list(tx.session.scalars(query.order_by(PointRow.id)))
    since, _ = day_bounds(day)
    known = {(duty.point_id, duty.window_start) for duty in _duties(tx, since=since, point_id=point_id)}
    opened = 0
    for point in points:
        for window in read_windows(point.windows):
            start, end = window.on(day)
            if (point.id, start) in known or (end - max(start, tx.now)).total_seconds() < point.dwell_s:
                continue
            duty = _duty(point, start, end)
            tx.session.add(duty)
            tx.emit(duty_fact("patrol.duty_opened", duty))
            opened += 1
    return opened


def write_verdict(
    tx: Transaction, *, id: str, verdict: Verdict, closing: bool = False, absence: Absence | None = None
) -> DutyRow | None:
    """Write down what the positions prove of a duty, and tell of it if it is news.

    The first proof makes the duty visited; the end of its window settles it; a late position may turn it later, which
    the fact says (`note.rejudged`).

    Args:
        tx: the transaction.
        id: of the duty.
        verdict: from `judge`.
        closing: the window is over.
        absence: needed where the verdict is that nobody was there and the duty is closing or settled.

    Returns:
        The row, or None if the duty is gone or was called off.
    """
    row = tx.session.get(DutyRow, id, with_for_update=True, populate_existing=True)
    if row is None or _called_off(row):
        return None
    if verdict.visited_by is None and not closing and row.settled_at is None:
        return row
    before, was_settled = _outcome(row), row.settled_at is not None
    _set_outcome(row, verdict, absence)
    if closing and row.settled_at is None:
        row.settled_at = tx.now
    after = _outcome(row)
    if after == before:
        return row
    row.version += 1
    kind = f"patrol.{row.state}" if row.state != before[0] else "patrol.settled"
    note = {"rejudged": True, "was": before[0]} if was_settled else None
    happened_at = row.visited_at if row.state == "visited" else row.window_end
    tx.emit(duty_fact(kind, row, happened_at=happened_at, note=note))
    return row


def _set_outcome(row: DutyRow, verdict: Verdict, absence: Absence | None) -> None:
    row.visited_by = verdict.visited_by
    row.visited_at = _moment(verdict.visited_at_s)
    row.dwell_s = verdict.dwell_s
    row.stay_start = _moment(verdict.stay.start_s) if verdict.stay else None
    row.stay_end = _moment(verdict.stay.end_s) if verdict.stay else None
    if verdict.visited_by is not None:
        row.state, row.cause, row.case_id = "visited", None, None
        return
    why = absence or Absence("not_visited")
    row.state = "excused" if why.case_id else "missed"
    row.cause, row.case_id = why.cause, why.case_id


def _outcome(row: DutyRow) -> tuple[object, ...]:
    return (row.state, row.visited_by, row.visited_at, row.dwell_s, row.cause, row.case_id)


def _called_off(row: DutyRow) -> bool:
    """A duty that a change of the plan called off: excused without a cause."""
    return row.state == "excused" and row.cause is None


def _replan(tx: Transaction, point: PointRow) -> None:
    """Call off what has not begun and no longer fits the point, let the rest follow it, open what is new."""
    day = local_day(tx.now)
    wanted = {window.on(day) for window in read_windows(point.windows)} if point.active else set()
    for duty in _duties(tx, since=tx.now, point_id=point.id):
        if duty.state != "open":
            continue
        if (duty.window_start, duty.window_end) in wanted:
            duty.area, duty.lon, duty.lat = point.area, point.lon, point.lat
            duty.radius_m, duty.need_s, duty.person_id = point.radius_m, point.dwell_s, point.person_id
            duty.assigned_only = point.assigned_only
            duty.version += 1
            tx.emit(duty_fact("patrol.duty_opened", duty))
            continue
        duty.state, duty.settled_at = "excused", tx.now
        duty.version += 1
        tx.emit(duty_fact("patrol.excused", duty, note={"called_off": True}))
    if point.active:
        _reopen(tx, point, wanted)
        open_duties(tx, day, point_id=point.id)


def _reopen(tx: Transaction, point: PointRow, wanted: set[tuple[datetime, datetime]]) -> None:
    """A window that was called off and is wanted again before it begins is the same duty."""
    for duty in _duties(tx, since=tx.now, point_id=point.id):
        if _called_off(duty):
            same = next((window for window in wanted if window[0] == duty.window_start), None)
            if same is None:
                continue
            fresh = _duty(point, *same)
            for name in ("area", "lon", "lat", "radius_m", "need_s", "window_end", "person_id", "assigned_only"):
                setattr(duty, name, getattr(fresh, name))
            duty.state, duty.settled_at = "open", None
            duty.version += 1
            tx.emit(duty_fact("patrol.duty_opened", duty))


def _duties(tx: Transaction, *, since: datetime, point_id: str | None) -> list[DutyRow]:
    """Duties whose window starts at or after a time, of one point or of all, held until the end of the transaction."""
    query = select(DutyRow).where(DutyRow.window_start >= since)
    if point_id is not None:
        query = query.where(DutyRow.point_id == point_id)
    return list(tx.session.scalars(query.order_by(DutyRow.id).with_for_update()))


def _duty(point: PointRow, start: datetime, end: datetime) -> DutyRow:
    return DutyRow(
        id=new_id(),
        point_id=point.id,
        area=point.area,
        lon=point.lon,
        lat=point.lat,
        radius_m=point.radius_m,
        need_s=point.dwell_s,
        window_start=start,
        window_end=end,
        person_id=point.person_id,
        assigned_only=point.assigned_only,
        state="open",
        dwell_s=0,
        version=1,
    )


def _windows(items: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    try:
        return [window.json() for window in read_windows([dict(item) for item in items])]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput("windows_bad") from error


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


def _moment(at_s: float | None) -> datetime | None:
    return None if at_s is None else from_ms(round(at_s * 1000.0))
