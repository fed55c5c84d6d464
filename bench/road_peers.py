"""The independent answers: osmnx reading the same files, igraph answering the same questions."""

import tempfile
import time
from pathlib import Path

import igraph
import networkx
import numpy as np
import osmium
import osmnx
from numpy.typing import NDArray

from gis.roads import Network, RoadGraph, Snaps
from gis.roads.profiles import CAR, CLASS_KMH

Floats = NDArray[np.float64]


def apart_from_osmnx(file: Path, network: Network, *, goals: int, starts: int, seed: int) -> tuple[list[float], int]:
    """How far travel times of random pairs lie from those of osmnx and networkx, as shares, on the ways cars may use.

    osmnx reads lengths, one-way streets and limits itself; the default speeds are ours. Ways whose limit is not a
    number, or that are private, are none of its business and are left out on both sides.

    Returns:
        The shares, and how many pairs one of the two says cannot be reached and the other can.
    """
    tags = {way.id: {tag.k: tag.v for tag in way.tags} for way in osmium.FileProcessor(str(file), osmium.osm.WAY)}
    plain = {id for id, told in tags.items() if _plain(told)}
    mine = np.isin(network.way_id, list(plain))
    there, back = (np.where(mine, speeds[CAR], 0.0) for speeds in (network.there_mps, network.back_mps))
    graph = RoadGraph.of(network.stretches, there, back)
    used = set(network.way_id[(there > 0) | (back > 0)].tolist())
    other = _read_by_osmnx(file, used)
    known = np.flatnonzero(np.isin(network.node_id, list(other.nodes)))
    rng = np.random.default_rng(seed)
    apart: list[float] = []
    disagree = 0
    backwards = other.reverse(copy=False)
    for goal in rng.choice(known, goals):
        theirs = networkx.single_source_dijkstra_path_length(
            backwards, int(network.node_id[goal]), weight="travel_time"
        )
        ours = graph.travel_times_to_node(int(goal))
        for start in rng.choice(known, starts):
            one, two = float(ours[start]), theirs.get(int(network.node_id[start]), np.inf)
            if np.isfinite(one) != np.isfinite(two):
                disagree += 1
            elif np.isfinite(one) and two > 5.0:
                apart.append(abs(one - two) / two)
    return apart, disagree


def _plain(tags: dict[str, str]) -> bool:
    limits = [value for key, value in tags.items() if key.startswith("maxspeed")]
    private = tags.get("motorcar", tags.get("motor_vehicle", tags.get("vehicle", tags.get("access")))) in (
        "private", "customers", "delivery", "permit", "residents", "employees",
    )  # fmt: skip
    odd = any(key.startswith(("maxspeed:forward", "maxspeed:backward", "oneway:mot")) for key in tags)
    implied = (tags.get("highway") == "motorway" and "oneway" not in tags) or tags.get("junction") == "circular"
    return all(value.isdigit() for value in limits) and not private and not odd and not implied


def _read_by_osmnx(file: Path, way_ids: set[int]) -> "networkx.MultiDiGraph":
    with tempfile.TemporaryDirectory(prefix="yiping-bench-") as folder:
        path = Path(folder) / "cars.osm"
        with osmium.BackReferenceWriter(str(path), ref_src=str(file), overwrite=True) as writer:
            for way in osmium.FileProcessor(str(file), osmium.osm.WAY):
                if way.id in way_ids:
                    writer.add(way)
        graph = osmnx.graph_from_xml(path, simplify=False, retain_all=True)
    speeds = {name: kmh[0] or 10.0 for name, kmh in CLASS_KMH.items()}
    graph = osmnx.add_edge_speeds(graph, hwy_speeds=speeds, fallback=25)
    return osmnx.add_edge_travel_times(graph)


class IgraphDistances:
    """The same question put to igraph: seconds from every node to one, all of them, then the five smallest.

    It has no metres, no snapping and one profile; only its search is timed.
    """

    def __init__(self, graph: RoadGraph) -> None:
        costs, stretches = graph.inwards, graph.stretches
        go, come = np.flatnonzero(np.isfinite(costs.there)), np.flatnonzero(np.isfinite(costs.back))
        pairs = np.concatenate(
            [
                np.stack([stretches.start[go], stretches.end[go]], axis=1),
                np.stack([stretches.end[come], stretches.start[come]], axis=1),
            ]
        )
        self._costs, self._stretches = costs, stretches
        self._graph = igraph.Graph(n=len(stretches.node_lonlat), edges=pairs, directed=True)
        self._seconds = np.concatenate([costs.there[go], costs.back[come]]).tolist()

    def five(self, target: Snaps, candidates: Snaps) -> tuple[list[float], float]:
        """The five soonest of the snapped, and the milliseconds igraph took for the distances alone."""
        goal, costs, stretches = int(target.edge[0]), self._costs, self._stretches
        ends = [int(stretches.start[goal]), int(stretches.end[goal])]
        nodes, row = np.unique(
            np.stack([stretches.end[candidates.edge], stretches.start[candidates.edge]]), return_inverse=True
        )
        began = time.perf_counter()
        rows = self._graph.distances(ends, nodes.tolist(), weights=self._seconds, mode="in")
        took = (time.perf_counter() - began) * 1e3
        at = float(target.fraction[0])
        last = np.array([_part(costs.there[goal], at), _part(costs.back[goal], 1.0 - at)])
        to_goal = (np.array(rows) + last[:, None]).min(axis=0)[row.reshape(2, -1)]
        first = [
            _parts(costs.there[candidates.edge], 1.0 - candidates.fraction),
            _parts(costs.back[candidates.edge], candidates.fraction),
        ]
        seconds = (np.array(first) + to_goal).min(axis=0)
        step = at - candidates.fraction
        along = np.where(
            step >= 0, _parts(costs.there[candidates.edge], step), _parts(costs.back[candidates.edge], -step)
        )
        seconds = np.minimum(seconds, np.where(candidates.edge == goal, along, np.inf))
        return sorted(seconds.tolist())[:5], took


def _part(cost: float, share: float) -> float:
    return cost * share if np.isfinite(cost) else np.inf


def _parts(cost: Floats, share: Floats) -> Floats:
    parts: Floats = np.where(np.isfinite(cost), np.where(np.isfinite(cost), cost, 0.0) * share, np.inf)
    return parts
