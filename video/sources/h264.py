"""H.264 as it travels: NAL units, parameter sets and access units.

Source: ITU-T H.264 (2021), clauses 7.3.1, 7.3.2.1.1 and annex E; ISO/IEC 14496-15 for the length-prefixed form.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from video.sources.bits import MAX_SET_BYTES, Bits
from video.sources.unit import START_CODE, BadVideo, Family

SLICE, IDR, SEI, SPS, PPS, DELIMITER = 1, 5, 6, 7, 8, 9
_HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})


@dataclass(frozen=True)
class ParameterSets:
    """The sequence and picture parameter set in force, each one NAL unit without a start code."""

    sps: bytes
    pps: bytes

    @property
    def family(self) -> Family:
        return "h264"

    @property
    def codec(self) -> str:
        """RFC 6381 name, as `avc1.42C01E`."""
        return f"avc1.{self.sps[1:4].hex()}"

    @cached_property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the cropped picture.

        Raises:
            BadVideo: the sequence parameter set cannot be read.
        """
        return picture_size_px(self.sps)

    @property
    def annexb(self) -> bytes:
        return START_CODE + self.sps + START_CODE + self.pps


def nal_units(data: bytes) -> Iterator[bytes]:
    """Split length-prefixed data; stops quietly where the lengths no longer fit."""
    at, end = 0, len(data)
    while at + 4 <= end:
        length = int.from_bytes(data[at : at + 4], "big")
        at += 4
        if length == 0 or at + length > end:
            return
        yield data[at : at + length]
        at += length


def length_prefixed(nals: Sequence[bytes]) -> bytes:
    return b"".join(part for nal in nals for part in (struct.pack(">I", len(nal)), nal))


def split_annexb(data: bytes) -> list[bytes]:
    """NAL units of a byte stream with 3- or 4-byte start codes."""
    nals: list[bytes] = []
    at = data.find(b"\x00\x00\x01")
    while at >= 0:
        following = data.find(b"\x00\x00\x01", at + 3)
        nal = data[at + 3 : following if following >= 0 else len(data)].rstrip(b"\x00")
        if nal:
            nals.append(nal)
        at = following
    return nals


def _skip_scaling_lists(bits: Bits, count: int) -> None:
    for index in range(count):
        if not bits.read(1):
            continue
        last = following = 8
        for _ in range(16 if index < 6 else 64):
            if following:
                following = (last + bits.signed()) % 256
            last = following or last


def _read_samples(bits: Bits, profile: int) -> tuple[int, int, int]:
    """Chroma format (1 = 4:2:0) and bits of a luma and a chroma sample; only the high profiles write them."""
    if profile not in _HIGH_PROFILES:
        return 1, 8, 8
    chroma = bits.unsigned()
    if chroma == 3:
        bits.read(1)
    luma_bits, chroma_bits = 8 + bits.unsigned(), 8 + bits.unsigned()
    if chroma > 3 or max(luma_bits, chroma_bits) > 14:
        raise BadVideo(f"samples of format {chroma} with {luma_bits} and {chroma_bits} bits do not exist")
    bits.read(1)
    if bits.read(1):
        _skip_scaling_lists(bits, 12 if chroma == 3 else 8)
    return chroma, luma_bits, chroma_bits


def high_profile_samples(sps: bytes) -> tuple[int, int, int] | None:
    """Chroma format, bits of a luma and of a chroma sample; None where the profile does not write them.

    Raises:
        BadVideo: the parameter set cannot be read.
    """
    if not 5 <= len(sps) <= MAX_SET_BYTES or sps[1] not in _HIGH_PROFILES:
        return None
    bits = Bits(sps[4:])
    bits.unsigned()
    return _read_samples(bits, sps[1])


def _skip_picture_order(bits: Bits) -> None:
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()
    elif kind == 1:
        bits.read(1)
        bits.signed()
        bits.signed()
        for _ in range(min(bits.unsigned(), 255)):
            bits.signed()


@lru_cache(maxsize=4096)
def picture_size_px(sps: bytes) -> tuple[int, int]:
    """Width and height in pixels after cropping.

    Raises:
        BadVideo: not a sequence parameter set, or one that promises an absurd picture.
    """
    if not 5 <= len(sps) <= MAX_SET_BYTES or sps[0] & 31 != SPS:
        raise BadVideo("not a sequence parameter set")
    bits = Bits(sps[4:])
    bits.unsigned()
    chroma, _, _ = _read_samples(bits, sps[1])
    bits.unsigned()
    _skip_picture_order(bits)
    bits.unsigned()
    bits.read(1)
    width = (bits.unsigned() + 1) * 16
    map_height = (bits.unsigned() + 1) * 16
    frames_only = bits.read(1)
    height = map_height * (2 - frames_only)
    if not frames_only:
        bits.read(1)
    bits.read(1)
    if bits.read(1):
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
        width -= (left + right) * (2 if chroma in (1, 2) else 1)
        height -= (top + bottom) * (2 if chroma == 1 else 1) * (2 - frames_only)
    if not (16 <= width <= 16384 and 16 <= height <= 16384):
        raise BadVideo(f"a picture of {width}x{height} is not believed")
    return width, height
