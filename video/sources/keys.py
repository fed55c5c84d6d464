"""Telling from the first bytes of an RTP payload whether a key frame begins there.

Source: RFC 6184 section 5.2 (H.264), RFC 7798 section 4.4 (H.265), RFC 2435 section 3.1 (JPEG).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from video.sources.unit import Family

# The start of an interleaved packet: `$` and channel, length; of RTP: flags, marker and type, sequence number.
HEADER = struct.Struct(">HHBBH")
FRAME = 0x2400

# What a packet is: part of a picture, something beside it (parameter sets, messages), a later part of a key frame, the
# beginning of one; and where a look further into the packet must tell: ASK for a walk, FRAGMENT for one byte.
PICTURE, OTHER, GOES_ON, KEY, ASK, FRAGMENT = range(6)


@dataclass(frozen=True)
class Marks:
    """One codec's answers.

    Attributes:
        first: a mark for each value of the first payload byte.
        fragment: a mark for each value of the byte of a fragment that says what it is a part of.
        fragment_at: where in the payload that byte is.
    """

    family: Family
    first: bytes
    fragment: bytes
    fragment_at: int

    def inside(self, data: bytes, body: int, end: int) -> int:
        """The mark of a payload that holds several units, or of JPEG."""
        if self.family == "h264":
            return _h264(data, body, end)
        return _h265(data, body, end) if self.family == "h265" else _jpeg(data, body, end)


def payload_start(data: bytes, header: int, end: int) -> int:
    """Where the payload of a packet starts, whose RTP header is at `header`; `end` when it has none."""
    if data[header] & 0xC0 != 0x80:
        return end
    body = header + 12 + 4 * (data[header] & 15)
    if data[header] & 0x10:
        body = body + 4 + 4 * (data[body + 2] << 8 | data[body + 3]) if body + 4 <= end else end
    return min(body, end)


def _h264(data: bytes, body: int, end: int) -> int:
    at, mark = body + 1, OTHER
    while at + 2 < end:
        kind = data[at + 2] & 31
        if kind == 5:
            return KEY
        mark = PICTURE if 1 <= kind <= 4 else mark
        at += 2 + (data[at] << 8 | data[at + 1])
    return mark


def _h265(data: bytes, body: int, end: int) -> int:
    at, mark = body + 2, OTHER
    while at + 2 < end:
        kind = data[at + 2] >> 1 & 63
        if 16 <= kind <= 21:
            return KEY
        mark = PICTURE if kind < 16 else mark
        at += 2 + (data[at] << 8 | data[at + 1])
    return mark


def _jpeg(data: bytes, body: int, end: int) -> int:
    begins = body + 4 <= end and not (data[body + 1] or data[body + 2] or data[body + 3])
    return KEY if begins else GOES_ON


def _first_h264(value: int) -> int:
    kind = value & 31
    if kind == 5:
        return KEY
    if kind == 24:
        return ASK
    if kind == 28:
        return FRAGMENT
    return PICTURE if 1 <= kind <= 4 else OTHER


def _first_h265(value: int) -> int:
    kind = value >> 1 & 63
    if 16 <= kind <= 21:
        return KEY
    if kind == 48:
        return ASK
    if kind == 49:
        return FRAGMENT
    return PICTURE if kind < 16 else OTHER


def _fragment(value: int, keys: range, kinds: int) -> int:
    if value & kinds not in keys:
        return PICTURE
    return KEY if value & 0x80 else GOES_ON


_H264 = bytes(map(_first_h264, range(256))), bytes(_fragment(value, range(5, 6), 31) for value in range(256))
_H265 = bytes(map(_first_h265, range(256))), bytes(_fragment(value, range(16, 22), 63) for value in range(256))
MARKS: dict[Family, Marks] = {
    "h264": Marks("h264", *_H264, 1),
    "h265": Marks("h265", *_H265, 2),
    "jpeg": Marks("jpeg", bytes([ASK] * 256), b"", 0),
}
