"""Real road files joined side by side into one large network, with a few connecting roads."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.metric import LocalFrame
from gis.roads import Network, Stretches, Travel
from gis.roads.profiles import BICYCLE, CAR, FOOT, PROFILES

Floats = NDArray[np.float64]

ROADS = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "roads"
TRACKS = ROADS.parent / "gps"
CENTRE = LocalFrame(119.38, 34.12)
GAP_M = 300.0
LINK_MPS = {CAR: 50 / 3.6, BICYCLE: 20 / 3.6, FOOT: 5 / 3.6}


def files() -> list[Path]:
    """All road files, smallest name first."""
    return sorted(path for path in ROADS.iterdir() if ".osm" in path.suffixes) if ROADS.is_dir() else []


@dataclass(frozen=True, slots=True)
class Joined:
    """The joined network. `links` is the number of connecting roads."""

    stretches: Stretches
    there_mps: dict[str, Floats]
    back_mps: dict[str, Floats]
    links: int

    def travel(self) -> Travel:
        return Travel.with_speeds(
            self.stretches, {name: (self.there_mps[name], self.back_mps[name]) for name in PROFILES}
        )


def joined(networks: Sequence[Network]) -> Joined:
    """Lay networks out in rows, each moved as it is, and link each to the one before by one straight road."""
    columns = math.ceil(math.sqrt(len(networks)))
    placed, west, south, tallest = [], 0.0, 0.0, 0.0
    for i, network in enumerate(networks):
        frame = LocalFrame.around(network.stretches.node_lonlat.mean(axis=0))
        node, shape = frame.to_xy(network.stretches.node_lonlat), frame.to_xy(network.stretches.shape_lonlat)
        low, high = shape.min(axis=0), shape.max(axis=0)
        if i and i % columns == 0:
            west, south, tallest = 0.0, south + tallest + GAP_M, 0.0
        move = np.array([west, south]) - low
        placed.append((node + move, shape + move))
        west, tallest = west + float(high[0] - low[0]) + GAP_M, max(tallest, float(high[1] - low[1]))
    return _linked(networks, placed)


def _linked(networks: Sequence[Network], placed: Sequence[tuple[Floats, Floats]]) -> Joined:
    nodes = np.cumsum([0] + [len(node) for node, _ in placed])
    points = np.cumsum([0] + [len(shape) for _, shape in placed])
    ends = np.array([_link(networks, placed, nodes, i - 1, i) for i in range(1, len(networks))])
    node_xy = np.concatenate([node for node, _ in placed])
    middle = node_xy.mean(axis=0)
    link_xy = node_xy[ends].reshape(-1, 2)
    shape_xy = np.concatenate([*[shape for _, shape in placed], link_xy])
    parts = [network.stretches for network in networks]
    first = [part.shape_first[:-1] + at for part, at in zip(parts, points, strict=False)]
    length = np.hypot(*(node_xy[ends[:, 1]] - node_xy[ends[:, 0]]).T)
    stretches = Stretches(
        CENTRE.to_lonlat(node_xy - middle),
        np.concatenate([*[part.start + at for part, at in zip(parts, nodes, strict=False)], ends[:, 0]]),
        np.concatenate([*[part.end + at for part, at in zip(parts, nodes, strict=False)], ends[:, 1]]),
        np.concatenate([*[part.length_m for part in parts], length]),
        CENTRE.to_lonlat(shape_xy - middle),
        np.concatenate([*first, points[-1] + np.arange(len(ends) + 1) * 2]),
    )
    there, back = (
        {
            name: np.concatenate([*[getattr(one, side)[name] for one in networks], np.full(len(ends), LINK_MPS[name])])
            for name in PROFILES
        }
        for side in ("there_mps", "back_mps")
    )
    return Joined(stretches, there, back, len(ends))


def _link(
    networks: Sequence[Network], placed: Sequence[tuple[Floats, Floats]], nodes: NDArray[np.int64], one: int, two: int
) -> tuple[int, int]:
    """The nodes of two networks that lie nearest to the middle of the other, of those one can drive from and to."""
    found = []
    for here, there in ((one, two), (two, one)):
        speeds = networks[here].there_mps[CAR], networks[here].back_mps[CAR]
        graph = Travel.on(networks[here], [CAR]).graphs[CAR]
        part = graph.components()
        main = part == np.argmax(np.bincount(part))
        assert (speeds[0] > 0).any()
        away = np.hypot(*(placed[here][0] - placed[there][0].mean(axis=0)).T)
        found.append(int(nodes[here]) + int(np.argmin(np.where(main, away, np.inf))))
    return found[0], found[1]
