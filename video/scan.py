"""All detectors over one clip or address: what a user tries on last night's recording.

The work is done in a child process of its own (`python -m video.scan TARGET ZONES_JSON`): a damaged file may take its
decoder's process with it, not the one that asked.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import orjson
from av.error import FFmpegError

from video.child import child_environment
from video.decode import luma
from video.detect import signal_loss
from video.detect.eyes import HIGHEST, Eyes
from video.detect.look import Look, small_luma
from video.model import FeedSignal, FeedSpec, Zone

LOOK_EVERY_S = 0.5
OPEN_TIMEOUT_S = 10.0
Row = dict[str, Any]


class ScanFailed(ValueError):
    """The clip or address cannot be read; the text is meant for a person."""


def read_zones(path: Path) -> list[Row]:
    """Zones as they stand in a file, checked.

    A JSON list of `{"name", "kind": "intrusion", "polygon": [[x, y], ...], "unit": "pixels" | "fractions"}`.
    Without `unit`, coordinates that are all at most 1 are fractions of width and height, others pixels.

    Raises:
        ScanFailed: the file is not such a list; the message says which zone.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(rows, list):
            raise ScanFailed(f"{path}: not a list of zones")
        return [_checked_zone(row, index) for index, row in enumerate(rows, start=1)]
    except (OSError, json.JSONDecodeError) as error:
        raise ScanFailed(f"{path}: {error}") from error


def _checked_zone(row: Any, index: int) -> Row:
    try:
        polygon = [(float(x), float(y)) for x, y in row["polygon"]]
        kind, name = str(row.get("kind", "intrusion")), str(row.get("name", f"zone {index}"))
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise ScanFailed(f"zone {index}: {error}") from error
    if kind != "intrusion" or len(polygon) < 3:
        raise ScanFailed(f"zone {index}: needs kind intrusion and at least three corners")
    small = all(0 <= value <= 1 for point in polygon for value in point)
    unit = row.get("unit", "fractions" if small else "pixels")
    return {"name": name, "kind": kind, "polygon": polygon, "unit": unit}


def scan(target: str, zones: Sequence[Row] = ()) -> Iterator[Row]:
    """One dict per event, when it ends: `{"t", "end", "kind", "score", "box", "detail"}`.

    `t` and `end` are seconds of the clip (`end` is None when it was still going on), `box` is x, y, width, height in
    pixels of the source picture or None, `score` runs from 0 to 1.

    Args:
        target: path of a clip, or an address ffmpeg can open.
        zones: rows as `read_zones` gives them.

    Raises:
        ScanFailed: nothing could be read, or the decoder died on it.
    """
    command = [sys.executable, "-m", "video.scan", target, json.dumps(list(zones))]
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


def _zone(row: Row, width: int, height: int) -> Zone:
    across, down = (width, height) if row["unit"] == "pixels" else (1, 1)
    return Zone(row["name"], "intrusion", tuple((x / across, y / down) for x, y in row["polygon"]))


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

    def __init__(self, zones: Sequence[Row]) -> None:
        self._rows = zones
        self._eyes: Eyes | None = None
        self._size = (1, 1)
        self._looks = 0
        self._next_at = 0.0
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
            zones = tuple(_zone(row, *self._size) for row in self._rows)
            self._eyes = Eyes(FeedSpec("scan", "", zones))
        if at < self._next_at:
            return
        self._next_at = at + LOOK_EVERY_S
        # Every second look is an extra one: detectors learn at a pace of seconds.
        look = Look(small_luma(luma(frame)), at, "hot" if self._looks % 2 == 1 else "patrol")
        self._looks += 1
        yield from (self._event(signal) for signal in self._eyes.look(look) if signal.ended_at is not None)

    def finish(self) -> Iterator[Row]:
        """What was still going on when the clip ended."""
        for signal in self._eyes.close(self._last_at or 0.0) if self._eyes is not None else ():
            yield {**self._event(signal), "end": None}

    def _event(self, signal: FeedSignal) -> Row:
        end = signal.ended_at.timestamp() if signal.ended_at is not None else None
        width, height = self._size
        box = None
        if signal.box is not None:
            x, y, w, h = signal.box
            box = [round(x * width), round(y * height), round(w * width), round(h * height)]
        return _row(signal.started_at.timestamp(), end, signal.kind, signal.score, box, signal.detail)


def _row(t: float, end: float | None, kind: str, score: float, box: list[int] | None, detail: Row) -> Row:
    rounded = round(end, 3) if end is not None else None
    return {"t": round(t, 3), "end": rounded, "kind": kind, "score": score, "box": box, "detail": detail}


def _say(row: Row) -> None:
    sys.stdout.buffer.write(orjson.dumps(row) + b"\n")
    sys.stdout.buffer.flush()


def main(target: str, zones: Sequence[Row]) -> None:
    """Scan in this process and print JSON lines."""
    options = {"rtsp_transport": "tcp"} if target.startswith("rtsp://") else {}
    scanner = _Scanner(zones)
    try:
        with av.open(target, options=options, timeout=OPEN_TIMEOUT_S) as container:
            if not container.streams.video:
                raise ScanFailed("no video in it")
            for frame in _frames(container):
                for row in scanner.take(frame):
                    _say(row)
    except (FFmpegError, OSError, ScanFailed) as error:
        _say({"error": str(error)})
        return
    for row in scanner.finish():
        _say(row)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
