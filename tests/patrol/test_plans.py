"""A day is planned over HTTP, changed by hand, relaxed, published, and made anew when a team drops out."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from command_center import errors
from command_center.access import routes as access_routes
from command_center.access.commands import add_user
from command_center.patrol.plans import routes
from command_center.patrol.plans.desk import INTERRUPTED, PlanDesk
from command_center.patrol.plans.tables import PlanRow
from command_center.registry.commands import load_town
from command_center.registry.queries import town_index
from command_center.settings import Settings
from gis.town import generate_town
from tests.access.serving import serving

from .conftest import Clock, Patrol

PASSWORD = "Correct-Horse-42"
TOWN = "320724199"
DAY = "2026-08-23"


class Hall(Patrol):
    """A patrol of the model town with two teams and some points, behind a real server."""

    url: str
    desk: PlanDesk
    persons: list[str]

    @contextmanager
    def signed_in(self, name: str) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url, timeout=60) as client:
            me = client.post("/session", json={"name": name, "password": PASSWORD}).json()
            client.headers["X-CSRF-Token"] = me["csrf"]
            yield client


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    hall = Hall(tmp_path_factory.mktemp("plans"), Clock())
    model = generate_town(cameras=5)
    hall.persons = [person.id for person in model.persons]
    with hall.timeline.transaction() as tx:
        load_town(tx, model)
        for name, role, area, person_id in (
            ("planner", "coordinator", TOWN, None),
            ("duty", "duty_officer", TOWN, None),
            ("elsewhere", "coordinator", "320724100", None),
            ("walker", "responder", TOWN, model.persons[0].id),
        ):
            add_user(tx, name=name, display_name=name, role=role, area=area, password=PASSWORD, person_id=person_id)
    for number, place in enumerate(model.points[:5]):
        hall.point(
            id=f"P{number}", name=f"点{number}", lonlat=place.lonlat, area=place.area, person_id=None,
            windows=[{"start": f"{9 + number:02}:00:00", "end": f"{11 + number:02}:00:00"}],
        )  # fmt: skip
    app = FastAPI()
    errors.install(app)
    app.state.timeline, app.state.settings = hall.timeline, Settings(plan_solve_s=5.0, plan_relax_s=10.0)
    with hall.timeline.reading() as db:
        app.state.town = town_index(db)
    hall.desk = app.state.plan_desk = PlanDesk(hall.timeline, app.state.town)
    app.include_router(access_routes.router)
    app.include_router(routes.router)
    with serving(app) as host:
        hall.url = f"http://{host}/api/v1"
        with hall.signed_in("planner") as planner:
            for number in range(2):
                answer = planner.post("/patrol/teams", json=team(model, number))
                assert answer.status_code == 201, answer.text
        yield hall
    hall.desk.end()
    hall.stop()


def team(model: Any, number: int, **more: Any) -> dict[str, Any]:
    person = model.persons[number]
    return {
        "name": f"巡组{number}",
        "force": person.force,
        "travel": "car",
        "lonlat": person.base,
        "shift_start": "08:00:00",
        "shift_end": "16:00:00",
        "rest_s": 1800,
        "persons": [person.id],
    } | more


def solved(client: httpx.Client, answer: httpx.Response) -> dict[str, Any]:
    """The plan, once its search is over."""
    assert answer.status_code == 202, answer.text
    id = answer.json()["id"]
    until = time.monotonic() + 150
    while client.get(f"/patrol/plans/{id}/progress").json()["running"]:
        assert time.monotonic() < until
        time.sleep(0.05)
    found: dict[str, Any] = client.get(f"/patrol/plans/{id}").json()
    assert found["plan"]["state"] == "draft", found["plan"]["problem"]
    return found


def team_of(plan: dict[str, Any], visit_id: str) -> str | None:
    return next((r["team_id"] for r in plan["rounds"] for s in r["stops"] if s["visit_id"] == visit_id), None)


def test_a_day_is_planned_moved_published_and_planned_anew_when_a_team_drops_out(hall: Hall) -> None:
    with hall.signed_in("planner") as planner, hall.signed_in("walker") as walker:
        made = solved(planner, planner.post("/patrol/plans", json={"day": DAY, "wanted": 0.3}))
        id = made["plan"]["id"]
        assert made["unmet"] == [] and made["troubles"] == [] and made["plan"]["stops"] == 7
        ways = planner.get(f"/patrol/plans/{id}/ways").json()
        assert all(len(ways[one["team_id"]]) == len(one["stops"]) + 1 for one in made["rounds"] if one["stops"])

        teams = [crew["id"] for crew in made["crews"]]
        visit = next(s["visit_id"] for r in made["rounds"] for s in r["stops"] if s["visit_id"].startswith("P"))
        other = next(one for one in teams if one != team_of(made, visit))
        move = {"version": made["plan"]["version"], "visit_id": visit, "team_id": other, "at_s": 17 * 3600}
        tried = planner.post(f"/patrol/plans/{id}/try", json=move).json()
        assert {one["code"] for one in tried["troubles"]} == {"late", "over_shift"}
        assert planner.get(f"/patrol/plans/{id}").json() == made
        moved = planner.post(f"/patrol/plans/{id}/move", json=move | {"at_s": None}).json()
        assert team_of(moved, visit) == other
        assert planner.post(f"/patrol/plans/{id}/move", json=move).status_code == 409

        assert walker.get("/patrol/rounds/mine").json() == []
        told = planner.post(f"/patrol/plans/{id}/publish", json={"version": moved["plan"]["version"]}).json()
        assert told["state"] == "published"
        fact = next(one for one in hall.timeline.since(0) if one.kind == "patrol.plan_published")
        assert set(fact.parties) == set(hall.persons[:2])
        (mine,) = walker.get("/patrol/rounds/mine").json()
        assert [stop["at"] for stop in mine["stops"]] == sorted(stop["at"] for stop in mine["stops"])

        page = planner.get(f"/patrol/plans/{id}/briefing")
        assert "点0" in page.text and "default-src 'none'" in page.headers["content-security-policy"]
        assert not re.findall(r"""<(?:script|img|iframe)[^>]+src=|<link[^>]+href=|@import|url\((?!#)""", page.text)

    hall.clock.moment += timedelta(hours=3)
    with hall.signed_in("planner") as planner:
        fresh = solved(planner, planner.post(f"/patrol/plans/{id}/drop-out", json={"teams": [teams[0]]}))
        now_s = 11 * 3600
        before = {s["visit_id"]: s for r in moved["rounds"] for s in r["stops"]}
        after = {s["visit_id"]: (r["team_id"], s) for r in fresh["rounds"] for s in r["stops"]}
        for visit_id, stop in before.items():
            if stop["arrive_s"] + 1800 <= now_s:
                assert after[visit_id][1]["arrive_s"] == stop["arrive_s"]
        late = [team for team, stop in after.values() if stop["arrive_s"] > now_s]
        assert late and set(late) == {teams[1]}
        again = solved(planner, planner.post("/patrol/plans", json={"day": "2026-08-24", "wanted": 0.3}))
        assert again["plan"]["predictability"] <= 0.3


def test_of_a_day_that_has_begun_only_what_is_left_is_planned(hall: Hall) -> None:
    with hall.signed_in("planner") as planner:
        # It is eleven on the 23rd by now: the window of the first point has just ended.
        left = solved(planner, planner.post("/patrol/plans", json={"day": DAY, "wanted": 1.0}))
        stops = [stop for one in left["rounds"] for stop in one["stops"]]
        assert stops and min(stop["arrive_s"] for stop in stops) >= 11 * 3600
        assert left["unmet"] == [] and "P0@0.0" not in {one["id"] for one in left["visits"]}
        whole = solved(planner, planner.post("/patrol/plans", json={"day": DAY, "wanted": 1.0, "from_now": False}))
        assert min(stop["arrive_s"] for one in whole["rounds"] for stop in one["stops"]) < 11 * 3600
        over = planner.post("/patrol/plans", json={"day": "2026-08-22"})
        assert (over.status_code, over.json()["code"]) == (400, "plan_day_over")


def test_what_cannot_be_met_is_proposed_and_granted_at_a_click(hall: Hall) -> None:
    with hall.signed_in("planner") as planner:
        point = hall.point(id="night", name="夜点", lonlat=(119.4, 34.1), person_id=None, windows=[
            {"start": "22:00:00", "end": "23:00:00"}])  # fmt: skip
        need = planner.put(f"/patrol/needs/{point}", json={"visits": 1, "weight": 4}).json()
        assert need["weight"] == 4
        made = solved(planner, planner.post("/patrol/plans", json={"day": "2026-08-25", "wanted": 1.0}))
        (offer,) = made["proposals"]
        assert (offer["need_id"], offer["cause"]) == ("night", "nobody")
        choice = next(n for n, one in enumerate(offer["relaxations"]) if one["kind"] == "team")
        body = {"proposal": 0, "relaxation": choice}
        eased = solved(planner, planner.post(f"/patrol/plans/{made['plan']['id']}/relax", json=body))
        assert (
            eased["unmet"] == [] and len(eased["crews"]) == 3 and eased["relaxations"] == [offer["relaxations"][choice]]
        )
        body["relaxation"] = 9
        assert planner.post(f"/patrol/plans/{made['plan']['id']}/relax", json=body).status_code == 400
        with hall.timeline.transaction() as tx:
            tx.session.get_one(PlanRow, made["plan"]["id"]).state = "solving"
        hall.desk.take_up()
        assert planner.get(f"/patrol/plans/{made['plan']['id']}").json()["plan"]["problem"] == INTERRUPTED


def test_only_who_plans_here_sees_or_changes_plans(hall: Hall) -> None:
    with hall.signed_in("duty") as duty, hall.signed_in("elsewhere") as elsewhere, hall.signed_in("planner") as planner:
        assert duty.get("/patrol/plans").status_code == 403
        assert elsewhere.get("/patrol/plans").json() == [] == elsewhere.get("/patrol/teams").json()
        id = planner.get("/patrol/plans").json()[0]["id"]
        assert elsewhere.get(f"/patrol/plans/{id}").status_code == 404
        refused = elsewhere.post("/patrol/plans", json={"day": DAY})
        assert (refused.status_code, refused.json()["code"]) == (400, "plan_no_teams")
        one = planner.get("/patrol/teams").json()[0]
        assert elsewhere.patch(f"/patrol/teams/{one['id']}", json={"name": "x"}).status_code == 404
        bad = planner.patch(f"/patrol/teams/{one['id']}", json={"shift_end": one["shift_start"][:-1] + "1"})
        assert bad.json()["code"] == "team_shift_bad"
