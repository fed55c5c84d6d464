"""Hostile input by the million: mutated packets, connections, descriptions and pictures through all that reads them.

The same seed gives the same bytes. What counts is that nothing is raised, that memory stays where it was, and that no
call keeps other feeds waiting: all feeds of a keeper share one event loop.
"""

from __future__ import annotations

import random
import struct
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.corpus import h264_pieces, h265_pieces, jpeg_pieces, packets_of
from bench.report import Figure, Report
from video.ring import Ring
from video.sources.auth import Credentials
from video.sources.depacketize import RtpStream
from video.sources.h265_rtp import H265Depacketizer
from video.sources.jpeg import picture_size_px
from video.sources.jpeg_rtp import JpegDepacketizer
from video.sources.keys import MARKS
from video.sources.reorder import ReorderWindow
from video.sources.rtp import H264Depacketizer
from video.sources.sdp import Encoding, NoVideo, VideoTrack, control_url, video_track
from video.sources.splitter import Reply, Splitter
from video.sources.udp import framed, server_ports
from video.sources.unit import AccessUnit, BadVideo, Family, decodable
from video.sources.zlm import readings_of

SEED = 28181
BATCH = 500
_CODECS: dict[Family, tuple[str, Callable[[], Sequence[bytes]]]] = {
    "h264": ("h264", h264_pieces),
    "h265": ("hevc", h265_pieces),
    "jpeg": ("mjpeg", jpeg_pieces),
}
_ENCODINGS: dict[Family, Encoding] = {"h264": "H264", "h265": "H265", "jpeg": "JPEG"}
_TEXTS = [
    b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 4\r\nSession: 12;timeout=60\r\n\r\nabcd",
    b'RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm="c", nonce="n", qop="auth"\r\n\r\n',
    b"ANNOUNCE rtsp://c/1 RTSP/1.0\r\nCSeq: 9\r\nContent-Length: 0\r\n\r\n",
]
_DESCRIPTION = (
    b"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\na=control:*\r\nm=audio 0 RTP/AVP 8\r\nm=video 0 RTP/AVP 96 26\r\n"
    b"a=rtpmap:96 H265/90000\r\na=framesize:96 1920-1080\r\na=control:track1\r\n"
    b"a=fmtp:96 sprop-vps=QAEMAf//AWAAAAMAkAAAAwAAAwBdlZgJ; sprop-sps=QgEBAWAAAAMAkAAAAwAAAwBdoAKAgC0WWVmkkyu;"
    b" sprop-pps=RAHBcrRiQA==\r\n"
)


def mutated(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """One to four changes: bytes near the head or anywhere, a cut, junk behind, a piece of something else."""
    work = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        kind, size = chance.randrange(6), len(work)
        if kind <= 1 and size:
            work[chance.randrange(min(size, 24))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        elif kind == 2 and size:
            work[chance.randrange(size)] ^= 1 << chance.randrange(8)
        elif kind == 3:
            del work[chance.randrange(size + 1) :]
        elif kind == 4:
            work += chance.randbytes(chance.randrange(64))
        else:
            at, start = chance.randrange(size + 1), chance.randrange(len(other) + 1)
            work[at : at + 40] = other[start : start + 40]
    return bytes(work)


class _Reader:
    """Does with an access unit what its readers do."""

    def __init__(self) -> None:
        self.units = 0

    def __call__(self, unit: AccessUnit) -> None:
        self.units += 1
        decodable(unit)
        try:
            unit.parameters.size_px, unit.parameters.codec  # noqa: B018
        except BadVideo:
            return


class _Packets:
    """Packets of one coding with numbers that go on, straight into its depacketizer."""

    def __init__(self, chance: random.Random, family: Family) -> None:
        codec, pieces = _CODECS[family]
        self.name = f"{_ENCODINGS[family]} packets"
        self.reader = _Reader()
        self._chance = chance
        self._packets = packets_of(codec, pieces())
        self._sequence = self._place = self._round = 0
        made: dict[Family, Callable[[], H264Depacketizer | RtpStream]] = {
            "h264": lambda: H264Depacketizer(self.reader),
            "h265": lambda: H265Depacketizer(self.reader),
            "jpeg": lambda: JpegDepacketizer(self.reader, (2592, 1944)),
        }
        self._depacketizer = made[family]()

    def next(self) -> bytes:
        """The next packet: whole ones often enough that pictures still come about."""
        packet = self._packets[self._place]
        self._place = (self._place + 1) % len(self._packets)
        self._round += self._place == 0
        self._sequence = (self._sequence + (1 if self._chance.random() < 0.98 else self._chance.randrange(9))) & 0xFFFF
        time_of = (int.from_bytes(packet[4:8], "big") + self._round * 200_000) & 0xFFFFFFFF
        packet = packet[:2] + struct.pack(">HI", self._sequence, time_of) + packet[8:]
        if self._chance.random() < 0.5:
            return packet
        return mutated(self._chance, packet, self._packets[self._chance.randrange(len(self._packets))])

    def feed(self, packet: bytes) -> None:
        self._depacketizer.push(packet, 0, len(packet), 1.0)


class _Connection:
    """The bytes of a connection, replies among packets, into the splitter and a ring that somebody looks into."""

    def __init__(self, chance: random.Random, family: Family) -> None:
        self.name = f"{_ENCODINGS[family]} connection"
        self.reader = _Reader()
        self._chance = chance
        self._source = _Packets(chance, family)
        self._ring = Ring(4.0, max_bytes=2_000_000)
        self._ring.opened(VideoTrack("", 96, None, _ENCODINGS[family]), 0)
        self._splitter = Splitter(self, self._reply)
        self._splitter.marks = MARKS[family]
        self._now = 0.0
        self._keys = 0

    def next(self) -> bytes:
        if self._chance.random() < 0.02:
            text = self._chance.choice(_TEXTS)
            return mutated(self._chance, text, text)
        data = framed(self._source.next())
        return data if self._chance.random() < 0.99 else mutated(self._chance, data, data)

    def feed(self, data: bytes) -> None:
        self._now += 0.02
        self._splitter.feed(data, self._now)

    def begin(self) -> None:
        self._ring.begin()

    def packets(self, data: bytes, at: float) -> None:
        self._ring.packets(data, at)

    def key(self, at: float) -> None:
        self._ring.newest_key()
        self._keys += 1
        if self._keys % 40 == 0:
            for unit in self._ring.between(at - 1.0, at):
                self.reader(unit)

    def _reply(self, sequence: int, reply: Reply) -> None:
        Credentials("a", "b").take_challenge(reply.headers.get("www-authenticate", []))
        server_ports(reply.first("transport"))


class _Datagrams:
    """Packets in any order, into the window that puts them right."""

    name = "UDP datagrams"

    def __init__(self, chance: random.Random) -> None:
        self.reader = _Reader()
        self._chance = chance
        self._source = _Packets(chance, "h264")
        self._late: list[bytes] = []
        depacketizer = H264Depacketizer(self.reader)
        self._window = ReorderWindow(lambda packet, at: depacketizer.push(packet, 0, len(packet), at))
        self._now = 0.0

    def next(self) -> bytes:
        packet = self._source.next()
        if self._chance.random() < 0.1:
            self._late.append(packet)
        if self._late and self._chance.random() < 0.1:
            return self._late.pop(self._chance.randrange(len(self._late)))
        return packet

    def feed(self, packet: bytes) -> None:
        self._now += 0.001
        if len(packet) >= 13:
            self._window.push(packet, self._now)


class _Texts:
    """Descriptions, challenges, pictures and lists of streams."""

    name = "texts and pictures"

    def __init__(self, chance: random.Random) -> None:
        self.reader = _Reader()
        self._chance = chance
        self._seeds = [_DESCRIPTION, *_TEXTS, jpeg_pieces()[0][:700]]

    def next(self) -> bytes:
        return mutated(self._chance, self._chance.choice(self._seeds), self._chance.choice(self._seeds))

    def feed(self, data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        try:
            control_url("rtsp://c/", video_track(text).control)
        except NoVideo:
            pass
        try:
            picture_size_px(data)
        except BadVideo:
            pass
        Credentials("a", "b").take_challenge(text.split("\r\n"))
        server_ports(text)
        readings_of([{"app": text, "stream": text, "tracks": [{"codec_type": 0, "frames": text}]}], 1.0)


Road = _Packets | _Connection | _Datagrams | _Texts


@dataclass
class Outcome:
    """What happened on all roads; `crashes` holds the first trace of each road that raised."""

    packets: int = 0
    units: int = 0
    crashes: list[str] = field(default_factory=list)
    longest_ms: float = 0.0
    seconds: float = 0.0
    grown_mb: float = 0.0


def roads(seed: int) -> list[Road]:
    """Every way in, each with its own dice."""
    families: tuple[Family, ...] = ("h264", "h265", "jpeg")
    made: list[Road] = [_Packets(random.Random(seed + at), family) for at, family in enumerate(families)]
    made += [_Connection(random.Random(seed + 10 + at), family) for at, family in enumerate(families)]
    return [*made, _Datagrams(random.Random(seed + 20)), _Texts(random.Random(seed + 21))]


def fuzz(packets: int, seed: int = SEED) -> Outcome:
    """Send so many inputs down all roads in turn."""
    outcome, ways, settled_mb = Outcome(), roads(seed), 0.0
    while outcome.packets < packets:
        for way in ways:
            _batch(way, outcome)
            outcome.packets += BATCH
        if not settled_mb and outcome.packets >= packets // 4:
            # Caches and rings have filled by then: from here on nothing may grow.
            settled_mb = _resident_mb()
    outcome.grown_mb = _resident_mb() - settled_mb
    outcome.units = sum(way.reader.units for way in ways)
    return outcome


def _batch(way: Road, outcome: Outcome) -> None:
    inputs = [way.next() for _ in range(BATCH)]
    started_s = time.perf_counter()
    for data in inputs:
        before_s = time.thread_time()
        try:
            way.feed(data)
        except Exception:
            # The very thing this looks for: whatever is raised here would end a keeper.
            outcome.crashes.append(f"{way.name}: {traceback.format_exc()}\n{data.hex()}")
            continue
        outcome.longest_ms = max(outcome.longest_ms, (time.thread_time() - before_s) * 1000)
    outcome.seconds += time.perf_counter() - started_s


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def run(packets: int = 2_000_000, seed: int = SEED) -> Report:
    """The published figures; the first crash of all is told at full length."""
    outcome = fuzz(packets, seed)
    if outcome.crashes:
        print(outcome.crashes[0])
    figures = [
        Figure("hostile inputs", outcome.packets, "inputs", target=packets, better="higher"),
        Figure("crashes", len(outcome.crashes), "", target=0),
        Figure("memory grown after the first quarter", round(outcome.grown_mb, 2), "MB", target=20),
        Figure("longest call", round(outcome.longest_ms, 2), "ms", target=50),
        Figure("inputs taken", outcome.packets / outcome.seconds, "1/s", better="higher"),
        Figure("whole pictures that still came through", outcome.units, "pictures", better="higher"),
    ]
    return Report("fuzz", figures)


if __name__ == "__main__":
    run().show()
