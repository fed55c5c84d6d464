"""The roads as they are now: those of the town in memory without what is closed. All ways are asked of them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection

from command_center.registry.closures.drawing import Draughtsman, Drawing
from command_center.registry.closures.queries import in_force
from command_center.registry.closures.tables import ClosureRow
from command_center.registry.town_index import TownIndex
from gis.roads import Closure, Shut, Travel

KEPT = 4


@dataclass(frozen=True, slots=True)
class RoadsNow:
    """The roads at one moment, and the names of the closures in force by id."""

    travel: Travel
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def closed(self) -> frozenset[str]:
        """Ids of the closures that are taken out."""
        return frozenset(self.names)


@dataclass
class _Known:
    """What was found for one town: each closure once, and the newest few sets of closures with their roads."""

    town: TownIndex
    draughtsman: Draughtsman
    shuts: dict[str, Shut] = field(default_factory=dict)
    travels: OrderedDict[frozenset[str], Travel] = field(default_factory=OrderedDict)


class OpenRoads:
    """One per process; safe to ask from any thread.

    What is in force is read from the database at each question, so that a closure made in another process counts at
    once; a graph is only made for a set of closures that was not there before.

    Args:
        town: as it is in memory now.
    """

    def __init__(self, town: Callable[[], TownIndex]) -> None:
        self._town = town
        self._lock = threading.Lock()
        self._known: _Known | None = None

    def now(self, session: Session, at: datetime) -> RoadsNow:
        """The roads at a moment."""
        rows = in_force(session, at)
        with self._lock:
            known = self._of_town()
            if not rows:
                return RoadsNow(known.town.travel)
            return RoadsNow(self._travel(known, rows), {row.id: row.name for row in rows})

    def draughtsman(self) -> Draughtsman:
        """Who says what a drawing closes."""
        with self._lock:
            return self._of_town().draughtsman

    def _of_town(self) -> _Known:
        town = self._town()
        if self._known is None or self._known.town is not town:
            self._known = _Known(town, Draughtsman(town))
        return self._known

    @staticmethod
    def _travel(known: _Known, rows: list[ClosureRow]) -> Travel:
        ids = frozenset(row.id for row in rows)
        if ids not in known.travels:
            known.shuts = {row.id: known.shuts.get(row.id) or _found(known.town, row) for row in rows}
            # The rows are those in force: the graph need not look at the clock again.
            known.travels[ids] = known.town.travel.but(known.shuts.values(), 0.0)
            if len(known.travels) > KEPT:
                known.travels.popitem(last=False)
        known.travels.move_to_end(ids)
        return known.travels[ids]


def _found(town: TownIndex, row: ClosureRow) -> Shut:
    drawing = Drawing(row.shape, [(lon, lat) for lon, lat in row.corners])
    return town.travel.find(Closure(row.id, drawing.geometry(), frozenset(row.profiles)))


def get_open_roads(connection: HTTPConnection) -> OpenRoads:
    roads: OpenRoads = connection.app.state.roads
    return roads


RoadsDep = Annotated[OpenRoads, Depends(get_open_roads)]
