"""Read the people of a case as the caller may see them, and what the same person brought before."""

from collections import Counter

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.access.guard import Who
from command_center.errors import NotFound
from command_center.response.parties.facts import PartyView, opened, party_view
from command_center.response.parties.keys import Keyring
from command_center.response.parties.masking import mask_text
from command_center.response.parties.seats import seat_of
from command_center.response.parties.tables import PartyRow
from command_center.response.tables import CaseRow
from command_center.timeline.facts import iso

SHOWN = 20


class EarlierCase(TypedDict):
    """One case of the same person. `role`: what he was in it. `repeats`: it is about a matter that came again."""

    id: str
    code: str
    title: str
    state: str
    category: str
    place: str
    opened_at: str
    role: str
    repeats: bool


class CallerView(TypedDict):
    """What the same person brought before, within the caller's area.

    Attributes:
        count: of cases; `open` of them are not archived.
        last_at: when the last of them was opened.
        repeated: the same matter came more than once, or comes again now: 重复诉求.
        cases: the newest, at most 20.
    """

    count: int
    open: int
    last_at: str | None
    repeated: bool
    cases: list[EarlierCase]


def parties(session: Session, *, case_id: str, who: Who, keys: Keyring) -> list[PartyView]:
    """The people of a case, in the order in which they were taken down.

    Raises:
        NotFound: there is no such case for the caller.
        Unavailable: a key is not here.
    """
    case, seat = seat_of(session, session.get(CaseRow, case_id), who, id=case_id)
    rows = session.scalars(select(PartyRow).where(PartyRow.case_id == case.id).order_by(PartyRow.id)).all()
    sheltered = [row.id for row in rows if row.sheltered]
    return [
        party_view(
            row,
            opened(row, keys),
            sheltered,
            knows_name=seat.knows_name(row),
            may_reveal=seat.may_reveal,
            earlier=None if who.own_only else _count_others(session, row, who),
        )
        for row in rows
    ]


def party(session: Session, *, case_id: str, id: str, who: Who, keys: Keyring) -> PartyView:
    """One person of a case.

    Raises:
        NotFound: there is no such case for the caller, or no such person in it.
    """
    found = next((one for one in parties(session, case_id=case_id, who=who, keys=keys) if one["id"] == id), None)
    if found is None:
        raise NotFound("party_not_found")
    return found


def sheltered_of(session: Session, case_id: str) -> list[str]:
    """Ids of those of a case who are called by a stem, oldest first."""
    query = select(PartyRow.id).where(PartyRow.case_id == case_id, PartyRow.sheltered).order_by(PartyRow.id)
    return list(session.scalars(query))


def caller(
    session: Session, *, who: Who, keys: Keyring, phone: str = "", id_number: str = "", category: str | None = None
) -> CallerView:
    """Cases of whoever has this phone or identity number. Found by index: nothing is opened.

    Args:
        session: to read with.
        who: only cases of his area count.
        keys: to make the index with.
        phone, id_number: as they are kept.
        category: of what he calls about now, to say whether it comes again.
    """
    indexes = [
        (PartyRow.phone_index, keys.indexes("phone", phone) if phone else []),
        (PartyRow.id_index, keys.indexes("id_number", id_number) if id_number else []),
    ]
    return _brought(session, or_(*(column.in_(found) for column, found in indexes)), who, category)


def earlier(session: Session, *, case_id: str, id: str, who: Who) -> tuple[PartyRow, CallerView]:
    """Other cases of a person of this case.

    Raises:
        NotFound: there is no such case in the caller's area, or no such person in it.
    """
    case, _ = seat_of(session, session.get(CaseRow, case_id), who, id=case_id)
    row = session.get(PartyRow, id)
    if row is None or row.case_id != case.id:
        raise NotFound("party_not_found")
    return row, _brought(session, _same_person(row) & (PartyRow.case_id != case.id), who, case.category)


def _same_person(row: PartyRow) -> ColumnElement[bool]:
    known = [
        column == value
        for column, value in ((PartyRow.phone_index, row.phone_index), (PartyRow.id_index, row.id_index))
        if value is not None
    ]
    return or_(*known) if known else PartyRow.id == ""


def _count_others(session: Session, row: PartyRow, who: Who) -> int:
    query = select(func.count(func.distinct(PartyRow.case_id))).join(CaseRow, CaseRow.id == PartyRow.case_id)
    here = CaseRow.area.startswith(who.area, autoescape=True)
    return session.scalar(query.where(_same_person(row), PartyRow.case_id != row.case_id, here)) or 0


def _brought(session: Session, condition: ColumnElement[bool], who: Who, category: str | None) -> CallerView:
    query = select(CaseRow, PartyRow.role).join(PartyRow, PartyRow.case_id == CaseRow.id).where(condition)
    query = query.where(CaseRow.area.startswith(who.area, autoescape=True))
    found = session.execute(query.order_by(CaseRow.opened_at.desc(), CaseRow.id.desc(), PartyRow.id)).all()
    # Somebody may be in a case twice: as who reported it and, since a merger, as who is concerned.
    roles = {case.id: role for case, role in reversed(found)}
    cases = list({case.id: case for case, _ in found}.values())
    matters = Counter(case.category for case in cases)
    if category is not None:
        matters[category] += 1
    return {
        "count": len(cases),
        "open": sum(case.archived_at is None for case in cases),
        "last_at": iso(cases[0].opened_at) if cases else None,
        "repeated": any(matters[case.category] > 1 for case in cases),
        "cases": [_earlier_case(case, roles[case.id], matters[case.category] > 1) for case in cases[:SHOWN]],
    }


def _earlier_case(case: CaseRow, role: str, repeats: bool) -> EarlierCase:
    return {
        "id": case.id,
        "code": case.code,
        "title": mask_text(case.title),
        "state": case.state,
        "category": case.category,
        "place": case.place,
        "opened_at": iso(case.opened_at),
        "role": role,
        "repeats": repeats,
    }
