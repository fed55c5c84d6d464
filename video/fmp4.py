"""Compressed video into MP4, no pixel touched: live fragments for Media Source Extensions, whole clips for files.

One video track, 90 kHz, no B pictures. Browsers play H.264, some of them H.265; a clip of JPEG pictures is for players.

Source: ISO/IEC 14496-12 (boxes), ISO/IEC 14496-15 sections 5 (avcC) and 8 (hvcC), ISO/IEC 14496-1 section 7.2.6 (esds).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import pairwise

from video.sources import h265
from video.sources.h264 import ParameterSets, high_profile_samples
from video.sources.h265 import H265Parameters
from video.sources.jpeg import JpegParameters
from video.sources.unit import AccessUnit, BadVideo, Parameters

TICKS_PER_S = 90_000
NOMINAL_TICKS = TICKS_PER_S // 15
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_KEY_FLAGS, _DELTA_FLAGS = 0x02000000, 0x01010000


def _box(kind: bytes, *parts: bytes) -> bytes:
    size = 8 + sum(map(len, parts))
    return struct.pack(">I4s", size, kind) + b"".join(parts)


def _full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *parts)


def _avcc(parameters: ParameterSets) -> bytes:
    sps, pps = parameters.sps, parameters.pps
    head = bytes((1, sps[1], sps[2], sps[3], 0xFF, 0xE1)) + struct.pack(">H", len(sps)) + sps
    # The high profiles repeat how samples are written, and that there are no extended parameter sets.
    samples = high_profile_samples(sps)
    tail = bytes((0xFC | samples[0], 0xF8 | samples[1] - 8, 0xF8 | samples[2] - 8, 0)) if samples else b""
    return _box(b"avcC", head + b"\x01" + struct.pack(">H", len(pps)) + pps + tail)


def _hvcc(parameters: H265Parameters) -> bytes:
    facts = parameters.facts
    luma, chroma = (depth - 8 for depth in facts.depth_bits)
    # Spatial segments and kind of parallelism unknown, frame rate unspecified, lengths of four bytes.
    head = b"\x01" + facts.profile + bytes((0xF0, 0, 0xFC, 0xFC | facts.chroma, 0xF8 | luma, 0xF8 | chroma, 0, 0))
    head += bytes((facts.layers << 3 | facts.nested << 2 | 3, 3))
    sets = ((h265.VPS, parameters.vps), (h265.SPS, parameters.sps), (h265.PPS, parameters.pps))
    arrays = [struct.pack(">BHH", 0x80 | kind, 1, len(nal)) + nal for kind, nal in sets]
    return _box(b"hvcC", head, *arrays)


def _descriptor(tag: int, body: bytes) -> bytes:
    return bytes((tag, len(body))) + body


def _jpeg_descriptor() -> bytes:
    """An elementary stream of JPEG pictures: object type 0x6C, visual."""
    decoder = _descriptor(4, bytes((0x6C, 0x11)) + bytes(11))
    return _full(b"esds", 0, 0, _descriptor(3, bytes((0, 1, 0)) + decoder + _descriptor(6, b"\x02")))


def _sample_entry(parameters: Parameters) -> bytes:
    if isinstance(parameters, ParameterSets):
        kind, description = b"avc1", _avcc(parameters)
    elif isinstance(parameters, H265Parameters):
        kind, description = b"hvc1", _hvcc(parameters)
    elif isinstance(parameters, JpegParameters):
        kind, description = b"mp4v", _jpeg_descriptor()
    else:
        raise BadVideo(f"{parameters.codec} cannot be put in a file")
    width, height = parameters.size_px
    visual = struct.pack(">6xH16xHHIIIH32xHh", 1, width, height, 0x480000, 0x480000, 0, 1, 24, -1)
    return _full(b"stsd", 0, 0, struct.pack(">I", 1), _box(kind, visual, description))


def _track(parameters: Parameters, duration: int, tables: bytes) -> bytes:
    width, height = parameters.size_px
    header = struct.pack(">IIIII8xHHHH", 0, 0, 1, 0, duration, 0, 0, 0, 0) + _MATRIX
    header += struct.pack(">II", width << 16, height << 16)
    language = struct.pack(">IIIIHH", 0, 0, TICKS_PER_S, duration, 0x55C4, 0)
    handler = struct.pack(">I4s12x", 0, b"vide") + b"Camera\0"
    source = _full(b"dref", 0, 0, struct.pack(">I", 1), _full(b"url ", 0, 1))
    samples = _box(b"stbl", _sample_entry(parameters), tables)
    media = _box(b"minf", _full(b"vmhd", 0, 1, bytes(8)), _box(b"dinf", source), samples)
    inside = _full(b"mdhd", 0, 0, language) + _full(b"hdlr", 0, 0, handler) + media
    return _box(b"trak", _full(b"tkhd", 0, 3, header), _box(b"mdia", inside))


def _movie_header(duration: int) -> bytes:
    head = struct.pack(">IIIIIH10x", 0, 0, TICKS_PER_S, duration, 0x10000, 0x100)
    return _full(b"mvhd", 0, 0, head + _MATRIX + bytes(24) + struct.pack(">I", 2))


def init_segment(parameters: Parameters) -> bytes:
    """`ftyp` and `moov` of a live stream.

    Raises:
        BadVideo: the parameter sets cannot be read.
    """
    none = struct.pack(">I", 0)
    tables = _full(b"stts", 0, 0, none) + _full(b"stsc", 0, 0, none)
    tables += _full(b"stsz", 0, 0, none + none) + _full(b"stco", 0, 0, none)
    extends = _box(b"mvex", _full(b"trex", 0, 0, struct.pack(">IIIII", 1, 1, 0, 0, 0)))
    kind = _box(b"ftyp", b"iso5" + struct.pack(">I", 0x200) + b"iso5iso6avc1mp41")
    return kind + _box(b"moov", _movie_header(0), _track(parameters, 0, tables), extends)


def durations(units: Sequence[AccessUnit]) -> list[int]:
    """Ticks each unit is shown; steps that no camera means (none, or over five seconds) become one nominal picture."""
    steps = [after.ticks - before.ticks for before, after in pairwise(units)]
    sane = [step if 0 < step <= 5 * TICKS_PER_S else NOMINAL_TICKS for step in steps]
    return [*sane, sane[-1] if sane else NOMINAL_TICKS]


def fragment(units: Sequence[AccessUnit], *, number: int, start_ticks: int, lengths: Sequence[int]) -> bytes:
    """One `moof` + `mdat`.

    Args:
        units: consecutive access units, at least one.
        number: counts fragments from 1.
        start_ticks: decode time of the first unit on the stream's own time line.
        lengths: ticks per unit.
    """
    rows = b"".join(
        struct.pack(">III", length, len(unit.data), _KEY_FLAGS if unit.key else _DELTA_FLAGS)
        for unit, length in zip(units, lengths, strict=True)
    )
    mfhd = _full(b"mfhd", 0, 0, struct.pack(">I", number))
    tfhd = _full(b"tfhd", 0, 0x020000, struct.pack(">I", 1))
    tfdt = _full(b"tfdt", 1, 0, struct.pack(">Q", start_ticks))
    # The offset counts from the start of moof, whose size is known before it is written.
    size = 8 + len(mfhd) + 8 + len(tfhd) + len(tfdt) + 20 + len(rows)
    trun = _full(b"trun", 0, 0x000701, struct.pack(">Ii", len(units), size + 8), rows)
    return _box(b"moof", mfhd, _box(b"traf", tfhd, tfdt, trun)) + _box(b"mdat", *(unit.data for unit in units))


class Fragmenter:
    """Writes the fragments of one viewer: a gapless time line from zero, whatever the camera's clock does."""

    def __init__(self) -> None:
        self._number = 0
        self._next_ticks = 0
        self._last: AccessUnit | None = None

    def write(self, units: Sequence[AccessUnit]) -> bytes:
        """The next fragment of at least one unit.

        The length of the last picture is not known before the next one comes; it is taken to be as long as the one
        before it, and the start of the next fragment makes up for the difference.
        """
        if self._last is not None:
            step = units[0].ticks - self._last.ticks
            self._next_ticks += step if 0 < step <= 5 * TICKS_PER_S else NOMINAL_TICKS
        lengths = durations([self._last, *units] if self._last is not None else units)[-len(units) :]
        self._number += 1
        data = fragment(units, number=self._number, start_ticks=self._next_ticks, lengths=lengths)
        self._next_ticks += sum(lengths[:-1])
        self._last = units[-1]
        return data


def clip_mp4(units: Sequence[AccessUnit]) -> bytes:
    """A complete file that plays everywhere and can be sought in, index first.

    Raises:
        ValueError: there is no unit, or the first is not a key frame.
    """
    if not units or not units[0].key:
        raise ValueError("a clip starts with a key frame")
    # One sample description: a change of picture size ends the clip.
    parameters = units[0].parameters
    units = [unit for unit in units if unit.parameters == parameters]
    lengths = durations(units)
    kind = _box(b"ftyp", b"isom" + struct.pack(">I", 0x200) + b"isomiso2avc1mp41")
    offset = len(kind) + len(_movie(parameters, units, lengths, 0)) + 8
    return kind + _movie(parameters, units, lengths, offset) + _box(b"mdat", *(unit.data for unit in units))


def _movie(parameters: Parameters, units: Sequence[AccessUnit], lengths: Sequence[int], offset: int) -> bytes:
    runs: list[list[int]] = []
    for length in lengths:
        if runs and runs[-1][1] == length:
            runs[-1][0] += 1
        else:
            runs.append([1, length])
    keys = [index for index, unit in enumerate(units, start=1) if unit.key]
    times = struct.pack(">I", len(runs)) + b"".join(struct.pack(">II", *run) for run in runs)
    sizes = struct.pack(f">II{len(units)}I", 0, len(units), *(len(unit.data) for unit in units))
    tables = _full(b"stts", 0, 0, times) + _full(b"stss", 0, 0, struct.pack(f">I{len(keys)}I", len(keys), *keys))
    tables += _full(b"stsc", 0, 0, struct.pack(">IIII", 1, 1, len(units), 1)) + _full(b"stsz", 0, 0, sizes)
    tables += _full(b"stco", 0, 0, struct.pack(">II", 1, offset))
    duration = sum(lengths)
    return _box(b"moov", _movie_header(duration), _track(parameters, duration, tables))
