"""The key frame at the head of a group of packets, ready for a decoder, the short way.

Hundreds of key frames a second are looked at, so the usual one, an H.264 picture in fragments without a gap, is put
together here without making access units. Everything unusual is left to `units.py`.

Source: RFC 6184 sections 5.6 to 5.8.
"""

from __future__ import annotations

from collections.abc import Iterable

from video.sources.h264 import IDR, PPS, SPS
from video.sources.keys import HEADER
from video.sources.unit import START_CODE
from video.sources.units import Piece

_STAP_A, _FU_A = 24, 28
# `$` frame, RTP header and two bytes of payload.
_LEAST_BYTES = 18
_read_header = HEADER.unpack_from


def quick_key(pieces: Iterable[Piece], channel: int) -> bytes | None:
    """One key frame with its own parameter sets as an Annex B stream; None when it takes a closer look."""
    parts: list[bytes] = []
    expected, seen = -1, 0
    for data, _ in pieces:
        place, last = 0, len(data) - _LEAST_BYTES
        while place <= last:
            frame, length, flags, marker, sequence = _read_header(data, place)
            after = place + 4 + length
            if frame & 0xFF != channel:
                place = after
                continue
            if flags != 0x80 or (sequence != expected and expected >= 0):
                return None
            expected = (sequence + 1) & 0xFFFF
            body = place + 16
            kind = data[body] & 31
            if kind == _FU_A:
                header = data[body + 1]
                if header & 31 != IDR:
                    return None
                if header & 0x80:
                    parts += (START_CODE, bytes(((data[body] & 0xE0) | IDR,)))
                    seen |= 1 << IDR
                elif not seen & 1 << IDR:
                    return None
                parts.append(data[body + 2 : after])
            elif kind == _STAP_A:
                if not _aggregate(data, body + 1, after, parts):
                    return None
                seen |= 1 << SPS | 1 << PPS
            elif kind in (IDR, SPS, PPS):
                parts += (START_CODE, data[body:after])
                seen |= 1 << kind
            if marker & 0x80:
                complete = seen == (1 << IDR | 1 << SPS | 1 << PPS)
                return b"".join(parts) if complete else None
            place = after
    return None


def _aggregate(data: bytes, at: int, end: int, parts: list[bytes]) -> bool:
    """Add the units of an aggregate packet, which may be parameter sets only."""
    kinds = set()
    while at + 2 < end:
        length = data[at] << 8 | data[at + 1]
        at += 2
        if length == 0 or at + length > end:
            return False
        kinds.add(data[at] & 31)
        parts += (START_CODE, data[at : at + length])
        at += length
    return kinds == {SPS, PPS}
