"""A road is closed on the map: ways, candidates and rings follow at once, everybody is told, and it ends by itself."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from command_center.access.guard import Who
from command_center.errors import Conflict
from command_center.hall import Onlooker
from command_center.registry.closures import commands
from command_center.registry.closures.drawing import Drawing
from command_center.registry.closures.keeper import ClosureKeeper
from command_center.registry.closures.queries import in_force
from command_center.registry.closures.roads import OpenRoads
from command_center.registry.town_index import TownIndex
from command_center.timeline.facts import iso
from command_center.wall.viewer import Scope
from gis.metric import destination
from gis.town_model import Lonlat, Place, Road, RoadNetwork
from tests.response.hall import LI, WANG, Hall, officer
from tests.response.serving_hall import ServedHall, said, served
from tests.response.small_town import CORNERS, GRID, OTHER_VILLAGE, STREET_MPS, TOWN, corner, small_town

# The street of the small town, and a road around its middle: from corner 1 north, along, and back to corner 4.
NORTH: tuple[Lonlat, ...] = tuple(corner(i, north_m=600.0) for i in range(1, 5))
BRIDGE: Lonlat = destination(CORNERS[2], 90.0, 250.0)
ACROSS = [destination(BRIDGE, 180.0, 40.0), destination(BRIDGE, 0.0, 40.0)]
BODY: dict[str, Any] = {"shape": "line", "corners": ACROSS, "profiles": ["car", "bicycle", "foot"], "reason": "flood"}


def town_with_a_way_around() -> TownIndex:
    pairs = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (1, 6), (6, 7), (7, 8), (8, 9), (9, 4)]
    metres = [600.0 if pair in ((1, 6), (9, 4)) else 500.0 for pair in pairs] * 2
    arcs = pairs + [(b, a) for a, b in pairs]
    network = RoadNetwork(
        node_lonlat=(*CORNERS, *NORTH),
        arc_from=tuple(a for a, _ in arcs),
        arc_to=tuple(b for _, b in arcs),
        length_m=tuple(metres),
        speed_mps=(STREET_MPS,) * len(arcs),
        road_class=(1,) * len(arcs),
    )
    roads = (Road("a", "street", "河西路", CORNERS), Road("b", "street", "北环路", (CORNERS[1], *NORTH, CORNERS[4])))
    places = {
        "bridge": Place("bridge", "bridge", "河西桥", BRIDGE, GRID),
        "school": Place("school", "school", "小学", CORNERS[2], GRID),
    }
    return replace(small_town(), network=network, roads=roads, places=places)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[ServedHall]:
    hall = Hall(f"sqlite:///{tmp_path}/hall.db")
    hall.town = town_with_a_way_around()
    with served(hall, tmp_path) as made:
        yield made
    hall.timeline.close()


def best(officer: httpx.Client, case: Any) -> list[tuple[str, int, list[Any]]]:
    answer = said(officer.get(f"/cases/{case['id']}/candidates"))["candidates"]
    return [
        (one["person"]["id"], one["eta_s"], [why["params"] for why in one["reasons"] if why["code"] == "detour"])
        for one in answer
    ]


def test_a_closed_bridge_turns_the_order_of_candidates_and_shrinks_the_rings_until_it_is_lifted(
    here: ServedHall,
) -> None:
    wang, wall = here.sign_in("wang", "duty_officer"), here.sign_in("wall", "wall_display")
    case = here.hall.open_case()
    here.stand("R003", corner(3))
    here.stand("R002", NORTH[2])
    usual = [("R003", 150, []), ("R002", 210, [])]
    assert best(wang, case) == usual
    drawn = {key: BODY[key] for key in ("shape", "corners", "profiles")}
    preview = said(wang.post("/closures/preview", json=drawn))
    assert (preview["name"], preview["area"]) == ("河西桥", GRID)
    assert preview["streets"] == [{"name": "河西路", "metres": 2, "cuts": 1}]
    assert best(wang, case) == usual
    here.hall.clock.wait(20)
    before = said(wall.get("/response/rings/now"))

    said(wall.post("/closures", json=BODY), 403)
    closed = said(wang.post("/closures", json={**BODY, "note": "水深 40 厘米"}), 201)
    assert (closed["state"], closed["name"], closed["closed_by"]["name"]) == ("in_force", "河西桥", "wang")
    # Around by the north: 3,700 m instead of 1,500 m.
    (first, second) = best(wang, case)
    assert (first, second[:2]) == (("R002", 210, []), ("R003", 370))
    assert second[2] == [{"name": "河西桥", "s": 220, "m": 2200}]
    after = said(wall.get("/response/rings/now"))
    assert (before["persons"], after["persons"]) == (2, 2)
    assert [ring["places"]["reached"] for ring in before["rings"]] == [2, 2, 2]
    assert [ring["places"]["reached"] for ring in after["rings"]] == [1, 1, 2]
    assert after["rings"][0]["road_m"] < before["rings"][0]["road_m"]
    # To the barrier in the middle of the bridge, and on by the other way: 600, 1,800 and 3,000 m.
    around = said(wang.get("/response/rings", params={"lon": CORNERS[3][0], "lat": CORNERS[3][1]}))
    assert [ring["road_m"] for ring in around["rings"]] == [949, 2549, 3749]

    (order,) = said(wang.post(f"/cases/{case['id']}/dispatch", json={"person_ids": ["R003"]}))["orders"]
    assert "detour" in [reason["code"] for reason in order["reasons"]]
    path = f"/closures/{closed['id']}/lift"
    said(wang.post(path, json={"version": 7}), 409)
    assert said(wang.post(path, json={"version": 1}))["lifted_by"]["name"] == "wang"
    assert said(wang.post(path, json={"version": 2}), 409)["code"] == "closure_over"
    assert said(wang.get("/closures", params={"state": "in_force"})) == []
    assert said(wang.get("/closures"))[0]["note"] == "水深 40 厘米"
    told = [fact.kind for fact in here.hall.timeline.since(0, 1000) if fact.kind.startswith("registry.")]
    assert told == ["registry.road_closed", "registry.closure_lifted"]


def test_who_is_cut_off_is_told_by_what(here: ServedHall) -> None:
    wang = here.sign_in("wang", "duty_officer")
    case = here.hall.open_case()
    here.stand("R003", corner(3))
    wide = [destination(BRIDGE, 180.0, 40.0), destination(BRIDGE, 0.0, 900.0)]
    said(wang.post("/closures", json={**BODY, "corners": wide, "name": "老桥与北环路"}), 201)
    answer = said(wang.get(f"/cases/{case['id']}/candidates"))
    assert answer["candidates"] == []
    against = next(one for one in answer["not_offered"] if one["person_id"] == "R003")
    assert against["reasons"] == [{"code": "cut_off", "params": {"name": "老桥与北环路"}}]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"corners": [corner(2, north_m=200.0), corner(2, north_m=300.0)]}, "closure_closes_nothing"),
        ({"corners": [ACROSS[0], ACROSS[0]]}, "closure_corners"),
        ({"shape": "area", "corners": ACROSS}, "closure_corners"),
        ({"shape": "area", "corners": [(118.0, 33.0), (121.0, 33.0), (121.0, 36.0)]}, "closure_too_much"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "closure_end_bad"),
    ],
)
def test_what_cannot_be_closed_is_refused_with_the_reason(here: ServedHall, wrong: Any, code: str) -> None:
    wang = here.sign_in("wang", "duty_officer")
    assert said(wang.post("/closures", json={**BODY, **wrong}), 400)["code"] == code
    assert said(wang.get("/closures")) == []


def test_everybody_sees_a_closure_and_only_officers_of_its_area_change_it(here: ServedHall) -> None:
    wang = here.sign_in("wang", "duty_officer")
    stranger = here.sign_in("stranger", "shift_head", area=OTHER_VILLAGE)
    phone = here.sign_in("phone", "responder", person_id="R002")
    closed = said(wang.post("/closures", json=BODY), 201)
    assert said(stranger.post("/closures", json=BODY), 400)["code"] == "closure_outside"
    said(stranger.post(f"/closures/{closed['id']}/lift", json={"version": 1}), 404)
    said(phone.post(f"/closures/{closed['id']}/lift", json={"version": 1}), 403)
    for client in (stranger, phone):
        assert [one["id"] for one in said(client.get("/closures"))] == [closed["id"]]
    fact = next(one for one in here.hall.timeline.since(0, 1000) if one.kind == "registry.road_closed")
    for who in (officer("far", area=OTHER_VILLAGE), Who("u", "u", "u", "responder", TOWN, "R001")):
        scope = Scope(Onlooker(who), frozenset({OTHER_VILLAGE}))
        assert scope.shows_fact(fact.area, fact.parties)
        assert not scope.shows_fact(fact.area, ("R777",))


def test_a_closure_ends_by_the_clock_whoever_is_there_to_see_it(hall: Hall) -> None:
    hall.town = town_with_a_way_around()
    roads = OpenRoads(lambda: hall.town)
    drawing = Drawing("line", ACROSS)
    closed = roads.draughtsman().look(drawing, ["car"])
    with hall.tx() as tx:
        row = commands.close_road(
            tx, drawing, closed, area=GRID, name="", reason="works", note="", profiles=["car"], by=WANG,
            ends_at=hall.clock() + timedelta(hours=1),
        )  # fmt: skip
        id, began = row.id, row.begins_at

    def seconds() -> float:
        with hall.timeline.reading() as session:
            return roads.now(session, hall.clock()).travel.route("car", corner(3), corner(0)).seconds

    assert seconds() == pytest.approx(370, abs=1)
    with hall.tx() as tx:
        commands.change_end(tx, id=id, ends_at=began + timedelta(hours=2), by=LI, version=1)
    with hall.tx() as tx, pytest.raises(Conflict):
        commands.change_end(tx, id=id, ends_at=None, by=WANG, version=1)
    hall.clock.wait(2 * 3600 - 1)
    ClosureKeeper(hall.timeline).step()
    assert seconds() == pytest.approx(370, abs=1)
    # The hall is down when the time is over: ways are right from the first question on, the end is told when it is up.
    hall.clock.wait(1800)
    assert seconds() == pytest.approx(150, abs=1)
    for _ in range(2):
        ClosureKeeper(hall.timeline).step()
    ended = [fact for fact in hall.timeline.since(0, 1000) if fact.kind == "registry.closure_ended"]
    assert [iso(fact.happened_at) for fact in ended] == [iso(began + timedelta(hours=2))]
    with hall.timeline.reading() as session:
        assert in_force(session, began) == []
    assert ended[0].data["closure"]["state"] == "ended"
