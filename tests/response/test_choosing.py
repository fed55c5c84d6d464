"""The ranking held against ranking everybody, on real roads."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from command_center.response.candidates import Force, Ranking, Travel, handicap_s, objections, rank
from command_center.response.choosing import Chooser, Need
from command_center.response.roll import Roll
from gis.roads import Closure, cells, read_osm
from gis.roads import Travel as Roads

ROADS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "roads" / "cn-nantong-dieshiqiao.osm"
NOW = datetime(2026, 8, 24, 1, 0, tzinfo=UTC)
KINDS = ("POL", "AUX", "GRD", "FIR", "MED", "MDT")
STATUSES = ("standby", "patrolling", "returning", "off_duty", "en_route")


def force(number: int, lonlat: tuple[float, float] | None, rng: np.random.Generator) -> Force:
    at = NOW - timedelta(seconds=int(rng.integers(0, 400))) if lonlat else None
    busy = "ZL20260824-001" if rng.random() < 0.1 else None
    return Force(f"R{number:03d}", f"人{number}", f"C{number}", str(rng.choice(KINDS)), "U01", "320724199001001",
                 str(rng.choice(STATUSES)), busy, lonlat, at, int(rng.integers(0, 4)))  # fmt: skip


def everybody(roads: Roads, forces: list[Force], need: Need, profile: dict[str, str]) -> Ranking:
    """Ranks all by searches of the whole network."""
    travels: dict[str, Travel] = {}
    for name, graph in roads.graphs.items():
        mine = [one for one in forces if one.lonlat and profile[one.person_id] == name]
        snaps, target = graph.snap(np.array([one.lonlat for one in mine])), graph.snap(need.lonlat)
        found = graph.inwards.field_to(target, np.inf)
        walk_m = snaps.off_road_m + target.off_road_m[0]
        seconds = found.cost_of(snaps) + walk_m / graph.walking_mps
        there = np.flatnonzero(seconds <= 7200.0)
        metres = found.metres_of(snaps.take(there)) + walk_m[there]
        travels |= {mine[i].person_id: Travel(float(seconds[i]), float(m)) for i, m in zip(there, metres, strict=True)}
    return rank(forces, travels, category=need.category, area=need.area, now=NOW)


@pytest.mark.skipif(not ROADS.is_file(), reason="the real road files are not here")
def test_the_best_on_real_roads_are_those_of_ranking_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "CELL_NODES", 25)
    roads = Roads.on(read_osm(ROADS))
    rng = np.random.default_rng(5)
    node = roads.stretches.node_lonlat

    def anywhere() -> tuple[float, float]:
        lon, lat = node[rng.integers(len(node))] + rng.normal(0, 2e-4, 2)
        return float(lon), float(lat)

    forces = [force(i, anywhere() if i % 17 else None, rng) for i in range(200)]
    profile = {one.person_id: str(rng.choice(list(roads.graphs))) for one in forces}
    chooser, roll = Chooser(roads, profile.__getitem__), Roll.of(forces)
    low, size = node.min(axis=0), np.ptp(node, axis=0)
    shut = roads.find(Closure("c1", shapely.box(*(low + 0.4 * size), *(low + 0.55 * size))))
    for round_ in range(12):
        now = roads.but([shut] if round_ % 4 > 1 else [], 0.0)
        chooser = chooser.on(now)
        for i in rng.integers(0, 200, 12):
            forces[i] = force(int(i), anywhere(), rng)
        roll = roll.now(forces)
        need = Need(anywhere(), ("02999", "03001", "06999")[round_ % 3], "320724199001001")
        truth, found = everybody(now, forces, need, profile), chooser.ranking(roll, need, now=NOW, limit=5)
        assert [one.force for one in found.offered] == [one.force for one in truth.offered[:5]]
        assert [one.force for one in found.not_offered] == [one.force for one in truth.not_offered[:8]]
        for one, two in zip(found.offered, truth.offered, strict=False):
            assert one.travel.seconds == pytest.approx(two.travel.seconds)
            assert one.travel.metres == pytest.approx(two.travel.metres, abs=0.5)
            assert [reason.code for reason in one.reasons] == [reason.code for reason in two.reasons]


@given(st.integers(0, 10_000), st.sampled_from(["02001", "03001", "06999", "02006", "99999"]))
def test_the_roll_says_of_everybody_what_is_said_of_each(seed: int, category: str) -> None:
    rng = np.random.default_rng(seed)
    forces = [force(i, (119.4, 34.1) if rng.random() < 0.9 else None, rng) for i in range(30)]
    roll = Roll.of(forces)
    for i in rng.integers(0, 30, 5).tolist():
        forces[i] = force(i, None, rng)
    roll, area = roll.now(list(forces)), "320724199001002"
    assert roll.unopposed(category, NOW).tolist() == [not objections(one, category, NOW) for one in forces]
    assert roll.handicap_s(category, area).tolist() == [handicap_s(one, category, area) for one in forces]
    assert roll.now(forces[1:]).ids == tuple(one.person_id for one in forces[1:])
