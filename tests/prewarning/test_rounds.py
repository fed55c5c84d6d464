"""People on duty: who leaves it, who stands still alone, who calls for help; each told once and cleared plainly."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from command_center.ingest.position import Position
from command_center.ingest.sos import send_sos
from command_center.patrol.queries import PointSpot
from command_center.prewarning.raising import FOLLOWED_KINDS, AlertRaiser
from command_center.prewarning.rounds import Leaving, Rounds, Standing
from command_center.prewarning.rules import RULES
from command_center.prewarning.tables import AlertRow
from command_center.timeline import Follower, Transaction
from gis.metric import destination
from tests.patrol.conftest import GRID, PLACE, Patrol, patrolling

WINDOW = [{"start": "08:10:00", "end": "10:40:00"}]
LIMITS = RULES.rounds


def spot_of(person_id: str, lonlat: tuple[float, float]) -> PointSpot:
    return PointSpot(person_id, GRID, lonlat)


class Spots:
    def camera(self, _tx: Transaction, _id: str) -> None:
        return None

    def point(self, _tx: Transaction, _id: str) -> None:
        return None

    def line(self, _tx: Transaction, _id: str) -> None:
        return None

    def caller(self, person_id: str | None, device: str, lonlat: tuple[float, float] | None) -> PointSpot:
        return spot_of(person_id or device, lonlat or PLACE)


class Watched(Patrol):
    """A patrol whose people are watched."""

    def watch(self) -> Rounds:
        return Rounds(self.timeline, latest=self.intake.latest, spot_of=spot_of, known=lambda: [])

    def walk(self, rounds: Rounds, metres: list[tuple[float, float]], person_id: str = "p1") -> None:
        """Be at (minute, metres from the point) and let the hall look each time."""
        for minute, away_m in metres:
            self.clock.moment = self.at(minute)
            lon, lat = destination(PLACE, 90.0, away_m)
            self.send([Position(person_id, self.clock(), self.clock(), lon, lat, accuracy_m=8.0)])
            rounds.step()

    def alerts(self) -> list[tuple[str, int, int, bool]]:
        with self.timeline.reading() as db:
            rows = db.scalars(select(AlertRow).order_by(AlertRow.raised_at))
            return [(row.kind, row.level, row.count, row.cleared_at is not None) for row in rows]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Watched]:
    with patrolling(tmp_path) as patrol:
        patrol.__class__ = Watched
        assert isinstance(patrol, Watched)
        yield patrol


def test_one_who_moves_away_from_his_open_duty_is_told_once_and_cleared_when_he_comes_back(hall: Watched) -> None:
    hall.point(windows=WINDOW)
    rounds = hall.watch()
    hall.walk(rounds, [(12 + i, 100.0) for i in range(3)])
    hall.walk(rounds, [(15 + i, 400.0 + 60.0 * i) for i in range(6)])
    assert hall.alerts() == [("off_route", 4, 1, False)]
    hall.walk(hall.watch(), [(21, 750.0)])
    rounds = hall.watch()
    hall.walk(rounds, [(22, 200.0), (23, 100.0)])
    assert hall.alerts() == [("off_route", 4, 1, True)]


def test_one_who_comes_from_far_does_not_leave(hall: Watched) -> None:
    hall.point(windows=WINDOW)
    hall.walk(hall.watch(), [(12 + i, 4_000.0 - 80.0 * i) for i in range(30)])
    assert hall.alerts() == []


def test_standing_still_alone_is_told_but_not_beside_the_duty_or_another_person(hall: Watched) -> None:
    hall.point(windows=WINDOW)
    rounds = hall.watch()
    hall.walk(rounds, [(12 + i, 2_000.0) for i in range(17)])
    assert hall.alerts() == [("stop_too_long", 3, 1, False)]
    hall.walk(rounds, [(30, 1_850.0)])
    assert hall.alerts() == [("stop_too_long", 3, 1, True)]
    hall.walk(rounds, [(31 + i, 60.0) for i in range(20)])
    for i in range(20):
        hall.walk(rounds, [(60 + i, 1_500.0)], person_id="p2")
        hall.walk(rounds, [(60 + i, 1_500.0)])
    assert [kind for kind, *_ in hall.alerts()].count("stop_too_long") == 1


def test_what_was_told_ends_with_the_duty(hall: Watched) -> None:
    hall.point(windows=[{"start": "08:10:00", "end": "08:40:00"}])
    rounds = hall.watch()
    hall.walk(rounds, [(12 + i, 2_000.0) for i in range(17)])
    hall.walk(hall.watch(), [(41, 2_000.0)])
    assert hall.alerts() == [("stop_too_long", 3, 1, True)]


def test_a_call_for_help_is_a_red_alert_at_once_and_pressing_again_counts(hall: Watched) -> None:
    follower = Follower(hall.timeline, name="prewarning", handle=AlertRaiser(Spots()).on_fact, kinds=FOLLOWED_KINDS)
    for _ in range(2):
        with hall.timeline.transaction() as tx:
            send_sos(tx, person_id="p1", area=GRID, lonlat=PLACE, at=tx.now, device_id="u1", device_name="警01")
        follower.step()
    assert hall.alerts() == [("sos", 1, 2, False)]


@settings(max_examples=20, deadline=None)
@given(noise=st.lists(st.floats(-40.0, 40.0), min_size=50, max_size=200), middle=st.floats(0.0, 3_000.0))
def test_wandering_about_a_place_is_never_leaving_and_standing_is_told_once(noise: list[float], middle: float) -> None:
    leaving, standing = Leaving(LIMITS), Standing(LIMITS)
    told = [standing.feed(60.0 * i, 119.4 + one / 5e6, 34.1, cared_for=False) for i, one in enumerate(noise)]
    assert not any(leaving.feed(60.0 * i, middle + one) for i, one in enumerate(noise))
    assert told == sorted(told)
