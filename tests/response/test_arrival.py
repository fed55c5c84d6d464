from datetime import timedelta
from typing import Any

import pytest

from command_center.response.arrival import ArrivalWatch, Fix
from gis.metric import destination
from tests.response.hall import Hall
from tests.response.small_town import corner


class Walk:
    """R002 is sent to the first corner and accepts; the watch hears where the person is."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.watch = ArrivalWatch(hall.timeline, radius_m=100.0, dwell_s=30.0)
        hall.timeline.on_commit(self.watch.look_again)
        self.case = hall.open_case()
        (self.order,) = hall.dispatch(self.case["id"], "R002")
        hall.act("accept", self.order)
        self.start = hall.clock()
        self.heard: list[Fix] = []

    def at(self, seconds: float, away_m: float, person_id: str = "R002") -> None:
        self.heard.append(Fix(person_id, self.start + timedelta(seconds=seconds), destination(corner(0), 45.0, away_m)))

    def look(self) -> list[str]:
        """The watch gets all that was heard since."""
        heard, self.heard = self.heard, []
        return self.watch.observe(heard)

    def proposed(self) -> Any:
        return self.hall.detail(self.case["id"])["orders"][0]["arrival_proposed_at"]


@pytest.fixture
def walk(hall: Hall) -> Walk:
    return Walk(hall)


def test_arrival_is_proposed_once_after_half_a_minute_on_the_spot(walk: Walk) -> None:
    for seconds, away_m in ((10, 300), (20, 90), (35, 20), (49, 20)):
        walk.at(seconds, away_m)
    assert walk.look() == []
    walk.at(50, 20)
    assert walk.look() == [walk.order["id"]]
    assert walk.proposed() == "2026-08-24T01:00:20.000Z"
    walk.at(90, 20)
    walk.at(130, 20)
    assert walk.look() == []
    assert walk.hall.kinds().count("response.arrival_proposed") == 1
    arrived = walk.hall.act("arrive", walk.order)
    assert arrived["arrived_how"] == "position"


def test_who_passes_by_has_not_arrived(walk: Walk) -> None:
    for seconds, away_m in ((10, 50), (30, 150), (45, 50), (70, 50)):
        walk.at(seconds, away_m)
    assert walk.look() == []
    assert walk.proposed() is None


def test_time_is_that_of_the_position_and_late_ones_change_nothing(walk: Walk) -> None:
    walk.at(40, 20)
    walk.at(10, 300)
    walk.look()
    walk.at(20, 300)
    walk.at(70, 20)
    assert walk.look() == [walk.order["id"]]
    assert walk.proposed() == "2026-08-24T01:00:40.000Z"


def test_where_somebody_was_before_accepting_does_not_count(walk: Walk) -> None:
    for seconds in (-60, -20, 0, 15):
        walk.at(seconds, 10)
    assert walk.look() == []


def test_positions_of_people_without_an_order_are_nobodys_arrival(walk: Walk) -> None:
    for seconds in (0, 30, 60):
        walk.at(seconds, 10, "R001")
    assert walk.look() == []


def test_nothing_is_proposed_for_an_order_that_ended_meanwhile(walk: Walk) -> None:
    walk.at(0, 10)
    walk.look()
    walk.hall.act("decline", walk.order, reason="车坏了")
    walk.at(60, 10)
    assert walk.look() == []
    assert "response.arrival_proposed" not in walk.hall.kinds()


def test_after_a_restart_the_watch_begins_anew_and_still_proposes(walk: Walk) -> None:
    walk.at(0, 10)
    walk.look()
    walk.watch = ArrivalWatch(walk.hall.timeline, radius_m=100.0, dwell_s=30.0)
    walk.at(20, 10)
    walk.at(50, 10)
    assert walk.look() == [walk.order["id"]]
