"""HTTP for phone clients that speak the OsmAnd protocol: `/osmand`, `/osmand/SECRET`, and a port of its own."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from urllib.parse import parse_qsl

import orjson
import structlog
import uvicorn
from fastapi import APIRouter, Request
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from command_center.errors import Unavailable
from command_center.ingest import osmand
from command_center.ingest.funnel import Funnel
from command_center.ingest.reception import Delivery
from command_center.ingest.routes import peer_of
from command_center.ingest.senders import Sender, Senders
from command_center.timeline import Timeline

log = structlog.get_logger()

router = APIRouter(tags=["ingest"])
KIND = "osmand"
LARGEST_BYTES = 1_000_000
# Names of keys come from outside: so many different ones are told apart.
MOST_KEYS = 50
OTHERS = "…"


class OsmAndDoor:
    """Answers phones; belongs to the event loop of its funnel."""

    def __init__(self, timeline: Timeline, senders: Senders, funnel: Funnel) -> None:
        self._timeline = timeline
        self._senders = senders
        self._funnel = funnel
        self.unknown = 0
        self.unused: Counter[str] = Counter()

    async def answer(self, request: Request, secret: str | None) -> Response:
        """Take what a phone sends; 200 once it is stored, and also where it cannot be true: it must not come again."""
        try:
            told = await self._told(request)
        except ValueError:
            return _plain(400, "malformed")
        if told is None:
            return _plain(400, "no device id")
        sender = await self._find(told.device)
        if sender is None or not sender.admits(secret):
            self.unknown += 1
            return _plain(404 if told.json else 400, "unknown device")
        person_id = self._senders.person(sender, told.driver)
        reports = list(osmand.reports(told, person_id=person_id, received_at=self._timeline.now()))
        if not reports:
            return Response(status_code=200)
        try:
            taken = await self._funnel.store(Delivery(sender, reports, peer_of(request)))
        except Unavailable:
            return _plain(503, "not stored, send again")
        reasons = ",".join(sorted({reason for _, reason in taken.rejected}))
        return Response(status_code=200, headers={"X-Rejected": reasons} if reasons else None)

    async def _told(self, request: Request) -> osmand.Told | None:
        body = await _body(request)
        if request.headers.get("content-type", "").startswith("application/json"):
            return osmand.from_json(orjson.loads(body))
        fields = dict(request.query_params)
        if not fields:
            fields = dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True))
        self._count_unused(fields)
        return osmand.from_query(fields)

    def _count_unused(self, fields: Mapping[str, str]) -> None:
        for key in fields.keys() - osmand.USED:
            self.unused[key[:32] if key[:32] in self.unused or len(self.unused) < MOST_KEYS else OTHERS] += 1

    async def _find(self, name: str) -> Sender | None:
        return self._senders.known(KIND, name) or await asyncio.to_thread(self._senders.find, KIND, name)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BYTES:
            raise ValueError("too large")
    return body


def _plain(status: int, text: str) -> Response:
    return Response(text, status, media_type="text/plain")


METHODS = ["GET", "POST"]


@router.api_route("/osmand", methods=METHODS, include_in_schema=False)
async def osmand_without_secret(request: Request) -> Response:
    """For devices that need no secret."""
    return await _door(request).answer(request, None)


@router.api_route("/osmand/{secret}", methods=METHODS, include_in_schema=False)
async def osmand_with_secret(secret: str, request: Request) -> Response:
    """For devices whose address holds their token."""
    return await _door(request).answer(request, secret)


def _door(request: Request) -> OsmAndDoor:
    door: OsmAndDoor = request.app.state.osmand
    return door


@contextlib.asynccontextmanager
async def listening(door: OsmAndDoor, host: str, port: int) -> AsyncIterator[int]:
    """Listen on a port of its own, where phone clients look for it, as long as the block lasts; gives the port."""

    async def answer(request: Request) -> Response:
        return await door.answer(request, request.path_params.get("secret"))

    routes = [Route("/", answer, methods=METHODS), Route("/{secret}", answer, methods=METHODS)]
    config = uvicorn.Config(
        Starlette(routes=routes), host=host, port=port, log_level="warning", access_log=False, lifespan="off"
    )
    server = _Beside(config)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        if serving.done():
            raise OSError(f"cannot listen on port {port}")
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving


class _Beside(uvicorn.Server):
    """A server beside the main one, which alone hears signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
