"""RTP packets to access units: sequence gaps, aggregation and fragments, never an exception.

Source: RFC 3550 section 5.1 (header), RFC 6184 sections 5.6 to 5.8 (single NAL unit, STAP-A, FU-A).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from video.sources.h264 import IDR, PPS, SLICE, SPS, ParameterSets
from video.sources.unit import AccessUnit

MAX_UNIT_BYTES = 4_000_000
MAX_NALS = 1024
CLOCK_HZ = 90_000
_STAP_A, _FU_A = 24, 28


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


class H264Depacketizer:
    """Turns the packets of one stream into whole access units.

    A unit with a hole in it is dropped, and so is everything after it up to the next key frame: a viewer sees a short
    stop instead of grey smears, and a detector never sees a picture that was not there.
    """

    def __init__(self, on_unit: Callable[[AccessUnit], None], parameters: ParameterSets | None = None) -> None:
        self.counts = StreamCounts()
        self._on_unit = on_unit
        self._parameters = parameters
        self._new_sps: bytes | None = None
        self._nals: list[bytes] = []
        self._size = 0
        self._fragment: list[bytes] | None = None
        self._key = False
        self._picture = False
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
        first, second = data[start], data[start + 1]
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
            body, end = self._without_extras(data, first, body, end)
        if body < end:
            self._payload(data, body, end)
        else:
            counts.bad += 1
        if second & 0x80:
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
        self._fragment = None
        self._wait_key = True
        return True

    def _begin(self, rtp_time: int, at: float) -> None:
        if self._nals:
            self._finish(at)
        self._whole = True
        if self._rtp_time >= 0:
            step = (rtp_time - self._rtp_time) & 0xFFFFFFFF
            # A step back or over ten seconds is a camera that lies about its time: go on by one nominal picture.
            self._ticks += step if step < 10 * CLOCK_HZ else CLOCK_HZ // 15
        self._rtp_time = rtp_time

    def _without_extras(self, data: bytes, first: int, body: int, end: int) -> tuple[int, int]:
        """Leave out padding and header extension; an impossible length gives an empty payload."""
        if first & 0x20:
            end -= data[end - 1]
        if first & 0x10:
            if body + 4 > end:
                return body, body
            body += 4 + 4 * int.from_bytes(data[body + 2 : body + 4], "big")
        return body, end

    def _payload(self, data: bytes, body: int, end: int) -> None:
        kind = data[body] & 31
        if 1 <= kind <= 23:
            self._add(data[body:end])
        elif kind == _FU_A:
            self._fragment_part(data, body, end)
        elif kind == _STAP_A:
            self._aggregate(data, body + 1, end)
        else:
            self.counts.bad += 1

    def _fragment_part(self, data: bytes, body: int, end: int) -> None:
        if end - body < 3:
            self.counts.bad += 1
            return
        header = data[body + 1]
        if header & 0x80:
            self._fragment = [bytes(((data[body] & 0xE0) | (header & 31),))]
        if self._fragment is None:
            self._whole = False
            return
        self._fragment.append(data[body + 2 : end])
        self._size += end - body
        if self._size > MAX_UNIT_BYTES:
            self._overflow()
        elif header & 0x40:
            nal, self._fragment = b"".join(self._fragment), None
            self._size -= len(nal)
            self._add(nal)

    def _aggregate(self, data: bytes, at: int, end: int) -> None:
        while at + 2 < end:
            length = data[at] << 8 | data[at + 1]
            at += 2
            if length == 0 or at + length > end:
                self.counts.bad += 1
                self._whole = False
                return
            self._add(data[at : at + length])
            at += length

    def _add(self, nal: bytes) -> None:
        kind = nal[0] & 31
        if kind == SPS:
            self._new_sps = nal
        elif kind == PPS:
            self._take_parameters(nal)
        elif kind in (SLICE, IDR):
            # The first slice starts at macroblock 0 (a lone 1 bit), or the head of the picture got lost.
            if not self._picture and (len(nal) < 2 or not nal[1] & 0x80):
                self._whole = False
            self._picture = True
            self._key = self._key or kind == IDR
            self._nals.append(nal)
            self._size += len(nal)
            if self._size > MAX_UNIT_BYTES or len(self._nals) > MAX_NALS:
                self._overflow()

    def _take_parameters(self, pps: bytes) -> None:
        sps = self._new_sps or (self._parameters.sps if self._parameters else None)
        if sps is None or len(sps) < 4:
            return
        # The same object as long as nothing changed: rings and muxers compare by identity.
        if self._parameters is None or self._parameters.sps != sps or self._parameters.pps != pps:
            self._parameters = ParameterSets(sps, pps)

    def _overflow(self) -> None:
        self.counts.bad += 1
        self._nals, self._size, self._fragment, self._whole = [], 0, None, False

    def _finish(self, at: float) -> None:
        """Hand the collected unit out if it is whole and can be decoded."""
        whole = self._whole and self._fragment is None and self._picture and self._parameters is not None
        if whole and (self._key or not self._wait_key):
            assert self._parameters is not None
            data = b"".join([part for nal in self._nals for part in (struct.pack(">I", len(nal)), nal)])
            unit = AccessUnit(data, self._key, self._ticks, at, self._parameters)
            self._wait_key = False
            self.counts.units += 1
            self.counts.keys += self._key
        else:
            unit = None
            self.counts.dropped_units += self._picture
            self._wait_key = self._wait_key or self._picture or not self._whole
        self._nals, self._size, self._fragment = [], 0, None
        self._key = self._picture = False
        self._whole = True
        if unit is not None:
            self._on_unit(unit)
