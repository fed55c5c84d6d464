"""How a thing of patrol that people keep is changed: by who may see it, and not over the head of somebody else."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from command_center.access.guard import Who
from command_center.errors import Conflict, NotFound
from command_center.patrol.windows import plain_windows
from command_center.timeline import Fact, Transaction


class Kept(Protocol):
    """A row that people change: it lies in an area, has a name, and counts its changes."""

    name: Any
    area: Any
    version: Any


R = TypeVar("R", bound=Kept)
# How a value comes into a row where it is not simply the column of its name.
Put = Callable[[R, Any], None]


def change_row(
    tx: Transaction,
    table: type[R],
    id: str,
    *,
    changes: Mapping[str, Any],
    version: int | None,
    by: Who,
    unknown: str,
    changed: str,
    put: Mapping[str, Put[R]],
    check: Callable[[R], None],
    tell: Callable[[R], Fact],
) -> R:
    """Change a row and tell of it.

    Args:
        tx: the transaction.
        table: of the row.
        id: of the row.
        changes: new values by name.
        version: refuse if the row is no longer the one the caller saw; None: change it as it is.
        by: who does it.
        unknown, changed: keys of the messages, the second with the `name`.
        put: how the values of some names come into the row; windows are made plain in any case.
        check: raises BadInput if the row is impossible now.
        tell: the fact of it.

    Raises:
        NotFound: there is no such row in the caller's area.
        Conflict: somebody changed it in between.
        BadInput: a value is impossible.
    """
    row = tx.session.get(table, id, with_for_update=True)
    if row is None or not by.sees(row.area):
        raise NotFound(unknown)
    if version is not None and version != row.version:
        raise Conflict(changed, name=row.name)
    for name, value in changes.items():
        if name in put:
            put[name](row, value)
        else:
            setattr(row, name, plain_windows(value) if name == "windows" else value)
    check(row)
    row.version += 1
    tx.session.flush()
    tx.emit(tell(row))
    return row


def put_lonlat(row: Any, lonlat: tuple[float, float]) -> None:
    """Of a row with its place in two columns."""
    row.lon, row.lat = lonlat
