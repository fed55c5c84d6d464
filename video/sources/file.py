"""A file as a feed: played in a loop at its own pace by a child process, since a damaged file can kill its reader."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import unquote, urlsplit

from video.child import Child, start_child
from video.sources.depacketize import OnUnit
from video.sources.h264 import ParameterSets
from video.sources.h265 import H265Parameters
from video.sources.jpeg import JpegParameters, picture_size_px
from video.sources.keep_open import keep_open
from video.sources.rtsp import RtspState, RtspTimes, SourceError
from video.sources.unit import AccessUnit, BadVideo, Parameters
from video.wire import BrokenWire

_CHILD = "video.sources.file_child"


def path_of(url: str) -> str:
    """The path in `file:///absolute/path.mp4` or `file:relative.mp4`.

    Raises:
        SourceError: there is none, or it is on another machine.
    """
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or not path:
        raise SourceError(f"not the address of a file: {url}")
    return path


class FileSource:
    """One file as a camera. H.264, H.265 and JPEG are handed on as they are, all else is coded anew as H.264."""

    def __init__(self, url: str, on_unit: OnUnit, *, gate: asyncio.Semaphore, times: RtspTimes | None = None) -> None:
        self.state = RtspState()
        self._path = path_of(url)
        self._on_unit = on_unit
        self._gate = gate
        self._times = times or RtspTimes()
        self._parameters: Parameters | None = None

    async def run(self) -> None:
        """Play in a loop until cancelled; a file that cannot be read is tried again now and then."""
        await keep_open(self.state, self._times, self._play)

    def hurry(self, wanted: bool) -> None:
        """Pictures are handed on as soon as they come anyway."""

    async def _play(self) -> None:
        async with self._gate:
            child = await start_child(_CHILD, self._path)
        try:
            await self._take_all(child)
        except (asyncio.IncompleteReadError, BrokenWire, ConnectionError) as error:
            raise SourceError("the file killed its reader") from error
        finally:
            child.kill()
            await child.end()

    async def _take_all(self, child: Child) -> None:
        while True:
            # A child needs a moment to start; a picture every ten seconds is the slowest file we take for alive.
            async with asyncio.timeout(self._times.silence_timeout_s + 10):
                head, blobs = await child.receive()
            if "error" in head:
                raise SourceError(str(head["error"]))
            self._take(str(head["family"]), bool(head["key"]), int(head["ticks"]), blobs)

    def _take(self, family: str, key: bool, ticks: int, blobs: list[bytes]) -> None:
        """One picture: its data, and behind it the parameter sets when they are new."""
        data, *sets = blobs
        if family == "jpeg":
            size_px = picture_size_px(data)
            if self._parameters is None or self._parameters.size_px != size_px:
                self._parameters = JpegParameters(size_px)
        elif sets:
            self._parameters = H265Parameters(*sets) if family == "h265" else ParameterSets(*sets)
        if self._parameters is None:
            raise BadVideo("the file starts without parameter sets")
        self._hand_out(AccessUnit(data, key, ticks, time.time(), self._parameters))

    def _hand_out(self, unit: AccessUnit) -> None:
        state = self.state
        if not state.playing:
            state.playing, state.opened_at, state.last_error = True, unit.at, ""
            state.opened += 1
        state.counts.packets += 1
        state.counts.bytes += len(unit.data)
        state.counts.pictures += 1
        state.counts.keys += unit.key
        self._on_unit(unit)
