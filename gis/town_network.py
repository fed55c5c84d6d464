"""Cut drawn roads at their crossings into one connected network, and say it twice: to travel on and to draw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree
from shapely import STRtree
from shapely.geometry import LineString, MultiLineString

from gis import town_plan as plan
from gis.town_roads import Sketch

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MERGE_WITHIN_M = 14.0


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes in metres, and two-way edges with the index of their road class and their name.

    Attributes:
        node_xy: (n, 2).
        edges: (m, 2) node numbers, each pair once, lower first.
        kind: (m,) index into `town_plan.ROAD_KINDS`.
        name: (m,) names, "" for nameless lanes.
    """

    node_xy: Floats
    edges: Ints
    kind: Ints
    name: tuple[str, ...]

    def degree(self) -> Ints:
        """(n,) number of edges that meet at each node."""
        return np.bincount(self.edges.reshape(-1), minlength=len(self.node_xy))

    def lengths_m(self) -> Floats:
        """(m,) straight length of every edge."""
        lengths: Floats = np.hypot(*(self.node_xy[self.edges[:, 1]] - self.node_xy[self.edges[:, 0]]).T)
        return lengths

    def middle_of_edges(self) -> Floats:
        """(m, 2) midpoints."""
        middles: Floats = self.node_xy[self.edges].mean(axis=1)
        return middles


def cut(sketches: Sequence[Sketch]) -> Network:
    """Cut all roads at all crossings, merge nodes that nearly touch, and keep the largest connected part."""
    lines = np.array([sketch.line for sketch in sketches], dtype=object)
    noded = shapely.get_parts(shapely.union_all(lines, grid_size=0.1))
    ends = np.concatenate([np.asarray(part.coords) for part in noded])
    sizes = np.array([shapely.get_num_points(part) for part in noded])
    last = np.cumsum(sizes) - 1
    starts = np.setdiff1d(np.arange(len(ends)), last)
    node_xy, number = _merged(ends)
    pairs = np.sort(np.stack([number[starts], number[starts + 1]], axis=1), axis=1)
    edges = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    node_xy, edges = _largest_part(node_xy, edges)
    kind, name = _described(sketches, lines, node_xy[edges].mean(axis=1))
    return Network(node_xy, edges, kind, name)


def _merged(points: Floats) -> tuple[Floats, Ints]:
    """Merge points that nearly touch; returns the merged nodes and the node number of each point."""
    unique, number = np.unique(np.round(points, 2), axis=0, return_inverse=True)
    pairs = KDTree(unique).query_pairs(MERGE_WITHIN_M, output_type="ndarray")
    links = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(unique), len(unique)))
    group = connected_components(links, directed=False)[1]
    count = np.bincount(group)
    nodes = np.stack([np.bincount(group, unique[:, axis]) / count for axis in (0, 1)], axis=-1)
    return nodes, group[number.reshape(-1)].astype(np.int64)


def _largest_part(node_xy: Floats, edges: Ints) -> tuple[Floats, Ints]:
    links = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(node_xy), len(node_xy)))
    part = connected_components(links, directed=False)[1]
    keep = part == np.argmax(np.bincount(part))
    renumber = np.cumsum(keep) - 1
    return node_xy[keep], renumber[edges[keep[edges[:, 0]]]]


def _described(sketches: Sequence[Sketch], lines: NDArray[np.object_], middles: Floats) -> tuple[Ints, tuple[str, ...]]:
    """Class and name of each edge: those of the best road drawn there."""
    rank = np.array([plan.ROAD_KINDS.index(sketch.kind) for sketch in sketches])
    points = shapely.points(middles)
    who, line = STRtree(lines).query(points, predicate="dwithin", distance=MERGE_WITHIN_M)
    away = shapely.distance(points[who], lines[line])
    order = np.lexsort((away, rank[line] * 20.0 + away, who))
    first = np.unique(who[order], return_index=True)[1]
    chosen = np.full(len(middles), -1)
    chosen[who[order][first]] = line[order][first]
    kind = np.where(chosen >= 0, rank[chosen], plan.ROAD_KINDS.index("lane"))
    return kind.astype(np.int64), tuple(sketches[i].name if i >= 0 else "" for i in chosen)


def drawn(network: Network) -> list[tuple[str, str, Floats]]:
    """The network as (kind, name, line (n, 2)) with as few lines as possible, highways first."""
    groups: dict[tuple[int, str], list[LineString]] = {}
    for (a, b), kind, name in zip(network.edges, network.kind, network.name, strict=True):
        groups.setdefault((int(kind), name), []).append(LineString(network.node_xy[[a, b]]))
    lines = []
    for (kind, name), pieces in sorted(groups.items()):
        for part in shapely.get_parts(shapely.line_merge(MultiLineString(pieces))):
            lines.append((plan.ROAD_KINDS[kind], name, np.asarray(part.coords)))
    return sorted(lines, key=lambda line: (plan.ROAD_KINDS.index(line[0]), line[1], tuple(line[2][0])))
