"""Users and devices come, change and go; every look at something that concerns a person is written down."""

import re
from collections.abc import Collection

from sqlalchemy import delete, select

from command_center.access import roles
from command_center.access.passwords import check_password, fold_name, hash_password
from command_center.access.sessions import Who, hash_token, new_token
from command_center.access.tables import AttemptRow, AuditRow, DeviceRow, SessionRow, UserRow
from command_center.errors import BadInput, Conflict, NotFound
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id

AREA_CODE = re.compile(r"\d{6}(\d{3}){0,3}")
NAME = re.compile(r"\S{2,64}")

DEVICE_KINDS = ("http", "osmand", "jt808", "mqtt")
DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
# A terminal is named by up to 20 digits; the others by what fits into an address or a topic without being escaped.
EXTERNAL_ID = {
    "osmand": re.compile(r"[\w.:@-]{1,64}"),
    "jt808": re.compile(r"[0-9]{1,20}"),
    "mqtt": re.compile(r"[\w.:@-]{1,32}(/[\w.:@-]{1,31})?"),
}


def add_user(
    tx: Transaction,
    *,
    name: str,
    display_name: str,
    role: str,
    area: str,
    password: str,
    person_id: str | None = None,
    unit_id: str | None = None,
    by: Who | None = None,
) -> UserRow:
    """Make a sign-in.

    Args:
        tx: the transaction.
        name: unique however it is written (case, full width); 2 to 64 characters without blanks.
        display_name: how facts name the user, e.g. 王值班.
        role: one of `roles.USER_ROLES`.
        area: 6, 9, 12 or 15 digits; the user sees what begins with them.
        password: see `passwords.check_password`.
        person_id: the person of the town that a responder is.
        unit_id: the unit that somebody of a department acts for.
        by: who does it; None on the command line.

    Raises:
        BadInput: a value is impossible or the password is weak.
        Conflict: the name is taken.
    """
    folded = fold_name(name)
    if not NAME.fullmatch(folded):
        raise BadInput("user_name_bad")
    if role not in roles.USER_ROLES:
        raise BadInput("role_unknown", role=role)
    if role == roles.DEPARTMENT and not unit_id:
        raise BadInput("user_unit_needed")
    check_area(area)
    check_password(password, name=folded)
    if tx.session.scalar(select(UserRow.id).where(UserRow.name == folded)) is not None:
        raise Conflict("user_exists", name=folded)
    row = UserRow(
        id=new_id(),
        name=folded,
        display_name=display_name.strip() or folded,
        role=role,
        area=area,
        person_id=person_id,
        unit_id=unit_id,
        password_hash=hash_password(password),
        active=True,
        created_at=tx.now,
        changed_at=tx.now,
    )
    tx.session.add(row)
    audit(tx, who=by, what="user.added", object_id=row.id, purpose=f"{role} {area}")
    return row


def deactivate_user(tx: Transaction, *, id: str, by: Who) -> UserRow:
    """End a user's sign-in and all open sessions; what the user did stays.

    Raises:
        NotFound: there is no such user in the caller's area.
        Conflict: it is the caller.
    """
    row = _user(tx, id, by)
    if row.id == by.id:
        raise Conflict("user_self")
    row.active, row.changed_at = False, tx.now
    _end_sessions(tx, row)
    audit(tx, who=by, what="user.deactivated", object_id=row.id)
    return row


def reset_password(tx: Transaction, *, id: str, password: str, by: Who | None = None) -> UserRow:
    """Give a user a new password, end his sessions, and lift a lockout.

    Raises:
        NotFound: there is no such user in the caller's area.
        BadInput: the password is weak.
    """
    row = _user(tx, id, by)
    check_password(password, name=row.name)
    row.password_hash, row.changed_at = hash_password(password), tx.now
    _end_sessions(tx, row)
    tx.session.execute(delete(AttemptRow).where(AttemptRow.name_hash == hash_token(row.name)))
    audit(tx, who=by, what="user.password_reset", object_id=row.id)
    return row


def register_device(
    tx: Transaction,
    *,
    name: str,
    area: str,
    person_id: str | None = None,
    kind: str = "http",
    external_id: str | None = None,
    datum: str = "wgs84",
    secret_required: bool = False,
    acts_for: Collection[str] = (),
    by: Who | None = None,
) -> tuple[DeviceRow, str]:
    """Register a sender of positions; its token is returned once and only its hash is kept.

    Args:
        tx: the transaction.
        name: e.g. the radio's number.
        area: area code of what it may hear and send about.
        person_id: whose positions it sends; None for a fleet that posts for everybody, or, in the other protocols, for
            a vehicle whose driver the device names.
        kind: one of DEVICE_KINDS: the protocol it speaks.
        external_id: how it names itself there (number of a phone client, of a terminal's SIM, of an MQTT device);
            needed in every protocol but `http`, which has the token.
        datum: of the coordinates it sends: wgs84, cgcs2000, gcj02 or bd09.
        secret_required: refuse it unless the token comes with its external id; over MQTT the broker says who is who.
        acts_for: simulated persons whose orders this fleet may carry out, in a demonstration only.
        by: who does it; None on the command line.

    Raises:
        BadInput: the kind or datum is unknown, or the external id or secret is missing, malformed or out of place.
        Conflict: another device of this kind has the external id.
    """
    check_area(area)
    external_id = _external_id(tx, kind, external_id)
    if datum not in DATUMS:
        raise BadInput("device_datum_unknown", datum=datum[:20], known=" ".join(DATUMS))
    if kind == "mqtt" and secret_required:
        raise BadInput("device_secret_not_here")
    token = new_token()
    row = DeviceRow(
        id=new_id(),
        name=name.strip(),
        token_hash=hash_token(token),
        area=area,
        person_id=person_id,
        acts_for=sorted(acts_for),
        kind=kind,
        external_id=external_id,
        datum=datum,
        secret_required=secret_required,
        active=True,
        created_at=tx.now,
    )
    tx.session.add(row)
    audit(tx, who=by, what="device.added", object_id=row.id, purpose=f"{kind} {person_id or 'fleet'}")
    return row, token


def deactivate_device(tx: Transaction, *, id: str, by: Who) -> DeviceRow:
    """Refuse a device from now on.

    Raises:
        NotFound: there is no such device in the caller's area.
    """
    row = tx.session.get(DeviceRow, id)
    if row is None or not by.sees(row.area):
        raise NotFound("device_unknown")
    row.active = False
    audit(tx, who=by, what="device.deactivated", object_id=row.id)
    return row


def audit(tx: Transaction, *, who: Who | None, what: str, object_id: str, purpose: str = "", name: str = "") -> None:
    """Write down who looked at or did what, and why; stored with the transaction.

    Args:
        tx: the transaction.
        who: the caller, or None for the command line or for somebody not signed in.
        what: e.g. `clip.seen`, `session.opened`.
        object_id: the thing, at most 64 characters.
        purpose: as the caller stated it; cut at 200 characters.
        name: the name that was typed, where nobody is signed in.
    """
    tx.session.add(
        AuditRow(
            at=tx.now,
            user_id=who.id if who else None,
            user_name=(who.name if who else name)[:64],
            what=what,
            object_id=object_id,
            purpose=purpose[:200],
        )
    )


def check_area(area: str) -> None:
    """Refuse what is not a county, town, village or grid code.

    Raises:
        BadInput: it is not 6, 9, 12 or 15 digits.
    """
    if not AREA_CODE.fullmatch(area):
        raise BadInput("area_code_bad", area=area[:20])


def _external_id(tx: Transaction, kind: str, external_id: str | None) -> str | None:
    if kind not in DEVICE_KINDS:
        raise BadInput("device_kind_unknown", kind=kind[:20], known=" ".join(DEVICE_KINDS))
    if kind == "http":
        if external_id is not None:
            raise BadInput("device_id_out_of_place")
        return None
    if external_id is None or not EXTERNAL_ID[kind].fullmatch(external_id):
        raise BadInput("device_id_bad", kind=kind)
    if kind == "jt808":
        # The header pads with zeros, to 12 digits in the older editions and to 20 in the newest.
        external_id = external_id.lstrip("0") or "0"
    taken = select(DeviceRow.id).where(DeviceRow.kind == kind, DeviceRow.external_id == external_id)
    if tx.session.scalar(taken) is not None:
        raise Conflict("device_exists", id=external_id)
    return external_id


def _user(tx: Transaction, id: str, by: Who | None) -> UserRow:
    row = tx.session.get(UserRow, id, with_for_update=True)
    if row is None or (by is not None and not by.sees(row.area)):
        raise NotFound("user_unknown")
    return row


def _end_sessions(tx: Transaction, row: UserRow) -> None:
    tx.session.execute(delete(SessionRow).where(SessionRow.user_id == row.id))
