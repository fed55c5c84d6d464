"""The roads of the model town: highways, the streets of the middle, village lanes and the ways between hamlets.

Drawn as lines first, then cut at every crossing into one connected network.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from gis import town_plan as plan
from gis.town_land import Land
from gis.town_noise import Noise, smooth_line

Floats = NDArray[np.float64]

MIDDLE_X_M = (-1380.0, 1440.0)
MIDDLE_Y_M = (-660.0, 690.0)


@dataclass(frozen=True, slots=True)
class Sketch:
    """A road as first drawn, before it is cut at its crossings."""

    kind: str
    name: str
    line: LineString


@dataclass(frozen=True, slots=True)
class Hamlet:
    """A 村民小组: village number, running number within it, and where it lies."""

    village: int
    number: int
    xy: tuple[float, float]

    @property
    def name(self) -> str:
        """As it is called: 砚湖村一组."""
        return f"{plan.VILLAGES[self.village][0]}{'一二三四五六七八'[self.number]}组"


def draw_roads(rng: np.random.Generator, land: Land) -> tuple[list[Sketch], list[Hamlet]]:
    """Draw every road, and return them with the hamlets they serve."""
    highways = _highways(rng, land)
    middle = _middle_streets(rng, land)
    middle += _out_of_the_middle(middle, highways, land)
    hamlets = _place_hamlets(rng, land, highways)
    lanes = [lane for hamlet in hamlets for lane in _hamlet_lanes(rng, hamlet, land)]
    ways = _ways_between(rng, land, hamlets, highways)
    return [*highways, *middle, *ways, *lanes], hamlets


def _highways(rng: np.random.Generator, land: Land) -> list[Sketch]:
    bends = Noise(rng, wavelength_m=2400.0, height_m=60.0, octaves=2)
    sketches = []
    for kind, name, points in plan.HIGHWAYS:
        line = LineString(bends.moved(smooth_line(points, every_m=140.0)))
        sketches += [Sketch(kind, name, part) for part in _lines(shapely.intersection(line, land.outline))]
    return sketches


def _lines(shape: BaseGeometry) -> list[LineString]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "LineString" and part.length > 1.0]


def _uneven(rng: np.random.Generator, low: float, high: float, step: tuple[float, float]) -> list[float]:
    """Positions from low to high with uneven gaps."""
    at = [low]
    while at[-1] < high - step[0]:
        at.append(at[-1] + float(rng.uniform(*step)))
    return at


def _middle_streets(rng: np.random.Generator, land: Land) -> list[Sketch]:
    """Streets of the middle: an uneven grid, bent and turned, with blocks left whole here and there."""
    xs, ys = _uneven(rng, *MIDDLE_X_M, (105.0, 175.0)), _uneven(rng, *MIDDLE_Y_M, (95.0, 150.0))
    bend = Noise(rng, wavelength_m=1300.0, height_m=42.0, octaves=2)
    turn = np.radians(4.0)
    turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    grid = bend.moved(np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1) @ turned)
    avenues, streets = (
        _named(len(xs), plan.AVENUES, plan.SIDE_AVENUES),
        _named(len(ys), plan.STREETS, plan.SIDE_STREETS),
    )
    wet = land.river.buffer(plan.RIVER_WIDTH_M / 2 + 18.0)
    sketches = []
    for i in range(len(xs)):
        sketches += _street(rng, grid[i], *avenues[i], wet, far=_outskirts(xs[i]))
    for j in range(len(ys)):
        sketches += _street(rng, grid[:, j], *streets[j], wet, far=0.0)
    return sketches


def _out_of_the_middle(middle: list[Sketch], highways: list[Sketch], land: Land) -> list[Sketch]:
    """Lead every main street on to the highway it ends near."""
    ways = []
    for name in (*plan.AVENUES, *plan.STREETS):
        pieces = [street.line for street in middle if street.name == name]
        if not pieces:
            continue
        for end in (Point(pieces[0].coords[0]), Point(pieces[-1].coords[-1])):
            away, road = min(((way.line.distance(end), way.line) for way in highways), key=lambda near: near[0])
            foot = road.interpolate(road.project(end))
            past = (foot.x + (foot.x - end.x) / max(away, 1.0) * 3.0, foot.y + (foot.y - end.y) / max(away, 1.0) * 3.0)
            line = LineString([end, past])
            if 1.0 < away < 330.0 and not line.intersects(land.river):
                ways.append(Sketch("main", name, line))
    return ways


def _named(count: int, main: tuple[str, ...], side: tuple[str, ...]) -> list[tuple[str, str]]:
    """(kind, name) of parallel streets: main ones evenly among them, the others named in turn."""
    mains = {round((count - 1) * (i + 0.5) / len(main)): name for i, name in enumerate(main)}
    others = iter(side)
    return [("main", mains[i]) if i in mains else ("street", next(others, "")) for i in range(count)]


def _outskirts(x_m: float) -> float:
    return float(np.clip(abs(x_m) / MIDDLE_X_M[1] - 0.55, 0.0, 0.4))


def _street(
    rng: np.random.Generator, points: Floats, kind: str, name: str, wet: BaseGeometry, far: float
) -> list[Sketch]:
    """One street as its pieces from crossing to crossing; a side street misses some of them."""
    missing = 0.0 if kind == "main" else 0.17 + far
    pieces = []
    for a, b in pairwise(points):
        piece = LineString([a, b])
        if rng.random() >= missing and not piece.intersects(wet):
            pieces.append(Sketch(kind, name, piece))
    return pieces


def _place_hamlets(rng: np.random.Generator, land: Land, highways: list[Sketch]) -> list[Hamlet]:
    """Hamlets 500 m and more apart, on dry ground, off the highways, outside the middle."""
    middle = shapely.box(MIDDLE_X_M[0] - 260, MIDDLE_Y_M[0] - 260, MIDDLE_X_M[1] + 260, MIDDLE_Y_M[1] + 80)
    busy = shapely.union_all([road.line for road in highways]).buffer(110.0, quad_segs=2)
    taboo = shapely.union_all([land.wet().buffer(190.0), middle, busy])
    hamlets: list[Hamlet] = []
    for village, shape in enumerate(land.villages):
        if plan.VILLAGES[village][1] != "village":
            continue
        room = shapely.difference(shape.buffer(-230.0), taboo)
        for number in range(int(rng.integers(5, 8))):
            xy = _free_spot(rng, room, [hamlet.xy for hamlet in hamlets], plan.VILLAGES[village][2], number == 0)
            if xy is not None:
                hamlets.append(Hamlet(village, sum(h.village == village for h in hamlets), xy))
    return hamlets


def _free_spot(
    rng: np.random.Generator, room: BaseGeometry, taken: list[tuple[float, float]], middle: plan.XY, first: bool
) -> tuple[float, float] | None:
    west, south, east, north = room.bounds
    for _ in range(300):
        spot = rng.normal(middle, 260.0) if first else rng.uniform((west, south), (east, north))
        apart = min((float(np.hypot(*(spot - other))) for other in taken), default=np.inf)
        if apart > 640.0 and room.contains(Point(spot)):
            return float(spot[0]), float(spot[1])
    return None


def _hamlet_lanes(rng: np.random.Generator, hamlet: Hamlet, land: Land) -> list[Sketch]:
    """Rows of houses along one to three lanes, with short cross lanes between them."""
    turn = rng.normal(0.0, 0.22) + (np.pi / 2 if rng.random() < 0.25 else 0.0)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    half, rows = float(rng.uniform(140.0, 260.0)), int(rng.integers(2, 5))
    bend = Noise(rng, wavelength_m=500.0, height_m=14.0, octaves=2)
    columns = _uneven(rng, -half, half, (70.0, 120.0))
    offsets = (np.arange(rows) - (rows - 1) / 2) * float(rng.uniform(62.0, 85.0))
    grid = bend.moved(np.array([[np.array(hamlet.xy) + u * along + v * across for v in offsets] for u in columns]))
    dry = land.outline.difference(land.wet().buffer(15.0))
    pieces = [
        LineString([grid[i, j], grid[i + 1, j]])
        for j in range(rows)
        for i in range(len(columns) - 1)
        if j == rows // 2 or rng.random() > 0.18
    ]
    pieces += [
        LineString([grid[i, j], grid[i, j + 1]])
        for i in range(len(columns))
        for j in range(rows - 1)
        if i == len(columns) // 2 or rng.random() > 0.45
    ]
    return [Sketch("lane", "", piece) for piece in pieces if dry.contains(piece)]


def _ways_between(rng: np.random.Generator, land: Land, hamlets: list[Hamlet], highways: list[Sketch]) -> list[Sketch]:
    """Rural roads: the relative-neighbour graph of the hamlets, some more, and a way from each to a highway."""
    spots = np.array([hamlet.xy for hamlet in hamlets])
    river, wet = land.river, land.wet()
    ways = []
    for a, b, close in _neighbours(spots):
        line = _wander(rng, spots[a], spots[b])
        crosses = line.intersects(river) or shapely.intersection(line, wet).length > 60.0
        if not crosses and land.outline.contains(line) and (close or rng.random() < 0.3):
            name = f"{plan.VILLAGES[hamlets[a].village][0][:2]}路" if hamlets[a].village == hamlets[b].village else ""
            ways.append(Sketch("rural", name, line))
    for hamlet, spot in zip(hamlets, spots, strict=True):
        feet = [(road.line.distance(Point(spot)), road.line) for road in highways]
        for away, road in sorted(feet, key=lambda foot: foot[0])[: 1 if hamlet.number else 2]:
            foot = np.array(road.interpolate(road.project(Point(spot))).coords[0])
            line = _wander(rng, spot, foot + (foot - spot) / max(away, 1.0) * 5.0)
            if away < 1500.0 and not line.intersects(river) and shapely.intersection(line, wet).length < 60.0:
                ways.append(Sketch("rural", f"{plan.VILLAGES[hamlet.village][0][:2]}路", line))
    return ways


def _neighbours(spots: Floats) -> list[tuple[int, int, bool]]:
    """Delaunay neighbours under 2.3 km; True where no third hamlet is nearer to both."""
    simplices = Delaunay(spots).simplices
    pairs = sorted(
        {(int(min(t[i], t[j])), int(max(t[i], t[j]))) for t in simplices for i, j in ((0, 1), (1, 2), (0, 2))}
    )
    away = np.hypot(*np.moveaxis(spots[:, None] - spots[None], -1, 0))
    result = []
    for a, b in pairs:
        if away[a, b] < 2300.0:
            nearer = np.maximum(away[a], away[b])
            nearer[[a, b]] = np.inf
            result.append((a, b, bool(nearer.min() >= away[a, b])))
    return result


def _wander(rng: np.random.Generator, start: Floats, end: Floats) -> LineString:
    """A way that bends like field borders do: midpoints displaced three times, then a smooth curve."""
    points = [start, end]
    for depth in range(2):
        longer = [points[0]]
        for a, b in pairwise(points):
            across = np.array([a[1] - b[1], b[0] - a[0]])
            longer += [(a + b) / 2 + across * float(rng.normal(0.0, 0.085 / (depth + 1))), b]
        points = longer
    return LineString(smooth_line(np.array(points), every_m=160.0))
