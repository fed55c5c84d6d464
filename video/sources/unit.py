"""One compressed picture as it travels through the engine, whatever it was coded with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Family = Literal["h264", "h265", "jpeg"]


class BadVideo(ValueError):
    """The bytes are not the video they claim to be."""


class Parameters(Protocol):
    """What a decoder has to know before the first picture; the same object as long as nothing changed."""

    @property
    def family(self) -> Family:
        """Which decoder takes it."""

    @property
    def codec(self) -> str:
        """RFC 6381 name, as `avc1.42c01e` or `hvc1.1.6.L93.B0`; `jpeg` for JPEG pictures."""

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the cropped picture.

        Raises:
            BadVideo: the parameters cannot be read.
        """

    @property
    def annexb(self) -> bytes:
        """What is put before a key frame for a decoder; empty for JPEG."""


@dataclass(slots=True)
class AccessUnit:
    """One compressed picture.

    `data` holds length-prefixed NAL units (4 bytes, big endian), or one whole JPEG file. `ticks` is the presentation
    time in 1/90000 s without wrap-around, `at` the moment of arrival in epoch seconds.
    """

    data: bytes
    key: bool
    ticks: int
    at: float
    parameters: Parameters


START_CODE = b"\x00\x00\x00\x01"


def decodable(unit: AccessUnit) -> bytes:
    """What a decoder takes: start codes instead of lengths, a key frame with its parameters in front; a JPEG as is."""
    if unit.parameters.family == "jpeg":
        return unit.data
    data, at, end = bytearray(unit.data), 0, len(unit.data)
    while at + 4 <= end:
        length = int.from_bytes(data[at : at + 4], "big")
        data[at : at + 4] = START_CODE
        at += 4 + length
    return unit.parameters.annexb + data if unit.key else bytes(data)
