"""A patrol of the model town behind a real server, and who may sign in there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from command_center import errors
from command_center.access import routes as access_routes
from command_center.access.commands import add_user
from command_center.ingest import sos
from command_center.patrol.days.routes import router as days_router
from command_center.patrol.duties.routes import router as duties_router
from command_center.patrol.lines.routes import router as lines_router
from command_center.patrol.plans.desk import PlanDesk
from command_center.patrol.points.routes import router as points_router
from command_center.registry.commands import load_town
from command_center.registry.queries import town_index
from command_center.settings import Settings
from gis.town import generate_town
from tests.access.serving import serving

from .conftest import Clock, Patrol

PASSWORD = "Correct-Horse-42"
TOWN = "320724199"


class Hall(Patrol):
    """A patrol of the model town, behind a real server."""

    url: str
    place: tuple[float, float]
    persons: list[str]

    @contextmanager
    def signed_in(self, name: str) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url) as client:
            me = client.post("/session", json={"name": name, "password": PASSWORD}).json()
            client.headers["X-CSRF-Token"] = me["csrf"]
            yield client

    def body(self, **more: Any) -> dict[str, Any]:
        return {
            "name": "中心小学",
            "kind": "school",
            "lonlat": self.place,
            "radius_m": 80,
            "dwell_s": 300,
            "windows": [{"start": "08:10:00", "end": "08:40:00"}],
            "person_id": self.persons[0],
        } | more


@contextmanager
def serving_patrol(folder: Path) -> Iterator[Hall]:
    """The hall with its accounts: planner, duty, elsewhere, walker and other, and village, who plans for one only."""
    hall = Hall(folder, Clock())
    model = generate_town()
    hall.persons = [person.id for person in model.persons]
    hall.watch_over(dict.fromkeys(hall.persons, TOWN))
    with hall.timeline.transaction() as tx:
        load_town(tx, model)
        for name, role, area, person_id in (
            ("planner", "coordinator", TOWN, None),
            ("duty", "duty_officer", TOWN, None),
            ("elsewhere", "coordinator", "320724100", None),
            ("village", "coordinator", model.points[0].area[:12], None),
            ("walker", "responder", TOWN, model.persons[0].id),
            ("other", "responder", TOWN, model.persons[1].id),
        ):
            add_user(tx, name=name, display_name=name, role=role, area=area, password=PASSWORD, person_id=person_id)
    hall.place = model.points[0].lonlat
    app = FastAPI()
    errors.install(app)
    app.state.timeline, app.state.settings = hall.timeline, Settings()
    app.state.intake = hall.intake
    with hall.timeline.reading() as db:
        app.state.town = town_index(db)
    app.state.plan_desk = PlanDesk(hall.timeline, app.state.town)
    app.include_router(access_routes.router)
    app.include_router(points_router)
    app.include_router(lines_router)
    app.include_router(duties_router)
    app.include_router(days_router)
    app.include_router(sos.router)
    with serving(app) as host:
        hall.url = f"http://{host}/api/v1"
        yield hall
    hall.stop()
