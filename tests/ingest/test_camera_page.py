"""The camera page: what is watched for, how the picture has been, what was learned, what would have fired."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from command_center import errors
from command_center.access import routes as access_routes
from command_center.access.commands import add_user
from command_center.errors import BadInput
from command_center.ingest import baselines, camera_routes, feed_hours, traces
from command_center.ingest.commands import take_signal
from command_center.ingest.feed_hours import FeedHour
from command_center.ingest.feeds import feeds, set_feeds
from command_center.ingest.learned import learned
from command_center.ingest.preview import judged
from command_center.ingest.tables import FeedRow
from command_center.ingest.zones import check_zones, within
from command_center.registry.commands import load_town
from command_center.registry.queries import town_index
from command_center.settings import Settings
from command_center.timeline import Timeline, open_timeline
from command_center.timeline.tables import Base
from gis.town import generate_town
from tests.access.serving import serving
from video.detect.baseline import Baseline
from video.model import FeedSignal, FeedSpec, Point, SignalKind, Trace, Zone
from video.monitor import Monitor

PASSWORD = "Correct-Horse-42"
TOWN = "320724199"
LOCAL = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 8, 23, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEFT: tuple[Point, ...] = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
RIGHT: tuple[Point, ...] = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))


def trace(
    kind: SignalKind,
    *,
    x: float = 0.25,
    needs: float = 0.3,
    zone: str = "",
    hours_ago: float = 1,
    camera_id: str = "c",
    boxed: bool = True,
) -> Trace:
    """Something whose feet stood at `x`, near the lower edge of the picture."""
    at = NOW - timedelta(hours=hours_ago)
    box = (x - 0.05, 0.5, 0.1, 0.4) if boxed else None
    return Trace(camera_id, kind, at, at + timedelta(seconds=8), needs, 0.7, box, zone)


def left(kind: Any = "intrusion", name: str = "左", **more: Any) -> Zone:
    return Zone(name, kind, LEFT, **more)


def names(traces_: list[Trace], *zones: Zone, detectors: Any = None) -> list[tuple[str, str, bool]]:
    return [(one.kind, one.zone, one.possible) for one in judged(traces_, zones, detectors, LOCAL)]


# Judging anew.


def test_a_trace_counts_only_where_its_feet_stand_in_a_zone_of_its_kind() -> None:
    seen = [trace("intrusion", x=0.25, zone="旧"), trace("intrusion", x=0.75, zone="旧")]
    assert names(seen, left()) == [("intrusion", "左", False)]
    assert names(seen, Zone("右", "intrusion", RIGHT)) == [("intrusion", "右", False)]
    assert names(seen, left("crowd")) == []


def test_what_is_wrong_with_the_whole_picture_needs_no_zone_and_none_hides_it() -> None:
    assert names([trace("covered", boxed=False)], left("ignore")) == [("covered", "", False)]


def test_an_ignored_part_hides_what_stands_in_it() -> None:
    seen = [trace("fire", x=0.25), trace("fire", x=0.75)]
    assert len(names(seen, left("ignore"))) == 1


def test_a_zone_counts_within_its_hours() -> None:
    # 04:00 UTC is noon in the town.
    noon, evening = trace("intrusion", hours_ago=0), trace("intrusion", hours_ago=13)
    assert len(names([noon, evening], left(hours=(("22:00", "05:30"),)))) == 1
    assert len(names([noon, evening], left(hours=(("11:00", "13:00"), ("22:00", "23:59"))))) == 2


def test_a_detector_that_is_switched_off_tells_nothing() -> None:
    seen = [trace("covered"), trace("freeze")]
    assert names(seen, detectors=frozenset({"freeze"})) == [("freeze", "", False)]


def test_movement_in_a_new_zone_is_told_apart_as_possible() -> None:
    seen = [trace("motion", x=0.25), trace("motion", x=0.75)]
    assert ("intrusion", "左", True) in names(seen, left())
    watched = [*seen, trace("intrusion", x=0.25, zone="左")]
    assert not any(possible for _, _, possible in names(watched, left()))


def test_feet_near_a_line_cross_it() -> None:
    line = Zone("门线", "line_cross", ((0.25, 0.0), (0.25, 1.0)))
    seen = [trace("line_cross", x=0.27, zone="门线"), trace("line_cross", x=0.6, zone="门线")]
    assert names(seen, line) == [("line_cross", "门线", False)]


@given(st.lists(st.tuples(st.floats(0.06, 0.94), st.floats(0, 1)), max_size=20))
def test_two_halves_together_hold_what_the_whole_picture_holds(seen: list[tuple[float, float]]) -> None:
    found = [trace("intrusion", x=x, needs=needs) for x, needs in seen]
    whole = Zone("全", "intrusion", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    assert len(names(found, left(), Zone("右", "intrusion", RIGHT))) == len(names(found, whole)) == len(found)


def test_hours_over_midnight_hold_both_evenings_and_mornings() -> None:
    night = [("22:00", "05:30")]
    assert [within(night, clock) for clock in ("21:59", "22:00", "00:00", "05:29", "05:30")] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert within([], "12:00")


# What may be drawn.


@pytest.mark.parametrize(
    ("zone", "key"),
    [
        (Zone("结", "intrusion", ((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9))), "zone_crosses_itself"),
        (Zone("小", "crowd", ((0.1, 0.1), (0.11, 0.1), (0.1, 0.11))), "zone_too_small"),
        (Zone("外", "intrusion", ((0.1, 0.1), (1.2, 0.1), (0.1, 0.9))), "zone_outside"),
        (Zone("短", "line_cross", ((0.1, 0.1), (0.1, 0.11))), "zone_too_small"),
        (left("wrong_way"), "zone_direction"),
        (left("loitering", limit=1), "zone_limit"),
        (left("intrusion", limit=30), "zone_limit"),
        (left(hours=(("25:00", "05:30"),)), "hours_malformed"),
        (left(hours=(("05:30", "05:30"),)), "hours_empty"),
        (left(name=" "), "zone_nameless"),
    ],
)
def test_a_zone_that_no_detector_could_watch_is_refused_and_named(zone: Zone, key: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_zones([zone])
    assert refused.value.key == key
    for language in errors.LANGUAGES:
        assert "{" not in refused.value.text(language)


def test_good_zones_of_every_kind_are_taken() -> None:
    check_zones(
        [
            left(),
            Zone("线", "line_cross", ((0.1, 0.5), (0.9, 0.5)), direction_deg=90),
            left("wrong_way", "向", direction_deg=180),
            left("loitering", "留", limit=60, hours=(("22:00", "05:30"),)),
            left("crowd", "众", limit=8),
            left("ignore", "树"),
        ]
    )
    with pytest.raises(BadInput, match="zone_name_twice"):
        check_zones([left(), left("crowd")])


# What was learned.


def test_a_learned_week_is_told_hour_by_hour() -> None:
    light = Baseline(None, highest=255.0, least_spread=3.0)
    monday_noon = datetime(2026, 8, 24, 4, 0, tzinfo=UTC).timestamp()
    for second in range(0, 3600, 2):
        light.learn(120.0, monday_noon + second)
    told = learned(
        {"dark": light.memory(), "freeze": {"least_levels": 0.4, "longest_s": 6.0}, "blind": {"dark": "night"}}
    )
    (week,) = told["hours"]
    assert (week["kind"], week["name"], len(week["usual"])) == ("dark", "brightness", 168)
    assert week["usual"][12] == pytest.approx(120, abs=1)
    assert week["usual"][3] is None
    assert told["figures"] == [
        {"kind": "freeze", "name": "least_levels", "value": 0.4},
        {"kind": "freeze", "name": "longest_s", "value": 6.0},
    ]
    assert told["blind"] == {"dark": "night"}


def test_memories_of_another_engine_are_left_out() -> None:
    assert learned({"dark": "???", "melted": [1, 2], "noise": None})["figures"] == []
    assert all(week["known"] == 0 for week in learned({"dark": "???"})["hours"])


# Over HTTP.


@dataclass
class Hall:
    url: str
    timeline: Timeline
    monitor: Monitor
    camera_id: str
    other_id: str

    @contextmanager
    def signed_in(self, name: str) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url, headers={"Accept-Language": "zh"}, timeout=30) as client:
            me = client.post("/session", json={"name": name, "password": PASSWORD}).json()
            client.headers["X-CSRF-Token"] = me["csrf"]
            yield client

    def spec(self) -> FeedSpec:
        with self.timeline.reading() as session:
            return next(feed for feed in feeds(session) if feed.id == self.camera_id)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    path: Path = tmp_path_factory.mktemp("hall")
    timeline = open_timeline(f"sqlite:///{path}/hall.db", clock=lambda: NOW)
    Base.metadata.create_all(timeline.engine)
    model = generate_town()
    first, second, without = (camera.id for camera in model.cameras[:3])
    with timeline.transaction() as tx:
        load_town(tx, model)
        set_feeds(tx, [FeedSpec(first, "rtsp://127.0.0.1:9/a"), FeedSpec(second, "rtsp://127.0.0.1:9/b")])
        for name, role, area in (
            ("head", "shift_head", TOWN),
            ("duty", "duty_officer", TOWN),
            ("admin", "administrator", TOWN),
            ("walker", "responder", TOWN),
            ("elsewhere", "coordinator", "320724100"),
        ):
            add_user(tx, name=name, display_name=name, role=role, area=area, password=PASSWORD)
    with timeline.reading() as session:
        specs, town = feeds(session), town_index(session)
    app = FastAPI()
    errors.install(app)
    # Not started: it takes feeds and tells their states, and no child process is needed for that.
    monitor = Monitor(specs, on_signal=lambda signal: None, on_health=lambda report: None)
    app.state.timeline, app.state.settings, app.state.town = timeline, Settings(), town
    app.state.monitor = monitor
    app.include_router(access_routes.router)
    app.include_router(camera_routes.router)
    with serving(app) as host:
        yield Hall(f"http://{host}/api/v1", timeline, monitor, first, without)
    timeline.close()


def choices(**more: Any) -> dict[str, Any]:
    return {"zones": [], "sensitivity": 0.5, **more}


ZONE = {
    "name": "后门",
    "kind": "loitering",
    "polygon": [[0.1, 0.2], [0.6, 0.2], [0.6, 0.9]],
    "limit": 45,
    "hours": [["22:00", "05:30"]],
}


def test_what_a_shift_head_sets_is_stored_told_and_watched_at_once(hall: Hall) -> None:
    body = choices(zones=[ZONE], sensitivity=0.8, detectors=["loitering", "covered"], pinned=True, confirm=True)
    with hall.signed_in("head") as client:
        answer = client.put(f"/cameras/{hall.camera_id}/watch", json={**body, "retention_days": 90})
        assert answer.status_code == 200, answer.text
        again = client.get(f"/cameras/{hall.camera_id}/watch").json()
    assert again["watch"] == answer.json()["watch"]
    assert again["watch"]["retention_days"] == 90 and again["watch"]["edited"] and again["may_adjust"]
    spec = hall.spec()
    assert spec.zones == (
        Zone("后门", "loitering", ((0.1, 0.2), (0.6, 0.2), (0.6, 0.9)), None, 45, (("22:00", "05:30"),)),
    )
    assert (spec.sensitivity, spec.pinned, spec.confirm) == (0.8, True, True)
    assert hall.monitor._specs[hall.camera_id] == spec
    facts = [fact for fact in hall.timeline.since(0) if fact.kind == "ingest.watch_set"]
    assert facts[-1].data["watch"]["after"]["sensitivity"] == 0.8
    assert facts[-1].actor is not None and facts[-1].actor["name"] == "head"


def test_the_same_choices_again_tell_nothing_new(hall: Hall) -> None:
    with hall.signed_in("head") as client:
        client.put(f"/cameras/{hall.camera_id}/watch", json=choices())
        before = hall.timeline.head().seq
        assert client.put(f"/cameras/{hall.camera_id}/watch", json=choices()).status_code == 200
    assert hall.timeline.head().seq == before


def test_a_bad_zone_is_refused_in_the_readers_language_and_changes_nothing(hall: Hall) -> None:
    knot = {"name": "大门", "kind": "intrusion", "polygon": [[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]}
    with hall.signed_in("head") as client:
        before = client.get(f"/cameras/{hall.camera_id}/watch").json()
        refused = client.put(f"/cameras/{hall.camera_id}/watch", json=choices(zones=[knot]))
        assert refused.status_code == 400
        assert "大门" in refused.json()["detail"] and "交叉" in refused.json()["detail"]
        english = client.put(
            f"/cameras/{hall.camera_id}/watch", json=choices(zones=[knot]), headers={"Accept-Language": "en"}
        )
        assert "crosses itself" in english.json()["detail"]
        few = client.put(f"/cameras/{hall.camera_id}/watch", json=choices(zones=[{**knot, "polygon": [[0.1, 0.1]]}]))
        assert few.json()["code"] == "zone_corners"
        days = client.put(f"/cameras/{hall.camera_id}/watch", json=choices(retention_days=0))
        assert days.json()["code"] == "retention_bad"
        assert client.get(f"/cameras/{hall.camera_id}/watch").json() == before


def test_who_may_look_and_who_may_change(hall: Hall) -> None:
    path = f"/cameras/{hall.camera_id}/watch"
    for name, looks, changes in (
        ("duty", 200, 403),
        ("admin", 200, 200),
        ("walker", 403, 403),
        ("elsewhere", 404, 404),
    ):
        with hall.signed_in(name) as client:
            assert client.get(path).status_code == looks, name
            assert client.put(path, json=choices()).status_code == changes, name


def test_a_camera_without_a_feed_says_so(hall: Hall) -> None:
    with hall.signed_in("duty") as client:
        answer = client.get(f"/cameras/{hall.other_id}/watch")
    assert (answer.status_code, answer.json()["code"]) == (404, "camera_no_feed")


def test_health_tells_signals_that_were_on_and_the_hours(hall: Hall) -> None:
    def signal(id_: str, kind: SignalKind, start_h: float, end_h: float | None) -> FeedSignal:
        ended = None if end_h is None else NOW - end_h * HOUR
        return FeedSignal(hall.camera_id, kind, NOW - start_h * HOUR, ended, 0.8, None, {}, id_)

    with hall.timeline.transaction() as tx:
        for one in (signal("s1", "covered", 30, 20), signal("s2", "dark", 2, None), signal("s3", "freeze", 50, 40)):
            take_signal(tx, one, lambda _id: TOWN)
        feed_hours.store(tx, [FeedHour(hall.camera_id, NOW - HOUR, 3000.0, 500.0, 100.0, 1700, 4.2)])
    with hall.signed_in("duty") as client:
        day = client.get(f"/cameras/{hall.camera_id}/health").json()
        week = client.get(
            f"/cameras/{hall.camera_id}/health", params={"since": (NOW - timedelta(days=7)).isoformat()}
        ).json()
        backwards = client.get(f"/cameras/{hall.camera_id}/health", params={"since": (NOW + HOUR).isoformat()})
        listed = client.get("/cameras/watch").json()
    assert [one["id"] for one in day["signals"]] == ["s1", "s2"]
    assert [one["id"] for one in week["signals"]] == ["s3", "s1", "s2"]
    assert day["hours"] == [
        {
            "hour": "2026-08-23T03:00:00.000Z",
            "online_s": 3000,
            "lost_s": 500,
            "trouble_s": 100,
            "looks": 1700,
            "age_worst_s": 4.2,
        }
    ]
    assert backwards.status_code == 400
    assert listed[0]["camera_id"] == hall.camera_id and listed[0]["since"] == "2026-08-23T02:00:00.000Z"


def test_learned_values_are_told_or_that_there_are_none_yet(hall: Hall) -> None:
    with hall.signed_in("duty") as client:
        assert client.get(f"/cameras/{hall.camera_id}/learned").json()["saved_at"] is None
        with hall.timeline.transaction() as tx:
            baselines.store(tx, {hall.camera_id: {"freeze": {"longest_s": 8.0}, "blind": {"defocus": "no_texture"}}})
        told = client.get(f"/cameras/{hall.camera_id}/learned").json()
    assert told["saved_at"] == "2026-08-23T04:00:00.000Z"
    assert told["learned"]["blind"] == {"defocus": "no_texture"}


def test_a_preview_counts_what_would_have_fired_and_changes_nothing(hall: Hall) -> None:
    with hall.timeline.transaction() as tx:
        row = tx.session.get(FeedRow, hall.camera_id)
        assert row is not None
        row.zones = [{"name": "左", "kind": "intrusion", "polygon": [list(point) for point in LEFT]}]
        row.sensitivity, row.detectors = 0.5, None
        seen = [
            trace("intrusion", needs=0.2, zone="左", camera_id=hall.camera_id),
            trace("intrusion", needs=0.7, zone="左", camera_id=hall.camera_id),
            trace("intrusion", needs=0.1, x=0.75, zone="左", camera_id=hall.camera_id),
            trace("covered", needs=0.4, camera_id=hall.camera_id),
            trace("covered", needs=0.4, hours_ago=30, camera_id=hall.camera_id),
            trace("motion", needs=0.1, camera_id=hall.camera_id),
        ]
        traces.store(tx, seen)
    zone = {"name": "左", "kind": "intrusion", "polygon": LEFT}
    with hall.signed_in("duty") as client:
        path = f"/cameras/{hall.camera_id}/preview"
        same = client.post(path, json={"zones": [zone], "sensitivity": 0.5}).json()
        bold = client.post(path, json={"zones": [zone], "sensitivity": 0.9}).json()
        none = client.post(path, json={"zones": [], "sensitivity": 0.9, "detectors": []}).json()
        knot = {**zone, "polygon": [[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]}
        assert client.post(path, json={"zones": [knot], "sensitivity": 0.5}).status_code == 400
    assert (same["traces"], same["fires"], same["fires_stored"]) == (5, 2, 2)
    assert (bold["fires"], bold["fires_stored"], none["fires"]) == (3, 2, 0)
    assert {one["kind"] for one in same["candidates"]} == {"intrusion", "covered"}
    with hall.timeline.reading() as session:
        assert session.scalar(select(FeedRow.sensitivity).where(FeedRow.camera_id == hall.camera_id)) == 0.5
