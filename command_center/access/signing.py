"""Signing in and out. An attempt is counted before the password is looked at, so a burst gains no extra guesses."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from command_center.access import roles
from command_center.access.commands import audit
from command_center.access.passwords import fold_name, verify_password
from command_center.access.sessions import Sessions, Who, hash_token, open_session, who_of
from command_center.access.tables import AttemptRow, SessionRow, UserRow
from command_center.errors import NotSignedIn, TooMany
from command_center.settings import Settings
from command_center.timeline import Timeline, Transaction

LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class SignIn:
    """A session just opened: its token for the cookie, and who it is."""

    token: str
    who: Who


def sign_in(timeline: Timeline, settings: Settings, *, name: str, password: str) -> SignIn:
    """Open a session. Three short transactions, none of them held while the password is hashed.

    Raises:
        NotSignedIn: the name or the password is wrong; which of them is not said.
        TooMany: too many failures under this name, known or not.
    """
    folded = fold_name(name)[:LONGEST_NAME]
    try:
        locked_s = _count_attempt(timeline, settings, folded)
    except IntegrityError:
        # On PostgreSQL a twin under the same name may have inserted the first count; now it is there to be raised.
        locked_s = _count_attempt(timeline, settings, folded)
    if locked_s:
        raise TooMany("locked_out", wait_s=locked_s)
    with timeline.reading() as db:
        user = db.scalar(select(UserRow).where(UserRow.name == folded, UserRow.active))
        user_id, password_hash = (user.id, user.password_hash) if user else ("", None)
    if not verify_password(password, password_hash):
        with timeline.transaction() as tx:
            audit(tx, who=None, what="session.refused", object_id=user_id, name=folded)
        raise NotSignedIn("wrong_credentials")
    with timeline.transaction() as tx:
        return _open(tx, settings, folded, user_id)


def sign_out(timeline: Timeline, sessions: Sessions, who: Who) -> None:
    """End the caller's session."""
    if who.session_hash is not None:
        sessions.end(who.session_hash)
        with timeline.transaction() as tx:
            audit(tx, who=who, what="session.closed", object_id=who.id)


def _open(tx: Transaction, settings: Settings, folded: str, user_id: str) -> SignIn:
    user = tx.session.get(UserRow, user_id)
    if user is None or not user.active:
        raise NotSignedIn("wrong_credentials")
    tx.session.execute(delete(AttemptRow).where(AttemptRow.name_hash == hash_token(folded)))
    if user.role != roles.WALL_DISPLAY:
        # Browsers that were closed without signing out.
        idle_since = tx.now - timedelta(seconds=settings.session_idle_s)
        tx.session.execute(
            delete(SessionRow).where(SessionRow.user_id == user.id, SessionRow.last_seen_at < idle_since)
        )
    token, row = open_session(tx, user)
    who = who_of(user, session_hash=row.token_hash)
    audit(tx, who=who, what="session.opened", object_id=user.id)
    return SignIn(token, who)


def _count_attempt(timeline: Timeline, settings: Settings, folded: str) -> int:
    """Count one attempt as failed until it succeeds; return the seconds to wait if the name is locked, else 0."""
    window = timedelta(seconds=settings.lockout_s)
    with timeline.transaction() as tx:
        # Names that nobody tried for a while are forgotten, so that made-up names cannot fill the disk.
        tx.session.execute(delete(AttemptRow).where(AttemptRow.last_at < tx.now - window))
        row = tx.session.get(AttemptRow, hash_token(folded), with_for_update=True)
        if row is None:
            row = AttemptRow(name_hash=hash_token(folded), failures=0, last_at=tx.now, locked_until=None)
            tx.session.add(row)
        if row.locked_until is not None and row.locked_until > tx.now:
            audit(tx, who=None, what="session.locked", object_id="", name=folded)
            return max(1, round((row.locked_until - tx.now).total_seconds()))
        if row.locked_until is not None:
            row.failures, row.locked_until = 0, None
        row.failures += 1
        row.last_at = tx.now
        if row.failures >= settings.lockout_failures:
            row.locked_until = tx.now + window
        return 0
