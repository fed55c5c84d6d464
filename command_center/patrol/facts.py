"""How points, lines, duties and verdicts are told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from typing_extensions import TypedDict

from command_center.patrol.tables import DutyRow, JudgementRow, LineRow, PointRow
from command_center.timeline import Fact
from command_center.timeline.facts import iso

DutyState = Literal["open", "visited", "missed", "excused"]
Cause = Literal["not_visited", "device_silent", "poor_gps", "suspect", "called_away"]
Reason = Literal["proved", "window_over", "late_positions", "plan"]


class WindowView(TypedDict):
    """Local times of day, `HH:MM:SS`."""

    start: str
    end: str


class PointView(TypedDict):
    id: str
    name: str
    kind: str
    area: str
    lonlat: tuple[float, float]
    radius_m: float
    dwell_s: int
    windows: list[WindowView]
    person_id: str | None
    assigned_only: bool
    active: bool
    version: int


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


class DutyView(TypedDict):
    """One window of one point or line on one day.

    `dwell_s` is the longest stay at a point that is proved; `share` (0 to 1) the part of a line, `done` the proved
    parts as (from, to) in shares of its length. `detail` says more: of poor positions `fixes` and `accuracy_m`, of
    doubted ones `fixes`, of a line who `walked` which share.
    """

    id: str
    point_id: str | None
    line_id: str | None
    area: str
    window_start: str
    window_end: str
    state: DutyState
    person_id: str | None
    visited_by: str | None
    visited_at: str | None
    dwell_s: int
    share: float | None
    need_share: float | None
    done: list[tuple[float, float]] | None
    cause: Cause | None
    detail: dict[str, Any] | None
    case_id: str | None
    alert_id: str | None
    version: int


class JudgementView(TypedDict):
    """One line of the ledger; `evidence_until` is when the latest position that was weighed had reached us."""

    duty_id: str
    version: int
    state: DutyState
    visited_by: str | None
    visited_at: str | None
    dwell_s: int
    share: float | None
    cause: Cause | None
    case_id: str | None
    detail: dict[str, Any] | None
    judged_at: str
    evidence_until: str | None
    reason: Reason
    late: dict[str, int]


def point_view(row: PointRow) -> PointView:
    return PointView(
        id=row.id,
        name=row.name,
        kind=row.kind,
        area=row.area,
        lonlat=(row.lon, row.lat),
        radius_m=row.radius_m,
        dwell_s=row.dwell_s,
        windows=row.windows,
        person_id=row.person_id,
        assigned_only=row.assigned_only,
        active=row.active,
        version=row.version,
    )


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


def duty_view(row: DutyRow) -> DutyView:
    return {
        "id": row.id,
        "point_id": row.point_id,
        "line_id": row.line_id,
        "area": row.area,
        "window_start": iso(row.window_start),
        "window_end": iso(row.window_end),
        "state": row.state,  # type: ignore[typeddict-item]
        "person_id": row.person_id,
        "visited_by": row.visited_by,
        "visited_at": iso(row.visited_at) if row.visited_at else None,
        "dwell_s": row.dwell_s,
        "share": row.share,
        "need_share": row.need_share,
        "done": row.done,
        "cause": row.cause,  # type: ignore[typeddict-item]
        "detail": row.detail,
        "case_id": row.case_id,
        "alert_id": row.alert_id,
        "version": row.version,
    }


def judgement_view(row: JudgementRow) -> JudgementView:
    return {
        "duty_id": row.duty_id,
        "version": row.version,
        "state": row.state,  # type: ignore[typeddict-item]
        "visited_by": row.visited_by,
        "visited_at": iso(row.visited_at) if row.visited_at else None,
        "dwell_s": row.dwell_s,
        "share": row.share,
        "cause": row.cause,  # type: ignore[typeddict-item]
        "case_id": row.case_id,
        "detail": row.detail,
        "judged_at": iso(row.judged_at),
        "evidence_until": iso(row.evidence_until) if row.evidence_until else None,
        "reason": row.why["reason"],
        "late": row.why.get("late", {}),
    }


def line_fact(kind: str, row: LineRow, *, actor: Mapping[str, str] | None) -> Fact:
    return Fact(kind, row.id, {"line": line_view(row)}, row.area, actor=actor)


def point_fact(kind: str, row: PointRow, *, actor: Mapping[str, str] | None) -> Fact:
    return Fact(kind, row.id, {"point": point_view(row)}, row.area, actor=actor)


def duty_fact(
    kind: str, row: DutyRow, *, happened_at: datetime | None = None, note: Mapping[str, Any] | None = None
) -> Fact:
    """The fact names the assigned person and whoever was credited, so that their phones hear of it."""
    data: dict[str, Any] = {"duty": duty_view(row)}
    if note:
        data["note"] = dict(note)
    parties = tuple(sorted({person for person in (row.person_id, row.visited_by) if person}))
    return Fact(kind, row.id, data, row.area, parties=parties, happened_at=happened_at)
