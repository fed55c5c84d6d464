"""Find the nearest road of many places at once: a KD-tree over points sampled along the edges, then exact feet."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from gis.metric import LocalFrame

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SAMPLE_EVERY_M = 40.0
LOOK_AT = 12


@dataclass(frozen=True, slots=True)
class Snaps:
    """Places on roads, column by column.

    Attributes:
        edge: (n,) number of the edge.
        fraction: (n,) how far along it, 0 at its lower-numbered node.
        off_road_m: (n,) metres from the place to the road.
        lonlat: (n, 2) the point on the road.
    """

    edge: Ints
    fraction: Floats
    off_road_m: Floats
    lonlat: Floats

    def __len__(self) -> int:
        return len(self.edge)

    def take(self, which: Ints) -> "Snaps":
        """The rows with these indices."""
        return Snaps(self.edge[which], self.fraction[which], self.off_road_m[which], self.lonlat[which])


@dataclass(slots=True)
class SnapTree:
    """The edges of a network, ready to be asked for the nearest one.

    Exact where the nearest edge is among the 12 nearest samples, which are 40 m apart: always in a street network,
    not for a place kilometres away from a bundle of parallel roads.
    """

    frame: LocalFrame
    node_xy: Floats
    edges: Ints
    _samples: KDTree = field(init=False, repr=False)
    _edge_of_sample: Ints = field(init=False, repr=False)

    def __post_init__(self) -> None:
        start, end = self.node_xy[self.edges[:, 0]], self.node_xy[self.edges[:, 1]]
        count = np.maximum(np.ceil(np.hypot(*(end - start).T) / SAMPLE_EVERY_M).astype(np.int64), 1)
        self._edge_of_sample = np.repeat(np.arange(len(self.edges)), count)
        first = np.repeat(np.cumsum(count) - count, count)
        fraction = (np.arange(len(self._edge_of_sample)) - first + 0.5) / np.repeat(count, count)
        on = start[self._edge_of_sample] + fraction[:, None] * (end - start)[self._edge_of_sample]
        self._samples = KDTree(on)

    def snap(self, lonlat: Floats) -> Snaps:
        """Nearest point on a road of each place (n, 2)."""
        xy = self.frame.to_xy(lonlat)
        k = min(LOOK_AT, len(self._edge_of_sample))
        near = self._samples.query(xy, k=k)[1].reshape(len(xy), k)
        edge = self._edge_of_sample[near]
        start, end = self.node_xy[self.edges[edge, 0]], self.node_xy[self.edges[edge, 1]]
        step = end - start
        along = ((xy[:, None] - start) * step).sum(axis=-1) / np.maximum((step**2).sum(axis=-1), 1e-12)
        fraction = np.clip(along, 0.0, 1.0)
        foot = start + fraction[..., None] * step
        away = np.hypot(*np.moveaxis(xy[:, None] - foot, -1, 0))
        best = np.argmin(away, axis=1)
        row = np.arange(len(xy))
        on_road = self.frame.to_lonlat(foot[row, best])
        return Snaps(edge[row, best], fraction[row, best], away[row, best], on_road)
