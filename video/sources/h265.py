"""H.265 as it travels: kinds of NAL units and parameter sets.

Source: ITU-T H.265 (2021), clauses 7.3.1.2, 7.3.2.2, 7.3.3 and table 7-1; ISO/IEC 14496-15 annex E for the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from video.sources.bits import MAX_SET_BYTES, Bits
from video.sources.unit import START_CODE, BadVideo, Family

LAST_SLICE, FIRST_IRAP, LAST_IRAP = 31, 16, 23
RASL_N, RASL_R, CRA = 8, 9, 21
VPS, SPS, PPS = 32, 33, 34
_PROFILE_BYTES = 12
_CHROMA_STEPS = {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}


def nal_kind(first_byte: int) -> int:
    """The kind of a NAL unit, from the first byte of its two-byte header."""
    return (first_byte >> 1) & 63


def is_irap(kind: int) -> bool:
    """A picture that can be decoded without any before it (IDR, CRA or BLA)."""
    return FIRST_IRAP <= kind <= LAST_IRAP


@dataclass(frozen=True)
class SequenceFacts:
    """What is read from a sequence parameter set.

    `profile` is the 12 bytes of general profile, tier and level; `depth_bits` is of luma, then of chroma.
    """

    profile: bytes
    layers: int
    nested: bool
    chroma: int
    depth_bits: tuple[int, int]
    size_px: tuple[int, int]


@dataclass(frozen=True)
class H265Parameters:
    """The video, sequence and picture parameter set in force, each one NAL unit without a start code."""

    vps: bytes
    sps: bytes
    pps: bytes

    @property
    def family(self) -> Family:
        return "h265"

    @cached_property
    def facts(self) -> SequenceFacts:
        """What the sequence parameter set says.

        Raises:
            BadVideo: it cannot be read.
        """
        return read_sequence(self.sps)

    @cached_property
    def codec(self) -> str:
        """RFC 6381 name, as `hvc1.1.6.L93.B0`.

        Raises:
            BadVideo: the sequence parameter set cannot be read.
        """
        return codec_name(self.facts.profile)

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the cropped picture.

        Raises:
            BadVideo: the sequence parameter set cannot be read.
        """
        return self.facts.size_px

    @property
    def annexb(self) -> bytes:
        return START_CODE + self.vps + START_CODE + self.sps + START_CODE + self.pps


def codec_name(profile: bytes) -> str:
    """`hvc1.` name of general profile, tier and level, (12,) bytes. Source: ISO/IEC 14496-15 annex E.3."""
    space = ("", "A", "B", "C")[profile[0] >> 6]
    # The 32 compatibility flags are written with the first flag as the lowest bit.
    flags = int(f"{int.from_bytes(profile[1:5], 'big'):032b}"[::-1], 2)
    tier = "H" if profile[0] & 0x20 else "L"
    limits = profile[5:11].rstrip(b"\x00")
    parts = [f"hvc1.{space}{profile[0] & 31}", f"{flags:X}", f"{tier}{profile[11]}"]
    return ".".join(parts + [f"{limit:X}" for limit in limits])


def _skip_layer_levels(bits: Bits, more_layers: int) -> None:
    present = [(bits.read(1), bits.read(1)) for _ in range(more_layers)]
    if more_layers:
        bits.read(2 * (8 - more_layers))
    for profile, level in present:
        bits.read(88 * profile + 8 * level)


@lru_cache(maxsize=4096)
def read_sequence(sps: bytes) -> SequenceFacts:
    """Read a sequence parameter set up to its bit depths.

    Raises:
        BadVideo: it is none, or one that promises an absurd picture.
    """
    if not 4 <= len(sps) <= MAX_SET_BYTES or nal_kind(sps[0]) != SPS:
        raise BadVideo("not a sequence parameter set")
    bits = Bits(sps[2:])
    bits.read(4)
    more_layers, nested = bits.read(3), bool(bits.read(1))
    profile = bits.read(8 * _PROFILE_BYTES).to_bytes(_PROFILE_BYTES, "big")
    _skip_layer_levels(bits, more_layers)
    bits.unsigned()
    chroma = bits.unsigned()
    if chroma not in _CHROMA_STEPS:
        raise BadVideo(f"chroma format {chroma} does not exist")
    if chroma == 3:
        bits.read(1)
    size_px = _cropped_px(bits, _CHROMA_STEPS[chroma])
    depth_bits = (8 + bits.unsigned(), 8 + bits.unsigned())
    if max(depth_bits) > 16:
        raise BadVideo(f"samples of {max(depth_bits)} bits do not exist")
    return SequenceFacts(profile, more_layers + 1, nested, chroma, depth_bits, size_px)


def _cropped_px(bits: Bits, steps: tuple[int, int]) -> tuple[int, int]:
    width, height = bits.unsigned(), bits.unsigned()
    if bits.read(1):
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
        width -= (left + right) * steps[0]
        height -= (top + bottom) * steps[1]
    if not (16 <= width <= 16384 and 16 <= height <= 16384):
        raise BadVideo(f"a picture of {width}x{height} is not believed")
    return width, height
