"""How duties and verdicts are told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from typing_extensions import TypedDict

from command_center.patrol.duties.tables import DutyRow, JudgementRow
from command_center.patrol.proof.causes import Cause
from command_center.timeline import Fact
from command_center.timeline.facts import iso

DutyState = Literal["open", "visited", "missed", "excused"]
Reason = Literal["proved", "window_over", "late_positions", "plan"]


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


def duty_fact(
    kind: str, row: DutyRow, *, happened_at: datetime | None = None, note: Mapping[str, Any] | None = None
) -> Fact:
    """The fact names the assigned person and whoever was credited, so that their phones hear of it."""
    data: dict[str, Any] = {"duty": duty_view(row)}
    if note:
        data["note"] = dict(note)
    parties = tuple(sorted({person for person in (row.person_id, row.visited_by) if person}))
    return Fact(kind, row.id, data, row.area, parties=parties, happened_at=happened_at)
