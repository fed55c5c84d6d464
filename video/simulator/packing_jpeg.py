"""JPEG pictures as RTP packets, tables within. Source: RFC 2435 sections 3.1.1 to 3.1.8, ITU-T T.81 annex B."""

from __future__ import annotations

import itertools
import struct

from video.simulator.packing import MAX_PAYLOAD_BYTES, PackedUnit, framed

JPEG_PAYLOAD_TYPE = 26
# Type 1 of RFC 2435: YUV 4:2:0 without restart markers. Quality 255: tables come with every picture.
_TYPE_420, _OWN_TABLES = 1, 255
_DQT, _SOF0, _SOS = 0xDB, 0xC0, 0xDA


def pack_jpeg(picture: bytes) -> PackedUnit:
    """Packetise a baseline 4:2:0 JPEG picture with the usual Huffman tables, which a receiver knows.

    Raises:
        ValueError: not such a picture.
    """
    tables, (width, height), scan = _parts(picture)
    main = struct.pack(">BBBB", _TYPE_420, _OWN_TABLES, width // 8, height // 8)
    quantization = struct.pack(">BBH", 0, 0, len(tables)) + tables
    room = MAX_PAYLOAD_BYTES - 8
    cuts = [0, *range(room - len(quantization), len(scan), room), len(scan)]
    payloads = []
    for start, end in itertools.pairwise(cuts):
        head = struct.pack(">I", start) + main + (quantization if start == 0 else b"")
        payloads.append(head + scan[start:end])
    return framed(payloads, key=True, payload_type=JPEG_PAYLOAD_TYPE)


def _parts(picture: bytes) -> tuple[bytes, tuple[int, int], bytes]:
    """Quantization tables (luma, then chroma), width and height, and the coded scan without its end marker."""
    tables: dict[int, bytes] = {}
    size, at = (0, 0), 2
    while at + 4 <= len(picture) and picture[at] == 0xFF:
        kind, length = picture[at + 1], int.from_bytes(picture[at + 2 : at + 4], "big")
        body = picture[at + 4 : at + 2 + length]
        at += 2 + length
        if kind == _DQT:
            tables |= {body[place] & 15: body[place + 1 : place + 65] for place in range(0, len(body), 65)}
        elif kind == _SOF0:
            size = int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")
            if body[7] != 0x22:
                raise ValueError("not a 4:2:0 picture")
        elif kind == _SOS:
            end = picture.rfind(b"\xff\xd9")
            return tables[0] + tables[1], size, picture[at : end if end > at else len(picture)]
    raise ValueError("not a baseline JPEG picture")
