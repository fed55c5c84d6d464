"""Where cameras and mandatory points are: cameras from the town in memory, points as they are in this transaction."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from command_center.prewarning.raising import Spot
from command_center.registry.town_index import TownIndex
from command_center.timeline import Transaction

FindPoint = Callable[[Session, str], Spot | None]


class TownSpots:
    """Spots for the `AlertRaiser` of a running hall."""

    def __init__(self, town: TownIndex, find_point: FindPoint) -> None:
        self._town = town
        self._find_point = find_point

    def camera(self, tx: Transaction, camera_id: str) -> Spot | None:
        return self._town.cameras.get(camera_id)

    def point(self, tx: Transaction, point_id: str) -> Spot | None:
        return self._find_point(tx.session, point_id)
