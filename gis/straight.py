"""A stand-in for roads where none are known yet: straight lines between neighbouring places, at a cautious pace."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import Delaunay, QhullError

from gis.metric import LocalFrame, distances_m
from gis.town_model import RoadNetwork

# 15 km/h over the straight line: what country lanes and their bends leave of 30 km/h.
PACE_MPS = 4.2
STAND_IN_CLASS = 9


def straight_network(lonlat: ArrayLike) -> RoadNetwork:
    """Join places to their neighbours (Delaunay), both ways.

    Args:
        lonlat: (n, 2) degrees, n >= 1; a single place gets a second one 100 m to the east of it.
    """
    points = np.unique(np.asarray(lonlat, dtype=np.float64).reshape(-1, 2).round(6), axis=0)
    if len(points) == 1:
        points = np.concatenate([points, points + np.array([[0.001, 0.0]])])
    edges = _edges(LocalFrame.around(points.mean(axis=0)).to_xy(points))
    both = np.concatenate([edges, edges[:, ::-1]])
    length_m = distances_m(points[both[:, 0]], points[both[:, 1]])
    return RoadNetwork(
        node_lonlat=tuple((float(lon), float(lat)) for lon, lat in points),
        arc_from=tuple(both[:, 0].tolist()),
        arc_to=tuple(both[:, 1].tolist()),
        length_m=tuple(length_m.round(2).tolist()),
        speed_mps=(PACE_MPS,) * len(both),
        road_class=(STAND_IN_CLASS,) * len(both),
    )


def _edges(xy: np.ndarray) -> np.ndarray:
    try:
        corners = Delaunay(xy).simplices if len(xy) > 2 else np.empty((0, 3), np.int64)
    except QhullError:
        # All in one line.
        corners = np.empty((0, 3), np.int64)
    pairs = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    if len(pairs) == 0:
        chain = np.arange(len(xy))
        pairs = np.stack([chain[:-1], chain[1:]], axis=1)
    unique: np.ndarray = np.unique(np.sort(pairs, axis=1), axis=0)
    return unique
