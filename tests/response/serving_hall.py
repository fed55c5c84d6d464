"""The hall of these tests behind a real server, with sign-ins for its officers and responders."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from command_center import errors
from command_center.access import routes as access_routes
from command_center.access.commands import add_user
from command_center.evidence import routes as evidence_routes
from command_center.evidence.media import FileMedia
from command_center.ingest.plausible import Bounds
from command_center.ingest.position import Position
from command_center.ingest.positions import PositionIntake
from command_center.prewarning import routes as prewarning_routes
from command_center.registry.closures import routes as closure_routes
from command_center.registry.closures.roads import OpenRoads
from command_center.response import ring_routes
from command_center.response import routes as response_routes
from command_center.response.advice import Adviser
from command_center.response.parties.keys import Keyring
from command_center.response.rings import RingDesk
from command_center.settings import Settings
from tests.access.serving import serving

from .hall import CAMERA, Hall
from .small_town import TOWN

PASSWORD = "Correct-Horse-42"


class ServedHall:
    """Browsers by the name of who sits at them; answers as JSON."""

    def __init__(self, hall: Hall, host: str, intake: PositionIntake, media: FileMedia, stack: ExitStack) -> None:
        self.hall = hall
        self.intake = intake
        self.media = media
        self._host = host
        self._stack = stack

    def sign_in(
        self, name: str, role: str, *, area: str = TOWN, person_id: str | None = None, unit_id: str | None = None
    ) -> httpx.Client:
        with self.hall.tx() as tx:
            add_user(
                tx, name=name, display_name=name, role=role, area=area, password=PASSWORD, person_id=person_id,
                unit_id=unit_id,
            )  # fmt: skip
        client = self._stack.enter_context(httpx.Client(base_url=f"http://{self._host}/api/v1"))
        me = client.post("/session", json={"name": name, "password": PASSWORD}).json()
        client.headers["X-CSRF-Token"] = me["csrf"]
        return client

    def stand(self, person_id: str, lonlat: tuple[float, float], *, age_s: float = 0.0) -> None:
        """Somebody's phone says where it is."""
        self.hall.clock.wait(age_s)
        self.intake.take([Position(person_id, self.hall.clock(), self.hall.clock(), *lonlat)])


@contextmanager
def served(hall: Hall, folder: Path) -> Iterator[ServedHall]:
    app = FastAPI()
    errors.install(app)
    media = FileMedia(folder / "media", stop_mb=0)
    persons = {person.id: person.area for person in hall.town.persons.values()}
    intake = PositionIntake(
        hall.timeline, persons=persons, bounds=Bounds(119.0, 33.9, 119.9, 34.5), settings=Settings()
    )
    state = app.state
    state.timeline, state.settings, state.town, state.media = hall.timeline, Settings(), hall.town, media
    state.intake, state.camera_feeds = intake, frozenset({CAMERA})
    state.names = Keyring(folder / "names.key")
    state.names.add_key(hall.clock())
    state.roads = OpenRoads(lambda: hall.town)
    state.rings = RingDesk(hall.timeline, lambda: hall.town, state.roads, intake)
    state.adviser = Adviser(hall.town, intake, state.roads.now)
    for routes in (access_routes, prewarning_routes, response_routes, ring_routes, closure_routes, evidence_routes):
        app.include_router(routes.router)
    with serving(app) as host, ExitStack() as stack:
        yield ServedHall(hall, host, intake, media, stack)


def said(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()
