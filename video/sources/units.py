"""From interleaved packets, kept as they came, to access units: done when somebody wants to see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from video.sources.depacketize import OnUnit, RtpStream
from video.sources.h264 import ParameterSets
from video.sources.h265 import H265Parameters
from video.sources.h265_rtp import H265Depacketizer
from video.sources.jpeg_rtp import JpegDepacketizer
from video.sources.rtp import H264Depacketizer
from video.sources.sdp import VideoTrack
from video.sources.unit import AccessUnit, Parameters

Piece = tuple[bytes, float]


class UnitMaker:
    """Makes access units of one stream's packets, in order.

    Args:
        track: what the camera announced.
        channel: the interleaved channel of the video.
        on_unit: called with every whole access unit.
        parameters: what was last known of the stream, if more than was announced.
    """

    def __init__(
        self,
        track: VideoTrack,
        channel: int,
        on_unit: Callable[[AccessUnit], None],
        parameters: Parameters | None = None,
    ) -> None:
        self._channel = channel
        self._depacketizer = _depacketizer(track, on_unit, parameters or track.parameters)

    def take(self, data: bytes, at: float) -> None:
        """Whole interleaved packets that arrived by `at`."""
        push, channel, place, end = self._depacketizer.push, self._channel, 0, len(data)
        while place + 4 <= end:
            after = place + 4 + (data[place + 2] << 8 | data[place + 3])
            if data[place + 1] == channel:
                push(data, place + 4, after, at)
            place = after


def _depacketizer(track: VideoTrack, on_unit: OnUnit, known: Parameters | None) -> H264Depacketizer | RtpStream:
    if track.encoding == "H265":
        return H265Depacketizer(on_unit, known if isinstance(known, H265Parameters) else None)
    if track.encoding == "JPEG":
        return JpegDepacketizer(on_unit, track.size_px)
    return H264Depacketizer(on_unit, known if isinstance(known, ParameterSets) else None)


def units_of(
    pieces: Iterable[Piece], track: VideoTrack, channel: int, parameters: Parameters | None
) -> list[AccessUnit]:
    """All whole access units in stretches of packets."""
    units: list[AccessUnit] = []
    maker = UnitMaker(track, channel, units.append, parameters)
    for data, at in pieces:
        maker.take(data, at)
    return units


class UnitSink:
    """Takes packets of a source and hands on access units at once, for whoever wants all of them."""

    def __init__(self, on_unit: Callable[[AccessUnit], None]) -> None:
        self._on_unit = on_unit
        self._maker: UnitMaker | None = None

    def opened(self, track: VideoTrack, channel: int) -> None:
        """A stream begins."""
        self._maker = UnitMaker(track, channel, self._on_unit)

    def begin(self) -> None:
        """Key frames show themselves in the units."""

    def packets(self, data: bytes, at: float) -> None:
        """Whole interleaved packets."""
        if self._maker is not None:
            self._maker.take(data, at)

    def key(self, at: float) -> None:
        """Key frames show themselves in the units."""
