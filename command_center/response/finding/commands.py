"""Keep a search under a name, and forget it. It concerns nobody else, so no fact tells of it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from command_center.access.guard import Who
from command_center.errors import Conflict, NotFound
from command_center.response.finding.tables import KeptWishRow
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id

MOST_KEPT = 50


def keep(tx: Transaction, *, name: str, wish: Mapping[str, Any], who: Who) -> KeptWishRow:
    """Keep a search; one of the same name takes its place.

    Raises:
        Conflict: the caller keeps too many.
    """
    own = KeptWishRow.user_id == who.id
    row = tx.session.scalar(select(KeptWishRow).where(own, KeptWishRow.name == name))
    if row is None:
        if (tx.session.scalar(select(func.count()).select_from(KeptWishRow).where(own)) or 0) >= MOST_KEPT:
            raise Conflict("found_too_many_kept", most=MOST_KEPT)
        row = KeptWishRow(id=new_id(), user_id=who.id, name=name)
        tx.session.add(row)
    row.wish, row.kept_at = dict(wish), tx.now
    tx.session.flush()
    return row


def forget(tx: Transaction, *, id: str, who: Who) -> None:
    """Forget one.

    Raises:
        NotFound: the caller keeps no such search.
    """
    row = tx.session.get(KeptWishRow, id)
    if row is None or row.user_id != who.id:
        raise NotFound("found_not_kept")
    tx.session.delete(row)
