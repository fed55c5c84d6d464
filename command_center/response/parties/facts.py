"""Bodies of what is told of parties, and the views of the API.

What is told reaches every screen of the hall, the log and the seal of the archive, so it is masked for all of them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from typing_extensions import TypedDict

from command_center.response.facts import WhoView
from command_center.response.parties import masking
from command_center.response.parties.keys import Keyring
from command_center.response.parties.tables import PartyRow
from command_center.timeline.facts import iso

Role = Literal["reporter", "party", "agent", "witness"]
Field = Literal["name", "phone", "id_number", "address", "note"]
FIELDS: tuple[Field, ...] = ("name", "phone", "id_number", "address", "note")


class PartyTold(TypedDict):
    """A party as facts tell of it: masked as for a public page."""

    id: str
    case_id: str
    role: str
    name: str
    phone: str
    id_number: str
    sheltered: bool
    version: int


class PartyView(TypedDict):
    """A party as the caller may see it without asking.

    Attributes:
        name: whole for who knows it anyway (`name_masked` false): the handler, and who took the case down.
        address, note: the village; the note with its numbers masked, for who knows the name.
        filled: the fields that there is something in.
        may_reveal: those of them that the caller may open with a purpose.
        earlier: how many other cases of the caller's area the same person has; None where the caller is not told.
    """

    id: str
    case_id: str
    came_from: str | None
    role: str
    name: str
    name_masked: bool
    phone: str
    id_number: str
    address: str
    note: str
    sheltered: bool
    filled: list[Field]
    may_reveal: list[Field]
    earlier: int | None
    added_at: str
    added_by: WhoView
    changed_at: str
    version: int


@dataclass(frozen=True, slots=True)
class Plain:
    """What is sealed in a row, opened. Never leaves the process but through a view or a revealed field."""

    name: str = ""
    phone: str = ""
    id_number: str = ""
    address: str = ""
    note: str = ""

    def __repr__(self) -> str:
        return "Plain(…)"


def opened(row: PartyRow, keys: Keyring) -> Plain:
    """What is sealed in a row.

    Raises:
        Unavailable: its key is not here.
    """
    return Plain(**{field: keys.open(getattr(row, field), bound_to=bound(row.id, field)) for field in FIELDS})


def bound(id: str, field: Field) -> str:
    """What a sealed value belongs to: put into another row or column, it does not open."""
    return f"{id} {field}"


def told(row: PartyRow, plain: Plain, sheltered: Sequence[str]) -> PartyTold:
    """How facts tell of a party. `sheltered`: ids of those of the case who are called by a stem, oldest first."""
    return {
        "id": row.id,
        "case_id": row.case_id,
        "role": row.role,
        "name": _name(row, plain, sheltered),
        "phone": "" if row.sheltered else masking.mask_phone(plain.phone),
        "id_number": "" if row.sheltered else masking.mask_id_number_in_public(plain.id_number),
        "sheltered": row.sheltered,
        "version": row.version,
    }


def party_view(
    row: PartyRow,
    plain: Plain,
    sheltered: Sequence[str],
    *,
    knows_name: bool,
    may_reveal: Collection[Field],
    earlier: int | None,
) -> PartyView:
    """A party as a caller sees it."""
    whole = knows_name and not row.sheltered
    filled: list[Field] = [field for field in FIELDS if getattr(row, field)]
    hidden = masking.STAR * 6
    return {
        "id": row.id,
        "case_id": row.case_id,
        "came_from": row.came_from,
        "role": row.role,
        "name": plain.name if whole else _name(row, plain, sheltered),
        "name_masked": not whole and bool(plain.name),
        "phone": _shown(row, plain.phone, masking.mask_phone(plain.phone), hidden),
        "id_number": _shown(row, plain.id_number, masking.mask_id_number(plain.id_number), hidden),
        "address": _shown(row, plain.address, masking.mask_address(plain.address), hidden),
        "note": masking.mask_text(plain.note) if whole else hidden if plain.note else "",
        "sheltered": row.sheltered,
        "filled": filled,
        "may_reveal": [field for field in filled if field in may_reveal and (field != "name" or not whole)],
        "earlier": earlier,
        "added_at": iso(row.added_at),
        "added_by": row.added_by,
        "changed_at": iso(row.changed_at),
        "version": row.version,
    }


def _name(row: PartyRow, plain: Plain, sheltered: Sequence[str]) -> str:
    return masking.sheltered_name(sheltered.index(row.id)) if row.sheltered else masking.mask_name(plain.name)


def _shown(row: PartyRow, whole: str, masked: str, hidden: str) -> str:
    return "" if not whole else hidden if row.sheltered else masked
