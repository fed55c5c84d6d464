"""Who may sign in, which devices send, and what the audit says; all within the caller's area."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.access.facts import AuditView, DeviceView, UserView, audit_view, device_view, user_view
from command_center.access.passwords import fold_name
from command_center.access.sessions import Who, hash_token
from command_center.access.tables import AttemptRow, AuditRow, DeviceRow, UserRow


def users(db: Session, who: Who, *, now: datetime) -> list[UserView]:
    """Users of the caller's area by name, with a lockout if there is one."""
    locked = select(AttemptRow).where(AttemptRow.locked_until > now)
    locks = {row.name_hash: row.locked_until for row in db.scalars(locked)}
    query = select(UserRow).where(UserRow.area.startswith(who.area, autoescape=True)).order_by(UserRow.name)
    return [user_view(row, locked_until=locks.get(hash_token(row.name))) for row in db.scalars(query)]


def devices(db: Session, who: Who) -> list[DeviceView]:
    """Devices of the caller's area, the oldest first."""
    query = select(DeviceRow).where(DeviceRow.area.startswith(who.area, autoescape=True)).order_by(DeviceRow.id)
    return [device_view(row) for row in db.scalars(query)]


def users_by_id(db: Session, ids: Collection[str]) -> dict[str, UserView]:
    """These users, by id, wherever they are."""
    query = select(UserRow).where(UserRow.id.in_(ids))
    return {row.id: user_view(row) for row in db.scalars(query)}


def audit_lines(db: Session, *, object_id: str | None = None, limit: int = 200) -> list[AuditView]:
    """The newest lines of the read audit, of one thing or of all."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    if object_id is not None:
        query = query.where(AuditRow.object_id == object_id)
    return [audit_view(row) for row in db.scalars(query)]


def user_named(db: Session, name: str) -> UserRow | None:
    """The user of this name, however it is written."""
    return db.scalar(select(UserRow).where(UserRow.name == fold_name(name)))


def has_users(db: Session) -> bool:
    """Whether anybody can sign in at all; on a new installation the command line makes the first administrator."""
    return db.scalar(select(UserRow.id).limit(1)) is not None
