"""A case as one line of a list."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.response.engine.description import Profile
from command_center.response.parties.masking import mask_text
from command_center.response.profiles import profile_of
from command_center.response.tables import CaseRow, CaseUnitRow, ClockRow
from command_center.timeline.facts import iso


class CaseLine(TypedDict):
    """A case in a list. `step`: where it is in the center's own words; `due_at`: the next of its deadlines."""

    id: str
    code: str
    title: str
    state: str
    step: str
    priority: str
    level: int
    category: str
    place: str
    area: str
    source: str
    profile: str
    lead: str | None
    asks: bool
    opened_at: str
    due_at: str | None
    version: int


def lines(session: Session, rows: Sequence[CaseRow]) -> list[CaseLine]:
    """Rows of a list, with one more query for all their deadlines, and one for the units of those of elsewhere."""
    due: defaultdict[str, list[datetime]] = defaultdict(list)
    running = select(ClockRow.case_id, ClockRow.due_at).where(
        ClockRow.case_id.in_([row.id for row in rows]),
        ClockRow.stopped_at.is_(None),
        ClockRow.paused_since.is_(None),
        ClockRow.name.not_like("L-%"),
    )
    for case_id, due_at in session.execute(running):
        due[case_id].append(due_at)
    leads = _leads(session, [row.id for row in rows if row.value is None])
    under = {(row.profile, row.profile_version) for row in rows}
    profiles = {one: profile_of(session, *one) for one in under}
    return [
        _line(
            row,
            profiles[row.profile, row.profile_version],
            row.value.get("lead") if row.value else leads.get(row.id),
            min(due[row.id], default=None),
        )
        for row in rows
    ]


def _leads(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """The unit in charge of cases that the engine never had."""
    if not ids:
        return {}
    query = select(CaseUnitRow.case_id, CaseUnitRow.unit_id)
    query = query.where(CaseUnitRow.case_id.in_(ids), CaseUnitRow.part == "lead")
    return {case_id: unit_id for case_id, unit_id in session.execute(query)}


def _line(row: CaseRow, profile: Profile, lead: str | None, due_at: datetime | None) -> CaseLine:
    return {
        "id": row.id,
        "code": row.code,
        "title": mask_text(row.title),
        "state": row.state,
        "step": profile.shown_step(row.state) or "",
        "priority": row.priority,
        "level": row.level,
        "category": row.category,
        "place": mask_text(row.place),
        "area": row.area,
        "source": row.source,
        "profile": row.profile,
        "lead": lead,
        "asks": row.asks,
        "opened_at": iso(row.opened_at),
        "due_at": iso(due_at) if due_at else None,
        "version": row.version,
    }
