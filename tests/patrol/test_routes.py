"""Points and duties over HTTP: planned by the coordinator, seen within the area, proved by positions."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from command_center.access.tables import AuditRow
from gis.metric import destination

from .serving_patrol import TOWN, Hall, serving_patrol


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with serving_patrol(tmp_path_factory.mktemp("hall")) as hall:
        yield hall


def test_a_coordinator_adds_and_changes_a_point_and_nobody_else_does(hall: Hall) -> None:
    with hall.signed_in("planner") as planner, hall.signed_in("duty") as duty:
        assert duty.post("/patrol/points", json=hall.body()).status_code == 403
        created = planner.post("/patrol/points", json=hall.body())
        assert created.status_code == 201, created.text
        point = created.json()
        assert point["area"].startswith(TOWN) and len(point["area"]) == 15
        changed = planner.patch(f"/patrol/points/{point['id']}", json={"dwell_s": 60, "version": 1})
        assert (changed.json()["dwell_s"], changed.json()["version"]) == (60, 2)
        stale = planner.patch(f"/patrol/points/{point['id']}", json={"dwell_s": 90, "version": 1})
        assert (stale.status_code, stale.json()["code"]) == (409, "point_changed")
        assert point["id"] in [one["id"] for one in duty.get("/patrol/points").json()]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"lonlat": [116.4, 39.9]}, 400),
        ({"lonlat": [200, 34]}, 422),
        ({"radius_m": 5}, 422),
        ({"windows": []}, 422),
        ({"windows": [{"start": "08:10", "end": "08:12"}]}, 400),
        ({"windows": [{"start": "8 Uhr", "end": "9 Uhr"}]}, 400),
        ({"windows": [{"start": "08:00", "end": "09:00"}, {"start": "08:30", "end": "10:00"}]}, 400),
        ({"person_id": "nobody"}, 404),
        ({"person_id": None, "assigned_only": True}, 400),
    ],
)
def test_an_impossible_point_is_refused_and_nothing_is_half_done(
    hall: Hall, wrong: dict[str, Any], status: int
) -> None:
    before = hall.timeline.head()
    with hall.signed_in("planner") as planner:
        answer = planner.post("/patrol/points", json=hall.body(**wrong))
    assert answer.status_code == status, answer.text
    assert hall.timeline.head() == before


def test_another_towns_points_and_duties_do_not_exist(hall: Hall) -> None:
    with hall.signed_in("planner") as planner, hall.signed_in("elsewhere") as stranger:
        point = planner.post("/patrol/points", json=hall.body()).json()
        duty = next(one for one in planner.get("/patrol/duties").json() if one["point_id"] == point["id"])
        assert stranger.get("/patrol/points").json() == stranger.get("/patrol/duties").json() == []
        assert stranger.patch(f"/patrol/points/{point['id']}", json={"dwell_s": 60}).status_code == 404
        assert stranger.get(f"/patrol/duties/{duty['id']}").status_code == 404
        assert stranger.post("/patrol/points", json=hall.body()).status_code == 400


def test_a_responder_sees_his_own_duties_only(hall: Hall) -> None:
    with hall.signed_in("planner") as planner:
        point = planner.post("/patrol/points", json=hall.body()).json()
    with hall.signed_in("walker") as walker, hall.signed_in("other") as other:
        own = [duty for duty in walker.get("/patrol/duties").json() if duty["point_id"] == point["id"]]
        assert len(own) == 1
        assert other.get("/patrol/duties").json() == []
        assert walker.get(f"/patrol/duties/{own[0]['id']}").status_code == 200
        assert other.get(f"/patrol/duties/{own[0]['id']}").status_code == 404
        assert walker.get("/patrol/points").status_code == 403


def test_duties_are_listed_by_local_day(hall: Hall) -> None:
    with hall.signed_in("planner") as planner:
        planner.post("/patrol/points", json=hall.body())
        today = planner.get("/patrol/duties").json()
        assert today == planner.get("/patrol/duties", params={"date": "2026-08-23"}).json() != []
        assert planner.get("/patrol/duties", params={"date": "2026-08-22"}).json() == []
        assert planner.get("/patrol/duties", params={"date": "yesterday"}).status_code == 422


def test_a_proof_shows_the_positions_and_who_looked_is_written_down(hall: Hall) -> None:
    with hall.signed_in("planner") as planner:
        point = planner.post("/patrol/points", json=hall.body()).json()
        duty_id = next(one["id"] for one in planner.get("/patrol/duties").json() if one["point_id"] == point["id"])
    hall.clock.moment = hall.at(20)
    lon, lat = hall.place
    positions = [replace(one, lon=lon, lat=lat) for one in hall.standing(12, 20, person_id=hall.persons[0])]
    hall.send(positions)
    hall.settle(42)
    with hall.signed_in("planner") as planner:
        proof = planner.get(f"/patrol/duties/{duty_id}").json()
    assert proof["duty"]["state"] == "visited"
    assert proof["point"]["id"] == point["id"]
    assert len(proof["positions"]) == len(positions)
    with hall.timeline.reading() as db:
        seen = db.scalars(select(AuditRow).where(AuditRow.what == "patrol.proof_seen", AuditRow.object_id == duty_id))
        assert [(row.user_name, row.purpose) for row in seen] == [("planner", hall.persons[0])]


def _way(client: httpx.Client, hall: Hall) -> dict[str, Any]:
    end = destination(hall.place, 30.0, 900.0)
    return dict(client.post("/patrol/lines/way", json={"start": hall.place, "end": end}).json())


def test_a_line_is_drawn_along_the_roads_added_changed_and_seen_within_the_area(hall: Hall) -> None:
    with hall.signed_in("planner") as planner, hall.signed_in("duty") as duty, hall.signed_in("elsewhere") as stranger:
        way = _way(planner, hall)
        assert way["length_m"] > 500 and len(way["line"]) > 2
        body = {"name": "人民路", "line": way["line"], "windows": [{"start": "18:10", "end": "19:40"}]}
        assert duty.post("/patrol/lines", json=body).status_code == 403
        created = planner.post("/patrol/lines", json=body)
        assert created.status_code == 201, created.text
        line = created.json()
        assert (line["need_share"], line["length_m"]) == (0.9, pytest.approx(way["length_m"], abs=1.0))
        changed = planner.patch(f"/patrol/lines/{line['id']}", json={"need_share": 0.7, "version": 1})
        assert changed.json()["version"] == 2
        stale = planner.patch(f"/patrol/lines/{line['id']}", json={"need_share": 0.5, "version": 1})
        assert (stale.status_code, stale.json()["code"]) == (409, "line_changed")
        assert line["id"] in [one["id"] for one in duty.get("/patrol/lines").json()]
        assert stranger.get("/patrol/lines").json() == []
        assert stranger.patch(f"/patrol/lines/{line['id']}", json={"active": False}).status_code == 404
        [own] = [one for one in planner.get("/patrol/duties").json() if one["line_id"] == line["id"]]
        assert (own["share"], own["need_share"]) == (0.0, 0.7)
        assert planner.get(f"/patrol/duties/{own['id']}").json()["line"]["id"] == line["id"]
        assert planner.get(f"/patrol/duties/{own['id']}/judgements").json() == []
        assert stranger.get(f"/patrol/duties/{own['id']}/judgements").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"line": [[116.4, 39.9], [116.41, 39.9]]}, 400),
        ({"line": [[116.4, 39.9]]}, 422),
        ({"line": "same"}, 400),
        ({"need_share": 0}, 422),
        ({"unit_id": "nobody"}, 404),
        ({"assigned_only": True}, 400),
    ],
)
def test_an_impossible_line_is_refused_and_nothing_is_half_done(hall: Hall, wrong: dict[str, Any], status: int) -> None:
    before = hall.timeline.head()
    with hall.signed_in("planner") as planner:
        line = (
            [hall.place, hall.place] if wrong.get("line") == "same" else [hall.place, destination(hall.place, 30, 300)]
        )
        body = {"name": "人民路", "line": line, "windows": [{"start": "08:10", "end": "09:40"}]}
        body |= {name: value for name, value in wrong.items() if value != "same"}
        answer = planner.post("/patrol/lines", json=body)
    assert answer.status_code == status, answer.text
    assert hall.timeline.head() == before


def test_a_responder_calls_for_help_from_where_he_is_or_was_last_heard(hall: Hall) -> None:
    with hall.signed_in("walker") as walker, hall.signed_in("duty") as duty:
        assert duty.post("/sos", json={}).status_code == 403
        call = walker.post("/sos", json={"lonlat": hall.place, "at": "2030-01-01T00:00:00Z"})
        assert call.status_code == 201, call.text
        assert call.json()["person_id"] == hall.persons[0]
        assert call.json()["at"] < "2027"
        assert walker.post("/sos", json={}).status_code == 201
    fact = hall.timeline.since(hall.timeline.head().seq - 1)[0]
    assert (fact.kind, fact.parties) == ("ingest.sos", (hall.persons[0],))
