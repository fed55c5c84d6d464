"""The verbs on the people of a case: add one, change one, ask for a field, move all to another case."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from command_center.access.commands import audit
from command_center.access.guard import Who
from command_center.access.tables import AuditRow, UserRow
from command_center.errors import BadInput, Conflict, Forbidden, NotFound, TooMany
from command_center.registry.clocks import LOCAL
from command_center.response.commands import find
from command_center.response.parties import checking, queries
from command_center.response.parties.facts import FIELDS, Field, PartyTold, Plain, bound, opened, told
from command_center.response.parties.keys import Key, Keyring
from command_center.response.parties.masking import mask_phone, mask_text
from command_center.response.parties.seats import seat_of
from command_center.response.parties.tables import PartyRow
from command_center.response.profiles import ENDED
from command_center.response.tables import CaseRow
from command_center.response.telling import tell_case
from command_center.response.working import save, value_of
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id

HOUR = timedelta(hours=1)
LOOKED_UP = "caller.looked_up"
REVEALED: Mapping[Field, str] = {field: f"party.{field}_revealed" for field in FIELDS}
SHORTEST_PURPOSE = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """A field that may be shown, with the asking written down; it is opened after that is stored."""

    row: PartyRow
    field: Field

    def show(self, keys: Keyring) -> str:
        """The full value. Call it once the transaction is committed.

        Raises:
            Unavailable: its key is not here.
        """
        return keys.open(getattr(self.row, self.field), bound_to=bound(self.row.id, self.field))


def add(
    tx: Transaction,
    *,
    case_id: str,
    who: Who,
    keys: Keyring,
    role: str,
    said: Plain,
    sheltered: bool = False,
) -> PartyTold:
    """Take down one person of a case and record `response.party_added`. A minor, by identity number, is sheltered.

    Raises:
        NotFound: there is no such case in the caller's area.
        BadInput: a number that cannot be one, or nothing by which the person could be known.
        Conflict: the case has ended.
        Unavailable: there is no key.
    """
    case = _open_case(tx, case_id, who)
    plain = _checked(said, tx)
    row = PartyRow(
        id=new_id(), case_id=case.id, role=role, sheltered=sheltered, added_at=tx.now, added_by=who.json(),
        changed_at=tx.now, version=1,
    )  # fmt: skip
    _write(row, plain, keys, tx)
    tx.session.add(row)
    _count_in(tx, case)
    return _tell(tx, "response.party_added", case, row, plain, who, FIELDS)


def change(
    tx: Transaction,
    *,
    case_id: str,
    id: str,
    version: int,
    who: Who,
    keys: Keyring,
    role: str | None = None,
    sheltered: bool | None = None,
    said: Mapping[Field, str] | None = None,
) -> PartyTold:
    """Put right what was taken down; `said` has the fields that change, the empty text clears one.

    Raises:
        NotFound: there is no such case in the caller's area, or no such person in it.
        BadInput: as for `add`.
        Conflict: somebody else changed it meanwhile, or the case has ended.
        Unavailable: the key is not here.
    """
    case = _open_case(tx, case_id, who)
    row = _held(tx, case, id)
    if row.version != version:
        raise Conflict("party_changed_meanwhile")
    before = opened(row, keys)
    plain = _checked(replace(before, **dict(said or {})), tx)
    changed = [field for field in FIELDS if getattr(before, field) != getattr(plain, field)]
    row.role = role or row.role
    row.sheltered = row.sheltered if sheltered is None else sheltered
    row.changed_at, row.version = tx.now, row.version + 1
    _write(row, plain, keys, tx)
    _count_in(tx, case)
    return _tell(tx, "response.party_changed", case, row, plain, who, changed)


def ask(tx: Transaction, *, case_id: str, id: str, field: Field, purpose: str, who: Who, most_per_hour: int) -> Asked:
    """Ask to see one field in full and write it into the audit. What is shown afterwards was written down before.

    Raises:
        NotFound: there is no such case for the caller, or no such person in it.
        BadInput: no purpose, or there is nothing in the field.
        Forbidden: the field is not for the caller.
        TooMany: he asked too often within the hour.
    """
    case, seat = seat_of(tx.session, tx.session.get(CaseRow, case_id), who, id=case_id)
    if field not in seat.may_reveal:
        raise Forbidden("party_field_not_yours")
    row = tx.session.get(PartyRow, id, populate_existing=True)
    if row is None or row.case_id != case.id:
        raise NotFound("party_not_found")
    if not getattr(row, field):
        raise BadInput("party_field_empty")
    if len(purpose.strip()) < SHORTEST_PURPOSE:
        raise BadInput("party_purpose_missing")
    _within_the_hour(tx, who, REVEALED.values(), most_per_hour)
    audit(tx, who=who, what=REVEALED[field], object_id=row.id, purpose=f"{case.code} {mask_text(purpose.strip())}")
    return Asked(row, field)


def look_up(tx: Transaction, *, who: Who, phone: str, about: str, most_per_hour: int) -> None:
    """Write down that somebody asked what a caller reported before.

    Raises:
        TooMany: he asked too often within the hour.
    """
    _within_the_hour(tx, who, (LOOKED_UP,), most_per_hour)
    audit(tx, who=who, what=LOOKED_UP, object_id=about, purpose=mask_phone(phone))


def move_parties(tx: Transaction, *, from_case: CaseRow, to_case: CaseRow, who: Who | None, keys: Keyring) -> int:
    """并案: everybody of one case goes over to another, none is lost; return how many. Tells of both cases.

    The caller holds both rows, and has merged the cases themselves.

    Raises:
        Conflict: the other case has ended, or is the same.
        Unavailable: a key is not here.
    """
    if to_case.state in ENDED or to_case.id == from_case.id:
        raise Conflict("party_case_ended", code=to_case.code)
    rows = list(tx.session.scalars(select(PartyRow).where(PartyRow.case_id == from_case.id).order_by(PartyRow.id)))
    for row in rows:
        row.came_from, row.case_id, row.version = row.came_from or from_case.id, to_case.id, row.version + 1
    tx.session.flush()
    if not rows:
        return 0
    _count_in(tx, to_case)
    hidden = queries.sheltered_of(tx.session, to_case.id)
    views = [told(row, opened(row, keys), hidden) for row in rows]
    tell_case(tx, "response.parties_moved", to_case, who=who, more={"parties": views, "from": from_case.code})
    tell_case(tx, "response.parties_moved", from_case, who=who, more={"parties": views, "to": to_case.code})
    return len(rows)


def _open_case(tx: Transaction, case_id: str, who: Who) -> CaseRow:
    case = find(tx, id=case_id, who=who)
    if case.state in ENDED:
        raise Conflict("party_case_ended", code=case.code)
    return case


def _held(tx: Transaction, case: CaseRow, id: str) -> PartyRow:
    row = tx.session.get(PartyRow, id, with_for_update=True, populate_existing=True)
    if row is None or row.case_id != case.id:
        raise NotFound("party_not_found")
    return row


def _checked(said: Plain, tx: Transaction) -> Plain:
    """Every field as it is kept."""
    today = _today(tx)
    plain = Plain(
        name=" ".join(said.name.split()),
        phone=checking.phone_of(said.phone) if said.phone.strip() else "",
        id_number=checking.id_number_of(said.id_number, today) if said.id_number.strip() else "",
        address=said.address.strip(),
        note=said.note.strip(),
    )
    if not (plain.name or plain.phone or plain.id_number):
        raise BadInput("party_unknown_person")
    return plain


def _write(row: PartyRow, plain: Plain, keys: Keyring, tx: Transaction) -> None:
    """Seal everything anew, so that a row is under one key."""
    seal(row, plain, keys)
    if plain.id_number and checking.is_minor(plain.id_number, _today(tx)):
        row.sheltered = True


def seal(row: PartyRow, plain: Plain, keys: Keyring) -> None:
    """Lock what is known of a person into his row, under the newest key.

    Raises:
        Unavailable: there is no key.
    """
    for column, value in sealed(row.id, plain, keys.current).items():
        setattr(row, column, value)


def sealed(id: str, plain: Plain, key: Key) -> dict[str, Any]:
    """The columns of a row under which what is known of a person is locked."""
    return {
        **{field: key.seal(getattr(plain, field), bound_to=bound(id, field)) for field in FIELDS},
        "key": key.number,
        "phone_index": key.index("phone", plain.phone) if plain.phone else None,
        "id_index": key.index("id_number", plain.id_number) if plain.id_number else None,
    }


def _count_in(tx: Transaction, case: CaseRow) -> None:
    """Tell the engine whom the case concerns and who gets its answer. None it knew is forgotten."""
    tx.session.flush()
    found = tx.session.execute(select(PartyRow.id, PartyRow.role).where(PartyRow.case_id == case.id)).all()
    reporters = {id for id, role in found if role == "reporter"}
    parties = {id for id, role in found if role != "reporter"}
    value = value_of(tx.session, case)
    value = replace(
        value,
        reporters=(value.reporters - parties) | reporters,
        parties=(value.parties - reporters) | parties,
    )
    if case.value is not None:
        save(tx, case, value)


def _tell(
    tx: Transaction, kind: str, case: CaseRow, row: PartyRow, plain: Plain, who: Who, fields: Collection[Field]
) -> PartyTold:
    view = told(row, plain, queries.sheltered_of(tx.session, case.id))
    more: dict[str, Any] = {"party": view, "fields": [field for field in fields if getattr(row, field)]}
    tell_case(tx, kind, case, who=who, more=more)
    return view


def _within_the_hour(tx: Transaction, who: Who, what: Collection[str], most: int) -> None:
    # Held, so that two requests at once cannot both be the last one allowed.
    tx.session.get(UserRow, who.id, with_for_update=True)
    asked = select(func.count()).select_from(AuditRow)
    asked = asked.where(AuditRow.user_id == who.id, AuditRow.what.in_(list(what)), AuditRow.at > tx.now - HOUR)
    if (tx.session.scalar(asked) or 0) >= most:
        raise TooMany("party_too_often", most=most)


def _today(tx: Transaction) -> date:
    return tx.now.astimezone(LOCAL).date()
