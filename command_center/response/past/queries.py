"""Where a case came from, if another system had it first."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.response.past.tables import PastBatchRow, PastRow


class PastView(TypedDict):
    """The system and its number of the case, and the file by which it came."""

    system: str
    number: str
    file: str


def past_of(session: Session, case_id: str) -> PastView | None:
    """None for a case that began here."""
    query = select(PastRow, PastBatchRow.file).join(PastBatchRow, PastBatchRow.id == PastRow.batch_id)
    found = session.execute(query.where(PastRow.case_id == case_id)).one_or_none()
    if found is None:
        return None
    row, file = found
    return {"system": row.system, "number": row.number, "file": file}
