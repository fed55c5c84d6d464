"""The bytes of one RTSP connection: replies here, stretches of interleaved RTP there, cut where key frames begin.

This is the hot path of the whole engine, so it reads no more of a packet than it must: how long it is, whether a key
frame begins with it, whether its picture ends with it. Access units are only made of what somebody wants to look at.

Source: RFC 2326 section 10.12 (interleaved data), RFC 3550 section 5.1, RFC 6184, RFC 7798, RFC 2435.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from video.sources.keys import ASK, FRAGMENT, FRAME, HEADER, KEY, OTHER, PICTURE, Marks, payload_start

MAX_HEADER_BYTES = 64 * 1024
MAX_BODY_BYTES = 256 * 1024
# Without a key frame for that many pictures nobody asks for the size of each.
MOST_SIZES = 10_000
_NOTHING_PENDING = _NO_CHANNEL = -1
_NO_MARKS = Marks("h264", b"", b"", 0)
# Shorter packets hold an RTP header at most.
_LEAST_BYTES = 13
_read_header = HEADER.unpack_from


@dataclass(frozen=True)
class Reply:
    """One answer of the camera; header names in lower case, several values of one name in order."""

    status: int
    headers: dict[str, list[str]]
    body: str

    def first(self, name: str, default: str = "") -> str:
        return self.headers.get(name, [default])[0]


@dataclass(slots=True)
class SplitCounts:
    """What came in and what was wrong with it; `sizes` has the bytes of each whole picture since a key frame began."""

    packets: int = 0
    bytes: int = 0
    pictures: int = 0
    keys: int = 0
    lost: int = 0
    bad: int = 0
    sizes: array[int] = field(default_factory=lambda: array("I"))


class Sink(Protocol):
    """Who takes the packets: told in the order in which they came."""

    def begin(self) -> None:
        """A key frame begins with the next packets."""

    def packets(self, data: bytes, at: float) -> None:
        """Whole interleaved packets (each with its `$` frame), arrived by `at` (epoch seconds)."""

    def key(self, at: float) -> None:
        """The key frame that began last is whole, unless packets were lost."""


class Splitter:
    """Splits what a connection delivers. Bad bytes are counted, never raised."""

    __slots__ = (
        "_begun",
        "_in_key",
        "_on_reply",
        "_rest",
        "_sequence",
        "_sink",
        "channel",
        "counts",
        "key_stamp",
        "marks",
        "newest_stamp",
    )

    def __init__(self, sink: Sink, on_reply: Callable[[int, Reply], None]) -> None:
        self.counts = SplitCounts()
        self.channel = 0
        self.marks: Marks | None = None
        # RTP times of the key frame that began last and of the last packet.
        self.key_stamp = self.newest_stamp = 0
        self._sink, self._on_reply = sink, on_reply
        self._rest = b""
        self._in_key = False
        self._sequence = -1
        # Bytes of the picture that is not at its end yet.
        self._begun = 0

    def feed(self, data: bytes, at: float) -> None:
        """Take the next bytes of the connection."""
        buffer = self._rest + data if self._rest else data
        place, end = 0, len(buffer)
        while place < end and buffer[place] != 0x24:
            after = self._text(buffer, place)
            if after < 0:
                self._rest = buffer[place:]
                return
            place = after
        while end - place >= 4:
            place, more = self._stretch(buffer, place, at)
            if not more:
                break
            after = self._text(buffer, place)
            if after < 0:
                break
            place = after
        self._rest = buffer[place:] if place < end else b""

    def _stretch(self, buffer: bytes, start: int, at: float) -> tuple[int, bool]:
        """Take interleaved packets from `start`; where the next byte is that was not taken, and whether it is text."""
        marks, end, counts = self.marks or _NO_MARKS, len(buffer), self.counts
        ours = FRAME | self.channel if self.marks is not None else _NO_CHANNEL
        first, fragment, fragment_at = marks.first, marks.fragment, marks.fragment_at
        expected, in_key, key_done = self._sequence, self._in_key, False
        place, pending, packets, pictures, text = start, _NOTHING_PENDING, 0, 0, False
        newest, picture, sizes = -1, start - self._begun, counts.sizes
        last = end - HEADER.size
        while place <= last:
            frame, length, flags, kind, sequence = _read_header(buffer, place)
            if frame & 0xFF00 != FRAME:
                text = True
                break
            after = place + 4 + length
            if after > end:
                break
            if frame != ours or length < _LEAST_BYTES:
                place = after
                continue
            packets += 1
            newest = place
            if sequence != expected:
                self._gap(sequence, expected)
            expected = (sequence + 1) & 0xFFFF
            # Version 2, no header extension, no contributing sources: the payload starts at once.
            body = place + 16 if flags & 0xDF == 0x80 else payload_start(buffer, place + 4, after)
            mark = first[buffer[body]] if body < after else OTHER
            if mark == FRAGMENT:
                mark = fragment[buffer[body + fragment_at]] if body + fragment_at < after else OTHER
            elif mark == ASK:
                mark = marks.inside(buffer, body, after)
            if mark == OTHER:
                if pending < 0:
                    pending = place
            else:
                if mark == KEY and not in_key:
                    cut = pending if pending >= 0 else place
                    self._hand_on(buffer, start, cut, at, key_done)
                    self._sink.begin()
                    start, in_key, key_done, self.key_stamp = cut, True, False, _stamp(buffer, place)
                    picture, counts.sizes = cut, array("I")
                    sizes = counts.sizes
                elif mark == PICTURE and in_key:
                    # A camera that marks no ends: the next picture ends the key frame.
                    in_key, key_done = False, True
                pending = _NOTHING_PENDING
            if kind & 0x80:
                pictures += 1
                sizes.append(after - picture)
                picture = after
                if in_key:
                    in_key, key_done = False, True
            place = after
        # Parameter sets belong to the picture that follows them: they wait for it.
        waits = pending >= 0 and not text and end - pending < MAX_HEADER_BYTES
        taken = pending if waits else place
        self._hand_on(buffer, start, taken, at, key_done)
        if taken < place:
            expected = buffer[taken + 6] << 8 | buffer[taken + 7]
        counts.packets += packets
        counts.pictures += pictures
        if len(sizes) > MOST_SIZES:
            del sizes[:]
        if newest >= 0:
            self.newest_stamp = _stamp(buffer, newest)
        self._sequence, self._in_key, self._begun = expected, in_key, max(0, taken - picture)
        return taken, text

    def _hand_on(self, buffer: bytes, start: int, end: int, at: float, key_done: bool) -> None:
        if start < end:
            self.counts.bytes += end - start
            self._sink.packets(buffer if start == 0 and end == len(buffer) else buffer[start:end], at)
        if key_done:
            self.counts.keys += 1
            self._sink.key(at)

    def _gap(self, sequence: int, expected: int) -> None:
        missing = (sequence - expected) & 0xFFFF
        if expected >= 0 and missing < 0x8000:
            self.counts.lost += missing
        elif expected >= 0:
            self.counts.bad += 1

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
        length = number(headers.get("content-length", ["0"])[0])
        if "RTSP/" not in first or not 0 <= length <= MAX_BODY_BYTES:
            return self._skip_garbage(buffer, at)
        after = stop + 4 + length
        if after > len(buffer):
            return -1
        if first.startswith("RTSP/"):
            body = buffer[stop + 4 : after].decode("utf-8", "replace")
            status = number([*first.split(" "), "", ""][1])
            self._on_reply(number(headers.get("cseq", ["-1"])[0]), Reply(status, headers, body))
        return after

    def _skip_garbage(self, buffer: bytes, at: int) -> int:
        """Go on at the next thing that may be a packet or a reply."""
        found = [place for place in (buffer.find(b"$", at + 1), buffer.find(b"RTSP/1", at + 1)) if place > 0]
        after = min(found, default=len(buffer))
        self.counts.bad += 1
        return after


def _stamp(buffer: bytes, place: int) -> int:
    """RTP time of the packet at `place`."""
    return int.from_bytes(buffer[place + 8 : place + 12], "big")


def number(text: str) -> int:
    """A short decimal number, or -1."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
