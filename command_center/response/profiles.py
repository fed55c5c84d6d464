"""Which way of working a case is under: versions that were used are kept, so a case stays under its first one."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.errors import BadInput, NotFound
from command_center.response.engine.checking import shipped_profiles, shipped_tables
from command_center.response.engine.description import Profile, machine_table
from command_center.response.engine.reading import merged, read_profile
from command_center.response.tables import ProfileRow, WayRow
from command_center.timeline import Transaction

# Under which cases from alerts are opened.
DEFAULT = "hall"
# Whose cases are on every screen from their first minute.
LIVE = ("hall", "emergency")
# Red and orange: of whatever way, such a matter is on every screen as well.
GRAVE = 2
ENDED: tuple[str, ...] = tuple(sorted(machine_table()["ends"]))


def profile_of(session: Session, id: str, version: int) -> Profile:
    """The profile of a case, as it was when the case was opened.

    Raises:
        NotFound: no case was ever opened under that version, and none comes with the product.
    """
    shipped = shipped_profiles().get(id)
    row = session.get(ProfileRow, (id, version))
    if row is not None:
        return _compiled(orjson.dumps(row.body, option=orjson.OPT_SORT_KEYS))
    if shipped is None or shipped.version != version:
        raise NotFound("profile_not_found", name=id, version=version)
    return shipped


def newest(session: Session, id: str) -> Profile:
    """The version under which a case would be opened now, of the product's or of the center's own.

    Raises:
        NotFound: there is no such profile, or none was published yet.
        BadInput: it was withdrawn.
    """
    own = session.get(WayRow, id)
    if own is not None and own.published is not None:
        if own.withdrawn_at is not None:
            raise BadInput("way_withdrawn", way=id)
        return profile_of(session, id, own.published)
    profile = shipped_profiles().get(id)
    if profile is None:
        raise NotFound("profile_not_found", name=id, version="-")
    return profile


def offered(session: Session) -> list[Profile]:
    """All under which a case can be opened now, the center's own last."""
    query = select(WayRow).where(WayRow.published.is_not(None), WayRow.withdrawn_at.is_(None)).order_by(WayRow.id)
    own = [profile_of(session, row.id, row.published or 0) for row in session.scalars(query)]
    return [*shipped_profiles().values(), *own]


def live_ids(session: Session) -> frozenset[str]:
    """Whose cases are on every screen: what the center made of one of those is one of them."""
    return frozenset(LIVE) | frozenset(session.scalars(select(WayRow.id).where(WayRow.base.in_(LIVE))))


def keep(tx: Transaction, id: str) -> Profile:
    """The newest version of a profile, kept from now on because a case is about to be opened under it.

    Raises:
        NotFound, BadInput: as `newest`.
    """
    profile = newest(tx.session, id)
    if tx.session.get(ProfileRow, (id, profile.version)) is None:
        body = whole(shipped_tables()[id])
        tx.session.add(ProfileRow(id=id, version=profile.version, body=body, kept_at=tx.now))
        tx.session.flush()
    return profile_of(tx.session, id, profile.version)


def body_of(session: Session, profile: Profile) -> dict[str, Any] | None:
    """What a kept version says; None if no case was opened under it yet."""
    row = session.get(ProfileRow, (profile.id, profile.version))
    return None if row is None else dict(row.body)


def whole(table: Mapping[str, Any]) -> dict[str, Any]:
    """A profile's table with everything it inherits, so that it stands for itself."""
    return merged(table, shipped_tables())


@lru_cache(maxsize=64)
def _compiled(body: bytes) -> Profile:
    # Not checked again: it was when it was kept, and its cases have to go on whatever a later check would say.
    return read_profile(orjson.loads(body), {})
