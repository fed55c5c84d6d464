"""RTSP made for thousands of feeds on one event loop: open, keep, hand on packets; nothing is decoded here.

Source: RFC 2326 (requests, section 10.12 for interleaved data), RFC 3550.
"""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote, urlsplit, urlunsplit

from video.sources.auth import Credentials
from video.sources.keys import MARKS
from video.sources.rhythm import Rhythm
from video.sources.rounds import rounds
from video.sources.sdp import NoVideo, VideoTrack, control_url, video_track
from video.sources.splitter import Reply, Sink, SplitCounts, Splitter, number
from video.sources.udp import UdpReceiver, framed, server_ports
from video.sources.unit import AccessUnit, Family
from video.sources.units import UnitSink

FAMILIES: dict[str, Family] = {"H264": "h264", "H265": "h265", "JPEG": "jpeg"}
USER_AGENT = "yiping/0.1"
READ_BYTES = 65536
UNSUPPORTED_TRANSPORT = 461
HOUSEKEEPING_S = 1.0


class SourceError(ValueError):
    """A feed cannot be opened or stopped; the text is meant for a person."""


class Refused(SourceError):
    """The camera said no; `status` is its answer."""

    def __init__(self, status: int, method: str) -> None:
        super().__init__(f"the camera answered {status} to {method}")
        self.status = status


class PacketSink(Sink, Protocol):
    """Takes the packets of one feed."""

    def opened(self, track: VideoTrack, channel: int) -> None:
        """A stream begins on an interleaved channel, perhaps with another codec than before."""


@dataclass(frozen=True)
class RtspTimes:
    """Patience of a source in seconds."""

    connect_timeout_s: float = 5.0
    answer_timeout_s: float = 5.0
    silence_timeout_s: float = 6.0
    keep_alive_s: float = 25.0
    retry_first_s: float = 0.5
    retry_longest_s: float = 8.0


@dataclass(slots=True)
class RtspState:
    """What a source is doing, for health and signal loss; `last_error` is of the last failure."""

    playing: bool = False
    opened: int = 0
    opened_at: float = 0.0
    failures: int = 0
    last_error: str = ""
    counts: SplitCounts = field(default_factory=SplitCounts)


class RtspConnection:
    """One connection: asks while it opens, then is read in rounds."""

    __slots__ = ("_loop", "_reply", "_sequence", "_socket", "_udp", "closed", "splitter")

    def __init__(self, sink: Sink, counts: SplitCounts) -> None:
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.splitter = Splitter(sink, self._take_reply)
        self.splitter.counts = counts
        self._socket = socket.socket()
        self._reply: tuple[int, Reply] | None = None
        self._udp: UdpReceiver | None = None
        self._sequence = 0
        self._loop = asyncio.get_running_loop()

    async def connect(self, host: str, port: int) -> None:
        """Raises OSError: nobody answers there."""
        found = await self._loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        self._socket.close()
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setblocking(False)
        await self._loop.sock_connect(self._socket, address)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def peer(self) -> str:
        """Address of the camera."""
        return str(self._socket.getpeername()[0])

    async def ask(self, method: str, url: str, headers: dict[str, str]) -> Reply:
        """One request and its answer. Packets that come before the answer are handed on.

        Raises:
            SourceError: the connection ended first.
        """
        await self._loop.sock_sendall(self._socket, self._request(method, url, headers))
        while self._reply is None or self._reply[0] != self._sequence:
            data = await self._loop.sock_recv(self._socket, READ_BYTES)
            if not data:
                raise SourceError("the camera closed the connection")
            self.splitter.feed(data, time.time())
        return self._reply[1]

    def tell(self, method: str, url: str, headers: dict[str, str]) -> None:
        """A request nobody waits for. A socket that cannot take it now will be found silent soon."""
        try:
            self._socket.send(self._request(method, url, headers))
        except OSError:
            return

    def pull(self, buffer: memoryview, now: float) -> int:
        """Read what has come: how many bytes. The end of the connection shows in `closed`."""
        try:
            count = self._socket.recv_into(buffer)
        except BlockingIOError:
            return 0
        except OSError as error:
            self.end(str(error))
            return 0
        if count:
            self.splitter.feed(bytes(buffer[:count]), now)
        else:
            self.end("the camera closed the connection")
        return count

    def end(self, reason: str) -> None:
        if not self.closed.done():
            self.closed.set_result(reason)

    def close(self) -> None:
        self._socket.close()
        if self._udp is not None:
            self._udp.close()

    async def open_udp(self) -> tuple[int, int]:
        """Take a pair of ports for packets that come beside the connection; they are framed as if they came in it."""
        self._udp = UdpReceiver(self._datagram)
        return await self._udp.open(str(self._socket.getsockname()[0]))

    def expect_udp(self, rtp_port: int, rtcp_port: int) -> None:
        if self._udp is not None:
            self._udp.expect(self.peer, rtp_port, rtcp_port)

    def _datagram(self, packet: bytes, at: float) -> None:
        self.splitter.feed(framed(packet), at)

    def _request(self, method: str, url: str, headers: dict[str, str]) -> bytes:
        self._sequence += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._sequence}", f"User-Agent: {USER_AGENT}"]
        lines += [f"{key}: {value}" for key, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def _take_reply(self, sequence: int, reply: Reply) -> None:
        self._reply = sequence, reply


@dataclass(slots=True)
class _Play:
    """A stream that plays: what is needed to keep it and to notice its end."""

    connection: RtspConnection
    rhythm: Rhythm
    session: str
    keep_alive_s: float
    next_sign_at: float
    heard_at: float
    heard: int = -1
    keys: int = 0


class RtspSource:
    """One camera: opens it, keeps it open, hands on packets. `run()` ends only by being cancelled."""

    def __init__(
        self,
        url: str,
        sink: PacketSink | Callable[[AccessUnit], None],
        *,
        times: RtspTimes | None = None,
        gate: asyncio.Semaphore | None = None,
    ) -> None:
        """Prepare; nothing is opened yet.

        Args:
            url: `rtsp://[name:password@]host[:port]/path`.
            sink: takes the packets, in the event loop; a plain function takes access units.
            times: how patient to be.
            gate: limits how many sources open at once, so that a start does not storm a recorder.

        Raises:
            SourceError: not such an address.
        """
        parts = urlsplit(url)
        if parts.scheme != "rtsp" or not parts.hostname:
            raise SourceError(f"not an RTSP address: {url}")
        self.state = RtspState()
        self._host, self._port = parts.hostname, parts.port or 554
        self._url = urlunsplit(("rtsp", parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))
        self._account = (unquote(parts.username or ""), unquote(parts.password or "")) if parts.username else None
        self._credentials: Credentials | None = None
        self._sink = UnitSink(sink) if callable(sink) else sink
        self._times = times or RtspTimes()
        self._gate = gate or asyncio.Semaphore(1)
        self._prompt = False
        self._play: _Play | None = None
        self._housekeeping_at = 0.0

    async def run(self) -> None:
        """Open, play and open again with growing, jittered pauses until cancelled."""
        pause_s = self._times.retry_first_s
        while True:
            before = self.state.counts.pictures
            try:
                await self._open_and_play()
            except (OSError, TimeoutError, SourceError, NoVideo) as error:
                self.state.last_error = str(error) or type(error).__name__
            self.state.failures += 1
            if self.state.counts.pictures > before:
                pause_s = self._times.retry_first_s
            await asyncio.sleep(pause_s * random.uniform(0.6, 1.0))
            pause_s = min(pause_s * 2, self._times.retry_longest_s)

    def hurry(self, wanted: bool) -> None:
        """Hand packets on as soon as they come, or in rounds: somebody watches live."""
        self._prompt = wanted
        if self._play is not None:
            rounds().prompt(self, wanted)

    def pull(self, buffer: memoryview, now: float) -> float:
        """Called in rounds while the stream plays; seconds until the next time."""
        play = self._play
        if play is None:
            return 0.0
        count = play.connection.pull(buffer, now)
        if self.state.counts.keys != play.keys:
            play.keys = self.state.counts.keys
            splitter = play.connection.splitter
            play.rhythm.key(now, stamp=splitter.key_stamp, newest=splitter.newest_stamp)
        if abs(now - self._housekeeping_at) >= HOUSEKEEPING_S:
            self._housekeeping_at = now
            self._keep(play, time.monotonic())
        return play.rhythm.read(now, count)

    async def _open_and_play(self) -> None:
        connection = RtspConnection(self._sink, self.state.counts)
        try:
            async with self._gate:
                session, keep_alive_s = await self._open(connection)
            self.state.playing, self.state.last_error = True, ""
            self.state.opened += 1
            self.state.opened_at = time.time()
            now = time.monotonic()
            sign_at = now + keep_alive_s * random.uniform(0.7, 1.0)
            self._play = _Play(connection, Rhythm(time.time()), session, keep_alive_s, sign_at, now)
            rounds().join(self)
            rounds().prompt(self, self._prompt)
            try:
                raise SourceError(await connection.closed)
            finally:
                self.state.playing, self._play = False, None
                rounds().leave(self)
                connection.tell("TEARDOWN", self._url, self._signed("TEARDOWN", {"Session": session}))
        finally:
            connection.close()

    async def _open(self, connection: RtspConnection) -> tuple[str, float]:
        """Connect and ask until the stream plays; its session and the seconds between two signs of life."""
        await asyncio.wait_for(connection.connect(self._host, self._port), self._times.connect_timeout_s)
        self._credentials = Credentials(*self._account) if self._account else None
        described = await self._ask(connection, "DESCRIBE", self._url, {"Accept": "application/sdp"})
        track = video_track(described.body)
        base = described.first("content-base") or described.first("content-location") or self._url
        session, keep_alive_s = await self._set_up(connection, base, track)
        self._sink.opened(track, connection.splitter.channel)
        connection.splitter.marks = MARKS[FAMILIES[track.encoding]]
        await self._ask(connection, "PLAY", base, {"Session": session, "Range": "npt=0.000-"})
        return session, keep_alive_s

    async def _set_up(self, connection: RtspConnection, base: str, track: VideoTrack) -> tuple[str, float]:
        """Over the connection itself, or over UDP where the camera offers nothing else."""
        url = control_url(base, track.control)
        try:
            answer = await self._ask(connection, "SETUP", url, {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"})
        except Refused as refused:
            if refused.status != UNSUPPORTED_TRANSPORT:
                raise
            return await self._set_up_udp(connection, url)
        for item in answer.first("transport").split(";"):
            if item.startswith("interleaved="):
                connection.splitter.channel = max(0, number(item[12:].split("-")[0]))
        return self._session(answer)

    async def _set_up_udp(self, connection: RtspConnection, url: str) -> tuple[str, float]:
        ports = await connection.open_udp()
        transport = f"RTP/AVP;unicast;client_port={ports[0]}-{ports[1]}"
        answer = await self._ask(connection, "SETUP", url, {"Transport": transport})
        theirs = server_ports(answer.first("transport"))
        if theirs is not None:
            connection.expect_udp(*theirs)
        return self._session(answer)

    def _session(self, answer: Reply) -> tuple[str, float]:
        session, _, rest = answer.first("session").partition(";")
        timeout_s = number(rest.partition("=")[2].strip())
        keep_alive_s = self._times.keep_alive_s
        return session.strip(), min(keep_alive_s, timeout_s / 2) if timeout_s > 0 else keep_alive_s

    async def _ask(self, connection: RtspConnection, method: str, url: str, headers: dict[str, str]) -> Reply:
        """One request, signed in when the camera asks for it."""
        for _ in range(2):
            asking = connection.ask(method, url, self._signed(method, headers, url))
            reply = await asyncio.wait_for(asking, self._times.answer_timeout_s)
            if reply.status != 401 or self._credentials is None:
                break
            if not self._credentials.take_challenge(reply.headers.get("www-authenticate", [])):
                break
        if reply.status != 200:
            raise Refused(reply.status, method)
        return reply

    def _signed(self, method: str, headers: dict[str, str], url: str = "") -> dict[str, str]:
        signature = self._credentials.header(method, url or self._url) if self._credentials else None
        return {**headers, "Authorization": signature} if signature else headers

    def _keep(self, play: _Play, now: float) -> None:
        """Notice silence; give a sign of life now and then."""
        if self.state.counts.packets != play.heard:
            play.heard, play.heard_at = self.state.counts.packets, now
        elif now - play.heard_at >= self._times.silence_timeout_s:
            play.connection.end(f"no packet for {self._times.silence_timeout_s:g} s")
        if now >= play.next_sign_at:
            play.next_sign_at = now + play.keep_alive_s
            headers = self._signed("GET_PARAMETER", {"Session": play.session})
            play.connection.tell("GET_PARAMETER", self._url, headers)
