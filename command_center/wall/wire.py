"""How a page's texts get onto its socket: with back-pressure, prepared once for all, and cut off when nobody reads."""

import asyncio
import contextlib
import time
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from command_center.wall.frames import is_binary, unframed

EXTENSION = "yiping.socket"
CUT_AFTER_S = 5.0


class LineLost(Exception):
    """The other end is gone."""


class WallSocket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, told to the application so that it can write a prepared frame and cut a dead line.

    Give it to uvicorn as `ws=WallSocket` with `ws_per_message_deflate=False`: compressing for each of 200 pages anew
    costs more than the bytes are worth in a hall's network, and it would need 200 different frames.
    """

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            scope["extensions"][EXTENSION] = self

    @property
    def compressed(self) -> bool:
        return bool(self.conn.extensions)

    @property
    def clear(self) -> bool:
        """Whether a frame can be written now without waiting."""
        return self.writable.is_set() and not (self.disconnected or self.close_sent or self.transport.is_closing())

    async def send_frame(self, frame: bytes) -> None:
        """Write a whole frame as soon as less than the transport's high-water mark (64 KiB) waits.

        Raises:
            LineLost: the socket is closed or closing.
        """
        if not self.writable.is_set():
            await self.writable.wait()
        if not self.clear:
            raise LineLost
        self.transport.write(frame)

    def part(self, last: bytes, code: int) -> None:
        """Leave a last frame (or b"") and a close frame, and cut the line if they are not answered soon.

        uvicorn's own close waits for a buffer that a page may never drain, and does so for ever.
        """
        if self.disconnected or self.close_sent or self.transport.is_closing():
            return
        self.transport.write(last)
        self.conn.send_close(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(CUT_AFTER_S, self.transport.abort)

    def shutdown(self) -> None:
        super().shutdown()
        # A page that does not read must not hold up the end of the server.
        self.loop.call_later(CUT_AFTER_S, self.transport.abort)


class Wire:
    """The sending side of one page."""

    def __init__(self, websocket: WebSocket) -> None:
        socket = websocket.scope.get("extensions", {}).get(EXTENSION)
        self._websocket = websocket
        self._socket: WallSocket | None = socket if isinstance(socket, WallSocket) and not socket.compressed else None
        self._waiting_since: float | None = None

    @property
    def stuck_s(self) -> float:
        """For how long the text being sent has been waiting for the page to read."""
        return 0.0 if self._waiting_since is None else time.monotonic() - self._waiting_since

    def send_now(self, frames: list[bytes]) -> bool:
        """Send whole frames at once if nothing waits before them; whether it could."""
        if self._socket is None or not self._socket.clear:
            return False
        self._socket.transport.write(b"".join(frames))
        return True

    async def send(self, frame: bytes) -> None:
        """Send a whole frame; returns when the socket's buffer is below its high-water mark again.

        Raises:
            LineLost: the page is gone.
        """
        self._waiting_since = time.monotonic()
        if self._socket is not None:
            await self._socket.send_frame(frame)
        else:
            await self._send_plain(frame)
        self._waiting_since = None

    async def close(self, code: int) -> None:
        """Close, with a code that the page understands; does not wait for a page that does not read."""
        if self._socket is not None:
            self._socket.part(b"", code)
        else:
            with contextlib.suppress(RuntimeError, TimeoutError):
                await asyncio.wait_for(self._websocket.close(code), CUT_AFTER_S)

    def part(self, last: bytes, code: int) -> None:
        """Leave a last frame for a page that does not read and let go of it."""
        if self._socket is not None:
            self._socket.part(last, code)

    async def _send_plain(self, frame: bytes) -> None:
        payload = unframed(frame)
        try:
            if is_binary(frame):
                await self._websocket.send_bytes(payload)
            else:
                await self._websocket.send_text(payload.decode())
        except (RuntimeError, WebSocketDisconnect) as error:
            raise LineLost from error
