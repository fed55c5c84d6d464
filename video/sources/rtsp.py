"""RTSP over TCP made for thousands of feeds on one event loop: split, depacketise, keep; nothing is decoded here.

Source: RFC 2326 (requests, section 10.12 for interleaved data), RFC 3550, RFC 6184.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import unquote, urlsplit, urlunsplit

from video.sources.auth import Credentials
from video.sources.rtp import H264Depacketizer, StreamCounts
from video.sources.sdp import NoVideo, VideoTrack, control_url, video_track
from video.sources.unit import AccessUnit

MAX_HEADER_BYTES = 64 * 1024
MAX_BODY_BYTES = 256 * 1024
USER_AGENT = "yiping/0.1"


class SourceError(ValueError):
    """A feed cannot be opened or stopped; the text is meant for a person."""


@dataclass(frozen=True)
class RtspTimes:
    """Patience of a source in seconds."""

    connect_timeout_s: float = 5.0
    answer_timeout_s: float = 5.0
    silence_timeout_s: float = 6.0
    keep_alive_s: float = 25.0
    retry_first_s: float = 0.5
    retry_longest_s: float = 8.0


@dataclass(frozen=True)
class Reply:
    """One answer of the camera; header names in lower case, several values of one name in order."""

    status: int
    headers: dict[str, list[str]]
    body: str

    def first(self, name: str, default: str = "") -> str:
        return self.headers.get(name, [default])[0]


class RtspConnection(asyncio.Protocol):
    """Splits one connection into replies and interleaved packets. Bad bytes are counted, never raised."""

    def __init__(self, on_packet: Callable[[bytes, int, int], None]) -> None:
        self.bad_bytes = 0
        self.video_channel = 0
        self.closed = asyncio.get_running_loop().create_future()
        self._on_packet = on_packet
        self._rest = b""
        self._transport: asyncio.Transport | None = None
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._sequence = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        reason = str(error) if error else "the camera closed the connection"
        if not self.closed.done():
            self.closed.set_result(reason)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(SourceError(reason))
        self._waiting.clear()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def send(self, method: str, url: str, headers: dict[str, str]) -> asyncio.Future[Reply]:
        """Write one request; the future fails with SourceError when the connection ends first."""
        self._sequence += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._sequence}", f"User-Agent: {USER_AGENT}"]
        lines += [f"{key}: {value}" for key, value in headers.items()]
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if self.closed.done() or self._transport is None:
            answer.set_exception(SourceError("the connection is closed"))
            return answer
        self._waiting[self._sequence] = answer
        self._transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        return answer

    def data_received(self, data: bytes) -> None:
        buffer = self._rest + data if self._rest else data
        at, end, channel = 0, len(buffer), self.video_channel
        while end - at >= 4:
            if buffer[at] == 0x24:
                after = at + 4 + (buffer[at + 2] << 8 | buffer[at + 3])
                if after > end:
                    break
                if buffer[at + 1] == channel:
                    self._on_packet(buffer, at + 4, after)
            else:
                after = self._text(buffer, at)
                if after < 0:
                    break
            at = after
        self._rest = buffer[at:] if at < end else b""

    def _text(self, buffer: bytes, at: int) -> int:
        """Read a reply or a request of the camera from `at`; the position after it, or -1 when it is not complete."""
        if not buffer[at : at + 1].isalpha():
            return self._skip_garbage(buffer, at)
        stop = buffer.find(b"\r\n\r\n", at)
        if stop < 0:
            return -1 if len(buffer) - at < MAX_HEADER_BYTES else self._skip_garbage(buffer, at)
        first, *lines = buffer[at:stop].decode("utf-8", "replace").split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in lines:
            key, _, value = line.partition(":")
            headers.setdefault(key.strip().lower(), []).append(value.strip())
        length = _number(headers.get("content-length", ["0"])[0])
        if "RTSP/" not in first or not 0 <= length <= MAX_BODY_BYTES:
            return self._skip_garbage(buffer, at)
        after = stop + 4 + length
        if after > len(buffer):
            return -1
        if first.startswith("RTSP/"):
            self._reply(first, headers, buffer[stop + 4 : after].decode("utf-8", "replace"))
        return after

    def _skip_garbage(self, buffer: bytes, at: int) -> int:
        """Go on at the next thing that may be a packet or a reply."""
        found = [place for place in (buffer.find(b"$", at + 1), buffer.find(b"RTSP/1", at + 1)) if place > 0]
        after = min(found, default=len(buffer))
        self.bad_bytes += after - at
        return after

    def _reply(self, first: str, headers: dict[str, list[str]], body: str) -> None:
        waiting = self._waiting.pop(_number(headers.get("cseq", ["-1"])[0]), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(Reply(_number([*first.split(" "), "", ""][1]), headers, body))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


@dataclass
class RtspState:
    """What the source is doing, for health and signal loss."""

    playing: bool = False
    opened: int = 0
    opened_at: float = 0.0
    failures: int = 0
    last_unit_at: float = 0.0
    last_error: str = ""
    bad_bytes: int = 0
    counts: StreamCounts = field(default_factory=StreamCounts)


class RtspSource:
    """One camera: opens it, keeps it open, hands out access units. `run()` ends only by being cancelled."""

    def __init__(
        self,
        url: str,
        on_unit: Callable[[AccessUnit], None],
        *,
        times: RtspTimes | None = None,
        gate: asyncio.Semaphore | None = None,
    ) -> None:
        """Prepare; nothing is opened yet.

        Args:
            url: `rtsp://[name:password@]host[:port]/path`.
            on_unit: called in the event loop with every whole access unit.
            times: how patient to be.
            gate: limits how many sources open at once, so that a start does not storm a recorder.
        """
        parts = urlsplit(url)
        if parts.scheme != "rtsp" or not parts.hostname:
            raise SourceError(f"not an RTSP address: {url}")
        self.state = RtspState()
        self._host, self._port = parts.hostname, parts.port or 554
        self._url = urlunsplit(("rtsp", parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))
        self._account = (unquote(parts.username or ""), unquote(parts.password or "")) if parts.username else None
        self._credentials: Credentials | None = None
        self._on_unit = on_unit
        self._times = times or RtspTimes()
        self._gate = gate or asyncio.Semaphore(1)
        self._connection: RtspConnection | None = None

    async def run(self) -> None:
        """Open, play and open again with growing, jittered pauses until cancelled."""
        pause_s = self._times.retry_first_s
        while True:
            before = self.state.counts.units
            try:
                await self._open_and_play()
            except (OSError, TimeoutError, SourceError, NoVideo) as error:
                self.state.last_error = str(error) or type(error).__name__
            finally:
                self._shut()
            self.state.failures += 1
            if self.state.counts.units > before:
                pause_s = self._times.retry_first_s
            await asyncio.sleep(pause_s * random.uniform(0.6, 1.0))
            pause_s = min(pause_s * 2, self._times.retry_longest_s)

    def _shut(self) -> None:
        self.state.playing = False
        if self._connection is not None:
            self.state.bad_bytes += self._connection.bad_bytes
            self._connection.close()
            self._connection = None

    async def _open_and_play(self) -> None:
        async with self._gate:
            session, keep_alive_s = await self._open()
        self.state.playing = True
        self.state.opened += 1
        self.state.opened_at = time.time()
        self.state.last_error = ""
        try:
            await self._stay(session, keep_alive_s)
        finally:
            self._say_goodbye(session)

    async def _open(self) -> tuple[str, float]:
        """Connect and ask until the stream plays; its session and the seconds between two signs of life."""
        depacketizer: H264Depacketizer | None = None

        def packet(data: bytes, start: int, end: int) -> None:
            if depacketizer is not None:
                depacketizer.push(data, start, end, time.time())

        loop = asyncio.get_running_loop()
        opening = loop.create_connection(lambda: RtspConnection(packet), self._host, self._port)
        _, self._connection = await asyncio.wait_for(opening, self._times.connect_timeout_s)
        self._credentials = Credentials(*self._account) if self._account else None
        described = await self._ask("DESCRIBE", self._url, {"Accept": "application/sdp"})
        track = video_track(described.body)
        depacketizer = H264Depacketizer(self._unit, track.parameters)
        depacketizer.counts = self.state.counts
        base = described.first("content-base") or described.first("content-location") or self._url
        session, keep_alive_s = await self._set_up(base, track)
        await self._ask("PLAY", base, {"Session": session, "Range": "npt=0.000-"})
        return session, keep_alive_s

    async def _set_up(self, base: str, track: VideoTrack) -> tuple[str, float]:
        wanted = "RTP/AVP/TCP;unicast;interleaved=0-1"
        answer = await self._ask("SETUP", control_url(base, track.control), {"Transport": wanted})
        for item in answer.first("transport").split(";"):
            if item.startswith("interleaved=") and self._connection is not None:
                self._connection.video_channel = max(0, _number(item[12:].split("-")[0]))
        session, _, rest = answer.first("session").partition(";")
        timeout_s = _number(rest.partition("=")[2].strip())
        keep_alive_s = self._times.keep_alive_s
        return session.strip(), min(keep_alive_s, timeout_s / 2) if timeout_s > 0 else keep_alive_s

    async def _ask(self, method: str, url: str, headers: dict[str, str]) -> Reply:
        """One request, signed in when the camera asks for it."""
        for _ in range(2):
            signature = self._credentials.header(method, url) if self._credentials else None
            sent = {**headers, "Authorization": signature} if signature else headers
            assert self._connection is not None
            reply = await asyncio.wait_for(self._connection.send(method, url, sent), self._times.answer_timeout_s)
            if reply.status != 401 or self._credentials is None:
                break
            if not self._credentials.take_challenge(reply.headers.get("www-authenticate", [])):
                break
        if reply.status != 200:
            raise SourceError(f"the camera answered {reply.status} to {method}")
        return reply

    async def _stay(self, session: str, keep_alive_s: float) -> None:
        """Watch the stream: sign of life now and then; an error when it falls silent or closes."""
        connection, quiet_s = self._connection, self._times.silence_timeout_s
        assert connection is not None
        last_packets, heard_at = -1, time.monotonic()
        next_sign_at = heard_at + keep_alive_s * random.uniform(0.7, 1.0)
        while True:
            done, _ = await asyncio.wait([connection.closed], timeout=quiet_s / 3)
            if done:
                raise SourceError(connection.closed.result())
            now = time.monotonic()
            if self.state.counts.packets != last_packets:
                last_packets, heard_at = self.state.counts.packets, now
            elif now - heard_at >= quiet_s:
                raise SourceError(f"no packet for {quiet_s:g} s")
            if now >= next_sign_at:
                next_sign_at = now + keep_alive_s
                self._sign_of_life(connection, session)

    def _sign_of_life(self, connection: RtspConnection, session: str) -> None:
        headers = {"Session": session}
        signature = self._credentials.header("GET_PARAMETER", self._url) if self._credentials else None
        if signature:
            headers["Authorization"] = signature
        # Nobody waits for the answer: packets show that the camera lives. Fetching it silences asyncio's warning.
        connection.send("GET_PARAMETER", self._url, headers).add_done_callback(
            lambda answer: answer.cancelled() or answer.exception()
        )

    def _say_goodbye(self, session: str) -> None:
        if self._connection is not None and not self._connection.closed.done():
            goodbye = self._connection.send("TEARDOWN", self._url, {"Session": session})
            goodbye.add_done_callback(lambda answer: answer.cancelled() or answer.exception())

    def _unit(self, unit: AccessUnit) -> None:
        self.state.last_unit_at = unit.at
        self._on_unit(unit)
