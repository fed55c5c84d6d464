"""How users and callers are shown. Users are not told of in the log: who may sign in is no matter of the wall."""

from datetime import datetime
from typing import Literal

from typing_extensions import TypedDict

from command_center.access.sessions import SignedSession
from command_center.access.tables import AuditRow, DeviceRow, UserRow
from command_center.timeline.facts import iso


class Me(TypedDict):
    """The signed-in user, as the page gets it. `mode` is `demo` on the model town, else `live`."""

    id: str
    name: str
    display_name: str
    role: str
    area: str
    person_id: str | None
    unit_id: str | None
    csrf: str
    verbs: list[str]
    mode: Literal["demo", "live"]


class UserView(TypedDict):
    """One user, without anything secret."""

    id: str
    name: str
    display_name: str
    role: str
    area: str
    person_id: str | None
    unit_id: str | None
    active: bool
    locked_until: str | None
    created_at: str


class DeviceView(TypedDict):
    """A sender of positions as it was registered."""

    id: str
    name: str
    area: str
    person_id: str | None
    kind: str
    external_id: str | None
    datum: str
    secret_required: bool
    active: bool
    created_at: str


class AuditView(TypedDict):
    """One line of the read audit."""

    at: str
    user_id: str | None
    user_name: str
    what: str
    object_id: str
    purpose: str


def me_view(session: SignedSession, *, verbs: frozenset[str], demo: bool) -> Me:
    who = session.who
    return Me(
        id=who.id,
        name=who.name,
        display_name=who.display_name,
        role=who.role,
        area=who.area,
        person_id=who.person_id,
        unit_id=who.unit_id,
        csrf=session.csrf,
        verbs=sorted(verbs),
        mode="demo" if demo else "live",
    )


def user_view(row: UserRow, *, locked_until: datetime | None = None) -> UserView:
    return UserView(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        role=row.role,
        area=row.area,
        person_id=row.person_id,
        unit_id=row.unit_id,
        active=row.active,
        locked_until=iso(locked_until) if locked_until else None,
        created_at=iso(row.created_at),
    )


def device_view(row: DeviceRow) -> DeviceView:
    return DeviceView(
        id=row.id,
        name=row.name,
        area=row.area,
        person_id=row.person_id,
        kind=row.kind,
        external_id=row.external_id,
        datum=row.datum,
        secret_required=row.secret_required,
        active=row.active,
        created_at=iso(row.created_at),
    )


def audit_view(row: AuditRow) -> AuditView:
    return AuditView(
        at=iso(row.at),
        user_id=row.user_id,
        user_name=row.user_name,
        what=row.what,
        object_id=row.object_id,
        purpose=row.purpose,
    )
