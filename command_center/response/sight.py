"""Who sees which case: all of the own area, or for somebody of a department those that the unit is at work on."""

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.response.tables import CaseRow, CaseUnitRow


def seen_by(who: Who) -> ColumnElement[bool]:
    """The condition on cases that a caller sees."""
    if who.may("case.see"):
        inside: ColumnElement[bool] = CaseRow.area.startswith(who.area, autoescape=True)
        return inside
    if who.may("case.see_own") and who.unit_id:
        return CaseRow.id.in_(select(CaseUnitRow.case_id).where(CaseUnitRow.unit_id == who.unit_id))
    return false()


def sees(session: Session, who: Who, case: CaseRow) -> bool:
    """Whether a caller sees this case."""
    if who.may("case.see"):
        return who.sees(case.area)
    at_work = who.may("case.see_own") and who.unit_id
    return bool(at_work) and session.get(CaseUnitRow, (case.id, who.unit_id)) is not None
