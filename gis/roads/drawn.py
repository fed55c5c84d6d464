"""Roads drawn as lines, of whatever file: made a network, and a network's roads as whole lines again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.roads.network import Network, Way, build

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Lonlat = tuple[float, float]

# Points that agree to this many digits of a degree, about a decimetre, are one.
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Drawn:
    """A road as somebody drew it: its line in lon/lat, and what is said of it in OpenStreetMap's words."""

    id: str
    line: Sequence[Lonlat]
    tags: Mapping[str, str]


def read_lines(roads: Sequence[Drawn]) -> Network:
    """Join roads that share a point; the number of a way is the place of the road in the list.

    Raises:
        BadRoads: none of them may be used.
    """
    number: dict[Lonlat, int] = {}
    ways = [
        Way(i, np.array([number.setdefault(_rounded(point), len(number)) for point in road.line]), road.tags)
        for i, road in enumerate(roads)
    ]
    lonlat = np.array(list(number)).reshape(-1, 2)
    return build(ways, lambda ids: lonlat[ids])


def whole_lines(network: Network) -> dict[int, list[Floats]]:
    """The lines (k, 2) of each way by its number: one, or more where points in between are not in the file."""
    lines: dict[int, list[Floats]] = {}
    last = -1
    for stretch, way in enumerate(network.way_id.tolist()):
        line = network.stretches.line(stretch)
        pieces = lines.setdefault(way, [])
        if pieces and last == int(network.stretches.start[stretch]):
            pieces[-1] = np.concatenate([pieces[-1], line[1:]])
        else:
            pieces.append(line)
        last = int(network.stretches.end[stretch])
    return lines


def _rounded(point: Lonlat) -> Lonlat:
    return round(point[0], DIGITS), round(point[1], DIGITS)
