"""A recorder loses power in a real hall: real cameras on sockets, real keepers, one alert, found and cleared."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from command_center.app import create_app
from command_center.ingest.feeds import set_feeds
from command_center.registry.queries import town_index
from command_center.settings import Settings
from command_center.timeline import open_timeline
from gis.town_model import Camera
from tests.access.serving import serving
from tests.flows.conftest import Served
from tests.video.footage import CACHE, SCENES
from video.model import FeedSpec
from video.simulator import CameraSimulator

BEHIND, ELSEWHERE = 12, 4
PATIENCE_S = 60.0


@contextmanager
def simulated() -> Iterator[CameraSimulator]:
    """Cameras behind two recorders, in a thread of their own. They may be ordered about from here."""
    loop, simulator = (
        asyncio.new_event_loop(),
        CameraSimulator(BEHIND + ELSEWHERE, cache=CACHE, scenes=SCENES, drawn=True, recorders=(BEHIND, ELSEWHERE)),
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(simulator.start(), loop).result(PATIENCE_S)
        simulator.recorder_down = _in(loop, simulator.recorder_down)  # type: ignore[method-assign]
        simulator.recorder_up = _in(loop, simulator.recorder_up)  # type: ignore[method-assign]
        yield simulator
        asyncio.run_coroutine_threadsafe(simulator.stop(), loop).result(PATIENCE_S)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _in(loop: asyncio.AbstractEventLoop, function: Callable[..., None]) -> Callable[..., None]:
    return lambda *words: loop.call_soon_threadsafe(function, *words)  # type: ignore[return-value]


def pick(cameras: list[Camera]) -> list[Camera]:
    """Cameras of the town on one recorder, and others that share nothing with it."""
    recorder = cameras[0].recorder
    behind = [camera for camera in cameras if camera.recorder == recorder][:BEHIND]
    elsewhere = [camera for camera in cameras if camera.area[:12] != cameras[0].area[:12]][:ELSEWHERE]
    return [*behind, *elsewhere]


@pytest.fixture
def watched(settings: Settings) -> Iterator[tuple[Served, CameraSimulator]]:
    with simulated() as simulator:
        timeline = open_timeline(settings.timeline_url)
        with timeline.reading() as session:
            cameras = pick(list(town_index(session).cameras.values()))
        with timeline.transaction() as tx:
            set_feeds(tx, (FeedSpec(camera.id, simulator.url(i)) for i, camera in enumerate(cameras)))
        timeline.close()
        app = create_app(settings)
        with serving(app) as host:
            yield Served(host, app.state.hall), simulator


def until(client: httpx.Client, path: str, wanted: Callable[[Any], Any]) -> Any:
    """Ask until the answer is as wanted."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        answer = client.get(path).json()
        if wanted(answer):
            return answer
        time.sleep(0.2)
    raise AssertionError(f"{path} never became as wanted; it is {answer}")


def of_fleet(alerts: list[Any]) -> list[Any]:
    """The alerts about cameras that were raised."""
    return [alert for alert in alerts if alert["state"] == "raised" and alert["detail"].get("signal_kind")]


def test_a_recorder_without_power_is_one_alert_that_names_it_and_clears(
    watched: tuple[Served, CameraSimulator],
) -> None:
    served, simulator = watched
    with served.sign_in("duty_officer") as client:
        until(client, "/healthz", lambda body: body["feeds"]["online"] == BEHIND + ELSEWHERE)
        simulator.recorder_down(0, 600)
        # The town goes on meanwhile: a window of a mandatory point may end now, and is an alert of its own.
        until(client, "/api/v1/alerts", lambda all: any(lost["detail"].get("lost") == BEHIND for lost in of_fleet(all)))
        [open_alert] = of_fleet(client.get("/api/v1/alerts").json())
        assert (open_alert["kind"], open_alert["count"]) == ("fleet_loss", BEHIND)
        path = f"/api/v1/alerts/{open_alert['id']}"
        located = until(client, path, lambda alert: alert["detail"].get("fault"))
        assert located["detail"]["fault"]["place"] == "recorder"
        simulator.recorder_up(0)
        cleared = until(client, path, lambda alert: alert["cleared_at"])
        assert (cleared["detail"]["back"], cleared["detail"]["lost"]) == (BEHIND, 0)
