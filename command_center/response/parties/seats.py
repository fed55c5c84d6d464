"""What somebody is to a case, and so what of its people he may see without asking and what he may ask for."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.errors import NotFound
from command_center.response.parties.facts import FIELDS, Field
from command_center.response.parties.tables import PartyRow
from command_center.response.tables import CaseRow, CaseUnitRow, OrderRow

# What somebody on the way to a place needs: whom to ask for, where, and how to call.
ON_THE_WAY: tuple[Field, ...] = ("name", "phone", "address")


@dataclass(frozen=True, slots=True)
class Seat:
    """A caller's place in one case.

    Attributes:
        handles: he has an open order of this case, or his unit is in charge of it or helps.
        took_down: he opened the case.
    """

    who: Who
    handles: bool
    took_down: bool

    def knows_name(self, row: PartyRow) -> bool:
        """The handler, and who took the case or the person down."""
        return self.handles or self.took_down or bool(row.added_by["id"] == self.who.id)

    @property
    def may_reveal(self) -> tuple[Field, ...]:
        """The fields that he may open with a purpose."""
        if not self.who.may("party.reveal"):
            return ()
        return ON_THE_WAY if self.who.own_only else FIELDS


def seat_of(session: Session, case: CaseRow | None, who: Who, *, id: str) -> tuple[CaseRow, Seat]:
    """A case and the caller's place in it. Who sees only his own sees a case as long as he is under way for it.

    Raises:
        NotFound: there is no such case for him.
    """
    if case is None:
        raise NotFound("case_not_found", id=id)
    handles = _under_way(session, case, who) or _at_work(session, case, who)
    if not (handles or (not who.own_only and who.sees(case.area))):
        raise NotFound("case_not_found", id=id)
    return case, Seat(who, handles, bool(case.opened_by["id"] == who.id))


def _under_way(session: Session, case: CaseRow, who: Who) -> bool:
    order = select(OrderRow.id).where(OrderRow.case_id == case.id, OrderRow.active_for == who.person_id)
    return who.person_id is not None and session.scalar(order) is not None


def _at_work(session: Session, case: CaseRow, who: Who) -> bool:
    unit = session.get(CaseUnitRow, (case.id, who.unit_id)) if who.unit_id else None
    return unit is not None and unit.part in ("lead", "helper")
