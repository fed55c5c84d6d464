"""响应圈: where those who can be sent are within one, three and five minutes, on the roads that are open now."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import numpy as np
import shapely
from fastapi import Depends
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection
from typing_extensions import TypedDict

from command_center.access.guard import Who
from command_center.errors import BadInput, NotFound
from command_center.patrol.points.tables import PointRow
from command_center.registry.closures.roads import OpenRoads
from command_center.registry.town_index import TownIndex, profile_of
from command_center.response.advice import LastPositions
from command_center.response.candidates import FREE_STATUSES, STALE_AFTER, Lonlat
from command_center.response.tables import ResponderRow
from command_center.timeline import Timeline
from command_center.timeline.facts import iso
from gis.roads import Travel, reached
from gis.roads.profiles import CAR
from gis.roads.rings import reached_jointly, soonest_to, starters

MINUTES = (1, 3, 5)
WITHIN_S = tuple(60.0 * minutes for minutes in MINUTES)
CACHE = timedelta(seconds=15)
KEPT = 64


class RingView(TypedDict):
    """`area` is a GeoJSON geometry: the roads reached and 30 m on either side. `road_m`: metres of road in it."""

    minutes: int
    area: dict[str, Any]
    road_m: int


class PlaceRings(TypedDict):
    """What is reached from one place."""

    lonlat: tuple[float, float]
    profile: str
    computed_at: str
    closures: list[str]
    rings: list[RingView]


class Covered(TypedDict):
    reached: int
    total: int


class ForceRingView(RingView):
    """Places with a name and mandatory points that somebody is at in time; `road_total_m`: of the whole network."""

    road_total_m: int
    places: Covered
    points: Covered


class ForceRings(TypedDict):
    """What those who can be sent reach together; `persons`: how many they are. `closures`: ids of what is closed."""

    computed_at: str
    persons: int
    closures: list[str]
    rings: list[ForceRingView]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question whose answer is kept for a moment."""

    town: str
    area: str
    force: str | None
    person_id: str | None
    closed: frozenset[str]


class RingDesk:
    """One per process; safe to ask from any thread. One answer is worked out at a time, the others wait for it.

    Args:
        timeline: of the hall.
        town: as it is in memory now.
        roads: what is open of them.
        positions: where everybody is.
    """

    def __init__(
        self, timeline: Timeline, town: Callable[[], TownIndex], roads: OpenRoads, positions: LastPositions
    ) -> None:
        self._timeline = timeline
        self._town = town
        self._roads = roads
        self._positions = positions
        self._lock = threading.Lock()
        self._kept: dict[_Asked, tuple[datetime, ForceRings]] = {}

    def around(self, lonlat: Lonlat, profile: str) -> PlaceRings:
        """What somebody who starts at a place reaches.

        Raises:
            BadInput: the place lies outside the county.
        """
        with self._timeline.reading() as session:
            now = self._roads.now(session, self._timeline.now())
        graph = now.travel.graphs[profile]
        if np.hypot(*np.subtract(lonlat, graph.node_lonlat.mean(axis=0))) > 1.0:
            raise BadInput("place_outside")
        found = reached(graph, lonlat, WITHIN_S)
        return {
            "lonlat": lonlat,
            "profile": profile,
            "computed_at": iso(self._timeline.now()),
            "closures": sorted(now.closed),
            "rings": [
                {"minutes": minutes, "area": _geojson(one.area), "road_m": round(one.roads_m)}
                for minutes, one in zip(MINUTES, found, strict=True)
            ],
        }

    def now(self, who: Who, *, force: str | None = None, person_id: str | None = None) -> ForceRings:
        """What all who can be sent now reach together: of one force, of one person, or of the caller's whole area.

        Raises:
            NotFound: there is no such person in the caller's area.
        """
        at, town = self._timeline.now(), self._town()
        with self._timeline.reading() as session:
            roads = self._roads.now(session, at)
            asked = _Asked(town.digest, who.area, force, person_id, roads.closed)
            with self._lock:
                kept = self._kept.get(asked)
                if kept is None or at - kept[0] >= CACHE:
                    self._kept = {key: one for key, one in self._kept.items() if at - one[0] < CACHE}
                    starts = self._starts(session, who, at, force, person_id)
                    kept = at, self._rings(town, roads.travel, starts, _targets(session, town, who), asked, at)
                    self._kept[asked] = kept
        return kept[1]

    def _starts(
        self, session: Session, who: Who, at: datetime, force: str | None, person_id: str | None
    ) -> list[tuple[Lonlat, str]]:
        """Where each of them is, and how he travels. A person who is asked for by name need not be free."""
        query = select(ResponderRow).where(ResponderRow.area.startswith(who.area, autoescape=True))
        if person_id is not None:
            query = query.where(ResponderRow.id == person_id)
        else:
            query = query.where(ResponderRow.status.in_(FREE_STATUSES), ResponderRow.order_id.is_(None))
        if force is not None:
            query = query.where(ResponderRow.force == force)
        rows = list(session.scalars(query.order_by(ResponderRow.id)))
        if person_id is not None and not rows:
            raise NotFound("person_not_found", id=person_id)
        seen = {one.person_id: one for one, _ in self._positions.latest() if at - one.at <= STALE_AFTER}
        persons = self._town().persons
        return [
            ((seen[row.id].lon, seen[row.id].lat), profile_of(persons[row.id]) if row.id in persons else CAR)
            for row in rows
            if row.id in seen
        ]

    @staticmethod
    def _rings(
        town: TownIndex,
        travel: Travel,
        starts: Sequence[tuple[Lonlat, str]],
        targets: Sequence[Sequence[Lonlat]],
        asked: _Asked,
        at: datetime,
    ) -> ForceRings:
        groups = starters(travel, [place for place, _ in starts], [profile for _, profile in starts], WITHIN_S[-1])
        soonest = [soonest_to(groups, places) for places in targets]
        total_m = round(float(travel.stretches.length_m.sum()))
        rings: list[ForceRingView] = []
        for minutes, found in zip(MINUTES, reached_jointly(travel, groups, WITHIN_S), strict=True):
            places, points = (_covered(seconds, found.within_s) for seconds in soonest)
            rings.append(
                {
                    "minutes": minutes,
                    "area": _geojson(found.area),
                    "road_m": round(found.roads_m),
                    "road_total_m": total_m,
                    "places": places,
                    "points": points,
                }
            )
        return {"computed_at": iso(at), "persons": len(starts), "closures": sorted(asked.closed), "rings": rings}


def _targets(session: Session, town: TownIndex, who: Who) -> tuple[list[Lonlat], list[Lonlat]]:
    """Places with a name and mandatory points of the caller's area."""
    points = select(PointRow.lon, PointRow.lat).where(
        PointRow.active, PointRow.area.startswith(who.area, autoescape=True)
    )
    places = [place.lonlat for place in town.places.values() if who.sees(place.area)]
    return places, [(lon, lat) for lon, lat in session.execute(points)]


def _covered(seconds: np.ndarray, within_s: float) -> Covered:
    return {"reached": int((seconds <= within_s).sum()), "total": len(seconds)}


def _geojson(area: shapely.Geometry) -> dict[str, Any]:
    rounded = shapely.transform(area, lambda lonlat: np.round(lonlat, 6))
    return dict(shapely.geometry.mapping(rounded))


def get_rings(connection: HTTPConnection) -> RingDesk:
    desk: RingDesk = connection.app.state.rings
    return desk


RingsDep = Annotated[RingDesk, Depends(get_rings)]
