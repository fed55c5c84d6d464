"""HTTP for duties, with what proves them, and the ledger."""

from typing import Annotated

from fastapi import APIRouter, Query
from typing_extensions import TypedDict

from command_center.access.commands import audit
from command_center.ingest.facts import PositionView
from command_center.patrol.door import Patroller
from command_center.patrol.duties import queries
from command_center.patrol.duties.facts import DutyView, JudgementView, duty_view
from command_center.patrol.lines.facts import LineView
from command_center.patrol.points.facts import PointView
from command_center.patrol.windows import local_day
from command_center.timeline.asked import Day
from command_center.timeline.door import TimelineDep

router = APIRouter(prefix="/api/v1/patrol/duties", tags=["patrol"])


class DutyProof(TypedDict):
    """A duty with the positions that prove it, or the absence."""

    duty: DutyView
    point: PointView | None
    line: LineView | None
    positions: list[PositionView]


@router.get("")
def get_duties(
    who: Patroller,
    timeline: TimelineDep,
    day: Annotated[Day | None, Query(alias="date", description="local date; today if left out")] = None,
) -> list[DutyView]:
    with timeline.reading() as db:
        return queries.duties(db, who, day or local_day(timeline.now()))


@router.get("/{id}")
def get_duty(id: str, who: Patroller, timeline: TimelineDep) -> DutyProof:
    """One duty with its proof. Where a person went is personal: every look at it is written down."""
    with timeline.reading() as db:
        row = queries.duty_row(db, id=id, who=who)
        proof = DutyProof(
            duty=duty_view(row),
            point=queries.point_of(db, row),
            line=queries.line_of(db, row),
            positions=queries.proof(db, row),
        )
    with timeline.transaction() as tx:
        audit(tx, who=who, what="patrol.proof_seen", object_id=id, purpose=row.visited_by or row.person_id or "")
    return proof


@router.get("/{id}/judgements")
def get_judgements(id: str, who: Patroller, timeline: TimelineDep) -> list[JudgementView]:
    """The ledger of one duty: every verdict there was, by what evidence, and why it was judged again."""
    with timeline.reading() as db:
        return queries.judgements(db, queries.duty_row(db, id=id, who=who).id)
