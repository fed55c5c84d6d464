"""What is wrong with how grids tile a town, as shapes that can be drawn: gaps, overlaps, slivers, and grids astray.

Also their numbers as the field proposes them: within each village from west to east, row by row from north to south.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import Polygon

from gis.metric import LocalFrame

LEAST_M2 = 1.0
# Positions are kept to a decimetre: what is thinner lies between two roundings of one edge.
LEAST_WIDTH_M = 0.2
BESIDE_DEG = 1e-6
# A fault thinner than this on average is a sliver: two outlines drawn twice instead of once.
SLIVER_WIDTH_M = 3.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        kind: gap (of the town, in no grid), overlap (of two grids), outside (of a grid, beyond the town) or village
            (of a grid, beyond its village).
        codes: grids it touches.
        area_m2: how much.
        width_m: mean width; a sliver is thinner than 3 m.
        outline: lon/lat.
    """

    kind: str
    codes: tuple[str, ...]
    area_m2: float
    width_m: float
    outline: Polygon

    @property
    def is_sliver(self) -> bool:
        return self.width_m < SLIVER_WIDTH_M


def grid_faults(
    grids: Mapping[str, Polygon],
    town: Polygon,
    villages: Mapping[str, Polygon],
    *,
    village_of: Mapping[str, str],
    least_m2: float = LEAST_M2,
) -> list[Fault]:
    """All faults, largest first.

    Args:
        grids: outlines by code, lon/lat WGS84, valid.
        town: outline of the town.
        villages: outlines by code.
        village_of: code of the village of each grid.
        least_m2: smaller ones are rounding, not faults.
    """
    if not grids:
        return []
    # Laid over one another as they are drawn, in degrees: an edge that meets two shorter ones stays straight. Only what
    # is left over is measured, in metres.
    measure = _Measure(LocalFrame(town.centroid.x, town.centroid.y), least_m2)
    covered = shapely.union_all(list(grids.values()))
    found = [*_gaps(grids, town.difference(covered), measure), *_overlaps(grids, measure)]
    for code, cell in grids.items():
        found += measure.pieces("outside", (code,), cell.difference(town))
        own = villages.get(village_of.get(code, ""))
        if own is not None:
            found += measure.pieces("village", (code,), cell.intersection(town).difference(own))
    return sorted(found, key=lambda fault: -fault.area_m2)


@dataclass(frozen=True, slots=True)
class _Measure:
    frame: LocalFrame
    least_m2: float

    def pieces(self, kind: str, codes: tuple[str, ...], shape: shapely.Geometry) -> Iterator[Fault]:
        """The parts of a shape that are faults: larger and wider than what rounding leaves."""
        for part in shapely.get_parts(shape):
            flat = shapely.transform(part, self.frame.to_xy)
            if part.geom_type != "Polygon" or flat.area < max(self.least_m2, 1e-6):
                continue
            width_m = float(2.0 * flat.area / flat.length)
            if width_m >= LEAST_WIDTH_M:
                yield Fault(kind, codes, float(flat.area), width_m, part)


def _gaps(cells: Mapping[str, Polygon], gap: shapely.Geometry, measure: _Measure) -> Iterator[Fault]:
    codes = list(cells)
    tree = STRtree(list(cells.values()))
    for fault in measure.pieces("gap", (), gap):
        near = tree.query(fault.outline, predicate="dwithin", distance=BESIDE_DEG)
        yield replace(fault, codes=tuple(codes[i] for i in sorted(near.tolist())))


def _overlaps(cells: Mapping[str, Polygon], measure: _Measure) -> Iterator[Fault]:
    codes, shapes = list(cells), np.array(list(cells.values()), dtype=object)
    left, right = STRtree(shapes).query(shapes, predicate="intersects")
    for i, j in zip(left.tolist(), right.tolist(), strict=True):
        if i < j:
            yield from measure.pieces("overlap", (codes[i], codes[j]), shapes[i].intersection(shapes[j]))


def page_numbers(grids: Mapping[str, Polygon], village_of: Mapping[str, str], special: set[str]) -> dict[str, str]:
    """The code each grid would have: its village and 001…499, special ones (专属) 501…699, numbered like a page.

    Args:
        grids: outlines by present code, or by any key; lon/lat.
        village_of: 12-digit code of the village of each.
        special: keys of those that are 专属网格.

    Returns:
        The new code by key.
    """
    numbered: dict[str, str] = {}
    groups: dict[tuple[str, bool], list[str]] = {}
    for key in grids:
        groups.setdefault((village_of[key], key in special), []).append(key)
    for (village, is_special), keys in groups.items():
        shapes = [grids[key] for key in keys]
        frame = LocalFrame(shapes[0].centroid.x, shapes[0].centroid.y)
        flat = [shapely.transform(shape, frame.to_xy) for shape in shapes]
        heights = [shape.bounds[3] - shape.bounds[1] for shape in flat]
        centres = [(shape.centroid.x, shape.centroid.y) for shape in flat]
        order = _rows_of_a_page(centres, float(np.median(heights)))
        first = 501 if is_special else 1
        for place, index in enumerate(order):
            numbered[keys[index]] = f"{village}{first + place:03d}"
    return numbered


def _rows_of_a_page(centres: list[tuple[float, float]], height: float) -> list[int]:
    """Order from west to east, row by row from north: a row ends where the next centre lies half a grid lower."""
    rows: list[list[int]] = []
    top = np.inf
    for place in sorted(range(len(centres)), key=lambda i: -centres[i][1]):
        if top - centres[place][1] > height / 2.0:
            rows.append([])
            top = centres[place][1]
        rows[-1].append(place)
    return [place for row in rows for place in sorted(row, key=lambda i: centres[i][0])]
