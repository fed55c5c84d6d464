"""All detectors over one clip or address: what a user tries on last night's recording.

The work is done in a child process of its own (`python -m video.scan TARGET SETTINGS_JSON`): a damaged file may take
its decoder's process with it, not the one that asked.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import cv2
import orjson
from av.error import FFmpegError

from video.child import child_environment
from video.decode import planes_of
from video.detect import signal_loss
from video.detect.eyes import HIGHEST, Eyes
from video.detect.look import Look, small_luma
from video.detect.objects import NoObjectStage, ObjectStage
from video.detect.presence import Presence, Seen
from video.model import Box, FeedSignal, FeedSpec
from video.zone_file import BadZones, Row, zones_of
from video.zone_file import read_zones as read_zone_file

# As a keeper looks: key frames every two seconds, and as often as this in between while something is going on. A clip
# is not live, so that there is always time for those in between.
KEY_EVERY_S, LOOK_EVERY_S = 2.0, 0.2
OPEN_TIMEOUT_S = 10.0


class ScanFailed(ValueError):
    """The clip or address cannot be read; the text is meant for a person."""


def read_zones(path: Path) -> list[Row]:
    """Zones as they stand in a file, checked (`video.zone_file`).

    Raises:
        ScanFailed: the file is not a list of zones; the message says which one is wrong.
    """
    try:
        return read_zone_file(path)
    except BadZones as error:
        raise ScanFailed(str(error)) from error


def scan(
    target: str, zones: Sequence[Row] = (), *, sensitivity: float = 0.5, model: Path | None = None
) -> Iterator[Row]:
    """One dict per event, when it ends: `{"t", "end", "kind", "score", "box", "detail"}`.

    `t` and `end` are seconds of the clip (`end` is None when it was still going on), `box` is x, y, width, height in
    pixels of the source picture or None, `score` runs from 0 to 1.

    Args:
        target: path of a clip, or an address ffmpeg can open.
        zones: rows as `read_zones` gives them.
        sensitivity: from 0, only the plainest events, to 1.
        model: an object detector (`video.detect.objects`): scene events are confirmed by it, and persons and
            vehicles are events of their own.

    Raises:
        ScanFailed: nothing could be read, the decoder died on it, or the model cannot be used.
    """
    settings = {"zones": list(zones), "sensitivity": sensitivity, "model": str(model) if model is not None else None}
    command = [sys.executable, "-m", "video.scan", target, json.dumps(settings)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=child_environment()) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                row = orjson.loads(line)
                if "error" in row:
                    raise ScanFailed(f"{target}: {row['error']}")
                yield row
        except GeneratorExit:
            # Nobody wants the rest.
            process.terminate()
            raise
    if process.returncode != 0:
        raise ScanFailed(f"{target}: the decoder died on it (exit {process.returncode})")


def _frames(container: av.container.InputContainer) -> Iterator[av.VideoFrame]:
    """Decoded pictures; damaged packets are left out."""
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except FFmpegError:
            continue


class _Scanner:
    """Looks at pictures by the clip's own clock."""

    def __init__(self, zones: Sequence[Row], sensitivity: float, stage: ObjectStage | None) -> None:
        self._rows, self._sensitivity, self._stage = zones, sensitivity, stage
        self._eyes: Eyes | None = None
        self._presence = Presence(stage) if stage is not None else None
        self._size = (1, 1)
        self._next_key_at = self._next_at = -math.inf
        self._last_at: float | None = None

    def take(self, frame: av.VideoFrame) -> Iterator[Row]:
        at = float(frame.time or 0.0)
        if self._last_at is not None:
            gap = signal_loss.judge(now=at, last_unit_at=self._last_at)
            if gap.positive(HIGHEST):
                yield _row(self._last_at, at, "signal_loss", gap.score, None, gap.detail)
        self._last_at = at
        if self._eyes is None:
            self._size = frame.width, frame.height
            self._eyes = Eyes(self._spec(), stage=self._stage)
        if at < self._next_at:
            return
        key = at >= self._next_key_at
        self._next_at = at + LOOK_EVERY_S
        self._next_key_at = at + KEY_EVERY_S if key else self._next_key_at
        yield from self._look(frame, at, key)

    def _spec(self) -> FeedSpec:
        zones = zones_of(self._rows, *self._size)
        return FeedSpec("scan", "", zones, self._sensitivity, confirm=self._stage is not None)

    def _look(self, frame: av.VideoFrame, at: float, key: bool) -> Iterator[Row]:
        assert self._eyes is not None
        planes = planes_of(frame)
        # Every detector is asked about every key frame: a clip is too short to wait five minutes for a deep look.
        look = Look(small_luma(planes.y), at, "deep" if key else "hot", planes)
        yield from (self._event(signal) for signal in self._eyes.look(look) if signal.ended_at is not None)
        if key and self._presence is not None:
            yield from (self._seen(seen, seen.last_at) for seen in self._presence.look(planes, at))

    def finish(self) -> Iterator[Row]:
        """What was still going on when the clip ended."""
        for signal in self._eyes.close(self._last_at or 0.0) if self._eyes is not None else ():
            yield {**self._event(signal), "end": None}
        for seen in self._presence.close() if self._presence is not None else ():
            yield self._seen(seen, None)

    def _event(self, signal: FeedSignal) -> Row:
        end = signal.ended_at.timestamp() if signal.ended_at is not None else None
        box = self._pixels(signal.box)
        return _row(signal.started_at.timestamp(), end, signal.kind, signal.score, box, signal.detail)

    def _seen(self, seen: Seen, end: float | None) -> Row:
        return _row(
            seen.since, end, seen.kind, seen.surest.score, self._pixels(seen.surest.box), {"at_once": seen.most}
        )

    def _pixels(self, box: Box | None) -> list[int] | None:
        if box is None:
            return None
        (width, height), (x, y, w, h) = self._size, box
        return [round(x * width), round(y * height), round(w * width), round(h * height)]


def _row(t: float, end: float | None, kind: str, score: float, box: list[int] | None, detail: Row) -> Row:
    rounded = round(end, 3) if end is not None else None
    return {"t": round(t, 3), "end": rounded, "kind": kind, "score": score, "box": box, "detail": detail}


def _say(row: Row) -> None:
    sys.stdout.buffer.write(orjson.dumps(row) + b"\n")
    sys.stdout.buffer.flush()


def main(target: str, settings: Row) -> None:
    """Scan in this process and print JSON lines."""
    cv2.setNumThreads(1)
    options = {"rtsp_transport": "tcp"} if target.startswith("rtsp://") else {}
    try:
        stage = ObjectStage(settings["model"]) if settings["model"] is not None else None
        scanner = _Scanner(settings["zones"], settings["sensitivity"], stage)
        with av.open(target, options=options, timeout=OPEN_TIMEOUT_S) as container:
            if not container.streams.video:
                raise ScanFailed("no video in it")
            for frame in _frames(container):
                for row in scanner.take(frame):
                    _say(row)
    except (FFmpegError, OSError, ScanFailed, NoObjectStage) as error:
        _say({"error": str(error)})
        return
    for row in scanner.finish():
        _say(row)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
