"""The one door to every kind of feed: the address says which driver opens it."""

from __future__ import annotations

import asyncio
from typing import Protocol
from urllib.parse import urlsplit

from video.sources.depacketize import OnUnit
from video.sources.file import FileSource
from video.sources.http_picture import HttpPicture
from video.sources.rtsp import PacketSink, RtspSource, RtspState, RtspTimes, SourceError
from video.sources.unit import AccessUnit
from video.sources.wvp import WvpSource

SCHEMES = ("rtsp", "file", "http", "https", "http+picture", "https+picture", "wvp", "wvps")


class Source(Protocol):
    """One feed. It keeps itself open; whoever holds it reads `state` and cancels `run()` to end it."""

    @property
    def state(self) -> RtspState:
        """What the feed is doing, for health and signal loss."""

    async def run(self) -> None:
        """Open, play and open again with growing, jittered pauses until cancelled."""

    def hurry(self, wanted: bool) -> None:
        """Hand on as soon as something comes, or when it suits: somebody watches live."""


class FeedSink(PacketSink, Protocol):
    """Takes packets of sources that bring packets, and units of sources that bring whole pictures."""

    def unit(self, unit: AccessUnit) -> None:
        """A picture of a source that makes whole units."""


def open_source(
    url: str,
    sink: FeedSink | OnUnit,
    *,
    gate: asyncio.Semaphore | None = None,
    times: RtspTimes | None = None,
) -> Source:
    """Prepare the feed behind an address; nothing is opened before `run()`.

    Args:
        url: `rtsp://`, `file:` (a path), `http(s)://` (a JPEG picture, asked for again and again) or `wvp://` (a
            channel of a GB/T 28181 platform).
        sink: takes what comes, in the event loop; a plain function takes access units, whatever the source.
        gate: limits how many feeds open at once, so that a start does not storm a recorder.
        times: how patient to be.

    Raises:
        SourceError: no driver opens such an address.
    """
    gate = gate or asyncio.Semaphore(1)
    scheme = urlsplit(url).scheme
    if scheme == "rtsp":
        return RtspSource(url, sink, times=times, gate=gate)
    if scheme in ("wvp", "wvps"):
        return WvpSource(url, sink, gate=gate, times=times)
    on_unit = sink if callable(sink) else sink.unit
    if scheme == "file":
        return FileSource(url, on_unit, gate=gate, times=times)
    if scheme in ("http", "https", "http+picture", "https+picture"):
        return HttpPicture(url, on_unit, gate=gate, times=times)
    raise SourceError(f"no driver opens {scheme or 'an address without a scheme'}; known are {', '.join(SCHEMES)}")


def rhythm_s(source: Source | None) -> float:
    """Seconds that may pass between two pictures of a source when all is well; 0 for a stream, which never pauses."""
    return source.every_s if isinstance(source, HttpPicture) else 0.0
