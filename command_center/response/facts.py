"""Bodies of what response emits: case, order and responder after the change.

They reach the wall and every seat, so numbers of people in their free texts are masked; who needs one asks for it among
the parties. Only the text of an order stays as it was written, for the person it is sent to.
"""

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.evidence.queries import clips_of_cases, links_of_cases
from command_center.evidence.views import CameraLinkView, ClipView, clip_view, link_view
from command_center.response.parties.masking import mask_text
from command_center.response.tables import CaseRow, ClockRow, FeedbackRow, OrderRow, ResponderRow
from command_center.timeline.facts import iso

WhoView = dict[str, str]


class ClockView(TypedDict):
    name: str
    started_at: str
    due_at: str
    stopped_at: str | None


class CallbackView(TypedDict):
    rating: int
    solved: bool
    note: str
    by: WhoView
    at: str


class CaseView(TypedDict):
    id: str
    code: str
    query_code: str
    state: str
    title: str
    text: str
    asks: bool
    lead: str | None
    category: str
    priority: str
    level: int
    source: str
    area: str
    lonlat: tuple[float, float]
    place: str
    alert_id: str | None
    opened_at: str
    opened_by: WhoView
    clocks: list[ClockView]
    cameras: list[CameraLinkView]
    clips: list[ClipView]
    order_ids: list[str]
    answer: str | None
    resolved_at: str | None
    resolved_by: WhoView | None
    callback: CallbackView | None
    archived_at: str | None
    archived_by: WhoView | None
    archive_hash: str | None
    profile: str
    profile_version: int
    version: int


class ReasonView(TypedDict):
    code: str
    params: dict[str, str | int]


class FeedbackView(TypedDict):
    at: str
    text: str
    photo_id: str | None


class OrderView(TypedDict):
    id: str
    code: str
    case_id: str
    person_id: str
    call_sign: str
    name: str
    force: str
    text: str
    state: str
    sent_at: str
    sent_by: WhoView
    eta_s: float | None
    distance_m: float | None
    reasons: list[ReasonView]
    route: list[list[float]]
    accept_by: str
    arrive_by: str | None
    accepted_at: str | None
    departed_at: str | None
    arrival_proposed_at: str | None
    arrived_at: str | None
    arrived_how: Literal["position", "manual"] | None
    arrived_note: str | None
    feedback: list[FeedbackView]
    done_at: str | None
    decline_reason: str | None
    version: int


class ResponderView(TypedDict):
    id: str
    name: str
    call_sign: str
    force: str
    unit_id: str
    area: str
    status: str
    order_id: str | None
    version: int


def _iso(moment: Any) -> str | None:
    return None if moment is None else iso(moment)


def case_views(session: Session, rows: Sequence[CaseRow]) -> list[CaseView]:
    """Views of several cases with four queries, however many they are."""
    ids = [row.id for row in rows]
    if not ids:
        return []
    clocks: dict[str, list[ClockRow]] = {id: [] for id in ids}
    for clock in session.scalars(select(ClockRow).where(ClockRow.case_id.in_(ids)).order_by(ClockRow.id)):
        clocks[clock.case_id].append(clock)
    orders: dict[str, list[str]] = {id: [] for id in ids}
    ordered = select(OrderRow.case_id, OrderRow.id).where(OrderRow.case_id.in_(ids))
    for case_id, order_id in session.execute(ordered.order_by(OrderRow.sent_at, OrderRow.id)):
        orders[case_id].append(order_id)
    clips, links = clips_of_cases(session, ids), links_of_cases(session, ids)
    return [
        _case_view(
            row,
            [_clock_view(clock) for clock in clocks[row.id]],
            [link_view(link) for link in links[row.id]],
            [clip_view(clip) for clip in clips[row.id]],
            orders[row.id],
        )
        for row in rows
    ]


def case_view(session: Session, row: CaseRow) -> CaseView:
    """One case."""
    return case_views(session, [row])[0]


def _clock_view(row: ClockRow) -> ClockView:
    return {
        "name": row.name,
        "started_at": iso(row.started_at),
        "due_at": iso(row.due_at),
        "stopped_at": _iso(row.stopped_at),
    }


def _case_view(
    row: CaseRow,
    clocks: list[ClockView],
    cameras: list[CameraLinkView],
    clips: list[ClipView],
    order_ids: list[str],
) -> CaseView:
    return {
        "id": row.id,
        "code": row.code,
        "query_code": row.query_code,
        "state": row.state,
        "title": mask_text(row.title),
        "text": mask_text(row.text),
        "asks": row.asks,
        "lead": row.value.get("lead") if row.value else None,
        "category": row.category,
        "priority": row.priority,
        "level": row.level,
        "source": row.source,
        "area": row.area,
        "lonlat": (row.lon, row.lat),
        "place": row.place,
        "alert_id": row.alert_id,
        "opened_at": iso(row.opened_at),
        "opened_by": row.opened_by,
        "clocks": clocks,
        "cameras": cameras,
        "clips": clips,
        "order_ids": order_ids,
        "answer": _masked(row.answer),
        "resolved_at": _iso(row.resolved_at),
        "resolved_by": row.resolved_by,
        "callback": _callback_view(row.callback),
        "archived_at": _iso(row.archived_at),
        "archived_by": row.archived_by,
        "archive_hash": row.archive_hash,
        "profile": row.profile,
        "profile_version": row.profile_version,
        "version": row.version,
    }


def _callback_view(kept: CallbackView | None) -> CallbackView | None:
    return {**kept, "note": mask_text(kept["note"])} if kept else None


def order_views(session: Session, rows: Sequence[OrderRow]) -> list[OrderView]:
    """Views of several orders with their feedback."""
    feedback: dict[str, list[FeedbackRow]] = {row.id: [] for row in rows}
    if rows:
        query = select(FeedbackRow).where(FeedbackRow.order_id.in_(feedback)).order_by(FeedbackRow.at, FeedbackRow.id)
        for said in session.scalars(query):
            feedback[said.order_id].append(said)
    return [_order_view(row, feedback[row.id]) for row in rows]


def order_view(session: Session, row: OrderRow) -> OrderView:
    """One order."""
    return order_views(session, [row])[0]


def _order_view(row: OrderRow, feedback: Sequence[FeedbackRow]) -> OrderView:
    return {
        "id": row.id,
        "code": row.code,
        "case_id": row.case_id,
        "person_id": row.person_id,
        "call_sign": row.call_sign,
        "name": row.name,
        "force": row.force,
        "text": row.text,
        "state": row.state,
        "sent_at": iso(row.sent_at),
        "sent_by": row.sent_by,
        "eta_s": row.eta_s,
        "distance_m": row.distance_m,
        "reasons": row.reasons,
        "route": row.route,
        "accept_by": iso(row.accept_by),
        "arrive_by": _iso(row.arrive_by),
        "accepted_at": _iso(row.accepted_at),
        "departed_at": _iso(row.departed_at),
        "arrival_proposed_at": _iso(row.arrival_proposed_at),
        "arrived_at": _iso(row.arrived_at),
        "arrived_how": "position" if row.arrived_how == "position" else "manual" if row.arrived_how else None,
        "arrived_note": _masked(row.arrived_note),
        "feedback": [_feedback_view(said) for said in feedback],
        "done_at": _iso(row.done_at),
        "decline_reason": _masked(row.decline_reason),
        "version": row.version,
    }


def _feedback_view(row: FeedbackRow) -> FeedbackView:
    return {"at": iso(row.at), "text": mask_text(row.text), "photo_id": row.photo_id}


def _masked(text: str | None) -> str | None:
    return text and mask_text(text)


def responder_view(row: ResponderRow) -> ResponderView:
    return {
        "id": row.id,
        "name": row.name,
        "call_sign": row.call_sign,
        "force": row.force,
        "unit_id": row.unit_id,
        "area": row.area,
        "status": row.status,
        "order_id": row.order_id,
        "version": row.version,
    }
