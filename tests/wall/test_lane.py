"""The positions lane: latest per unit, at most once a second each, skipped by the slow and counted."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_center.wall.frames import unframed
from command_center.wall.lane import TICK_S, Lane, Subscription
from tests.wall.client import Page
from tests.wall.hall import EAST, TOWN, WEST, Hall, open_hall

TICKS_PER_UNIT = 4
START = datetime(2026, 3, 1, tzinfo=UTC)


def rows(frame: bytes | None) -> list[list[Any]]:
    units: list[list[Any]] = json.loads(unframed(frame))["units"] if frame else []
    return units


def report(lane: Lane, unit_id: str, second: float, area: str | None = EAST, lon: float = 119.4) -> bool:
    return lane.report(unit_id, at=START + timedelta(seconds=second), lon=lon, lat=34.1, area=area)


def tick(lane: Lane) -> None:
    """The next tick of a steady clock."""
    lane.publish(START + timedelta(seconds=lane.tick * TICK_S))


def look(lane: Lane, area: str = TOWN) -> Subscription:
    return lane.subscribe(area, lambda other: other.startswith(area))


def test_position_carries_its_age() -> None:
    lane = Lane()
    page = look(lane)
    report(lane, "p1", second=0)
    tick(lane)
    assert rows(page.take(START + timedelta(seconds=2.5))) == [["p1", 119.4, 34.1, None, None, 2.5]]


def test_late_position_moves_nobody_back() -> None:
    lane = Lane()
    assert report(lane, "p1", second=10)
    assert not report(lane, "p1", second=9)
    latest = lane.latest("p1")
    assert latest is not None
    assert latest.at == START + timedelta(seconds=10)


def test_unit_is_shown_at_most_once_a_second_with_its_latest_place() -> None:
    lane = Lane()
    page = look(lane)
    shown = []
    for step in range(3 * TICKS_PER_UNIT):
        report(lane, "p1", second=step / TICKS_PER_UNIT, lon=119 + step / 100)
        tick(lane)
        shown.append([row[1] for row in rows(page.take(START))])
    assert [index for index, lons in enumerate(shown) if lons] == [0, TICKS_PER_UNIT, 2 * TICKS_PER_UNIT]
    assert shown[TICKS_PER_UNIT] == [119 + TICKS_PER_UNIT / 100]


def test_new_page_sees_all_units_and_their_ages_at_once() -> None:
    lane = Lane()
    for index in range(5):
        report(lane, f"p{index}", second=index)
        tick(lane)
    ages = {row[0]: row[5] for row in rows(look(lane).take(START + timedelta(seconds=10)))}
    assert ages == {"p0": 10, "p1": 9, "p2": 8, "p3": 7, "p4": 6}


def test_page_of_one_village_sees_only_units_there_also_when_they_cross() -> None:
    lane = Lane(area_of=lambda unit_id, lon, lat: EAST if lon < 119.5 else WEST)
    east, west = look(lane, EAST), look(lane, WEST)
    for second, lon in enumerate([119.4, 119.6]):
        report(lane, "p1", second=second, area=None, lon=lon)
        for _ in range(TICKS_PER_UNIT):
            tick(lane)
            lane_rows = rows(east.take(START)), rows(west.take(START))
            if any(lane_rows):
                assert [len(found) for found in lane_rows] == ([1, 0] if second == 0 else [0, 1])


def test_unit_outside_of_all_areas_counts_to_its_last_one() -> None:
    lane = Lane(area_of=lambda unit_id, lon, lat: EAST if lon < 119.5 else None)
    page = look(lane, EAST)
    for second, lon in enumerate([119.4, 121.0]):
        report(lane, "p1", second=second, area=None, lon=lon)
        for _ in range(TICKS_PER_UNIT):
            tick(lane)
    assert [row[1] for row in rows(page.take(START))] == [121.0]


def test_units_that_are_silent_for_half_a_day_are_forgotten() -> None:
    lane = Lane()
    report(lane, "old", second=0)
    report(lane, "new", second=13 * 3600)
    tick(lane)
    lane.forget(START + timedelta(hours=13))
    assert [position.unit_id for position in lane.all()] == ["new"]
    assert [row[0] for row in rows(look(lane).take(START))] == ["new"]


STEPS = st.lists(st.one_of(st.sampled_from("abc"), st.just("publish"), st.just("take")), max_size=60)


@given(steps=STEPS)
def test_whatever_a_page_skips_it_ends_with_the_latest_place_and_a_true_count(steps: list[str]) -> None:
    """Law: what was shown = what a page took + what it was told it missed; and the last word on each unit arrives."""
    lane = Lane()
    page, quick = look(lane), look(lane)
    rows(page.take(START)), rows(quick.take(START))
    known: dict[str, float] = {}
    taken = shown = 0
    for second, step in enumerate([*steps, *["publish"] * TICKS_PER_UNIT, "publish", "take"]):
        if step == "publish":
            tick(lane)
            shown += len(rows(quick.take(START)))
        elif step == "take":
            found = rows(page.take(START))
            taken += len(found)
            known.update({row[0]: row[1] for row in found})
        else:
            report(lane, step, second=second, lon=100 + second)
    assert known == {position.unit_id: position.lon for position in lane.all()}
    assert taken + page.dropped == shown
    assert quick.dropped == 0


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with open_hall(tmp_path, beat_s=0.2) as hall:
        yield hall


def test_pages_get_positions_of_their_area_over_the_line(hall: Hall) -> None:
    now = hall.timeline.now()
    hall.lane.report("east", at=now, lon=119.4, lat=34.1, heading_deg=90.0, speed_mps=1.2)
    hall.lane.report("west", at=now, lon=119.6, lat=34.1)
    with Page(hall.url(area=EAST)).subscribe(streams=["positions"]) as page:
        page.read_until("positions")
        [unit] = page.positions[0]["units"]
        assert unit[:5] == ["east", 119.4, 34.1, 90.0, 1.2]
        assert unit[5] >= 0
        assert page.positions[0]["dropped"] == 0


def test_page_is_sent_a_busy_unit_at_most_once_a_second(hall: Hall) -> None:
    with Page(hall.url()).subscribe(streams=["positions"]) as page:
        page.read_until("beat")
        while len(page.positions) < 4:
            hall.lane.report("p1", at=hall.timeline.now(), lon=119.4, lat=34.1)
            page.read()
        told = [datetime.fromisoformat(message["now"]) for message in page.positions]
        # Three whole seconds lie between four tellings; the clock of a busy machine may tick a little unevenly.
        assert told[3] - told[0] > timedelta(seconds=2.5)
