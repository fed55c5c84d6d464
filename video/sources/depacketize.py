"""What all RTP streams share: header, gaps, time and the life of an access unit; never an exception.

The kinds of payload are subclasses: `h265_rtp.py`, `jpeg_rtp.py`. Source: RFC 3550 section 5.1 and appendix A.1.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from video.sources.unit import AccessUnit, Parameters

MAX_UNIT_BYTES = 4_000_000
MAX_NALS = 1024
CLOCK_HZ = 90_000
OnUnit = Callable[[AccessUnit], None]


@dataclass(slots=True)
class StreamCounts:
    """What came in and what was wrong with it, since the source was made."""

    packets: int = 0
    bytes: int = 0
    units: int = 0
    keys: int = 0
    lost: int = 0
    bad: int = 0
    dropped_units: int = 0


class RtpStream:
    """Reads headers, sees gaps and repeats, keeps time; what is inside a packet is for the subclass."""

    def __init__(self, on_unit: OnUnit) -> None:
        self.counts = StreamCounts()
        self._on_unit = on_unit
        self._whole = True
        self._wait_key = True
        self._sequence = -1
        self._late_next = -1
        self._rtp_time = -1
        self._ticks = 0

    def push(self, data: bytes, start: int, end: int, at: float) -> None:
        """Take the RTP packet `data[start:end]` that arrived at `at` (epoch seconds)."""
        counts = self.counts
        counts.packets += 1
        counts.bytes += end - start
        if end - start < 13 or data[start] & 0xC0 != 0x80:
            counts.bad += 1
            return
        first = data[start]
        sequence = data[start + 2] << 8 | data[start + 3]
        if sequence == (self._sequence + 1) & 0xFFFF or self._sequence < 0:
            self._late_next = -1
        elif not self._gap(sequence):
            return
        self._sequence = sequence
        rtp_time = int.from_bytes(data[start + 4 : start + 8], "big")
        if rtp_time != self._rtp_time:
            self._begin(rtp_time, at)
        body = start + 12 + 4 * (first & 15)
        if first & 0x30:
            body, end = without_extras(data, first, body, end)
        if body < end:
            self._payload(data, body, end)
        else:
            counts.bad += 1
        if data[start + 1] & 0x80:
            self._finish(at)

    def _gap(self, sequence: int) -> bool:
        """Count what is missing; False for a packet that comes twice or too late.

        Two "late" packets in a row that follow each other are a camera that counts anew (RFC 3550 appendix A.1).
        """
        missing = (sequence - self._sequence - 1) & 0xFFFF
        if missing > 0x8000:
            if sequence != self._late_next:
                self._late_next = (sequence + 1) & 0xFFFF
                self.counts.bad += 1
                return False
            missing = 1
        self._late_next = -1
        self.counts.lost += missing
        self._whole = False
        self._break()
        return True

    def _begin(self, rtp_time: int, at: float) -> None:
        self._finish(at)
        if self._rtp_time >= 0:
            step = (rtp_time - self._rtp_time) & 0xFFFFFFFF
            # A step back or over ten seconds is a camera that lies about its time: go on by one nominal picture.
            self._ticks += step if step < 10 * CLOCK_HZ else CLOCK_HZ // 15
        self._rtp_time = rtp_time

    def _payload(self, data: bytes, body: int, end: int) -> None:
        """Take the payload `data[body:end]`, at least one byte."""
        raise NotImplementedError

    def _break(self) -> None:
        """Packets are missing: a fragment that was begun can never be whole."""
        raise NotImplementedError

    def _finish(self, at: float) -> None:
        """The picture is over: hand it out if it is whole, and be ready for the next; nothing may be there yet."""
        raise NotImplementedError

    def _hand_out(self, data: bytes, key: bool, at: float, parameters: Parameters) -> None:
        self._wait_key = False
        self.counts.units += 1
        self.counts.keys += key
        self._on_unit(AccessUnit(data, key, self._ticks, at, parameters))


def without_extras(data: bytes, first: int, body: int, end: int) -> tuple[int, int]:
    """Leave out padding and header extension; an impossible length gives an empty payload."""
    if first & 0x20:
        end -= data[end - 1]
    if first & 0x10:
        if body + 4 > end:
            return body, body
        body += 4 + 4 * int.from_bytes(data[body + 2 : body + 4], "big")
    return body, end


class NalStream(RtpStream):
    """Collects NAL units into access units, for H.264 and H.265.

    A unit with a hole in it is dropped, and so is everything after it up to the next key frame: a viewer sees a short
    stop instead of grey smears, and a detector never sees a picture that was not there.
    """

    def __init__(self, on_unit: OnUnit, parameters: Parameters | None = None) -> None:
        super().__init__(on_unit)
        self._parameters = parameters
        self._nals: list[bytes] = []
        self._size = 0
        self._fragment: list[bytes] | None = None
        self._key = False
        self._picture = False

    def _break(self) -> None:
        self._fragment = None
        self._wait_key = True

    def _add(self, nal: bytes) -> None:
        """Take one whole NAL unit, at least one byte."""
        raise NotImplementedError

    def _fragment_part(self, header: int, nal_header: bytes, part: bytes) -> None:
        """One part of a NAL unit; bits 7 and 6 of `header` say that it is the first and the last."""
        if header & 0x80:
            self._fragment = [nal_header]
        if self._fragment is None:
            self._whole = False
            return
        self._fragment.append(part)
        self._size += len(part)
        if self._size > MAX_UNIT_BYTES:
            self._overflow()
        elif header & 0x40:
            nal, self._fragment = b"".join(self._fragment), None
            self._size = max(0, self._size - len(nal))
            self._add(nal)

    def _aggregate(self, data: bytes, at: int, end: int) -> None:
        """NAL units with 16-bit lengths in front, `data[at:end]`."""
        while at + 2 < end:
            length = data[at] << 8 | data[at + 1]
            at += 2
            if length == 0 or at + length > end:
                self.counts.bad += 1
                self._whole = False
                return
            self._add(data[at : at + length])
            at += length

    def _add_slice(self, nal: bytes, *, key: bool, first: bool) -> None:
        # A picture that does not begin with its first slice has lost its head.
        if not self._picture and not first:
            self._whole = False
        self._picture = True
        self._key = self._key or key
        self._nals.append(nal)
        self._size += len(nal)
        if self._size > MAX_UNIT_BYTES or len(self._nals) > MAX_NALS:
            self._overflow()

    def _overflow(self) -> None:
        self.counts.bad += 1
        self._nals, self._size, self._fragment, self._whole = [], 0, None, False

    def _finish(self, at: float) -> None:
        whole = self._whole and self._fragment is None and self._picture
        nals, key, picture, parameters = self._nals, self._key, self._picture, self._parameters
        broken = not self._whole
        self._nals, self._size, self._fragment = [], 0, None
        self._key = self._picture = False
        self._whole = True
        if whole and parameters is not None and (key or not self._wait_key):
            data = b"".join([part for nal in nals for part in (struct.pack(">I", len(nal)), nal)])
            self._hand_out(data, key, at, parameters)
        else:
            self.counts.dropped_units += picture
            self._wait_key = self._wait_key or picture or broken
