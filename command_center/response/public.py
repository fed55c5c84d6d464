"""What anybody with a case's query code may see: how far it is, and the answer. No names, no place, no pictures."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.errors import NotFound
from command_center.registry.codes import BadCode, read_query_code
from command_center.response.archive import facts_of_case
from command_center.response.parties.masking import mask_text
from command_center.response.steps import commands
from command_center.response.tables import CaseRow
from command_center.timeline import Transaction
from command_center.timeline.door import CommandDep, TimelineDep
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
    asks_rating: bool


class Rating(BaseModel):
    rating: Annotated[int, Field(ge=1, le=5)]
    solved: bool
    note: Annotated[str, Field(max_length=1000)] = ""


@router.get("/cases/{query_code}")
def get_public_case(query_code: str, timeline: TimelineDep) -> PublicCase:
    """A case by its query code; case, spaces and hyphens of what was typed do not matter."""
    code = _read(query_code)
    with timeline.reading() as session:
        row = session.scalar(select(CaseRow).where(CaseRow.query_code == code))
        if row is None:
            raise NotFound("case_not_found", id=query_code)
        return _public(session, row)


@router.post("/cases/{query_code}/rating")
def post_rating(query_code: str, body: Rating, command: CommandDep) -> PublicCase:
    """好差评: once, while the case waits for it; a bad one is looked into before the case is put away."""
    code = _read(query_code)

    def rate(tx: Transaction) -> PublicCase:
        row = commands.rate(tx, query_code=code, rating=body.rating, solved=body.solved, note=body.note)
        return _public(tx.session, row)

    case: PublicCase = command.run(rate)
    return case


def _read(query_code: str) -> str:
    try:
        return read_query_code(query_code)
    except BadCode:
        raise NotFound("case_not_found", id=query_code) from None


def _public(session: Session, row: CaseRow) -> PublicCase:
    return {
        "code": row.query_code,
        "state": row.state,
        "opened_at": iso(row.opened_at),
        "steps": steps_of(session, row),
        "answer": row.answer and mask_text(row.answer),
        "asks_rating": row.state == "CALLBACK",
    }


def steps_of(session: Session, case: CaseRow) -> list[Step]:
    """The states of a case in the order in which it came to them."""
    steps: list[Step] = []
    for fact in facts_of_case(session, case):
        data = fact.data
        state = (data.get("case") or data.get("matter") or {}).get("state")
        if state is not None and (not steps or steps[-1]["state"] != state):
            steps.append({"state": state, "at": iso(fact.happened_at)})
    return steps
