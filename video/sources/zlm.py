"""Health of streams on a ZLMediaKit server without decoding anything: two answers of `getMediaList`, compared.

One call tells of all streams: a stream whose frames do not advance is lost though its connection stands, a bit rate
that collapsed is a covered lens or a dark scene, a changed picture size or group of pictures is somebody's new setting.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from video.sources.rtsp import SourceError

# The secret of the shipped configuration: everybody knows it.
DEFAULT_SECRET = "035c73f7-bb6b-4889-a715-d9eb2d1925cc"
Trouble = Literal["gone", "stalled", "thin", "lossy", "restarted", "changed"]
STALLED_AFTER_S = 3.0
THIN_SHARE = 0.2
LOSSY_PERCENT = 2.0
_LEARN = 0.05
_LEAST_READINGS = 20


@dataclass(frozen=True)
class StreamReading:
    """What the server says of one stream at one moment; `loss_percent` and `size_px` where it says so.

    `name` is `app/stream`; of a GB/T 28181 stream that is `rtp/DEVICE_CHANNEL`.
    """

    name: str
    at: float
    frames: int
    key_frames: int
    bytes_per_s: float
    alive_s: float
    readers: int
    codec: str
    size_px: tuple[int, int] | None
    gop_ms: int
    loss_percent: float | None

    @property
    def device_and_channel(self) -> tuple[str, str] | None:
        """The two 20-digit numbers of a GB/T 28181 stream."""
        device, _, channel = self.name.rpartition("/")[2].partition("_")
        numbers = all(len(number) == 20 and number.isdigit() for number in (device, channel))
        return (device, channel) if numbers else None


@dataclass(frozen=True)
class StreamHealth:
    """One stream after two readings; nothing in `troubles` means that it is well as far as can be told undecoded."""

    name: str
    at: float
    frames_per_s: float
    bytes_per_s: float
    gop_ms: int
    loss_percent: float | None
    troubles: tuple[Trouble, ...]


@dataclass(slots=True)
class _Known:
    reading: StreamReading
    moved_at: float
    usual_bytes_per_s: float = 0.0
    readings: int = 0


class StreamWatch:
    """Compares reading with reading. It knows each stream that runs, and forgets one when it has told of its end."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def update(self, readings: Sequence[StreamReading], at: float) -> list[StreamHealth]:
        """Health of every stream that was there before: call it with each answer, about once a second.

        Args:
            readings: all streams of one answer.
            at: when it came, epoch seconds.
        """
        now = {reading.name: reading for reading in readings}
        told = [self._gone(name, at) for name in list(self._known) if name not in now]
        for name, reading in now.items():
            known = self._known.get(name)
            if known is None:
                self._known[name] = _Known(reading, at)
            else:
                told.append(_compared(known, reading))
        return told

    def _gone(self, name: str, at: float) -> StreamHealth:
        del self._known[name]
        return StreamHealth(name, at, 0.0, 0.0, 0, None, ("gone",))


def _compared(known: _Known, now: StreamReading) -> StreamHealth:
    before = known.reading
    passed_s = max(now.at - before.at, 1e-3)
    restarted = now.frames < before.frames or now.alive_s + 1 < before.alive_s
    frames = now.frames if restarted else now.frames - before.frames
    if frames > 0:
        known.moved_at = now.at
    stalled = now.at - known.moved_at >= STALLED_AFTER_S
    settled = known.readings >= _LEAST_READINGS
    checks: dict[Trouble, bool] = {
        "stalled": stalled,
        "thin": settled and not stalled and now.bytes_per_s < THIN_SHARE * known.usual_bytes_per_s,
        "lossy": now.loss_percent is not None and now.loss_percent >= LOSSY_PERCENT,
        "restarted": restarted,
        "changed": (now.size_px, now.codec) != (before.size_px, before.codec) and before.size_px is not None,
    }
    if not (checks["thin"] or stalled):
        # What is wrong does not become usual.
        known.usual_bytes_per_s += (now.bytes_per_s - known.usual_bytes_per_s) * max(_LEARN, 1 / (known.readings + 1))
        known.readings = min(known.readings + 1, _LEAST_READINGS)
    known.reading = now
    troubles = tuple(name for name, true in checks.items() if true)
    return StreamHealth(now.name, now.at, frames / passed_s, now.bytes_per_s, now.gop_ms, now.loss_percent, troubles)


class ZlmServer:
    """One media server."""

    def __init__(self, base_url: str, secret: str, *, timeout_s: float = 5.0) -> None:
        self._base_url, self._secret, self._timeout_s = base_url.rstrip("/"), secret, timeout_s

    @property
    def warnings(self) -> list[str]:
        """What the owner of the server should be told."""
        if self._secret == DEFAULT_SECRET:
            return ["the media server's secret is the one it was shipped with: anybody can take every stream from it"]
        return []

    async def streams(self, *, app: str = "") -> list[StreamReading]:
        """All streams, each once.

        Raises:
            SourceError: the server cannot be reached or refuses.
        """
        params = {"secret": self._secret, "schema": "rtsp", **({"app": app} if app else {})}
        verify = self._base_url.startswith("https")
        try:
            async with httpx.AsyncClient(verify=verify, timeout=self._timeout_s, trust_env=False) as http:
                answer = await http.get(self._base_url + "/index/api/getMediaList", params=params)
            body = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
            raise SourceError(f"the media server cannot be reached: {error or type(error).__name__}") from error
        if not isinstance(body, dict) or body.get("code") != 0:
            reason = body.get("msg") if isinstance(body, dict) else "no envelope"
            raise SourceError(f"the media server refused: {reason}")
        rows = body.get("data")
        return readings_of(rows if isinstance(rows, list) else [], time.time())


async def watch_streams(
    server: ZlmServer,
    on_health: Callable[[list[StreamHealth]], object],
    *,
    on_error: Callable[[str], object],
    every_s: float = 1.0,
) -> None:
    """Ask a media server every `every_s` seconds until cancelled.

    Args:
        on_health: gets what each answer says of the streams that were there before.
        on_error: gets the reason whenever there is no answer; pauses then grow up to a minute.
    """
    watch, pause_s = StreamWatch(), every_s
    while True:
        try:
            readings = await server.streams()
        except SourceError as error:
            on_error(str(error))
            pause_s = min(60.0, pause_s * 2)
        else:
            pause_s = every_s
            on_health(watch.update(readings, time.time()))
        await asyncio.sleep(pause_s * random.uniform(0.9, 1.1))


def readings_of(rows: Sequence[Any], at: float) -> list[StreamReading]:
    """Rows of a `getMediaList` answer; what has no name or no video track is left out, each stream comes once."""
    found: dict[str, StreamReading] = {}
    for row in rows:
        if isinstance(row, dict) and row.get("app") and row.get("stream"):
            tracks = row.get("tracks")
            video = next((track for track in tracks or () if isinstance(track, dict) and _is_video(track)), None)
            reading = _reading(row, video, at) if video is not None else None
            if reading is not None:
                found.setdefault(reading.name, reading)
    return list(found.values())


def _is_video(track: Mapping[str, Any]) -> bool:
    return track.get("codec_type") == 0 or ("frames" in track and "width" in track)


def _reading(row: Mapping[str, Any], video: Mapping[str, Any], at: float) -> StreamReading:
    width, height, loss = (_number(video.get(name)) for name in ("width", "height", "loss"))
    return StreamReading(
        name=f"{row['app']}/{row['stream']}",
        at=at,
        frames=int(_number(video.get("frames"))),
        key_frames=int(_number(video.get("key_frames"))),
        bytes_per_s=_number(row.get("bytesSpeed")),
        alive_s=_number(row.get("aliveSecond")),
        readers=int(_number(row.get("totalReaderCount"))),
        codec=str(video.get("codec_id_name") or ""),
        size_px=(int(width), int(height)) if width > 0 and height > 0 else None,
        gop_ms=int(_number(video.get("gop_interval_ms"))),
        # The server counts loss in hundredths of the packets, -1 where it does not know.
        loss_percent=loss if "loss" in video and loss >= 0 else None,
    )


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
