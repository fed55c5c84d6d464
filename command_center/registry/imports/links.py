"""What the composition root ties to imports: who holds on to rows, what has to follow, and the town in memory."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import HTTPConnection

from command_center.registry.imports.plan import InUse, Plan, nothing_in_use
from command_center.timeline import Transaction


def _nothing_follows(_tx: Transaction, _plan: Plan) -> None:
    return


def _as_it_is() -> bool:
    return False


def _no_ground(_file: Path, _name: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class Links:
    """Found at `app.state.imports`.

    Attributes:
        in_use: which rows somebody holds on to.
        follow: changes what others keep of these rows, in the transaction of the import.
        refresh: takes the town up anew after it.
        ground: gets the OpenStreetMap file that roads came from, to make the basemap of it; it may not stay there.
    """

    in_use: InUse = nothing_in_use
    follow: Callable[[Transaction, Plan], None] = _nothing_follows
    refresh: Callable[[], bool] = _as_it_is
    ground: Callable[[Path, str], None] = _no_ground


def get_links(connection: HTTPConnection) -> Links:
    links: Links = getattr(connection.app.state, "imports", None) or Links()
    return links
