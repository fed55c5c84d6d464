"""Telling from the first bytes of an RTP payload whether a key frame begins there.

Source: RFC 6184 section 5.2 (H.264), RFC 7798 section 4.4 (H.265), RFC 2435 section 3.1 (JPEG).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from video.sources.unit import Family

# What a packet is: part of a picture, something beside it (parameter sets, messages), part of a key frame; ASK: look
# further into the packet.
PICTURE, OTHER, KEY, ASK = 0, 1, 2, 3
Mark = Literal[0, 1, 2, 3]


@dataclass(frozen=True)
class Marks:
    """One codec's answers; `first` has one for each value of the first payload byte."""

    family: Family
    first: bytes

    def inside(self, data: bytes, body: int, end: int) -> int:
        """The mark of a payload that holds several units or a part of one."""
        if self.family == "h264":
            return _h264(data, body, end)
        return _h265(data, body, end) if self.family == "h265" else _jpeg(data, body, end)

    def key_goes_on(self, data: bytes, body: int, end: int) -> bool:
        """A part of a key frame that is not its beginning, as marked `PICTURE`."""
        if body + 3 > end:
            return True
        if self.family == "h264":
            return data[body] & 31 == 28 and data[body + 1] & 31 == 5
        if self.family == "h265":
            return data[body] >> 1 & 63 == 49 and 16 <= data[body + 2] & 63 <= 21
        return True


def payload_start(data: bytes, header: int, end: int) -> int:
    """Where the payload of a packet starts, whose RTP header is at `header`; `end` when it has none."""
    if data[header] & 0xC0 != 0x80:
        return end
    body = header + 12 + 4 * (data[header] & 15)
    if data[header] & 0x10:
        body = body + 4 + 4 * (data[body + 2] << 8 | data[body + 3]) if body + 4 <= end else end
    return min(body, end)


def _h264(data: bytes, body: int, end: int) -> int:
    if body + 2 > end:
        return OTHER
    if data[body] & 31 == 28:
        begins, kind = data[body + 1] & 0x80, data[body + 1] & 31
        return KEY if kind == 5 and begins else PICTURE
    at, mark = body + 1, OTHER
    while at + 2 < end:
        kind = data[at + 2] & 31
        if kind == 5:
            return KEY
        mark = PICTURE if 1 <= kind <= 4 else mark
        at += 2 + (data[at] << 8 | data[at + 1])
    return mark


def _h265(data: bytes, body: int, end: int) -> int:
    if body + 3 > end:
        return OTHER
    if data[body] >> 1 & 63 == 49:
        begins, kind = data[body + 2] & 0x80, data[body + 2] & 63
        return KEY if 16 <= kind <= 21 and begins else PICTURE
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
    return KEY if begins else PICTURE


def _first_h264(value: int) -> int:
    kind = value & 31
    if kind == 5:
        return KEY
    if kind in (24, 28):
        return ASK
    return PICTURE if 1 <= kind <= 4 else OTHER


def _first_h265(value: int) -> int:
    kind = value >> 1 & 63
    if 16 <= kind <= 21:
        return KEY
    if kind in (48, 49):
        return ASK
    return PICTURE if kind < 16 else OTHER


MARKS: dict[Family, Marks] = {
    "h264": Marks("h264", bytes(map(_first_h264, range(256)))),
    "h265": Marks("h265", bytes(map(_first_h265, range(256)))),
    "jpeg": Marks("jpeg", bytes([ASK] * 256)),
}
