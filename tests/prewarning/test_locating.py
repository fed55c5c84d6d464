"""The fault of lost pictures is located by asking, outside of any transaction, and written into the alert."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from command_center.prewarning.locating import AGAIN_AFTER, FaultLocator
from command_center.prewarning.tables import ProbeRow
from tests.prewarning.fleet_hall import FleetHall
from tests.response.test_replay import compare
from tests.video.test_probe import device, free_port, recorder
from video.probe import Patience

SOON = Patience(connect_s=0.5, answer_s=0.5)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[FleetHall]:
    made = FleetHall(f"sqlite:///{tmp_path}/hall.db")
    yield made
    made.timeline.close()


class Asking:
    """Recorder A is dead, the other cameras hang on a recorder that answers: `/2` has no picture."""

    def __init__(self, hall: FleetHall) -> None:
        self.hall = hall
        self.dead = free_port()

    def step(self, times: int = 1) -> None:
        async def run() -> None:
            async with device(recorder) as port:
                urls = {one.id: self._url(one.recorder, one.id, port) for one in self.hall.cameras.values()}
                locator = FaultLocator(
                    self.hall.timeline, urls=lambda: urls, fleet=lambda: self.hall.fleet, patience=SOON
                )
                for _ in range(times):
                    await locator.step()

        asyncio.run(run())

    def _url(self, recorder: str, camera_id: str, port: int) -> str:
        if recorder == "A":
            return f"rtsp://127.0.0.1:{self.dead}/1"
        return f"rtsp://127.0.0.1:{port}/{2 if camera_id == 'C0100' else 1}"

    def waiting(self) -> int:
        with self.hall.timeline.reading() as session:
            return len(session.scalars(select(ProbeRow)).all())


def test_a_dead_recorder_is_named_in_the_incident(hall: FleetHall) -> None:
    asking = Asking(hall)
    hall.lose(hall.behind("A"))
    hall.wait(2)
    asking.step()
    fault = hall.open_alert()["detail"]["fault"]
    assert (fault["place"], fault["answers"]["reached"]) == ("recorder", {"refused": fault["answers"]["asked"]})
    assert "录像机故障" in fault["text"]
    compare(hall)


def test_a_camera_without_a_picture_behind_a_living_recorder_is_its_own_fault(hall: FleetHall) -> None:
    asking = Asking(hall)
    hall.lose(["C0100"])
    hall.wait(2)
    asking.step()
    assert hall.open_alert()["detail"]["fault"]["place"] == "camera"


def test_it_is_asked_again_a_few_times_and_told_only_when_the_answer_changes(hall: FleetHall) -> None:
    asking = Asking(hall)
    hall.lose(["C0100"])
    hall.wait(2)
    asking.step(3)
    for pause in AGAIN_AFTER:
        assert asking.waiting() == 1
        hall.clock.moment += pause
        asking.step()
    assert asking.waiting() == 0
    assert hall.kinds().count("prewarning.located") == 1


def test_what_has_recovered_is_not_located_any_more(hall: FleetHall) -> None:
    asking = Asking(hall)
    lost = hall.lose(["C0100"])
    hall.wait(2)
    hall.recover(lost)
    asking.step()
    assert asking.waiting() == 0
    assert "fault" not in hall.open_alert()["detail"]
