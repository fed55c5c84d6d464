"""What the monitor learns and tells in masses is kept beside the log and comes back whole, on both engines."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from command_center.ingest import baselines, feed_hours, traces
from command_center.ingest.feed_hours import FeedHours
from command_center.ingest.feeds import feeds, retention, set_feeds
from command_center.ingest.tables import FeedRow
from command_center.timeline import Timeline, open_timeline
from video.model import FeedSpec, HealthReport, Trace, Zone

NOW = datetime(2026, 8, 23, 1, 30, tzinfo=UTC)
ZONE = Zone("门口", "loitering", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), 90.0, 40.0, (("22:00", "05:30"),))
LINE = Zone("线", "line_cross", ((0.0, 0.5), (1.0, 0.5)))
WHOLE = FeedSpec(
    "c1", "rtsp://a/1", (ZONE, LINE), 0.7, frozenset({"freeze", "loitering"}), True, (("07:00", "08:00"),), True
)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def timeline(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Timeline]:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/hall.db" if sqlite else request.getfixturevalue("hall_postgres_url")
    timeline = open_timeline(url, clock=lambda: NOW)
    yield timeline
    timeline.close()


def trace(camera_id: str, minute: int, **more: object) -> Trace:
    start = NOW + timedelta(minutes=minute)
    values: dict[str, object] = {"needs": 0.6, "score": 0.8, "box": (0.1, 0.2, 0.3, 0.4), "zone": "门口", **more}
    return Trace(camera_id, "loitering", start, start + timedelta(seconds=5), **values)  # type: ignore[arg-type]


def test_a_feed_comes_back_with_everything_that_was_said_of_it(timeline: Timeline) -> None:
    plain = FeedSpec("c2", "rtsp://a/2")
    with timeline.transaction() as tx:
        set_feeds(tx, [WHOLE, plain])
    with timeline.reading() as session:
        assert feeds(session) == [WHOLE, plain]


def test_a_new_list_of_feeds_keeps_what_a_person_has_chosen(timeline: Timeline) -> None:
    with timeline.transaction() as tx:
        set_feeds(tx, [WHOLE, FeedSpec("c2", "rtsp://a/2"), FeedSpec("c3", "rtsp://a/3")])
        row = tx.session.get_one(FeedRow, "c2")
        row.edited, row.sensitivity, row.retention_days = True, 0.2, 90
    with timeline.transaction() as tx:
        set_feeds(tx, [FeedSpec("c1", "rtsp://b/1"), FeedSpec("c2", "rtsp://b/2")])
    with timeline.reading() as session:
        assert feeds(session) == [FeedSpec("c1", "rtsp://b/1"), FeedSpec("c2", "rtsp://b/2", sensitivity=0.2)]
        assert retention(session) == {"c2": 90}


def test_traces_come_back_by_camera_and_time_and_old_ones_go(timeline: Timeline) -> None:
    mine = [trace("c1", minute) for minute in range(10)] + [trace("c1", 20, box=None, zone="")]
    with timeline.transaction() as tx:
        traces.store(tx, [*mine, trace("c2", 3)])
        traces.store(tx, [])
    with timeline.reading() as session:
        assert traces.traces(session, "c1", NOW, NOW + timedelta(hours=1)) == mine
        assert traces.traces(session, "c1", NOW + timedelta(minutes=2), NOW + timedelta(minutes=4)) == mine[2:4]
    with timeline.transaction() as tx:
        assert traces.forget(tx, before=NOW + timedelta(minutes=5), limit=4) == 3
        assert traces.forget(tx, before=NOW + timedelta(minutes=5), limit=4) == 3
    with timeline.reading() as session:
        assert traces.traces(session, "c1", NOW, NOW + timedelta(hours=1)) == mine[5:]


def test_the_newest_memory_of_each_camera_is_kept(timeline: Timeline) -> None:
    with timeline.transaction() as tx:
        baselines.store(tx, {"c1": {"freeze": [1.5, 2]}, "c2": {}})
    with timeline.transaction() as tx:
        baselines.store(tx, {"c1": {"freeze": [3]}, "c3": {"dark": {"8": 0.1}}})
        baselines.store(tx, {})
    with timeline.reading() as session:
        assert baselines.memories(session) == {"c1": {"freeze": [3]}, "c2": {}, "c3": {"dark": {"8": 0.1}}}
        assert baselines.memory(session, "c1") == ({"freeze": [3]}, NOW)
        assert baselines.memory(session, "c9") is None
    with timeline.transaction() as tx:
        baselines.forget_others(tx, {"c1"})
    with timeline.reading() as session:
        assert list(baselines.memories(session)) == ["c1"]


def test_hours_of_a_feed_add_up_from_the_reports(timeline: Timeline) -> None:
    hours = FeedHours()
    for second in range(0, 61, 2):
        state = "lost" if 20 < second <= 30 else "covered" if second > 50 else "online"
        hours.add(HealthReport(states={"c1": state}), NOW + timedelta(seconds=second))  # type: ignore[dict-item]
    hours.add_looks("c1", NOW, looks=30, age_worst_s=4.5)
    for _ in range(2):
        with timeline.transaction() as tx:
            feed_hours.store(tx, hours.take())
        hours.add_looks("c1", NOW, looks=1, age_worst_s=2.5)
    with timeline.transaction() as tx:
        feed_hours.store(tx, hours.take())
    with timeline.reading() as session:
        (found,) = feed_hours.feed_hours(session, "c1", NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    assert (found.online_s, found.lost_s, found.trouble_s) == (40.0, 10.0, 10.0)
    assert (found.looks, found.age_worst_s) == (32, 4.5)
    with timeline.transaction() as tx:
        feed_hours.forget(tx, before=NOW + timedelta(hours=1))
    with timeline.reading() as session:
        assert feed_hours.feed_hours(session, "c1", NOW - timedelta(hours=1), NOW) == []


def test_a_hall_that_stood_still_does_not_invent_hours() -> None:
    hours = FeedHours()
    hours.add(HealthReport(states={"c1": "online"}), NOW)
    hours.add(HealthReport(states={"c1": "online"}), NOW + timedelta(minutes=5))
    assert hours.take() == []
