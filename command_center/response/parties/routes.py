"""HTTP of the people of cases.

Who asks by phone sends it in a body, never in an address: addresses end up in the logs of proxies and in histories.
"""

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel
from pydantic import Field as Within
from typing_extensions import TypedDict

from command_center.access.guard import Who, require
from command_center.response.parties import checking, commands, queries
from command_center.response.parties.facts import FIELDS, Field, PartyView, Plain, Role
from command_center.response.parties.keys import Keyring
from command_center.response.parties.masking import mask_phone
from command_center.timeline.asked import Version
from command_center.timeline.door import CommandDep, TimelineDep

router = APIRouter()

Adds = Annotated[Who, Depends(require("party.add"))]
Sees = Annotated[Who, Depends(require("party.see"))]
Reveals = Annotated[Who, Depends(require("party.reveal"))]
# Nothing of this is kept by browsers or proxies.
UNKEPT = {"Cache-Control": "no-store"}
SHOWN_S = 30


def get_keyring(request: Request) -> Keyring:
    keys: Keyring = request.app.state.names
    return keys


KeysDep = Annotated[Keyring, Depends(get_keyring)]

Name = Annotated[str, Within(max_length=80)]
Phone = Annotated[str, Within(max_length=30)]
IdNumber = Annotated[str, Within(max_length=30)]
Address = Annotated[str, Within(max_length=200)]
Note = Annotated[str, Within(max_length=500)]


class NewParty(BaseModel):
    role: Role
    name: Name = ""
    phone: Phone = ""
    id_number: IdNumber = ""
    address: Address = ""
    note: Note = ""
    sheltered: bool = False


class PartyChange(BaseModel):
    """Fields that are left out stay as they are; an empty text clears one."""

    version: Version
    role: Role | None = None
    name: Name | None = None
    phone: Phone | None = None
    id_number: IdNumber | None = None
    address: Address | None = None
    note: Note | None = None
    sheltered: bool | None = None


class Wish(BaseModel):
    field: Field
    purpose: Annotated[str, Within(max_length=150)]


class Revealed(TypedDict):
    """One field in full. A page shows it for so many seconds and then forgets it."""

    field: Field
    value: str
    shown_s: int


class Caller(BaseModel):
    phone: Phone
    category: Annotated[str | None, Within(max_length=8)] = None


class KnownCaller(queries.CallerView):
    """`phone` is masked, as a sign that the right number was understood."""

    phone: str


@router.get("/cases/{id}/parties")
def list_parties(id: str, timeline: TimelineDep, keys: KeysDep, who: Sees, response: Response) -> list[PartyView]:
    """The people of a case, masked by what the caller is to it."""
    response.headers.update(UNKEPT)
    with timeline.reading() as session:
        return queries.parties(session, case_id=id, who=who, keys=keys)


@router.post("/cases/{id}/parties", status_code=201)
def add_party(
    id: str, body: NewParty, timeline: TimelineDep, command: CommandDep, keys: KeysDep, who: Adds, response: Response
) -> PartyView:
    """Take somebody down."""
    response.headers.update(UNKEPT)
    said = Plain(**{field: getattr(body, field) for field in FIELDS})
    # The answer of a command is kept for repeats, so it is the masked one; what the caller may see is read afterwards.
    made: dict[str, Any] = command.run(
        lambda tx: commands.add(tx, case_id=id, who=who, keys=keys, role=body.role, said=said, sheltered=body.sheltered)
    )
    with timeline.reading() as session:
        return queries.party(session, case_id=id, id=made["id"], who=who, keys=keys)


@router.patch("/cases/{id}/parties/{party_id}")
def change_party(
    id: str,
    party_id: str,
    body: PartyChange,
    timeline: TimelineDep,
    command: CommandDep,
    keys: KeysDep,
    who: Adds,
    response: Response,
) -> PartyView:
    """Put right what was taken down."""
    response.headers.update(UNKEPT)
    said = {field: value for field in FIELDS if (value := getattr(body, field)) is not None}
    command.run(
        lambda tx: commands.change(
            tx, case_id=id, id=party_id, version=body.version, who=who, keys=keys, role=body.role,
            sheltered=body.sheltered, said=said,
        )
    )  # fmt: skip
    with timeline.reading() as session:
        return queries.party(session, case_id=id, id=party_id, who=who, keys=keys)


@router.post("/cases/{id}/parties/{party_id}/reveal")
def reveal(
    id: str,
    party_id: str,
    body: Wish,
    request: Request,
    timeline: TimelineDep,
    _room: CommandDep,
    keys: KeysDep,
    who: Reveals,
    response: Response,
) -> Revealed:
    """查看完整信息: one field, for a purpose. It is in the audit before it is shown, and no repeat gets it for free."""
    response.headers.update(UNKEPT)
    most = request.app.state.settings.reveals_per_hour
    with timeline.transaction() as tx:
        asked = commands.ask(
            tx, case_id=id, id=party_id, field=body.field, purpose=body.purpose, who=who, most_per_hour=most
        )
    return {"field": body.field, "value": asked.show(keys), "shown_s": SHOWN_S}


@router.get("/cases/{id}/parties/{party_id}/earlier")
def earlier_cases(
    id: str, party_id: str, request: Request, timeline: TimelineDep, _room: CommandDep, who: Adds, response: Response
) -> queries.CallerView:
    """What the same person brought before; that it was looked up is written down."""
    response.headers.update(UNKEPT)
    most = request.app.state.settings.callers_per_hour
    with timeline.transaction() as tx:
        row, found = queries.earlier(tx.session, case_id=id, id=party_id, who=who)
        commands.look_up(tx, who=who, phone="", about=row.id, most_per_hour=most)
    return found


@router.post("/callers")
def known_caller(
    body: Caller, request: Request, timeline: TimelineDep, _room: CommandDep, keys: KeysDep, who: Adds,
    response: Response,
) -> KnownCaller:  # fmt: skip
    """Who is calling: earlier cases of this phone number in the caller's area, and whether the matter comes again."""
    response.headers.update(UNKEPT)
    phone = checking.phone_of(body.phone)
    most = request.app.state.settings.callers_per_hour
    with timeline.transaction() as tx:
        commands.look_up(tx, who=who, phone=phone, about="caller", most_per_hour=most)
        found = queries.caller(tx.session, who=who, keys=keys, phone=phone, category=body.category)
    return cast(KnownCaller, {**found, "phone": mask_phone(phone)})
