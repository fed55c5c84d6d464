"""Who stands behind a token: sessions of browsers and tokens of devices, looked up cheaply."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from starlette.requests import HTTPConnection

from command_center.access import roles
from command_center.access.tables import DeviceRow, SessionRow, UserRow
from command_center.settings import Settings
from command_center.timeline import Timeline, Transaction
from command_center.timeline.door import get_timeline

# Another process that signs a session out is noticed after so long.
CACHE = timedelta(seconds=5)
CACHE_SIZE = 10_000
LAST_SEEN_WRITE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Who:
    """The caller: a signed-in user, or the person or fleet behind a device token."""

    id: str
    name: str
    display_name: str
    role: str
    area: str
    person_id: str | None = None
    unit_id: str | None = None
    session_hash: str | None = field(default=None, repr=False)

    def json(self) -> dict[str, str]:
        """How facts and views name the caller."""
        return {"id": self.id, "name": self.display_name}

    def sees(self, area: str) -> bool:
        """Whether something in this area lies within the caller's area (or is it)."""
        return area.startswith(self.area)

    def may(self, verb: str) -> bool:
        return roles.may(self.role, verb)

    @property
    def party(self) -> str | None:
        """What facts name among their parties when they concern this caller: a person, or a unit."""
        return self.person_id or (party_of_unit(self.unit_id) if self.unit_id else None)

    @property
    def own_only(self) -> bool:
        """Whether the caller may be told only what names his person, not all of his area."""
        return not self.may("stream.see")


@dataclass(slots=True)
class SignedSession:
    """One session as this process remembers it between two looks at the database."""

    who: Who
    csrf: str
    last_seen_at: datetime
    written_at: datetime
    loaded_at: datetime


@dataclass(frozen=True, slots=True)
class Device:
    """A device token: who sends, and for which simulated persons it may act in a demonstration."""

    who: Who
    acts_for: frozenset[str]
    loaded_at: datetime


def party_of_unit(unit_id: str) -> str:
    """How facts name a unit among their parties; ids of persons have no colon."""
    return f"unit:{unit_id}"


def new_token() -> str:
    """256 random bits, as text for a cookie or a header."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Sessions:
    """Remembers who is behind a token for a few seconds, and writes down once a minute that a session is in use."""

    def __init__(self, timeline: Timeline, settings: Settings) -> None:
        self._timeline = timeline
        self._idle = timedelta(seconds=settings.session_idle_s)
        self._write_every = min(LAST_SEEN_WRITE, self._idle / 4)
        self._sessions: dict[str, SignedSession] = {}
        self._devices: dict[str, Device] = {}

    def peek(self, token_hash: str) -> SignedSession | None:
        """The session if it is fresh in memory; this counts as use of it. Never touches the database."""
        session = self._sessions.get(token_hash)
        now = self._timeline.now()
        if session is None or now - session.loaded_at >= CACHE or self._is_idle(session.who.role, session, now):
            return None
        if now - session.written_at >= self._write_every:
            return None
        session.last_seen_at = now
        return session

    def load(self, token_hash: str, *, touch: bool = True) -> SignedSession | None:
        """Read the session from the database; None if it ended, went idle, or its user was deactivated.

        Args:
            token_hash: of the cookie.
            touch: whether this counts as use of the session.
        """
        now = self._timeline.now()
        session = self._read(token_hash, now)
        if session is None:
            self._sessions.pop(token_hash, None)
            return None
        if self._is_idle(session.who.role, session, now):
            self.end(token_hash)
            return None
        if touch:
            session.last_seen_at = now
            if now - session.written_at >= self._write_every:
                self._write_seen(token_hash, now)
                session.written_at = now
        if len(self._sessions) >= CACHE_SIZE:
            self._sessions.clear()
        self._sessions[token_hash] = session
        return session

    def device(self, token: str) -> Device | None:
        """Who stands behind a device token; None if nobody does."""
        token_hash, now = hash_token(token), self._timeline.now()
        known = self._devices.get(token_hash)
        if known is not None and now - known.loaded_at < CACHE:
            return known
        with self._timeline.reading() as db:
            row = db.scalar(select(DeviceRow).where(DeviceRow.token_hash == token_hash, DeviceRow.active))
        if row is None:
            self._devices.pop(token_hash, None)
            return None
        if len(self._devices) >= CACHE_SIZE:
            self._devices.clear()
        device = self._devices[token_hash] = _device(row, now)
        return device

    def end(self, token_hash: str) -> None:
        """Sign one session out."""
        with self._timeline.transaction() as tx:
            tx.session.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash))
        self._sessions.pop(token_hash, None)

    def forget(self) -> None:
        """Look everybody up anew: a user or device was changed."""
        self._sessions.clear()
        self._devices.clear()

    def _is_idle(self, role: str, session: SignedSession, now: datetime) -> bool:
        return role != roles.WALL_DISPLAY and now - session.last_seen_at >= self._idle

    def _read(self, token_hash: str, now: datetime) -> SignedSession | None:
        query = select(SessionRow, UserRow).join(UserRow).where(SessionRow.token_hash == token_hash, UserRow.active)
        with self._timeline.reading() as db:
            found = db.execute(query).one_or_none()
        if found is None:
            return None
        row, user = found
        # What this process saw in the last minute may not be written yet.
        known = self._sessions.get(token_hash)
        last_seen_at = max(row.last_seen_at, known.last_seen_at) if known else row.last_seen_at
        return SignedSession(
            who=who_of(user, session_hash=token_hash),
            csrf=row.csrf,
            last_seen_at=last_seen_at,
            written_at=row.last_seen_at,
            loaded_at=now,
        )

    def _write_seen(self, token_hash: str, now: datetime) -> None:
        with self._timeline.transaction() as tx:
            row = tx.session.get(SessionRow, token_hash)
            if row is not None:
                row.last_seen_at = now


def open_session(tx: Transaction, user: UserRow) -> tuple[str, SessionRow]:
    """Start a session; the token is returned once and not stored."""
    token = new_token()
    row = SessionRow(
        token_hash=hash_token(token),
        user_id=user.id,
        csrf=new_token(),
        created_at=tx.now,
        last_seen_at=tx.now,
    )
    tx.session.add(row)
    return token, row


def who_of(user: UserRow, *, session_hash: str | None = None) -> Who:
    return Who(
        id=user.id,
        name=user.name,
        display_name=user.display_name,
        role=user.role,
        area=user.area,
        person_id=user.person_id,
        unit_id=user.unit_id,
        session_hash=session_hash,
    )


def _device(row: DeviceRow, now: datetime) -> Device:
    who = Who(
        id=row.id,
        name=row.name,
        display_name=row.name,
        role=roles.DEVICE if row.person_id else roles.FLEET,
        area=row.area,
        person_id=row.person_id,
    )
    return Device(who=who, acts_for=frozenset(row.acts_for), loaded_at=now)


def get_sessions(connection: HTTPConnection) -> Sessions:
    """The one `Sessions` of the application, made at the first request unless the composition root set it."""
    state = connection.app.state
    if not hasattr(state, "sessions"):
        state.sessions = Sessions(get_timeline(connection), state.settings)
    sessions: Sessions = state.sessions
    return sessions
