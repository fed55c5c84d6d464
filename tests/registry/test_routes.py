"""The town over HTTP: a real server, real sign-ins, one body per area."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from fastapi import FastAPI

from command_center import errors
from command_center.access import routes as access_routes
from command_center.access.commands import add_user
from command_center.registry import routes
from command_center.registry.town_index import TownIndex
from command_center.settings import Settings
from command_center.timeline import Timeline
from tests.access.serving import serving

PASSWORD = "Correct-Horse-42"


@pytest.fixture(scope="module")
def host(timeline: Timeline, town: TownIndex) -> Iterator[str]:
    app = FastAPI()
    errors.install(app)
    app.state.timeline, app.state.settings, app.state.town = timeline, Settings(), town
    app.state.camera_feeds = frozenset(list(town.cameras)[:64])
    app.include_router(access_routes.router)
    app.include_router(routes.router)
    with timeline.transaction() as tx:
        for name, area in (("town", "320724199"), ("village", "320724199205")):
            add_user(tx, name=name, display_name=name, role="duty_officer", area=area, password=PASSWORD)
    with serving(app) as address:
        yield address


@contextmanager
def signed_in(host: str, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://{host}") as client:
        answer = client.post("/api/v1/session", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        yield client


def test_nobody_sees_the_town_without_signing_in(host: str) -> None:
    assert httpx.get(f"http://{host}/api/v1/town").status_code == 401


def test_the_town_is_sent_once_and_then_only_when_it_changed(host: str) -> None:
    with signed_in(host, "town") as client:
        first = client.get("/api/v1/town")
        assert first.status_code == 200
        assert len(first.json()["cameras"]) == 1447
        assert sum(camera["has_feed"] for camera in first.json()["cameras"]) == 64
        again = client.get("/api/v1/town", headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304
        assert again.content == b""


def test_who_is_limited_to_a_village_sees_only_its_cameras(host: str) -> None:
    with signed_in(host, "village") as client:
        cameras = client.get("/api/v1/town").json()["cameras"]
    assert cameras
    assert all(camera["area"].startswith("320724199205") for camera in cameras)
