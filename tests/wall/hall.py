"""A real server with the real wall on a real log, in a thread, so that a test can look inside."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.websockets import WebSocket

from command_center.errors import NotSignedIn
from command_center.settings import Settings
from command_center.timeline import Fact, Timeline
from command_center.wall import Lane, MemoryBell, Providers, Viewer, Wall, WallSocket
from command_center.wall.routes import router
from tests.timeline.ledger import EntryRow, open_ledger

TOWN = "320724199"
EAST, WEST = TOWN + "001", TOWN + "002"
PATIENCE_S = 20.0


@dataclass(frozen=True)
class Person:
    name: str
    area: str
    role: str = "duty_officer"
    person_id: str | None = None

    def sees(self, area: str) -> bool:
        return area.startswith(self.area)


@dataclass
class Hall:
    """The server and what tests turn on it: who is signed in, and what health says."""

    timeline: Timeline
    wall: Wall
    lane: Lane
    port: int = 0
    loop: asyncio.AbstractEventLoop | None = None
    signed_out: set[str] = field(default_factory=set)
    health: dict[str, Any] = field(default_factory=lambda: {"feeds": {"total": 0}, "cameras": {}, "notes": []})

    def url(self, *, area: str = TOWN, name: str = "w", person_id: str = "") -> str:
        return f"ws://127.0.0.1:{self.port}/ws?area={area}&name={name}&person={person_id}"

    def tell(self, *ids: str, area: str = EAST, parties: tuple[str, ...] = (), text: str = "") -> None:
        """One transaction for each fact."""
        for id_ in ids:
            with self.timeline.transaction() as tx:
                tx.session.add(EntryRow(name=id_, amount=1))
                data = {"entry": {"id": id_, "text": text, "词": "\"data\":'值'"}}
                tx.emit(Fact("ledger.entered", id_, data, area, parties, {"id": "u1", "name": '"data":王'}))


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that must come true."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)


def _who(websocket: WebSocket) -> Viewer:
    given = websocket.query_params
    if given["name"] == "nobody":
        raise NotSignedIn("page_message", problem="")
    return Person(given["name"], given["area"], person_id=given["person"] or None)


def _snapshot(session: Session, viewer: Viewer) -> Mapping[str, Any]:
    return {"entries": list(session.scalars(select(EntryRow.name).order_by(EntryRow.number))), "area": viewer.area}


@contextmanager
def open_hall(
    folder: Path, *, area_of_camera: Callable[[str], str | None] | None = None, **settings: Any
) -> Iterator[Hall]:
    """Serve a hall from `folder` on a free port; `settings` as in Settings. Nobody called phone may see pictures."""
    timeline = open_ledger(f"sqlite:///{folder}/hall.db")
    lane = Lane(area_of=lambda unit_id, lon, lat: EAST if lon < 119.5 else WEST)
    halls: list[Hall] = []
    providers = Providers(
        who=_who,
        still_signed_in=lambda websocket, viewer: websocket.query_params["name"] not in halls[0].signed_out,
        snapshot=_snapshot,
        health=lambda: halls[0].health,
        area_of_camera=area_of_camera,
        may_look=lambda viewer: isinstance(viewer, Person) and viewer.name != "phone",
    )
    wall = Wall(timeline=timeline, bell=MemoryBell(), lane=lane, settings=Settings(**settings), providers=providers)
    halls.append(Hall(timeline, wall, lane))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        halls[0].loop = asyncio.get_running_loop()
        async with wall.running():
            yield

    app = FastAPI(lifespan=lifespan)
    app.state.wall = wall
    app.include_router(router)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        halls[0].port = listener.getsockname()[1]
        config = uvicorn.Config(
            app, ws=WallSocket, ws_per_message_deflate=False, log_level="error", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            until(lambda: server.started)
            yield halls[0]
        finally:
            server.should_exit = True
            thread.join()
            timeline.close()
