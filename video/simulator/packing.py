"""Access units made ready to be sent: RTP packets in interleaved frames, with holes for sequence number and time.

Source: RFC 3550 section 5.1, RFC 6184 sections 5.7.1 and 5.8, RFC 2326 section 10.12.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from video.simulator.coding import Unit
from video.sources.h264 import ParameterSets

PAYLOAD_TYPE = 96
MAX_PAYLOAD_BYTES = 1400
HOLES = struct.Struct(">HII")


@dataclass(frozen=True, slots=True, eq=False)
class PackedUnit:
    """All packets of one picture in one piece; `holes` are the places of the RTP sequence numbers in it.

    `data` is shared by all cameras that show the picture: whoever sends it fills the holes first and sends at once.
    """

    data: bytearray
    holes: tuple[int, ...]
    key: bool

    def filled(self, *, sequence: int, rtp_time: int, source: int) -> bytearray:
        """The bytes to send for one camera, in a copy.

        Args:
            sequence: RTP sequence number of the first packet (16 bits).
            rtp_time: 90 kHz time (32 bits).
            source: RTP synchronisation source (32 bits).
        """
        data = bytearray(self.data)
        for index, hole in enumerate(self.holes):
            HOLES.pack_into(data, hole, (sequence + index) & 0xFFFF, rtp_time, source)
        return data


def framed(payloads: Sequence[bytes], *, key: bool, payload_type: int = PAYLOAD_TYPE) -> PackedUnit:
    """Put RTP payloads of one picture into interleaved frames of channel 0; the last one carries the marker."""
    data, holes = bytearray(), []
    for index, payload in enumerate(payloads):
        marker = 0x80 if index == len(payloads) - 1 else 0
        data += struct.pack(">cBHBB", b"$", 0, 12 + len(payload), 0x80, marker | payload_type)
        holes.append(len(data))
        data += bytes(10) + payload
    return PackedUnit(data, tuple(holes), key)


def pack(unit: Unit, parameters: ParameterSets | None) -> PackedUnit:
    """Packetise a picture; a key frame brings its parameter sets as one aggregate packet."""
    payloads: list[bytes] = []
    if parameters is not None:
        sets = (parameters.sps, parameters.pps)
        payloads.append(b"\x78" + b"".join(struct.pack(">H", len(nal)) + nal for nal in sets))
    for nal in unit:
        payloads += _fragments(nal) if len(nal) > MAX_PAYLOAD_BYTES else [nal]
    return framed(payloads, key=parameters is not None)


def _fragments(nal: bytes) -> list[bytes]:
    indicator, kind = (nal[0] & 0xE0) | 28, nal[0] & 31
    room = MAX_PAYLOAD_BYTES - 2
    parts = [nal[at : at + room] for at in range(1, len(nal), room)]
    ends = [(0x80 if index == 0 else 0) | (0x40 if index == len(parts) - 1 else 0) for index in range(len(parts))]
    return [bytes((indicator, end | kind)) + part for end, part in zip(ends, parts, strict=True)]
