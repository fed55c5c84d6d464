"""What the coordinator does: brings a layer in, publishes a plan and follows the day; the wall follows her."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from gis.datum import wgs84_to_gcj02
from gis.metric import destination, distance_m
from gis.town_model import Person, Town
from tests.browser.conftest import RunningHall
from tests.browser.fleet import Fleet
from tests.browser.seats import PATIENCE_MS, Seat

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

LOCAL = timedelta(hours=8)
DWELL_S = 4


class Morning:
    """Times around now of one plan's day, which begins at five in the morning."""

    def __init__(self) -> None:
        now = datetime.now(UTC) + LOCAL
        self.day = (now - timedelta(hours=5)).date()
        begins = datetime.combine(self.day, datetime.min.time(), UTC) + timedelta(hours=5)
        end = now + timedelta(hours=3)
        self.window = _times(max(begins, now - timedelta(hours=1)), end)
        # By then he must have been at the near point: the way to the far one takes ten minutes on foot.
        self.soon = f"{now + timedelta(minutes=8):%H:%M:%S}"
        self.shift = _times(max(begins, now - timedelta(minutes=2)), end)


def _times(start: datetime, end: datetime) -> tuple[str, str]:
    return f"{start:%H:%M:%S}", f"{end:%H:%M:%S}"


def command(seat: Seat, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """A command of the one who sits there, sent past the page."""
    ask = seat.page.request
    csrf = ask.get(f"{seat.hall.url}/api/v1/session").json()["csrf"]
    answer = ask.fetch(f"{seat.hall.url}/api/v1{path}", method=method, data=body, headers={"X-CSRF-Token": csrf})
    assert answer.ok, answer.text()
    found: dict[str, Any] = answer.json()
    return found


def make_round(seat: Seat, morning: Morning, walker: Person) -> dict[str, Any]:
    """A team of one, a point where he stands and one further on, both his alone, planned for the day; not published."""
    start, end = morning.window
    points = []
    for name, away_m, until in (("近点", 20.0, morning.soon), ("远点", 900.0, end)):
        point = command(seat, "POST", "/patrol/points", {
            "name": name, "kind": "school", "lonlat": destination(walker.base, 90.0, away_m), "radius_m": 60,
            "dwell_s": DWELL_S, "windows": [{"start": start, "end": until}],
            "person_id": walker.id, "assigned_only": True,
        })  # fmt: skip
        points.append(point["id"])
    teams = f"{seat.hall.url}/api/v1/patrol/teams"
    for other in seat.page.request.get(teams).json():
        # He leaves his team, or it might be the one to go to the far point.
        if walker.id in other["persons"]:
            command(seat, "PATCH", f"/patrol/teams/{other['id']}", {"version": other["version"], "active": False})
    team = command(seat, "POST", "/patrol/teams", {
        "name": "夜巡77", "force": walker.force, "travel": "foot", "lonlat": walker.base, "rest_s": 0,
        "shift_start": morning.shift[0], "shift_end": morning.shift[1], "persons": [walker.id],
    })  # fmt: skip
    plan = command(seat, "POST", "/patrol/plans", {"day": morning.day.isoformat(), "wanted": 1.0})
    url = f"{seat.hall.url}/api/v1/patrol/plans/{plan['id']}"
    for _ in range(600):
        if not seat.page.request.get(f"{url}/progress").json()["running"]:
            break
        seat.page.wait_for_timeout(200)
    detail = seat.page.request.get(url).json()
    need_of = {visit["id"]: visit["need_id"] for visit in detail["visits"]}
    # What so short a search has left out she puts in by hand.
    for visit_id in (one["visit_id"] for one in detail["unmet"] if need_of[one["visit_id"]] in points):
        move = {"version": detail["plan"]["version"], "visit_id": visit_id, "team_id": team["id"]}
        detail = command(seat, "POST", f"/patrol/plans/{plan['id']}/move", move)
    return {"team": team["id"], "plan": detail["plan"]}


def test_rounds_on_the_wall_follow_the_plan_and_the_visits_without_a_reload(
    hall: RunningHall, chromium: Browser, fleet: Fleet
) -> None:
    walker = hall.town.persons[::2][3]
    wall, desk = Seat(chromium, hall, "wall", size=(3840, 1080)), Seat(chromium, hall, "patrol", size=(1920, 1080))
    asked: list[str] = []
    wall.page.on("request", lambda request: asked.append(request.url))
    morning = Morning()
    made = make_round(desk, morning, walker)
    assert not [url for url in asked if url.endswith("/rounds")], "asked for though nobody wants to see it"
    wall.of("rounds-open").click()
    wall.sees("rounds", state="told")
    expect(wall.of("round")).to_have_count(0)

    command(desk, "POST", f"/patrol/plans/{made['plan']['id']}/publish", {"version": made["plan"]["version"]})
    row = wall.of("round", id=made["team"])
    expect(row).to_be_visible(timeout=PATIENCE_MS)
    expect(row).to_have_attribute("data-state", "under_way", timeout=PATIENCE_MS)
    row.locator("button").first.click()
    wall.sees("round-next", state="next")
    # He has stood at the near point all the time: as soon as its duty is judged it is visited, and the next one is far.
    expect(wall.of("round-stop", state="visited")).to_have_count(1, timeout=PATIENCE_MS)
    expect(wall.of("round-next")).to_contain_text("远点", timeout=PATIENCE_MS)
    wall.picture("wall-rounds")
    fleet.send(walker.id, destination(walker.base, 90.0, 900.0))
    expect(wall.of("round-next")).to_have_attribute("data-state", "homewards", timeout=PATIENCE_MS)
    wall.of("rounds-open").click()
    expect(wall.of("rounds")).to_have_count(0)

    desk.page.goto(f"{hall.url}/patrol/day")
    desk.sees("day-page", state="read")
    desk.of("rings-open").click()
    desk.sees("rings", state="drawn")
    desk.picture("day-rings")
    desk.page.get_by_label("前一天").click()
    expect(desk.of("rings-open")).to_have_count(0)
    for seat in (wall, desk):
        seat.leave()


def shifted_layer(town: Town, folder: Path) -> tuple[Path, dict[str, tuple[float, float]]]:
    """Kiosks along the roads as a map site of this country gives them, in its own datum and an office's encoding."""
    corners = [road.line[len(road.line) // 2] for road in town.roads if len(road.line) > 2][:40]
    names = [f"报刊亭{number:02}" for number in range(len(corners))]
    rows = zip(names, wgs84_to_gcj02(np.array(corners)), strict=True)
    text = "\n".join(["名称,经度,纬度", *(f"{name},{lon:.6f},{lat:.6f}" for name, (lon, lat) in rows)])
    path = folder / "报刊亭.csv"
    path.write_bytes(text.encode("gb18030"))
    return path, dict(zip(names, corners, strict=True))


def test_a_layer_in_the_wrong_datum_is_recognised_put_right_and_imported(
    hall: RunningHall, chromium: Browser, tmp_path: Path
) -> None:
    path, true = shifted_layer(hall.town, tmp_path)
    seat = Seat(chromium, hall, "patrol", size=(1920, 1080))
    seat.page.goto(f"{hall.url}/import")
    seat.of("import-kind", id="places").click()
    seat.of("import-file").set_input_files(path)
    expect(seat.sees("import-sample")).to_contain_text("报刊亭00")
    seat.of("import-next").click()
    expect(seat.of("import-column", id="lon")).to_have_value("经度")
    seat.of("import-try").click()
    seat.sees("import-verdict", state="gcj02")
    seat.picture("import-datum")
    seat.of("import-take-datum").click()
    seat.sees("import-verdict", state="fits")
    seat.sees("import-count", id="new", state=str(len(true)))
    seat.of("import-apply").click()
    seat.sees("import-done")
    layer = seat.page.request.get(f"{hall.url}/api/v1/registry/layers/places").json()
    found = {one["properties"]["name"]: one["geometry"]["coordinates"] for one in layer["features"]}
    assert max(distance_m(found[name], place) for name, place in true.items()) < 2.0
    seat.leave()
