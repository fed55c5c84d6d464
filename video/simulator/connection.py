"""One client: its requests are answered, and the wheel calls it once per tick to send the camera's picture."""

from __future__ import annotations

import asyncio
import secrets
import socket
from typing import Protocol

from video.simulator.camera import SimulatedCamera
from video.simulator.requests import METHODS, Answer, BadRequest, Request, describe, take_request
from video.simulator.sender import Gone, Sender

_READ_BYTES = 16 * 1024
_NO_ANSWER = Answer(404, {})


class House(Protocol):
    """What a connection needs to know of the simulator: cameras, and what is asked of them beside pictures."""

    def camera_at(self, url: str, door: int | None) -> SimulatedCamera | None: ...

    def order(self, url: str, body: str, door: int | None) -> int: ...

    def entered(self, client: Connection) -> None: ...

    def join(self, client: Connection, camera: SimulatedCamera) -> None: ...

    def leave(self, client: Connection, camera: SimulatedCamera) -> None: ...

    def left(self, client: Connection) -> None: ...

    def tick_now(self) -> int: ...


class Connection:
    """A client that came in through a door: a recorder's number, or None for the platform's."""

    __slots__ = ("_buffer", "_house", "_loop", "_playing", "_sender", "_session", "_socket", "camera", "door")

    def __init__(self, house: House, connected: socket.socket, door: int | None) -> None:
        self._house, self._socket, self.door = house, connected, door
        self._buffer, self._session, self._playing = b"", "", False
        self.camera: SimulatedCamera | None = None
        self._sender = Sender(connected, "steady")
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(connected.fileno(), self._readable)
        house.entered(self)

    def tick(self, tick: int) -> None:
        """Send the camera's picture of this tick, if it has one."""
        camera = self.camera
        assert camera is not None
        if tick >= camera.stop:
            camera.turn(tick)
        unit = camera.units[tick - camera.start]
        if unit is not None:
            try:
                self._sender.picture(unit, tick)
            except Gone:
                self.close()

    def close(self) -> None:
        """Let go at once; a second time changes nothing."""
        if self._socket.fileno() < 0:
            return
        self._leave()
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        self._house.left(self)

    def _leave(self) -> None:
        if self._playing and self.camera is not None:
            self._house.leave(self, self.camera)
        self._playing = False

    def _readable(self) -> None:
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self._buffer += data
        try:
            self._answer_all()
        except (BadRequest, Gone):
            self.close()

    def _answer_all(self) -> None:
        while self._socket.fileno() >= 0:
            request, self._buffer = take_request(self._buffer)
            if request is None:
                return
            answer = self._handle(request)
            self._sender.text(answer.encoded(request.headers.get("cseq", "0")))
            if answer.status == 503:
                self.close()

    def _handle(self, request: Request) -> Answer:
        method = request.method
        if not method:
            return Answer(400, {})
        if method == "OPTIONS":
            return Answer(200, {"Public": METHODS})
        if method == "SET_PARAMETER":
            return Answer(self._house.order(request.url, request.body, self.door), {})
        camera = self._house.camera_at(request.url, self.door)
        if camera is None:
            return _NO_ANSWER
        if camera.lost or camera.down:
            return Answer(503, {})
        if method == "DESCRIBE":
            base = request.url.split("/trackID")[0].rstrip("/") + "/"
            return Answer(200, {"Content-Base": base, "Content-Type": "application/sdp"}, describe(camera))
        if method == "SETUP":
            return self._set_up(camera, request.headers.get("transport", ""))
        if method not in ("PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER"):
            return Answer(405, {})
        if not self._session or request.headers.get("session", "").partition(";")[0] != self._session:
            return Answer(454, {})
        return self._control(method, request.url)

    def _set_up(self, camera: SimulatedCamera, transport: str) -> Answer:
        if "TCP" not in transport.upper():
            return Answer(461, {})
        asked = next((part[12:] for part in transport.split(";") if part.strip().startswith("interleaved=")), "0-1")
        low = asked.strip().partition("-")[0]
        self._leave()
        if self.camera is not camera:
            self._sender = Sender(self._socket, camera.manner)
        channel = int(low) if low.isdecimal() and int(low) < 255 else 0
        self._sender.channel = channel
        self.camera = camera
        self._session = self._session or secrets.token_hex(8)
        chosen = f"RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1};ssrc={self._sender.source:08X}"
        return Answer(200, {"Transport": chosen, "Session": f"{self._session};timeout=60"})

    def _control(self, method: str, url: str) -> Answer:
        session = {"Session": self._session}
        if self.camera is None:
            return Answer(455, {})
        if method == "PLAY":
            self._sender.held = True
            if not self._playing:
                self._playing = True
                self._house.join(self, self.camera)
            track = url.rstrip("/") + ("" if "/trackID" in url else "/trackID=0")
            sequence, time = self._sender.place(self._house.tick_now())
            return Answer(200, session | {"RTP-Info": f"url={track};seq={sequence};rtptime={time}", "Range": "npt=0-"})
        if method in ("PAUSE", "TEARDOWN"):
            self._leave()
            if method == "TEARDOWN":
                self._session, self.camera = "", None
        return Answer(200, session)
