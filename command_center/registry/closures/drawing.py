"""What a drawing closes on the roads of a town: streets by name, metres by way of travelling, the closed lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import LineString, Polygon

from command_center.errors import BadInput
from command_center.registry.town_index import TownIndex
from gis.roads import Closure, Shut
from gis.town_model import Lonlat

MOST_CORNERS = 200
# More than this is a slip of the hand, or a matter for more than one drawing.
MOST_CLOSED_M = 30_000.0
# A road of the map within this distance of a stretch of the network is the same road.
SAME_ROAD_M = 15.0
BRIDGE_M = 80.0
SHORT_CUT_M = 5.0
TOLERANCE_M = 2.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """A line (two corners or more) or an area (three or more), degrees WGS84."""

    shape: str
    corners: Sequence[Lonlat]

    def geometry(self) -> LineString | Polygon:
        """The drawing as geometry in lon/lat.

        Raises:
            BadInput: too few or too many corners, or all in one place.
        """
        least = 3 if self.shape == "area" else 2
        if not least <= len(set(self.corners)) <= len(self.corners) <= MOST_CORNERS:
            raise BadInput("closure_corners", least=least, most=MOST_CORNERS)
        lons, lats = zip(*self.corners, strict=True)
        if max(lons) - min(lons) > 1.0 or max(lats) - min(lats) > 1.0:
            raise BadInput("closure_too_much", most_km=int(MOST_CLOSED_M / 1000))
        return Polygon(self.corners) if self.shape == "area" else LineString(self.corners)


@dataclass(frozen=True, slots=True)
class Street:
    name: str
    metres: float
    cuts: int


@dataclass(frozen=True, slots=True)
class Closed:
    """What a drawing closes.

    Attributes:
        streets: by metres, the most first.
        metres: closed road, for whomever.
        metres_of: by profile: of the road that it may use.
        lines: the closed parts of roads, lon/lat.
        name: how one would call it: the bridge, or the street.
    """

    streets: tuple[Street, ...]
    metres: float
    metres_of: Mapping[str, float]
    lines: tuple[tuple[Lonlat, ...], ...]
    name: str


class Draughtsman:
    """Knows the streets of one town by name; immutable, safe to share between threads."""

    def __init__(self, town: TownIndex) -> None:
        self._town = town
        self._frame = next(iter(town.travel.graphs.values())).frame
        roads = [LineString(road.line) for road in town.roads]
        self._names = [road.name for road in town.roads]
        self._roads = STRtree(shapely.transform(np.array(roads, dtype=object), self._frame.to_xy) if roads else [])

    def look(self, drawing: Drawing, profiles: Sequence[str]) -> Closed:
        """What this would close for these profiles.

        Raises:
            BadInput: it closes nothing for any of them, or far too much.
        """
        town = self._town
        shut = town.travel.find(Closure("", drawing.geometry(), frozenset(profiles)))
        metres_m = (shut.finish - shut.begin) * town.travel.stretches.length_m[shut.edge]
        metres_of = {name: float(metres_m[self._open_to(name, shut)].sum()) for name in town.travel.graphs}
        if not any(metres_of.get(name, 0.0) > 0.0 for name in profiles):
            raise BadInput("closure_closes_nothing")
        if metres_m.sum() > MOST_CLOSED_M:
            raise BadInput("closure_too_much", most_km=int(MOST_CLOSED_M / 1000))
        pieces = [LineString(self._frame.to_xy(self._piece(shut, i))) for i in range(len(shut.edge))]
        streets = self._streets(pieces, metres_m.tolist())
        return Closed(streets, float(metres_m.sum()), metres_of, self._lines(pieces), self._name(pieces, streets))

    def _open_to(self, profile: str, shut: Shut) -> np.ndarray:
        """Which of the closed stretches somebody who travels so may use at all."""
        costs = self._town.travel.graphs[profile].inwards
        usable: np.ndarray = np.isfinite(costs.there[shut.edge]) | np.isfinite(costs.back[shut.edge])
        return usable

    def _piece(self, shut: Shut, i: int) -> np.ndarray:
        return self._town.travel.stretches.piece(int(shut.edge[i]), float(shut.begin[i]), float(shut.finish[i]))

    def _streets(self, pieces: Sequence[LineString], metres_m: Sequence[float]) -> tuple[Street, ...]:
        found: dict[str, Street] = {}
        for piece, metres in zip(pieces, metres_m, strict=True):
            name = self._name_at(piece)
            known = found.get(name, Street(name, 0.0, 0))
            found[name] = Street(name, known.metres + metres, known.cuts + (metres <= SHORT_CUT_M))
        return tuple(sorted(found.values(), key=lambda one: (-one.metres, one.name)))

    def _name_at(self, piece: LineString) -> str:
        nearest = self._roads.query_nearest(
            piece.interpolate(0.5, normalized=True), max_distance=SAME_ROAD_M, all_matches=False
        )
        return self._names[int(nearest[0])] if len(nearest) else ""

    def _lines(self, pieces: Sequence[LineString]) -> tuple[tuple[Lonlat, ...], ...]:
        merged = shapely.line_merge(shapely.union_all(pieces)) if len(pieces) > 1 else pieces[0]
        lonlat = shapely.transform(shapely.simplify(merged, TOLERANCE_M), self._frame.to_lonlat)
        return tuple(
            tuple((round(lon, 6), round(lat, 6)) for lon, lat in shapely.get_coordinates(one).tolist())
            for one in shapely.get_parts(lonlat)
        )

    def _name(self, pieces: Sequence[LineString], streets: Sequence[Street]) -> str:
        whole = shapely.union_all(pieces)
        bridges = [place for place in self._town.places.values() if place.kind == "bridge"]
        near = [(whole.distance(shapely.Point(self._frame.to_xy(one.lonlat))), one.name) for one in bridges]
        if near and min(near)[0] <= BRIDGE_M and whole.length <= 4 * BRIDGE_M:
            return min(near)[1]
        named = next((one.name for one in streets if one.name), "")
        if named:
            return named
        lon, lat = self._frame.to_lonlat(shapely.get_coordinates(whole.centroid)[0]).reshape(2).tolist()
        place = self._town.place_near((lon, lat))
        return f"{place.name}旁道路" if place else "无名道路"
