"""What anybody with a case's query code may see: how far it is, and the answer. No names, no place, no pictures."""

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.errors import NotFound
from command_center.registry.codes import BadCode, read_query_code
from command_center.response.archive import facts_of_case
from command_center.response.parties.masking import mask_text
from command_center.response.tables import CaseRow
from command_center.timeline.door import TimelineDep
from command_center.timeline.facts import iso

router = APIRouter(prefix="/public")


class Step(TypedDict):
    state: str
    at: str


class PublicCase(TypedDict):
    code: str
    state: str
    opened_at: str
    steps: list[Step]
    answer: str | None


@router.get("/cases/{query_code}")
def get_public_case(query_code: str, timeline: TimelineDep) -> PublicCase:
    """A case by its query code; case, spaces and hyphens of what was typed do not matter."""
    try:
        code = read_query_code(query_code)
    except BadCode:
        raise NotFound("case_not_found", id=query_code) from None
    with timeline.reading() as session:
        row = session.scalar(select(CaseRow).where(CaseRow.query_code == code))
        if row is None:
            raise NotFound("case_not_found", id=query_code)
        return {
            "code": row.query_code,
            "state": row.state,
            "opened_at": iso(row.opened_at),
            "steps": steps_of(session, row),
            "answer": row.answer and mask_text(row.answer),
        }


def steps_of(session: Session, case: CaseRow) -> list[Step]:
    """The states of a case in the order in which it came to them."""
    steps: list[Step] = []
    for fact in facts_of_case(session, case):
        state = fact.data.get("case", {}).get("state")
        if state is not None and (not steps or steps[-1]["state"] != state):
            steps.append({"state": state, "at": iso(fact.happened_at)})
    return steps
