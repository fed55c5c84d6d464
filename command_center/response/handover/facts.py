"""A hand-over as the police and the center see it."""

from datetime import datetime

from typing_extensions import TypedDict

from command_center.response.handover.tables import HandoverRow
from command_center.response.parties.masking import mask_text
from command_center.response.tables import CaseRow
from command_center.timeline.facts import iso


class HandoverView(TypedDict):
    """`receipt_at`: when the center took it up or refused it; `fed_back_at`, `feedback`: what became of it."""

    number: str
    case_id: str
    code: str
    state: str
    title: str
    place: str
    station: str
    contact: str
    kind: str
    dealt: str
    reason: str
    reported_at: str
    given_at: str
    receipt_at: str | None
    fed_back_at: str | None
    feedback: str | None


def handover_view(row: HandoverRow, case: CaseRow, receipt_at: datetime | None) -> HandoverView:
    return {
        "number": row.number,
        "case_id": row.case_id,
        "code": case.code,
        "state": case.state,
        "title": mask_text(case.title),
        "place": mask_text(case.place),
        "station": row.station,
        "contact": row.contact,
        "kind": row.kind,
        "dealt": mask_text(row.dealt),
        "reason": mask_text(row.reason),
        "reported_at": iso(row.reported_at),
        "given_at": iso(row.given_at),
        "receipt_at": iso(receipt_at) if receipt_at else None,
        "fed_back_at": iso(case.resolved_at) if case.resolved_at else None,
        "feedback": mask_text(case.answer) if case.answer and case.resolved_at else None,
    }
