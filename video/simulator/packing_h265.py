"""H.265 pictures as RTP packets. Source: RFC 7798 sections 4.4.1 to 4.4.3."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from video.simulator.coding import Unit
from video.simulator.packing import MAX_PAYLOAD_BYTES, PackedUnit, framed

_AGGREGATE, _FRAGMENT = 48, 49


def pack_h265(unit: Unit, sets: Sequence[bytes]) -> PackedUnit:
    """Packetise a picture; a key frame brings VPS, SPS and PPS (`sets`) as one aggregate packet."""
    payloads: list[bytes] = []
    if sets:
        payloads.append(_header(_AGGREGATE) + b"".join(struct.pack(">H", len(nal)) + nal for nal in sets))
    for nal in unit:
        payloads += _fragments(nal) if len(nal) > MAX_PAYLOAD_BYTES else [nal]
    return framed(payloads, key=bool(sets))


def _header(kind: int, like: bytes = b"\x00\x01") -> bytes:
    """A payload header of this kind: layer and temporal id as in `like`."""
    return bytes(((like[0] & 0x81) | kind << 1, like[1]))


def _fragments(nal: bytes) -> list[bytes]:
    header, kind = _header(_FRAGMENT, nal), nal[0] >> 1 & 63
    room = MAX_PAYLOAD_BYTES - 3
    parts = [nal[at : at + room] for at in range(2, len(nal), room)]
    ends = [(0x80 if index == 0 else 0) | (0x40 if index == len(parts) - 1 else 0) for index in range(len(parts))]
    return [header + bytes((end | kind,)) + part for end, part in zip(ends, parts, strict=True)]
