"""The basemap put together: built from the console, by a hall beside its requests, and for the model town."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import structlog

from command_center import children
from command_center.registry.basemap.building import build_from_osm, build_model_town, take_kept_model
from command_center.registry.basemap.ground import Basemap
from command_center.registry.basemap.shelf import Shelf
from command_center.settings import Settings
from command_center.timeline import Timeline, open_timeline
from command_center.workers import Worker
from gis.basemap.build import BasemapReport
from gis.town import generate_town

log = structlog.get_logger()
REFUSED = 1
WORDS = {
    "zh": "底图已更新：{features}；{mb} MB，用时 {seconds} 秒",
    "en": "basemap built: {features}; {mb} MB in {seconds} s",
}
LAYERS = {"land": "用地", "water": "水系", "buildings": "建筑", "roads": "道路", "places": "地名", "boundaries": "界线"}


def shelf_of(data: Path) -> Shelf:
    return Shelf(data / "basemap")


def build(timeline: Timeline, data: Path, file: Path, *, name: str = "") -> BasemapReport:
    """Make a file the basemap.

    Raises:
        BadInput: it cannot be one.
    """
    return build_from_osm(timeline, shelf_of(data), file, name=name, actor={"id": "console", "name": "yiping basemap"})


def sentence(report: BasemapReport, language: str) -> str:
    """What a build made, for people."""
    names = LAYERS if language == "zh" else {}
    counts = ", ".join(f"{names.get(layer, layer)} {count}" for layer, count in report.features.items())
    return WORDS[language].format(features=counts, mb=round(report.bytes / 1e6, 1), seconds=report.seconds)


def cache_folder() -> Path:
    return Path(os.environ.get("YIPING_CACHE_DIR", ".cache"))


def build_model(timeline: Timeline, data: Path) -> None:
    """Draw the model town's ground, unless there is a basemap already."""
    build_model_town(timeline, shelf_of(data), generate_town, cache=cache_folder())


@contextmanager
def model_ground(settings: Settings) -> Iterator[None]:
    """Let the model town have its ground: at once if it was drawn on this machine before, else as soon as it is."""
    with closing(open_timeline(settings.timeline_url)) as timeline:
        there = take_kept_model(timeline, shelf_of(settings.data_dir), cache=cache_folder())
    drawing = [] if there else [children.spawn(["basemap", "model", "--data", str(settings.data_dir)])]
    try:
        yield
    finally:
        children.end(drawing)


class Grounder:
    """Builds the file that waits, in a process of its own at low priority: no request waits for it."""

    def __init__(self, basemap: Basemap) -> None:
        self._basemap = basemap
        self.refused = ""
        self.worker = Worker("basemap", self.step, every_s=10.0)

    def wake(self) -> None:
        self.worker.wake()

    def step(self) -> bool:
        """Build what waits; returns whether there was something."""
        shelf, settings = self._basemap.shelf, self._basemap.settings
        found = shelf.next()
        if found is None:
            return False
        file, name = found
        arguments = ["basemap", "build", str(file), "--name", name, "--data", str(settings.data_dir)]
        database = {"YIPING_DATABASE_URL": settings.database_url} if settings.database_url else {}
        child = children.spawn(arguments, secrets=database)
        try:
            code = self._wait(child)
        finally:
            if child.poll() is None:
                children.end([child])
        if code is None:
            return False
        if code not in (0, REFUSED):
            # Killed, or the disk was full: tried again, and the health report says so.
            raise RuntimeError(f"building the basemap ended with {code}")
        shelf.done(file)
        self.refused = name if code == REFUSED else ""
        if self.refused:
            log.error("basemap_refused", file=name)
        return True

    def _wait(self, child: "subprocess.Popen[bytes]") -> int | None:
        """Its exit code; None when the hall ends before it."""
        while not self.worker.ending:
            try:
                return child.wait(0.5)
            except subprocess.TimeoutExpired:
                continue
        return None
