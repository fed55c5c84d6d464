"""`/ws`: one socket per page."""

import asyncio
import contextlib
from urllib.parse import urlsplit

from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from command_center.errors import BadInput, NotSignedIn, YipingError
from command_center.wall.hail import Ack, Subscribe, parse
from command_center.wall.page import FELL_BEHIND, NOT_SIGNED_IN, FellBehind, Page, SignedOut
from command_center.wall.viewer import Viewer
from command_center.wall.wall import Wall
from command_center.wall.wire import LineLost

FORBIDDEN = 4403
BAD_MESSAGE = 4400
FIRST_MESSAGE_S = 10.0

router = APIRouter()


@router.websocket("/ws")
async def live(websocket: WebSocket) -> None:
    """The live stream of a page; design section 6 lists the messages."""
    wall: Wall = websocket.app.state.wall
    if not _own_page(websocket):
        await websocket.close(FORBIDDEN)  # before accepting: the browser gets a 403
        return
    await websocket.accept()
    try:
        viewer = await run_in_threadpool(wall.providers.who, websocket)
        first = await asyncio.wait_for(_receive(websocket), FIRST_MESSAGE_S)
        if not isinstance(first, Subscribe):
            raise BadInput("page_message", problem="subscribe first")
        await _serve(websocket, wall, viewer, first)
        return
    except NotSignedIn:
        code = NOT_SIGNED_IN
    except (BadInput, TimeoutError):
        code = BAD_MESSAGE
    except YipingError:
        code = FORBIDDEN
    except WebSocketDisconnect:
        return
    with contextlib.suppress(RuntimeError):
        await websocket.close(code)


def _own_page(websocket: WebSocket) -> bool:
    """A browser says which site a page came from; a foreign one may not use the reader's cookie."""
    origin = websocket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == websocket.headers.get("host")


async def _receive(websocket: WebSocket) -> Subscribe | Ack:
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    return parse(message.get("text") or "")


async def _serve(websocket: WebSocket, wall: Wall, viewer: Viewer, first: Subscribe) -> None:
    """Send and listen until either ends."""
    page = wall.hang(websocket, viewer, first)
    sending = asyncio.create_task(page.serve())
    listening = asyncio.create_task(_listen(websocket, page))
    try:
        await asyncio.wait((sending, listening), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, listening):
            task.cancel()
        outcomes = await asyncio.gather(sending, listening, return_exceptions=True)
        wall.take_down(page)
    code = _close_code([outcome for outcome in outcomes if isinstance(outcome, Exception)])
    if code:
        await page.hang_up(code)


def _close_code(errors: list[Exception]) -> int:
    for error in errors:
        if isinstance(error, FellBehind):
            return FELL_BEHIND
        if isinstance(error, SignedOut):
            return NOT_SIGNED_IN
        if isinstance(error, BadInput):
            return BAD_MESSAGE
        if not isinstance(error, (LineLost, WebSocketDisconnect)):
            raise error
    return 0


async def _listen(websocket: WebSocket, page: Page) -> None:
    while True:
        message = await _receive(websocket)
        if isinstance(message, Subscribe):
            page.subscribe(message)
        else:
            page.acknowledge(message)
