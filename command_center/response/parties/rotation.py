"""The first key of an installation, and a new one for all that is locked: a little at a time, so that it may be cut."""

from collections.abc import Callable

from sqlalchemy import func, select

from command_center.access.commands import audit
from command_center.response.parties.commands import seal
from command_center.response.parties.facts import opened
from command_center.response.parties.keys import Keyring
from command_center.response.parties.tables import PartyRow
from command_center.timeline import Timeline

AT_ONCE = 100


def make_first_key(timeline: Timeline, keys: Keyring) -> bool:
    """Make a key file where nothing was ever locked; whether there is a key now.

    Names that are there without their key stay as they are: a new key would only hide that the old one is missing.

    Raises:
        BadKeys: there is a file, and it cannot be read as keys.
    """
    if keys.keys:
        return True
    if rows_by_key(timeline):
        return False
    keys.add_key(timeline.now(), first=True)
    return True


def missing_keys(timeline: Timeline, keys: Keyring) -> list[int]:
    """Numbers of keys that something is locked with and that are not here."""
    return sorted(set(rows_by_key(timeline)) - set(keys.keys))


def rows_by_key(timeline: Timeline) -> dict[int, int]:
    """How many persons are locked under each key."""
    with timeline.reading() as session:
        found = session.execute(select(PartyRow.key, func.count()).group_by(PartyRow.key)).all()
    return {number: count for number, count in found}


def rotate(timeline: Timeline, keys: Keyring, *, told: Callable[[int], None] = lambda _: None) -> tuple[int, int]:
    """Lock everything under the newest key, and make a new one first unless a rotation was cut and waits to be ended.

    Each transaction takes some rows over; the old keys stay in the file, for backups need them. A running hall goes on
    meanwhile: it opens with every key and locks with the newest.

    Args:
        timeline: of the hall.
        keys: its keys.
        told: how many rows are done, each time some are.

    Returns:
        The number of the newest key and how many rows went over to it.

    Raises:
        BadKeys: a new key has to be put into the setting first.
        Unavailable: a row's key is not here; what was done before stays done.
    """
    waiting = set(rows_by_key(timeline)) - {max(keys.keys, default=0)}
    if not waiting:
        keys.add_key(timeline.now())
    newest, done = keys.current.number, 0
    while count := _take_over(timeline, keys, newest):
        done += count
        told(done)
    with timeline.transaction() as tx:
        audit(tx, who=None, what="names.rotated", object_id=f"key {newest}", purpose=str(done))
    return newest, done


def _take_over(timeline: Timeline, keys: Keyring, newest: int) -> int:
    with timeline.transaction() as tx:
        query = select(PartyRow).where(PartyRow.key != newest).order_by(PartyRow.id).limit(AT_ONCE).with_for_update()
        rows = tx.session.scalars(query).all()
        for row in rows:
            seal(row, opened(row, keys), keys)
        tx.session.flush()
        return len(rows)
