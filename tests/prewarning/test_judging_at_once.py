"""The follower and the judging worker run in threads of their own, and still tell one thing once."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from command_center.ingest.commands import take_signal
from tests.prewarning.fleet_hall import FleetHall
from tests.response.hall import Seen
from tests.response.test_replay import compare


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def hall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FleetHall]:
    sqlite = request.param == "sqlite"
    made = FleetHall(f"sqlite:///{tmp_path}/hall.db" if sqlite else request.getfixturevalue("hall_postgres_url"))
    yield made
    made.timeline.close()


class Threads:
    """What a hall does all the time, each in its own thread until told to end."""

    def __init__(self, *works: Callable[[], object]) -> None:
        self.ended, self.errors = False, list[BaseException]()
        self.threads = [threading.Thread(target=self._run, args=[work]) for work in works]

    def _run(self, work: Callable[[], object]) -> None:
        while not self.ended:
            try:
                work()
            except Exception as error:
                self.errors.append(error)
                return

    def __enter__(self) -> "Threads":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended = True
        for thread in self.threads:
            thread.join()


def until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never came so far")


def test_many_cameras_lost_and_back_while_both_work_are_one_alert(hall: FleetHall) -> None:
    def report(seen: Seen) -> None:
        with hall.timeline.transaction() as tx:
            take_signal(tx, seen, lambda id: hall.cameras[id].area)
        hall.clock.wait(0.1)

    def judge() -> None:
        hall.raiser.held.step(hall.timeline)
        hall.clock.wait(0.02)

    with Threads(hall.follower.step, judge) as working:
        lost = [Seen(f"s{id}", id, "signal_loss", hall.clock()) for id in hall.behind("A")]
        for seen in lost:
            report(seen)
        until(lambda: any(alert["count"] == len(lost) for alert in hall.alerts()))
        for seen in lost:
            report(Seen(seen.id, seen.feed_id, seen.kind, seen.started_at, hall.clock()))
    assert working.errors == []
    hall.follow()
    hall.wait(5)
    (incident,) = [alert for alert in hall.alerts() if alert["kind"] == "fleet_loss"]
    assert incident["cleared_at"] is not None
    assert [alert["kind"] for alert in hall.open_alerts()] == ["fleet_loss"]
    compare(hall)
