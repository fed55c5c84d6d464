"""Many cameras behind one RTSP port: requests in, interleaved packets out. Source: RFC 2326."""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from typing import Protocol, cast

from video.simulator.camera import TROUBLES, NoSuchTrouble, SimulatedCamera
from video.simulator.packing import PAYLOAD_TYPE, PackedUnit
from video.simulator.segments import FPS
from video.sources.h264 import ParameterSets

MAX_REQUEST_BYTES = 64 * 1024
MAX_WAITING_BYTES = 600_000
TICKS_PER_PICTURE = 90_000 // FPS
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 454: "Session Not Found"}
_REASONS |= {455: "Method Not Valid in This State", 461: "Unsupported Transport", 503: "Service Unavailable"}
Answer = tuple[int, dict[str, str], str]


class Town(Protocol):
    """What a connection needs to know of the simulator behind it."""

    def camera_at(self, url: str) -> SimulatedCamera | None: ...

    def trouble(self, index: int, kind: str, seconds: float) -> None: ...

    def join(self, index: int, client: ClientConnection) -> None: ...

    def leave(self, index: int, client: ClientConnection) -> None: ...


class ClientConnection(asyncio.Protocol):
    """One client. Asks its camera nothing while sending: the simulator pushes pictures into `send_unit`."""

    def __init__(self, simulator: Town) -> None:
        self._simulator = simulator
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._session = ""
        self._camera: SimulatedCamera | None = None
        self._channel = 0
        self._playing = False
        self._wait_key = True
        self._source = secrets.randbits(32)
        self._sequence = secrets.randbits(16)
        self._rtp_time = secrets.randbits(32)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._leave()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _leave(self) -> None:
        if self._camera is not None:
            self._simulator.leave(self._camera.index, self)
        self._playing = False

    def send_unit(self, unit: PackedUnit) -> None:
        """Send one picture. A client that does not read loses whole pictures up to the next key frame."""
        self._rtp_time = (self._rtp_time + TICKS_PER_PICTURE) & 0xFFFFFFFF
        transport = self._transport
        if not self._playing or transport is None:
            return
        if self._wait_key and not unit.key:
            return
        if transport.get_write_buffer_size() > MAX_WAITING_BYTES:
            self._wait_key = True
            return
        self._wait_key = False
        data = unit.filled(sequence=self._sequence, rtp_time=self._rtp_time, source=self._source)
        self._sequence = (self._sequence + len(unit.holes)) & 0xFFFF
        if self._channel:
            for hole in unit.holes:
                data[hole - 5] = self._channel
        transport.write(data)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._buffer:
            if self._buffer[:1] == b"$":
                if len(self._buffer) < 4:
                    return
                length = 4 + int.from_bytes(self._buffer[2:4], "big")
                if len(self._buffer) < length:
                    return
                self._buffer = self._buffer[length:]
                continue
            if not self._one_request():
                break
        if len(self._buffer) > MAX_REQUEST_BYTES:
            self.close()

    def _one_request(self) -> bool:
        """Answer the first whole request in the buffer; False when there is none yet."""
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return False
        first, *lines = head.decode("utf-8", "replace").lstrip().split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        length = headers.get("content-length", "0")
        size = int(length) if length.isdigit() else 0
        if size > MAX_REQUEST_BYTES:
            self.close()
            return False
        if len(rest) < size:
            return False
        self._buffer = rest[size:]
        self._answer(first.split(" "), headers, rest[:size].decode("utf-8", "replace"))
        return True

    def _answer(self, first: list[str], headers: dict[str, str], body: str) -> None:
        if len(first) != 3 or not first[2].startswith("RTSP/"):
            answer: Answer = 400, {}, ""
        else:
            answer = self._handle(first[0], first[1], headers, body)
        status, extra, text = answer
        lines = [f"RTSP/1.0 {status} {_REASONS.get(status, 'Error')}", f"CSeq: {headers.get('cseq', '0')}"]
        lines += ["Server: yiping camera simulator", *(f"{key}: {value}" for key, value in extra.items())]
        if text:
            lines.append(f"Content-Length: {len(text.encode())}")
        if self._transport is not None:
            self._transport.write(("\r\n".join(lines) + "\r\n\r\n" + text).encode())
        if status == 503:
            self.close_soon()

    def close_soon(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _handle(self, method: str, url: str, headers: dict[str, str], body: str) -> Answer:
        if method == "OPTIONS":
            return 200, {"Public": "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER"}, ""
        camera = self._simulator.camera_at(url)
        if camera is None:
            return 404, {}, ""
        if method == "SET_PARAMETER":
            return self._set_parameter(camera, body)
        if camera.lost:
            return 503, {}, ""
        if method == "DESCRIBE":
            base = url.split("/trackID")[0].rstrip("/") + "/"
            return 200, {"Content-Base": base, "Content-Type": "application/sdp"}, describe(camera)
        if method == "SETUP":
            return self._set_up(camera, headers.get("transport", ""))
        if method not in ("PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER"):
            return 405, {}, ""
        if not self._session or headers.get("session", "").partition(";")[0] != self._session:
            return 454, {}, ""
        return self._control(method, url)

    def _set_parameter(self, camera: SimulatedCamera, body: str) -> Answer:
        """`trouble: covered 20` makes twenty seconds of trouble on this camera."""
        name, _, value = body.strip().partition(":")
        words = value.split()
        if name.strip().lower() != "trouble" or len(words) != 2 or words[0] not in TROUBLES:
            return 400, {}, ""
        try:
            self._simulator.trouble(camera.index, words[0], float(words[1]))
        except (NoSuchTrouble, ValueError):
            return 400, {}, ""
        return 200, {}, ""

    def _set_up(self, camera: SimulatedCamera, transport: str) -> Answer:
        if "TCP" not in transport.upper():
            return 461, {}, ""
        asked = next((part[12:] for part in transport.split(";") if part.strip().startswith("interleaved=")), "0-1")
        low = asked.strip().partition("-")[0]
        self._channel = int(low) if low.isdigit() and int(low) < 255 else 0
        self._leave()
        self._camera = camera
        self._session = self._session or secrets.token_hex(8)
        chosen = f"RTP/AVP/TCP;unicast;interleaved={self._channel}-{self._channel + 1};ssrc={self._source:08X}"
        return 200, {"Transport": chosen, "Session": f"{self._session};timeout=60"}, ""

    def _control(self, method: str, url: str) -> Answer:
        session = {"Session": self._session}
        if self._camera is None:
            return 455, {}, ""
        if method == "PLAY":
            self._playing, self._wait_key = True, True
            self._simulator.join(self._camera.index, self)
            track = url.rstrip("/") + ("" if "/trackID" in url else "/trackID=0")
            following = (self._rtp_time + TICKS_PER_PICTURE) & 0xFFFFFFFF
            return (
                200,
                session | {"RTP-Info": f"url={track};seq={self._sequence};rtptime={following}", "Range": "npt=0-"},
                "",
            )
        if method in ("PAUSE", "TEARDOWN"):
            self._leave()
            if method == "TEARDOWN":
                self._session, self._camera = "", None
        return 200, session, ""


def describe(camera: SimulatedCamera) -> str:
    """Session description of a camera. Source: RFC 8866, RFC 6184 section 8.2.1."""
    parameters: ParameterSets = camera.variant.parameters
    sets = ",".join(base64.b64encode(nal).decode() for nal in (parameters.sps, parameters.pps))
    lines = [
        "v=0",
        f"o=- {int(time.time())} 1 IN IP4 127.0.0.1",
        f"s=camera {camera.index + 1:04d}",
        "c=IN IP4 0.0.0.0",
    ]
    lines += ["t=0 0", "a=control:*", "a=range:npt=0-", f"m=video 0 RTP/AVP {PAYLOAD_TYPE}"]
    lines += [f"a=rtpmap:{PAYLOAD_TYPE} H264/90000", f"a=framerate:{FPS}", "a=control:trackID=0"]
    profile = parameters.sps[1:4].hex().upper()
    lines.append(f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={sets}")
    return "\r\n".join(lines) + "\r\n"
