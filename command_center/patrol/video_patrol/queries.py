"""Read plans, rounds and marks of video patrol, always within the caller's area."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from command_center.access.guard import Who
from command_center.errors import NotFound
from command_center.patrol.video_patrol.facts import (
    VideoMarkView,
    VideoPlanView,
    VideoRoundView,
    mark_view,
    plan_view,
    round_view,
)
from command_center.patrol.video_patrol.tables import VideoMarkRow, VideoPlanRow, VideoRoundRow
from command_center.patrol.windows import day_bounds, local_day


def plans(session: Session, who: Who) -> list[VideoPlanView]:
    """Plans of the caller's area by name, the inactive ones too."""
    query = select(VideoPlanRow).where(_within(VideoPlanRow.area, who))
    return [plan_view(row) for row in session.scalars(query.order_by(VideoPlanRow.name, VideoPlanRow.id))]


def rounds(session: Session, who: Who, day: date) -> list[VideoRoundView]:
    """Rounds that were due from a time of a local day on, by time."""
    start, end = day_bounds(day)
    query = select(VideoRoundRow).where(_within(VideoRoundRow.area, who))
    query = query.where(VideoRoundRow.due_from >= start, VideoRoundRow.due_from < end)
    return [round_view(row) for row in session.scalars(query.order_by(VideoRoundRow.due_from, VideoRoundRow.id))]


def round_row(session: Session, *, id: str, who: Who) -> VideoRoundRow:
    """One round.

    Raises:
        NotFound: there is none in the caller's area.
    """
    row = session.get(VideoRoundRow, id)
    if row is None or not who.sees(row.area):
        raise NotFound("video_round_unknown")
    return row


def marks(session: Session, round_id: str) -> list[VideoMarkView]:
    """What was said in a round, in order of time."""
    query = select(VideoMarkRow).where(VideoMarkRow.round_id == round_id)
    return [mark_view(row) for row in session.scalars(query.order_by(VideoMarkRow.at, VideoMarkRow.id))]


def snapshot(session: Session, who: Who, *, now: datetime) -> dict[str, list[Any]]:
    """What a screen starts from: the active plans and the rounds of today; nothing for one who sees only his own."""
    if not who.may("patrol.see"):
        return {"video_plans": [], "video_rounds": []}
    return {
        "video_plans": [plan for plan in plans(session, who) if plan["active"]],
        "video_rounds": rounds(session, who, local_day(now)),
    }


def _within(area: InstrumentedAttribute[str], who: Who) -> ColumnElement[bool]:
    return area.startswith(who.area, autoescape=True)
