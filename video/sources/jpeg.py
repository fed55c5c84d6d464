"""JPEG pictures: their size, and the headers that RTP leaves out.

Source: ITU-T T.81 annex B (markers), annex K.3 (Huffman tables); RFC 2435 appendices A and B.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from video.sources.unit import BadVideo, Family

START, END = b"\xff\xd8", b"\xff\xd9"
# Frame headers of all coding processes; 0xC4, 0xC8 and 0xCC are something else.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MAX_SIDE_PX = 16384
_MAX_PIXELS = 100_000_000


@dataclass(frozen=True)
class JpegParameters:
    """A stream of JPEG pictures of one size."""

    size_px: tuple[int, int]

    @property
    def family(self) -> Family:
        return "jpeg"

    @property
    def codec(self) -> str:
        return "jpeg"

    @property
    def annexb(self) -> bytes:
        return b""


def picture_size_px(data: bytes) -> tuple[int, int]:
    """Width and height of a JPEG file.

    Raises:
        BadVideo: it is none, or has no picture in it.
    """
    if data[:2] != START:
        raise BadVideo("not a JPEG picture")
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            if not (1 <= width <= _MAX_SIDE_PX and 1 <= height <= _MAX_SIDE_PX and width * height <= _MAX_PIXELS):
                raise BadVideo(f"a picture of {width}x{height} is not believed")
            return width, height
        alone = marker == 0xFF or marker == 0x01 or 0xD0 <= marker <= 0xD7
        at += (1 if marker == 0xFF else 2) if alone else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise BadVideo("a JPEG picture without a frame")


def reduction(size_px: tuple[int, int], least_width_px: int) -> int:
    """By how much a decoder may shrink a picture while it decodes (1, 2, 4 or 8) and keep the least width.

    libjpeg skips most of the work then: cv2.IMREAD_REDUCED_GRAYSCALE_2, _4 and _8 (or _COLOR_) take these factors.
    """
    return next((factor for factor in (8, 4, 2) if size_px[0] // factor >= least_width_px), 1)


# Quantisation tables of RFC 2435 appendix A for quality 50, in zigzag order: luma, then chroma.
_LUMA = bytes.fromhex(
    "100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933383740485c4e404457453738506d51575f626768673e4d71797064"
    "785c656763"
)
_CHROMA = bytes.fromhex(
    "1112121815182f1a1a2f634238426363636363636363636363636363636363636363636363636363636363636363636363636363636363636363"
    "636363636363"
)


def tables_of_quality(quality: int) -> tuple[bytes, bytes]:
    """Luma and chroma table for a quality of 1 to 99, (64,) bytes each in zigzag order."""
    factor = min(99, max(1, quality))
    scale = 5000 // factor if factor < 50 else 200 - factor * 2
    luma, chroma = (
        bytes(min(255, max(1, (value * scale + 50) // 100)) for value in table) for table in (_LUMA, _CHROMA)
    )
    return luma, chroma


def _huffman(kind: int, lengths: str, values: bytes) -> bytes:
    body = bytes((kind,)) + bytes.fromhex(lengths) + values
    return b"\xff\xc4" + struct.pack(">H", 2 + len(body)) + body


_DC_VALUES = bytes(range(12))
_LUMA_AC = bytes.fromhex(
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a4344"
    "45464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4"
    "b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"
)
_CHROMA_AC = bytes.fromhex(
    "000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738"
    "393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5"
    "a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa"
)
HUFFMAN_TABLES = (
    _huffman(0x00, "00010501010101010100000000000000", _DC_VALUES)
    + _huffman(0x10, "0002010303020403050504040000017d", _LUMA_AC)
    + _huffman(0x01, "00030101010101010101010000000000", _DC_VALUES)
    + _huffman(0x11, "00020102040403040705040400010277", _CHROMA_AC)
)


def file_header(
    size_px: tuple[int, int], *, sampling: int, tables: tuple[bytes, bytes], precisions: int, restart: int
) -> bytes:
    """Everything before the coded picture.

    Args:
        size_px: width and height.
        sampling: 0 for 4:2:2, 1 for 4:2:0.
        tables: luma and chroma, (64,) bytes each, or (128,) where the precision is 16 bits.
        precisions: bit 0 set when the luma table has 16-bit values, bit 1 for chroma.
        restart: macroblocks between two restart markers, 0 for none.
    """
    parts = [START]
    for number, table in enumerate(tables):
        parts.append(b"\xff\xdb" + struct.pack(">HB", 3 + len(table), (precisions >> number & 1) << 4 | number) + table)
    if restart:
        parts.append(b"\xff\xdd" + struct.pack(">HH", 4, restart))
    width, height = size_px
    luma = 0x22 if sampling else 0x21
    planes = bytes((1, luma, 0, 2, 0x11, 1, 3, 0x11, 1))
    parts.append(b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, height, width, 3) + planes)
    parts.append(HUFFMAN_TABLES)
    parts.append(b"\xff\xda" + struct.pack(">HB", 12, 3) + bytes((1, 0, 2, 0x11, 3, 0x11, 0, 63, 0)))
    return b"".join(parts)


def with_tables(data: bytes) -> bytes:
    """A picture of an AVI file as a file of its own: those leave the standard Huffman tables out."""
    scan = data.find(b"\xff\xda")
    if scan < 0 or 0 <= data.find(b"\xff\xc4") < scan:
        return data
    return data[:scan] + HUFFMAN_TABLES + data[scan:]
