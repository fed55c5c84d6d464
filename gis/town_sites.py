"""Where things stand in the model town: beside a road, with the direction of that road."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import STRtree
from shapely.geometry import LineString, Point

from gis import town_plan as plan
from gis.town_land import Land
from gis.town_network import Network
from gis.town_roads import Hamlet

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Site:
    """A named place in metres, beside edge `edge` of the network; `along_deg` is the direction of that road."""

    kind: str
    name: str
    xy: tuple[float, float]
    edge: int
    along_deg: float
    village: int


class Roadside:
    """Finds spots beside roads."""

    def __init__(self, network: Network) -> None:
        self.network = network
        pairs = network.node_xy[network.edges]
        self._lines = np.array([LineString(pair) for pair in pairs], dtype=object)
        self._tree = STRtree(self._lines)
        step = pairs[:, 1] - pairs[:, 0]
        self.along_deg = np.degrees(np.arctan2(step[:, 0], step[:, 1])) % 360.0

    def nearest_edge(self, xy: ArrayLike) -> int:
        """The edge nearest to a point."""
        return int(self._tree.nearest(Point(np.asarray(xy))))

    def beside(self, xy: ArrayLike, aside_m: float) -> tuple[tuple[float, float], int]:
        """The spot `aside_m` beside the nearest road, on the side where the point lies, and that road's edge."""
        wished = np.asarray(xy, dtype=np.float64)
        edge = self.nearest_edge(wished)
        line = self._lines[edge]
        foot = np.asarray(line.interpolate(line.project(Point(wished))).coords[0])
        angle = np.radians(self.along_deg[edge])
        right = np.array([np.cos(angle), -np.sin(angle)])
        side = 1.0 if (wished - foot) @ right >= 0 else -1.0
        x, y = foot + right * side * aside_m
        return (float(x), float(y)), edge


def make_sites(land: Land, roadside: Roadside, hamlets: list[Hamlet]) -> list[Site]:
    """All places of the plan, the bridges where highways meet water, and an office and a clinic in every village."""
    wishes = [*plan.PLACES, *_bridges(land, roadside), *_village_places(hamlets)]
    sites: list[Site] = []
    for kind, name, wished in wishes:
        aside = 0.0 if kind == "bridge" else 22.0
        xy, edge = roadside.beside(_clear_of(wished, sites), aside)
        sites.append(Site(kind, name, xy, edge, float(roadside.along_deg[edge]), _village_at(land, xy)))
    return sites


def _clear_of(wished: plan.XY, sites: list[Site]) -> plan.XY:
    """Move a wish to the east until no other place stands within 45 m."""
    x, y = wished
    while any(np.hypot(site.xy[0] - x, site.xy[1] - y) < 45.0 for site in sites):
        x += 30.0
    return x, y


def _bridges(land: Land, roadside: Roadside) -> list[tuple[str, str, plan.XY]]:
    network = roadside.network
    found = []
    for name, road, water in plan.BRIDGES:
        stream = land.river if water == "砚河" else land.canal
        pieces = [roadside._lines[i] for i, own in enumerate(network.name) if own == road]
        crossing = shapely.intersection(shapely.union_all(pieces), stream)
        if not crossing.is_empty:
            spot = shapely.get_parts(crossing)[0].centroid
            found.append(("bridge", name, (float(spot.x), float(spot.y))))
    return found


def _village_places(hamlets: list[Hamlet]) -> list[tuple[str, str, plan.XY]]:
    places = []
    for number, (name, kind, middle, _, _) in enumerate(plan.VILLAGES):
        own = [hamlet for hamlet in hamlets if hamlet.village == number]
        spot = own[0].xy if own else (middle[0] + 130.0, middle[1] - 90.0)
        word = "居委会" if kind == "community" else "村委会"
        places.append(("village_office", f"{name}{word}", spot))
        places.append(("clinic", f"{name}卫生室", (spot[0] + 90.0, spot[1] + 40.0)))
    return places


def _village_at(land: Land, xy: tuple[float, float]) -> int:
    away = shapely.distance(np.array(land.villages, dtype=object), Point(xy))
    return int(np.argmin(away))
