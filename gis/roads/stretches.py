"""Roads as geometry: stretches between two junctions, each with its true line."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.metric import distances_m

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class BadRoads(ValueError):
    """The arrays do not describe a road network."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """Pieces of road, without a junction in between; a fraction of a stretch is 0 at its start and 1 at its end.

    Attributes:
        node_lonlat: (n, 2) junctions and dead ends, degrees WGS84.
        start, end: (m,) node numbers; the same for a loop.
        length_m: (m,) along the line, > 0.
        shape_lonlat: (p, 2) points of all lines one after the other, both ends of each included.
        shape_first: (m + 1,) the line of stretch i is `shape_lonlat[shape_first[i]:shape_first[i + 1]]`.
    """

    node_lonlat: Floats
    start: Ints
    end: Ints
    length_m: Floats
    shape_lonlat: Floats
    shape_first: Ints

    @classmethod
    def straight(cls, node_lonlat: Floats, start: Ints, end: Ints, length_m: Floats) -> "Stretches":
        """Stretches without bends."""
        shape = node_lonlat[np.stack([start, end], axis=1)].reshape(-1, 2)
        return cls(node_lonlat, start, end, length_m, shape, np.arange(len(start) + 1) * 2)

    def __len__(self) -> int:
        return len(self.start)

    def line(self, number: int) -> Floats:
        """(k, 2) the line of one stretch, from its start to its end."""
        return self.shape_lonlat[self.shape_first[number] : self.shape_first[number + 1]]

    def lines(self) -> NDArray[np.object_]:
        """(m,) the lines as shapely geometries in lon/lat."""
        owner = np.repeat(np.arange(len(self)), np.diff(self.shape_first))
        made: NDArray[np.object_] = shapely.linestrings(self.shape_lonlat, indices=owner)
        return made

    def piece(self, number: int, begin: float, finish: float) -> Floats:
        """(k, 2) the line between two fractions, backwards when `begin` is the larger."""
        if (begin, finish) in ((0.0, 1.0), (1.0, 0.0)):
            return self.line(number)[:: 1 if begin == 0.0 else -1]
        if begin > finish:
            return self.piece(number, finish, begin)[::-1]
        line = self.line(number)
        along = _fractions(line)
        inner = line[(along > begin) & (along < finish)]
        return np.concatenate([_at(line, along, begin)[None], inner, _at(line, along, finish)[None]])

    def lines_of(self, number: Ints) -> NDArray[np.object_]:
        """The lines of some stretches as shapely geometries in lon/lat."""
        first, count = self.shape_first[number], np.diff(self.shape_first)[number]
        total = int(count.sum())
        index = np.repeat(first - np.concatenate([[0], np.cumsum(count)[:-1]]), count) + np.arange(total)
        made: NDArray[np.object_] = shapely.linestrings(
            self.shape_lonlat[index], indices=np.repeat(np.arange(len(number)), count)
        )
        return made


def line_length_m(line_lonlat: Floats) -> float:
    """Metres along a line."""
    return float(distances_m(line_lonlat[:-1], line_lonlat[1:]).sum())


def _fractions(line: Floats) -> Floats:
    """(k,) how far along each point lies, 0 to 1."""
    along = np.concatenate([[0.0], np.cumsum(distances_m(line[:-1], line[1:]))])
    return along / along[-1] if along[-1] > 0 else np.linspace(0.0, 1.0, len(line))


def _at(line: Floats, along: Floats, fraction: float) -> Floats:
    return np.array([np.interp(fraction, along, line[:, axis]) for axis in (0, 1)])
