"""The search over cells and whoever stands on the roads, held against the search of everything."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.roads import Closure, RoadGraph, Standing, Travel
from gis.roads import cells as cells_module
from gis.roads.cells import Cells
from gis.roads.closures import ajar
from gis.roads.costs import Costs
from gis.roads.gates import Gates
from gis.roads.overlay import Overlay
from gis.roads.snapping import Ajar
from tests.gis.test_roads import FRAME, build, places, town_like
from tests.gis.test_travel import at, grid

TOWNS = [build(*town_like(seed)) for seed in range(3)]
MADE = [Overlay.of(graph.inwards, Cells.of(graph.stretches, 12)) for graph in TOWNS]


def closed(graph: RoadGraph, seed: int) -> Ajar:
    """A few stretches closed: one whole, the others somewhere in the middle."""
    rng = np.random.default_rng(seed)
    edge = rng.choice(len(graph.stretches), int(rng.integers(0, 12)), replace=False)
    open_ = Ajar.all_open(len(graph.stretches))
    open_.until[edge], open_.after[edge] = rng.uniform(-0.1, 0.5, len(edge)), rng.uniform(0.5, 1.1, len(edge))
    return open_


def apart(graph: RoadGraph, overlay: Overlay, costs: Costs, seed: int, limit: float) -> None:
    """Fail unless both searches say the same of every node and of places between nodes."""
    target = graph.tree.snap(places(seed, 1), costs.ajar)
    whole, found = costs.field_to(target, np.inf), Gates.of([overlay]).search_to(target).within(limit)[0]
    nodes = np.arange(len(graph.node_lonlat))
    truth, mine = whole.cost_at(nodes), found.cost_at(nodes)
    near = truth <= limit
    assert mine[near] == pytest.approx(truth[near], abs=1e-9)
    assert (mine[~near] > limit).all()
    reached = nodes[near & np.isfinite(truth)]
    assert found.metres_at(reached) == pytest.approx(whole.metres_at(reached), abs=0.1)
    others = graph.tree.snap(places(seed + 1, 30), costs.ajar)
    truth, mine = whole.cost_of(others), found.cost_of(others)
    assert mine[truth <= limit] == pytest.approx(truth[truth <= limit], abs=1e-9)
    rows = np.flatnonzero((truth <= limit) & np.isfinite(truth))
    assert found.metres_of(others.take(rows)) == pytest.approx(whole.metres_of(others.take(rows)), abs=0.1)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2), st.integers(0, 10_000), st.sampled_from([20.0, 60.0, 200.0, np.inf]))
def test_cells_answer_as_the_whole_network_does_with_one_ways_and_closures(town: int, seed: int, limit: float) -> None:
    graph, usual = TOWNS[town], MADE[town]
    apart(graph, usual, graph.inwards, seed, limit)
    costs = graph.inwards.but(closed(graph, seed))
    apart(graph, usual.but(costs), costs, seed, limit)
    apart(graph, usual.but(costs).but(graph.inwards), graph.inwards, seed, limit)


def test_a_cell_holds_no_more_than_it_should_and_each_node_lies_in_one() -> None:
    for graph in TOWNS:
        cells = Cells.of(graph.stretches, 12)
        assert np.diff(cells.first).max() <= 12
        assert sorted(cells.members.tolist()) == list(range(len(graph.node_lonlat)))
        start, end = cells.number[graph.stretches.start], cells.number[graph.stretches.end]
        leaving = np.unique(np.concatenate([graph.stretches.start[start != end], graph.stretches.end[start != end]]))
        assert sorted(cells.gates.tolist()) == leaving.tolist()


def test_a_closure_makes_anew_only_the_cells_it_lies_in() -> None:
    graph, usual = TOWNS[0], MADE[0]
    inner = np.flatnonzero(usual.cells.number[graph.stretches.start] == usual.cells.number[graph.stretches.end])[:1]
    shut = Ajar.all_open(len(graph.stretches))
    shut.until[inner], shut.after[inner] = 0.4, 0.6
    now = usual.but(graph.inwards.but(shut))
    mine = usual.cells.number == usual.cells.number[graph.stretches.start[inner[0]]]
    assert np.array_equal(now.to_gate[~mine], usual.to_gate[~mine])
    assert not np.array_equal(now.to_gate[mine], usual.to_gate[mine])


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Travel:
    """A grid of streets in many small cells."""
    monkeypatch.setattr(cells_module, "CELL_NODES", 9)
    return grid(10)


def test_who_stands_still_and_who_moves_are_found_where_they_are(town: Travel) -> None:
    rng = np.random.default_rng(4)
    where = FRAME.to_lonlat(rng.uniform(0, 1800, (60, 2)))
    ids = [f"R{i}" for i in range(60)]
    by = np.where(np.arange(60) % 3 == 0, "foot", "car")
    standing = Standing(town, dict(zip(ids, by.tolist(), strict=True)).__getitem__)
    fire = town.find(Closure("fire", shapely.box(*at(500, 500), *at(1100, 1100)), frozenset({"car"})))
    flood = town.find(Closure("flood", shapely.LineString([at(300, -50), at(300, 1500)])))
    for round_, shuts in enumerate(([], [], [fire], [fire, flood], [flood], [])):
        now = town.but(shuts, 0.0)
        standing = standing if now is standing.travel else standing.on(now)
        moved = rng.choice(60, 10, replace=False)
        where[moved] = FRAME.to_lonlat(rng.uniform(0, 1800, (10, 2)))
        place = FRAME.to_lonlat(rng.uniform(0, 1800, 2))
        look = standing.look(place, ids, where)
        for k in (1, 5, 60):
            truth = now.nearest(place, where, by, k=k)
            last_s = truth[-1].seconds if len(truth) == k else 7200.0
            times = look.until(60.0, 7200.0, lambda _, limit_s, last_s=last_s: limit_s >= last_s)
            first = times.first(k, np.ones(60, bool), 7200.0).tolist()
            assert first == [one.index for one in truth], round_
            found = times.reaches(first)
            assert [one.seconds for one in found] == pytest.approx([one.seconds for one in truth])
            assert [one.metres for one in found] == pytest.approx([one.metres for one in truth], abs=0.1)


def test_whose_place_is_not_known_is_nowhere(town: Travel) -> None:
    standing = Standing(town, {"a": "car", "b": "foot"}.__getitem__)
    here = at(200, 200)
    unknown = np.full(2, np.nan)
    assert standing.look(here, ["a", "b"], np.stack([unknown, unknown])).within(60.0).seconds.tolist() == [np.inf] * 2
    seconds = standing.look(here, ["a", "b"], np.stack([unknown, here])).within(60.0).seconds
    assert seconds[0] == np.inf and seconds[1] == pytest.approx(0.0, abs=1e-3)
    assert standing.look(here, ["a", "b"], np.stack([here, unknown])).within(60.0).seconds[1] == np.inf


def test_the_same_closures_are_the_same_roads(town: Travel) -> None:
    shut = town.find(Closure("c1", shapely.LineString([at(300, -50), at(300, 60)]), begins_s=100.0, ends_s=200.0))
    assert town.but([shut], 120.0) is town.but([shut], 130.0)
    assert town.but([shut], 99.0) is town.but([], 120.0) is town
    assert town.but([shut], 200.0) is town
    assert ajar(len(town.stretches), [shut]).touches(shut.edge).all()
