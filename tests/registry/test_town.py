from datetime import date
from pathlib import Path

import numpy as np
import orjson
import pytest

from command_center.errors import Conflict, NotFound, Unavailable
from command_center.registry.catalogue import categories, forces
from command_center.registry.commands import load_town
from command_center.registry.queries import has_town, town_index, work_calendar
from command_center.registry.tables import CalendarDayRow
from command_center.registry.town_index import TownIndex, speed_of
from command_center.registry.views import town_view
from command_center.timeline import Timeline
from gis.metric import destination, distance_m
from gis.town import generate_town
from gis.town_model import Town

from .conftest import open_hall


def test_the_town_comes_out_of_the_database_as_it_went_in(town: TownIndex, model_town: Town) -> None:
    assert tuple(town.cameras.values()) == model_town.cameras
    assert tuple(town.persons.values()) == model_town.persons
    assert tuple(town.places.values()) == model_town.places
    assert tuple(town.units.values()) == model_town.units
    assert {*town.grids.values()} == {*model_town.grids}
    assert tuple(town.villages.values()) == model_town.villages
    assert tuple(town.roads) == model_town.roads
    assert tuple(town.waters) == model_town.waters
    assert (town.center, town.outline, town.network) == (model_town.center, model_town.outline, model_town.network)


def test_loading_the_town_is_one_fact(timeline: Timeline) -> None:
    facts = timeline.since(0)
    assert [fact.kind for fact in facts] == ["registry.town_loaded"]
    assert facts[0].data["town"]["cameras"] == 1447


def test_loading_the_same_town_again_changes_nothing(timeline: Timeline, model_town: Town) -> None:
    with timeline.transaction() as tx:
        assert not load_town(tx, model_town)
    assert timeline.head().seq == 1


def test_another_town_is_refused_and_nothing_changes(timeline: Timeline) -> None:
    other = generate_town(seed=5, cameras=10)
    with pytest.raises(Conflict, match="town_other"), timeline.transaction() as tx:
        load_town(tx, other)
    assert timeline.head().seq == 1


def test_a_hall_without_a_town_says_so(tmp_path: Path) -> None:
    timeline = open_hall(tmp_path / "empty.db")
    with timeline.reading() as session:
        assert not has_town(session)
        with pytest.raises(Unavailable):
            town_index(session)
    timeline.close()


def test_every_camera_lies_in_the_grid_it_is_filed_under(town: TownIndex) -> None:
    assert {camera.area for camera in town.cameras.values() if town.area_of(camera.lonlat) != camera.area} <= set(
        town.grids
    )
    inside = [camera for camera in town.cameras.values() if town.grid_of(camera.lonlat) == camera.area]
    assert len(inside) > 0.99 * len(town.cameras)
    assert town.area_of((119.9, 34.5)) == "320724199"


def test_cameras_near_a_place_come_with_those_that_see_it_first(town: TownIndex) -> None:
    camera = next(iter(town.cameras.values()))
    ahead = destination(camera.lonlat, camera.heading_deg, 30.0)
    near = town.cameras_near(ahead, radius_m=300.0, limit=50)
    sees = [one.sight.sees for one in near]
    assert camera.id in {one.camera.id for one in near if one.sight.sees}
    assert sees == sorted(sees, reverse=True)
    assert all(one.sight.distance_m == pytest.approx(distance_m(one.camera.lonlat, ahead)) for one in near)
    assert {one.camera.id for one in near} == {
        one.id for one in town.cameras.values() if distance_m(one.lonlat, ahead) <= 300.0
    }


def test_unknown_ids_are_not_found(town: TownIndex) -> None:
    for ask in (town.camera, town.person, town.category):
        with pytest.raises(NotFound):
            ask("nobody")


def test_responders_are_ranked_by_the_roads_of_the_town(town: TownIndex) -> None:
    people = list(town.persons.values())
    school = next(place for place in town.places.values() if place.name == "镇中心小学")
    reached = town.graph.nearest(
        school.lonlat, [person.base for person in people], speeds_mps=[speed_of(person) for person in people], k=5
    )
    assert len(reached) == 5
    assert all(reach.metres >= distance_m(people[reach.index].base, school.lonlat) * 0.999 for reach in reached)
    everybody = [town.graph.route(p.base, school.lonlat, speed_mps=_steady(speed_of(p))).seconds for p in people]
    assert [reach.seconds for reach in reached] == pytest.approx(sorted(everybody)[:5])


def _steady(speed_mps: float) -> float | None:
    return None if np.isnan(speed_mps) else speed_mps


def test_the_nearest_place_gives_a_point_its_name(town: TownIndex) -> None:
    place = next(iter(town.places.values()))
    assert town.place_near(destination(place.lonlat, 45.0, 3.0)) == place
    assert town.place_near((119.9, 34.5)) is None


def test_the_view_has_all_that_a_page_draws(town: TownIndex) -> None:
    first = next(iter(town.cameras))
    view = orjson.loads(orjson.dumps(town_view(town, with_feed=[first])))
    assert view["center"]["model"] is True
    assert view["center"]["county"] == "灌南县"
    assert len(view["villages"]["features"]) == 12
    assert len(view["grids"]["features"]) == len(town.grids)
    assert len(view["cameras"]) == 1447
    assert [camera["id"] for camera in view["cameras"] if camera["has_feed"]] == [first]
    assert len(view["categories"]) == 64
    west, south, east, north = view["bounds"]
    assert all(west <= lon <= east and south <= lat <= north for lon, lat in view["outline"]["coordinates"][0])


def test_a_view_of_one_village_shows_what_lies_in_it_and_nothing_else(town: TownIndex) -> None:
    village = next(iter(town.villages))
    view = town_view(town, area=village)
    for kind in ("places", "cameras", "persons"):
        assert view[kind]
        assert all(one["area"].startswith(village) for one in view[kind])


def test_the_catalogue_holds_the_taxonomy_and_our_own_three() -> None:
    rows = categories()
    assert len(rows) == 64
    assert len({row.code for row in rows}) == 64
    assert {row.code for row in rows if row.own} == {"06999", "02999", "02998"}
    by_code = {row.code: row for row in rows}
    assert (by_code["02001"].priority, by_code["02001"].accept, by_code["02001"].arrive) == ("P0", "1m", "5m")
    assert (by_code["06999"].accept, by_code["06999"].arrive, by_code["06999"].resolve) == ("30m", "2h", "24h")
    assert len({row.field for row in rows}) == 10
    assert [force.code for force in forces()] == [
        "POL", "AUX", "GRD", "ENF", "FIR", "MED", "EMR", "MDT", "VOL", "DEP",
    ]  # fmt: skip


def test_the_calendar_can_be_changed_and_then_counts(tmp_path: Path, model_town: Town) -> None:
    timeline = open_hall(tmp_path / "calendar.db")
    with timeline.transaction() as tx:
        load_town(tx, model_town)
        before = work_calendar(tx.session)
        tx.session.add(CalendarDayRow(day=date(2027, 2, 8), kind="holiday", name="春节", source="administrator"))
        tx.session.flush()
        after = work_calendar(tx.session)
    assert before(date(2026, 10, 10))
    assert not before(date(2026, 10, 1))
    assert before(date(2027, 2, 8))
    assert not before.is_arranged(2027)
    assert not after(date(2027, 2, 8))
    assert after.is_arranged(2027)
    timeline.close()
