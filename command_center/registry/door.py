"""How a route reaches the town in memory, which the composition root put at `app.state.town`."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from command_center.errors import Unavailable
from command_center.registry.town_index import TownIndex


def get_town(connection: HTTPConnection) -> TownIndex:
    """The town.

    Raises:
        Unavailable: no town was loaded yet.
    """
    town: TownIndex | None = getattr(connection.app.state, "town", None)
    if town is None:
        raise Unavailable("town_not_loaded")
    return town


TownDep = Annotated[TownIndex, Depends(get_town)]
