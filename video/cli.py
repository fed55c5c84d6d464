"""What the command line offers of the video engine; plain functions, wired into `yiping` by the command center."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from video.scan import read_zones
from video.scan import scan as scan_target
from video.simulator.command import DEFAULT_CACHE, simulate_cameras
from video.zone_file import Row

__all__ = ["DEFAULT_CACHE", "scan", "simulate_cameras"]


def _print(text: str) -> None:
    print(text, flush=True)


def scan(
    target: str,
    zones: Path | None = None,
    *,
    as_json: bool = True,
    sensitivity: float = 0.5,
    model: Path | None = None,
    say: Callable[[str], None] = _print,
) -> None:
    """Run all detectors over a clip or address; one JSON object per line, or a line for people.

    Args:
        target: a file, or an address ffmpeg can open.
        zones: a file of zones, as `video.zone_file` reads them.
        as_json: one JSON object per line instead of a line for people.
        sensitivity: from 0, only the plainest events, to 1.
        model: ONNX file of an object detector that confirms scene events and adds persons and vehicles.
        say: where lines go.

    Raises:
        ScanFailed: the clip, the address, the zones or the model cannot be used.
    """
    rows = read_zones(zones) if zones is not None else ()
    for row in scan_target(target, rows, sensitivity=sensitivity, model=model):
        say(json.dumps(row, ensure_ascii=False) if as_json else _line(row))


def _line(row: Row) -> str:
    end = f"{row['end']:8.1f}" if row["end"] is not None else "     end"
    return f"{row['t']:8.1f} - {end} s  {row['kind']:<12} {row['score']:.2f}  {row['box'] or ''}"
