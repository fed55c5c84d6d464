"""Footage encoded once and kept: groups of pictures that can be spliced in any order.

All segments are made with the same encoder settings, start with an IDR picture and need nothing before it, so a camera
may go from any group to any other. A frozen picture costs nothing: an IDR picture, then pictures that say "as before".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path

import av
import numpy as np

from video.picture import Picture
from video.simulator.drawn import HEIGHT_PX, WIDTH_PX
from video.sources.h264 import IDR, PPS, SLICE, SPS, ParameterSets, split_annexb

FPS = 15
GOP_FRAMES = 30
BITRATE = 160_000
_X264 = (
    "keyint=30:min-keyint=30:scenecut=0:bframes=0:ref=1:weightp=0:"
    "threads=1:sliced-threads=0:vbv-maxrate=220:vbv-bufsize=320"
)

Unit = tuple[bytes, ...]
Group = list[Unit]


@dataclass
class Variant:
    """One scene as it can be sent: its quiet loop and what may happen in it."""

    name: str
    parameters: ParameterSets
    zone: tuple[tuple[float, float], ...]
    segments: dict[str, list[Group]] = field(default_factory=dict)


class SegmentEncoder:
    """Encodes BGR pictures of 384x288 into groups of `GOP_FRAMES` access units."""

    def __init__(self) -> None:
        self._codec = av.CodecContext.create("libx264", "w")
        assert isinstance(self._codec, av.VideoCodecContext)
        self._codec.width, self._codec.height = WIDTH_PX, HEIGHT_PX
        self._codec.pix_fmt = "yuv420p"
        self._codec.time_base = Fraction(1, FPS)
        self._codec.framerate = Fraction(FPS)
        self._codec.bit_rate = BITRATE
        self._codec.options = {"preset": "veryfast", "tune": "zerolatency", "profile": "baseline", "x264-params": _X264}
        self._units: list[Unit] = []
        self._count = 0
        self.parameters: ParameterSets | None = None

    def add(self, picture: Picture) -> None:
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts = self._count
        self._count += 1
        for packet in self._codec.encode(frame):
            self._take(bytes(packet))

    def _take(self, data: bytes) -> None:
        nals = split_annexb(data)
        sps = next((nal for nal in nals if nal[0] & 31 == SPS), None)
        pps = next((nal for nal in nals if nal[0] & 31 == PPS), None)
        if sps is not None and pps is not None:
            self.parameters = ParameterSets(sps, pps)
        self._units.append(tuple(nal for nal in nals if nal[0] & 31 in (SLICE, IDR)))

    def groups(self) -> list[Group]:
        """What was encoded, in whole groups; a rest too short for one is left out."""
        for packet in self._codec.encode(None):
            self._take(bytes(packet))
        whole = len(self._units) // GOP_FRAMES * GOP_FRAMES
        return [self._units[at : at + GOP_FRAMES] for at in range(0, whole, GOP_FRAMES)]


def encode(pictures: Iterable[Picture]) -> tuple[ParameterSets, list[Group]]:
    """Encode a whole segment.

    Raises:
        ValueError: there are fewer pictures than one group needs.
    """
    encoder = SegmentEncoder()
    # The first group is sent twice and its first turn thrown away: rate control starts out stingy, and a key frame
    # blurred by it looks to any detector like a changed scene.
    coming = iter(pictures)
    first = list(islice(coming, GOP_FRAMES))
    for picture in chain(first, first, coming):
        encoder.add(picture)
    groups = encoder.groups()[1:]
    if encoder.parameters is None or not groups:
        raise ValueError("too little footage for one group of pictures")
    return encoder.parameters, groups


def still_units() -> list[Unit]:
    """The P pictures of a group that only repeat: they follow any IDR picture of these settings."""
    grey = np.full((HEIGHT_PX, WIDTH_PX, 3), 128, np.uint8)
    _, groups = encode(grey for _ in range(GOP_FRAMES))
    return groups[0][1:]


def save(variant: Variant, path: Path) -> None:
    """Write aside and rename: a killed process leaves no half file."""
    blobs: list[bytes] = []
    shape = {
        name: [[[blobs.append(nal) or len(nal) for nal in unit] for unit in group] for group in groups]  # type: ignore[func-returns-value]
        for name, groups in variant.segments.items()
    }
    parameters = [base64.b64encode(nal).decode() for nal in (variant.parameters.sps, variant.parameters.pps)]
    head = {"name": variant.name, "parameters": parameters, "zone": variant.zone, "segments": shape}
    text = json.dumps(head).encode()
    aside = path.with_suffix(".part")
    aside.write_bytes(len(text).to_bytes(4, "big") + text + b"".join(blobs))
    aside.replace(path)


def load(path: Path) -> Variant:
    """Read what `save` wrote.

    Raises:
        ValueError: the file is not whole.
    """
    data = path.read_bytes()
    start = 4 + int.from_bytes(data[:4], "big")
    head = json.loads(data[4:start])
    sps, pps = (base64.b64decode(text) for text in head["parameters"])
    at = start

    def unit(lengths: Sequence[int]) -> Unit:
        nonlocal at
        nals = []
        for length in lengths:
            nals.append(data[at : at + length])
            at += length
        return tuple(nals)

    segments = {
        name: [[unit(lengths) for lengths in group] for group in groups] for name, groups in head["segments"].items()
    }
    if at != len(data):
        raise ValueError(f"{path} is not whole")
    zone = tuple((float(x), float(y)) for x, y in head["zone"])
    return Variant(head["name"], ParameterSets(sps, pps), zone, segments)
