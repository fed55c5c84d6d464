"""A hall of nothing but its doors: the real routers on a real SQLite file, with a clock that tests can move."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI, WebSocket
from websockets.sync.client import ClientConnection, connect

from command_center import errors
from command_center.access import routes
from command_center.access.commands import add_user
from command_center.access.guard import Who, alive, in_area, require, who_of_websocket
from command_center.errors import YipingError
from command_center.settings import Settings
from command_center.timeline import Timeline, open_timeline
from command_center.timeline.tables import Base

from .serving import serving

PASSWORD = "Correct-Horse-42"
TOWN = "320724199"


@dataclass
class Clock:
    moment: datetime = field(default_factory=lambda: datetime(2026, 8, 23, 1, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.moment

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class Hall:
    app: FastAPI
    timeline: Timeline
    clock: Clock
    host: str

    def user(self, name: str, role: str, **more: Any) -> str:
        with self.timeline.transaction() as tx:
            row = add_user(
                tx, **{"name": name, "display_name": name, "role": role, "area": TOWN, "password": PASSWORD} | more
            )
            return row.id

    def browser(self) -> httpx.Client:
        return httpx.Client(base_url=f"http://{self.host}")

    def socket(self, client: httpx.Client, headers: dict[str, str]) -> ClientConnection:
        """Open the websocket as this browser, with its cookies."""
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        return connect(f"ws://{self.host}/ws", additional_headers=headers | {"Cookie": cookies})

    @contextmanager
    def signed_in(self, name: str, password: str = PASSWORD) -> Iterator[httpx.Client]:
        with self.browser() as client:
            answer = client.post("/api/v1/session", json={"name": name, "password": password})
            assert answer.status_code == 200, answer.text
            client.headers["X-CSRF-Token"] = answer.json()["csrf"]
            yield client


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    clock = Clock()
    timeline = open_timeline(f"sqlite:///{tmp_path}/hall.db", clock=clock)
    Base.metadata.create_all(timeline.engine)
    app = FastAPI()
    errors.install(app)
    app.state.timeline, app.state.settings = timeline, Settings()
    app.include_router(routes.router)
    _add_test_routes(app)
    with serving(app) as host:
        yield Hall(app, timeline, clock, host)
    timeline.close()


def _add_test_routes(app: FastAPI) -> None:
    taker: Callable[..., Any] = require("alert.take")

    @app.post("/take")
    def take(who: Annotated[Who, Depends(taker)]) -> dict[str, str]:
        return who.json()

    @app.post("/act")
    def act(who: Annotated[Who, Depends(require("order.act"))]) -> dict[str, str | None]:
        return {"person_id": who.person_id, "name": who.display_name}

    @app.get("/things/{area}")
    def thing(area: str, who: Annotated[Who, Depends(require("alert.see"))]) -> str:
        in_area(who, area)
        return area

    @app.websocket("/ws")
    async def listen(websocket: WebSocket) -> None:
        try:
            who = await who_of_websocket(websocket)
        except YipingError as error:
            await websocket.close(4000 + error.status % 100, error.key)
            return
        await websocket.accept()
        await websocket.send_json({"name": who.name, "own_only": who.own_only})
        while True:
            await websocket.receive_text()
            await websocket.send_json({"alive": await alive(websocket, who)})
