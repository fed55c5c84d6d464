"""影像: the live picture of any held feed, as stills and as fragmented MP4 over a websocket."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated, Any, Protocol

import orjson
from fastapi import APIRouter, Depends, Request, Response, WebSocket, WebSocketDisconnect
from starlette.requests import HTTPConnection

from command_center.access.guard import Who, in_area, require, who_of_websocket
from command_center.errors import Forbidden, NotFound, NotSignedIn, Unavailable
from command_center.registry.door import get_town
from video.model import NoFootage

router = APIRouter(prefix="/api/v1/cameras", tags=["evidence"])

# Close codes of the websocket, in the range that applications may use.
NOT_SIGNED_IN, FORBIDDEN, NOT_FOUND, NO_PICTURE = 4401, 4403, 4404, 4503


class Pictures(Protocol):
    """The part of the monitor that shows pictures.

    `live` gives first a dict with codec, width, height and started_at, then MP4 bytes: the initialisation segment and
    fragments from the newest key frame in the ring on. Both raise NoFootage for a feed that is not held.
    """

    async def picture(self, feed_id: str) -> bytes | None: ...
    def live(self, feed_id: str) -> AsyncGenerator[bytes | dict[str, Any], None]: ...


def get_pictures(connection: HTTPConnection) -> Pictures:
    """Raises Unavailable where no feeds are watched."""
    monitor: Pictures | None = connection.app.state.monitor
    if monitor is None:
        raise Unavailable("no_monitor")
    return monitor


@router.get("/{camera_id}/picture.jpg", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
async def get_picture(
    camera_id: str, request: Request, who: Annotated[Who, Depends(require("camera.see"))]
) -> Response:
    """The newest key frame of a camera.

    Raises:
        NotFound: the camera has no feed.
        Unavailable: it has one, but nothing has come over it yet.
    """
    _check(request, who, camera_id)
    pictures: Pictures | None = request.app.state.monitor
    try:
        if pictures is None:
            raise NoFootage(camera_id)
        picture = await pictures.picture(camera_id)
    except NoFootage:
        raise NotFound("camera_no_feed", camera=camera_id) from None
    if picture is None:
        raise Unavailable("no_picture", camera=camera_id)
    return Response(picture, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


@router.websocket("/{camera_id}/live")
async def live(websocket: WebSocket, camera_id: str) -> None:
    """The live picture, until either side has enough."""
    await websocket.accept()
    try:
        who = await who_of_websocket(websocket)
        if not who.may("camera.see"):
            raise Forbidden("role_may_not")
        _check(websocket, who, camera_id)
        stream = get_pictures(websocket).live(camera_id)
        await _until_gone(websocket, stream)
    except NotSignedIn:
        await _close(websocket, NOT_SIGNED_IN)
    except Forbidden:
        await _close(websocket, FORBIDDEN)
    except NotFound:
        await _close(websocket, NOT_FOUND)
    except (Unavailable, NoFootage):
        await _close(websocket, NO_PICTURE)


def _check(connection: HTTPConnection, who: Who, camera_id: str) -> None:
    in_area(who, get_town(connection).camera(camera_id).area, key="camera_not_found", id=camera_id)


async def _until_gone(websocket: WebSocket, stream: AsyncIterator[bytes | dict[str, Any]]) -> None:
    """Send until the feed ends or the page leaves: a page that says nothing more is only noticed by listening."""
    sending = asyncio.create_task(_send(websocket, stream))
    listening = asyncio.create_task(_listen(websocket))
    done, pending = await asyncio.wait({sending, listening}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    for task in done:
        task.result()


async def _send(websocket: WebSocket, stream: AsyncIterator[bytes | dict[str, Any]]) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        async for part in stream:
            if isinstance(part, dict):
                await websocket.send_text(orjson.dumps(part).decode())
            else:
                await websocket.send_bytes(part)
        await websocket.close(NO_PICTURE)


async def _listen(websocket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await websocket.receive()


async def _close(websocket: WebSocket, code: int) -> None:
    with contextlib.suppress(RuntimeError):
        await websocket.close(code)
