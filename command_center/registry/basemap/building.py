"""Make the basemap from a file, or from the model town, and take it into use: tiles first, then the word of it."""

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import select

from command_center.errors import BadInput
from command_center.registry.basemap.commands import take_basemap
from command_center.registry.basemap.queries import StoredBasemap, ground_bounds, stored_basemap
from command_center.registry.basemap.shelf import Shelf
from command_center.registry.imports.files import OSM, is_osm
from command_center.registry.tables import CenterRow
from command_center.timeline import Timeline
from gis.basemap.archive import Archive
from gis.basemap.build import BasemapReport, build_tiles
from gis.basemap.model import bounds_of, town_features
from gis.basemap.osm import BadBasemapFile, osm_features
from gis.town_model import Town

# The licence of OpenStreetMap's data asks for this wherever it is shown.
OSM_ATTRIBUTION = "© OpenStreetMap 贡献者"
# Changes with what is drawn of a model town, so that an older one in a cache is not taken for it.
MODEL_EDITION = 1


def build_from_osm(
    timeline: Timeline, shelf: Shelf, file: Path, *, name: str = "", actor: Mapping[str, str] | None = None
) -> BasemapReport:
    """Make an OpenStreetMap extract the basemap, as far as it lies in and around the town.

    Raises:
        BadInput: it is no such file, is damaged, or nothing of it lies there.
    """
    if not is_osm(file):
        raise BadInput("basemap_not_osm", known=" ".join(OSM))
    with timeline.reading() as session:
        bounds = ground_bounds(session)
    report = BasemapReport()
    shelf.folder.mkdir(parents=True, exist_ok=True)
    features = osm_features(file, within=bounds, scratch=shelf.folder, skipped=report.skipped)
    made = shelf.folder / f"{os.getpid()}.building"
    try:
        build_tiles(features, made, bounds=bounds, attribution=OSM_ATTRIBUTION, report=report)
        with file.open("rb") as source:
            sha256 = hashlib.file_digest(source, "sha256").hexdigest()
        _take(timeline, shelf, made, report, OSM_ATTRIBUTION, name or file.name, sha256=sha256, actor=actor)
    except BadBasemapFile as problem:
        raise BadInput("basemap_nothing", why=str(problem)) from problem
    finally:
        made.unlink(missing_ok=True)
        (shelf.folder / "positions").unlink(missing_ok=True)
    return report


def build_model_town(timeline: Timeline, shelf: Shelf, town: Callable[[], Town], *, cache: Path) -> None:
    """Draw the model town's ground, keep it for the next model town on this machine, and use it.

    Does nothing where the hall has a basemap, or looks after a real town.

    Args:
        town: asked for only when there is something to do.
        cache: folder in which the tiles are kept.
    """
    if take_kept_model(timeline, shelf, cache=cache):
        return
    kept = _kept_model(timeline, cache)
    if kept is not None:
        found = town()
        bounds = bounds_of(found)
        build_tiles(town_features(found), kept, bounds=bounds, attribution="", report=BasemapReport())
        take_kept_model(timeline, shelf, cache=cache)


def take_kept_model(timeline: Timeline, shelf: Shelf, *, cache: Path) -> bool:
    """Use the ground of this model town as it was drawn before; returns whether the hall has a basemap now."""
    with timeline.reading() as session:
        stored = stored_basemap(session)
    if stored is not None and shelf.path(stored["version"]).is_file():
        return True
    kept = _kept_model(timeline, cache)
    if kept is None or not kept.is_file():
        return False
    shelf.folder.mkdir(parents=True, exist_ok=True)
    made = shelf.folder / f"{os.getpid()}.building"
    shutil.copyfile(kept, made)
    with timeline.reading() as session:
        name = session.scalar(select(CenterRow.name)) or ""
    sha256 = hashlib.sha256(kept.name.encode()).hexdigest()
    _take(timeline, shelf, made, BasemapReport(), "", name, sha256=sha256, model=True)
    return True


def _kept_model(timeline: Timeline, cache: Path) -> Path | None:
    """Where the ground of this hall's model town is kept; None for a real town."""
    with timeline.reading() as session:
        origin = session.scalar(select(CenterRow.origin).where(CenterRow.model))
    if not origin:
        return None
    return cache / f"ground-{MODEL_EDITION}-{hashlib.sha256(origin.encode()).hexdigest()[:16]}.pmtiles"


def _take(
    timeline: Timeline,
    shelf: Shelf,
    made: Path,
    report: BasemapReport,
    attribution: str,
    name: str,
    *,
    sha256: str,
    actor: Mapping[str, str] | None = None,
    model: bool = False,
) -> None:
    with made.open("rb") as tiles:
        version = hashlib.file_digest(tiles, "sha256").hexdigest()[:16]
    header = Archive(made).header
    size = made.stat().st_size
    made.replace(shelf.path(version))
    basemap: StoredBasemap = {
        "version": version,
        "file": name,
        "attribution": attribution,
        "min_zoom": header["min_zoom"],
        "max_zoom": header["max_zoom"],
        "features": dict(report.features),
        "bytes": size,
        "model": model,
    }
    with timeline.transaction() as tx:
        take_basemap(tx, basemap, sha256=sha256, actor=actor)
    shelf.keep_only(version)
