"""Simulated people in a real hall: the whole application, a real socket, a real clock."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from command_center.access.commands import register_device
from command_center.app import create_app
from command_center.hall import Hall
from command_center.ingest.simulate import run_people
from command_center.registry.commands import load_town
from command_center.settings import Settings
from command_center.timeline import open_timeline
from gis.town import generate_town
from tests.access.serving import serving

TOWN = "320724199"


def test_simulated_people_show_up_in_the_hall_and_stay_in_step_with_it(tmp_path: Path) -> None:
    settings, model = Settings(data_dir=tmp_path, beat_s=0.2), generate_town()
    timeline = open_timeline(settings.timeline_url)
    with timeline.transaction() as tx:
        load_town(tx, model)
        _, token = register_device(tx, name="模拟力量", area=TOWN, acts_for=[])
    timeline.close()
    app = create_app(settings, demo=True)
    hall: Hall = app.state.hall
    with serving(app) as host:
        asyncio.run(_live(f"http://{host}", token, lambda: len(hall.intake.latest()) == 120 and _in_step(hall)))
    assert hall.intake.rejected.total() == 0


def _in_step(hall: Hall) -> bool:
    seats = [page.seat for page in hall.wall.pages]
    return len(seats) == 1 and seats[0].acked_seq is not None and not seats[0].diverged


async def _live(url: str, token: str, done: Callable[[], bool]) -> None:
    people = asyncio.create_task(run_people(url, token, generate_town(), seed=7, obey=True))
    until = time.monotonic() + 60
    while not done():
        assert time.monotonic() < until and not people.done(), "the people did not show up"
        await asyncio.sleep(0.1)
    people.cancel()
    await asyncio.gather(people, return_exceptions=True)
