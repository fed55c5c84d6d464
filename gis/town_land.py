"""The land of the model town: waters, the town's outline, villages and grids that tile it exactly.

Small Voronoi cells are dealt out to villages and grids; whoever shares a border shares its vertices.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Voronoi
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gis import town_plan as plan
from gis.grid import number_like_a_page
from gis.town_noise import Noise, smooth_line

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CELL_M = 115.0
SIMPLIFY_M = 55.0
OUTSIDE = -1
TRIES = 20


class BadLand(ValueError):
    """The seed leads to land that does not hold together."""


@dataclass(frozen=True, slots=True)
class LandWater:
    """A body of water in metres."""

    kind: str
    name: str
    shape: Polygon


@dataclass(frozen=True, slots=True)
class LandGrid:
    """A grid in metres: village number, sequence within the village, kind and shape."""

    village: int
    sequence: int
    kind: str
    name: str
    shape: Polygon


@dataclass(frozen=True, slots=True)
class Land:
    """Everything flat about the town, in metres around its centre."""

    outline: Polygon
    villages: tuple[Polygon, ...]
    grids: tuple[LandGrid, ...]
    waters: tuple[LandWater, ...]
    river: LineString
    canal: LineString

    def is_whole(self) -> bool:
        """Whether town, villages and grids are each one piece without a hole."""
        pieces = [self.outline, *self.villages, *(grid.shape for grid in self.grids)]
        return all(piece.geom_type == "Polygon" and not piece.interiors for piece in pieces)

    def wet(self) -> BaseGeometry:
        """All water as one shape."""
        return shapely.union_all([water.shape for water in self.waters])


@dataclass(frozen=True, slots=True)
class _Cells:
    middles: Floats
    shapes: NDArray[np.object_]
    pairs: Ints


# name, village number, middle, radius
SPECIAL: tuple[tuple[str, int, plan.XY, float], ...] = (
    ("校园专属网格", 0, (-1000.0, 330.0), 210.0),
    ("商贸市场专属网格", 1, (640.0, -300.0), 230.0),
    ("工业园专属网格", 10, (2650.0, -1450.0), 400.0),
)


def make_land(rng: np.random.Generator) -> Land:
    """Draw the land; the same generator state gives the same land.

    Now and then a grid comes out as a ring around another; then all is drawn anew with what the generator says next.

    Raises:
        BadLand: nothing came out whole in 20 tries.
    """
    for _ in range(TRIES):
        land = _draw_land(rng)
        if land.is_whole():
            return land
    raise BadLand(f"no land came out whole in {TRIES} tries")


def _draw_land(rng: np.random.Generator) -> Land:
    river, canal = _stream(rng, plan.RIVER), _stream(rng, plan.CANAL)
    warp = Noise(rng, wavelength_m=2200.0, height_m=230.0, octaves=3)
    cells = _cells(rng)
    village_of = _deal_villages(cells, warp.moved(cells.middles), river)
    grid_of, kinds = _deal_grids(rng, cells, village_of)
    return _assemble(cells, village_of, grid_of, kinds, river, canal, rng)


def _stream(rng: np.random.Generator, points: tuple[plan.XY, ...]) -> LineString:
    bends = Noise(rng, wavelength_m=1500.0, height_m=70.0, octaves=2)
    return LineString(bends.moved(smooth_line(points, every_m=45.0)))


def _cells(rng: np.random.Generator) -> _Cells:
    half_x, half_y = 6600.0, 6900.0
    rows = np.arange(-half_y, half_y, CELL_M * 0.87)
    columns = np.arange(-half_x, half_x, CELL_M)
    x, y = np.meshgrid(columns, rows)
    x = x + (np.arange(len(rows)) % 2)[:, None] * CELL_M / 2
    points = np.stack([x, y], axis=-1).reshape(-1, 2)
    points = points + rng.uniform(-0.3, 0.3, points.shape) * CELL_M
    diagram = Voronoi(points)
    regions = [diagram.regions[region] for region in diagram.point_region]
    shapes = np.array([Polygon(diagram.vertices[r]) if r and -1 not in r else None for r in regions], dtype=object)
    return _Cells(points, shapes, diagram.ridge_points.astype(np.int64))


def _deal_villages(cells: _Cells, warped: Floats, river: LineString) -> Ints:
    """(cells,) number of the village each cell belongs to, OUTSIDE beyond the town."""
    middles = np.array([village[2] for village in plan.VILLAGES])
    away = np.hypot(*np.moveaxis(warped[:, None] - middles[None], -1, 0))
    reach = np.exp(-((away / plan.REACH_M) ** 2)).sum(axis=1)
    crossing = np.array([[_north_of(river, m) for m in middles]]) != _norths(river, cells.middles)[:, None]
    pull = np.array([village[3] for village in plan.VILLAGES])
    cost = away - pull + crossing * 900.0
    owner: Ints = np.where(reach > plan.REACH_LEVEL, np.argmin(cost, axis=1), OUTSIDE)
    owner[shapely.is_missing(cells.shapes)] = OUTSIDE
    return _tidy(owner, cells.pairs)


def _norths(line: LineString, points: Floats) -> NDArray[np.bool_]:
    vertices = np.asarray(line.coords)
    order = np.argsort(vertices[:, 0], kind="stable")
    north: NDArray[np.bool_] = points[:, 1] > np.interp(points[:, 0], vertices[order, 0], vertices[order, 1])
    return north


def _north_of(line: LineString, point: Floats) -> bool:
    return bool(_norths(line, point[None])[0])


def _deal_grids(rng: np.random.Generator, cells: _Cells, village_of: Ints) -> tuple[Ints, dict[int, tuple[int, str]]]:
    """(cells,) running number of the grid, and per number the village and the name of a special grid ("" else)."""
    grid_of: Ints = np.full(len(village_of), OUTSIDE)
    kinds: dict[int, tuple[int, str]] = {}
    for village, (_, _, _, _, count) in enumerate(plan.VILLAGES):
        mine = np.flatnonzero(village_of == village)
        first = len(kinds)
        grid_of[mine] = first + _even_parts(rng, cells.middles[mine], count)
        kinds |= {first + i: (village, "") for i in range(count)}
    for name, village, middle, radius_m in SPECIAL:
        near = np.hypot(*(cells.middles - middle).T) < radius_m
        kinds[len(kinds)] = (village, name)
        grid_of[near & (village_of == village)] = len(kinds) - 1
    for village in range(len(plan.VILLAGES)):
        mine = village_of == village
        grid_of[mine] = _tidy(np.where(mine, grid_of, OUTSIDE), cells.pairs, never=OUTSIDE)[mine]
    return grid_of, kinds


def _even_parts(rng: np.random.Generator, points: Floats, count: int) -> Ints:
    """Lloyd's algorithm on points, with bent distances so that the borders are not straight."""
    bent = Noise(rng, wavelength_m=900.0, height_m=70.0, octaves=2).moved(points)
    middles = bent[[int(np.argmin(bent[:, 0]))]]
    while len(middles) < count:
        away = np.hypot(*np.moveaxis(bent[:, None] - middles[None], -1, 0)).min(axis=1)
        middles = np.concatenate([middles, bent[[int(np.argmax(away))]]])
    for _ in range(12):
        part = np.argmin(np.hypot(*np.moveaxis(bent[:, None] - middles[None], -1, 0)), axis=1)
        middles = np.array([bent[part == i].mean(axis=0) for i in range(count)])
    nearest: Ints = np.asarray(part, dtype=np.int64)
    return nearest


def _tidy(label: Ints, pairs: Ints, never: int | None = None) -> Ints:
    """Give every stray piece to the neighbour it shares most borders with, so that each label is one piece.

    `never` is a label that nothing may be given to and that may be in pieces.
    """
    label = label.copy()
    for _ in range(20):
        same = label[pairs[:, 0]] == label[pairs[:, 1]]
        links = coo_matrix((np.ones(same.sum()), pairs[same].T), shape=(len(label), len(label)))
        piece = connected_components(links, directed=False)[1].astype(np.int64)
        size = np.bincount(piece)
        largest = {
            int(one): int(np.argmax(np.where(_labels(piece, label) == one, size, 0))) for one in np.unique(label)
        }
        stray = piece != np.array([largest[int(one)] for one in label])
        stray &= label != never
        if not stray.any():
            break
        for number in np.unique(piece[stray]):
            inside = piece == number
            edge = pairs[inside[pairs[:, 0]] != inside[pairs[:, 1]]]
            neighbours = label[np.where(inside[edge[:, 0]], edge[:, 1], edge[:, 0])]
            neighbours = neighbours[neighbours != never] if never is not None else neighbours
            names, counts = np.unique(neighbours, return_counts=True)
            label[inside] = names[np.argmax(counts)]
    return label


def _labels(piece: Ints, label: Ints) -> Ints:
    """(pieces,) label of each piece."""
    of_piece: Ints = np.zeros(int(piece.max()) + 1, dtype=np.int64)
    of_piece[piece] = label
    return of_piece


def _assemble(
    cells: _Cells,
    village_of: Ints,
    grid_of: Ints,
    kinds: dict[int, tuple[int, str]],
    river: LineString,
    canal: LineString,
    rng: np.random.Generator,
) -> Land:
    numbers = sorted(kinds)
    raw = np.array([shapely.coverage_union_all(cells.shapes[grid_of == n]) for n in numbers], dtype=object)
    shapes = shapely.coverage_simplify(raw, SIMPLIFY_M)
    grids = []
    for village in range(len(plan.VILLAGES)):
        base = [n for n in numbers if kinds[n] == (village, "")]
        special = [n for n in numbers if kinds[n][0] == village and kinds[n][1]]
        centres = np.array([shapely.centroid(shapes[n]).coords[0] for n in base])
        height = float(np.sqrt(np.mean([shapes[n].area for n in base])))
        for i, place in enumerate(number_like_a_page(centres, height)):
            name = f"{plan.VILLAGES[village][0]}第{i + 1}网格"
            grids.append(LandGrid(village, i + 1, "base", name, shapes[base[place]]))
        for i, n in enumerate(special):
            grids.append(LandGrid(village, 501 + i, "special", kinds[n][1], shapes[n]))
    villages = tuple(
        shapely.coverage_union_all([grid.shape for grid in grids if grid.village == v])
        for v in range(len(plan.VILLAGES))
    )
    outline = shapely.coverage_union_all(np.array([grid.shape for grid in grids], dtype=object))
    return Land(outline, villages, tuple(grids), _waters(outline, river, canal, rng), river, canal)


def _waters(outline: Polygon, river: LineString, canal: LineString, rng: np.random.Generator) -> tuple[LandWater, ...]:
    uneven = Noise(rng, wavelength_m=700.0, height_m=55.0, octaves=2)
    bodies = [
        ("river", "砚河", river.buffer(plan.RIVER_WIDTH_M / 2)),
        ("canal", "新河", canal.buffer(plan.CANAL_WIDTH_M / 2)),
        ("reservoir", "砚湖水库", _lake(uneven, plan.RESERVOIR, plan.RESERVOIR_RADIUS_M)),
    ]
    bodies += [("pond", "", _lake(uneven, middle, radius)) for middle, radius in plan.PONDS]
    waters = []
    for kind, name, shape in bodies:
        for part in shapely.get_parts(shapely.intersection(shape, outline)):
            if part.geom_type == "Polygon" and part.area > 2000.0:
                waters.append(LandWater(kind, name, part))
    return tuple(waters)


def _lake(uneven: Noise, middle: plan.XY, radius_m: float) -> Polygon:
    ring = np.asarray(Point(0, 0).buffer(radius_m, quad_segs=16).exterior.coords) * (1.25, 0.8) + middle
    return Polygon(uneven.moved(ring)).buffer(0)
