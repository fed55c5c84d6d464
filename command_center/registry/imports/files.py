"""Open a file by what it is; archives are looked through before anything is unpacked from them."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from command_center.errors import BadInput
from command_center.registry.imports.layer import Layer
from command_center.registry.imports.sheets import read_csv, read_json, read_xlsx
from command_center.registry.imports.vectors import read_vector

MAPS = (".gpkg", ".geojson", ".shp", ".zip")
SHEETS = (".csv", ".txt", ".tsv", ".xlsx", ".json")
OSM = (".osm", ".pbf", ".osm.gz", ".osm.bz2")
SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".xml", ".qix", ".qmd")
MOST_ENTRIES = 2_000
MOST_UNPACKED = 1_000_000_000
# Text and tables shrink to a twentieth at most times; a bomb shrinks to a thousandth.
MOST_RATIO = 200
SMALL = 1_000_000


def is_osm(path: Path) -> bool:
    """Whether a file is an OpenStreetMap extract, by its name."""
    return path.name.lower().endswith(OSM)


def read_file(path: Path, *, layer: str = "", encoding: str = "") -> Layer:
    """Read a table or a map layer.

    Args:
        path: with the suffix of its format.
        layer: map layer or sheet; the first by default.
        encoding: of its text; found by itself by default.

    Raises:
        BadInput: it is of no format we read, or broken, or an archive that is no Shapefile or would burst.
    """
    suffix = path.suffix.lower()
    if suffix in (".csv", ".txt", ".tsv"):
        return read_csv(path, encoding)
    if suffix == ".xlsx":
        check_archive(path)
        return read_xlsx(path, layer)
    if suffix == ".json":
        return read_vector(path, layer=layer) if _is_geojson(path) else read_json(path)
    if suffix == ".zip":
        with unpacked(path) as shapefile:
            return read_vector(shapefile, layer=layer, encoding=encoding)
    if suffix in MAPS:
        return read_vector(path, layer=layer, encoding=encoding)
    raise BadInput("import_format", suffix=suffix or "?", known=" ".join((*MAPS, *SHEETS, *OSM)))


def _is_geojson(path: Path) -> bool:
    with path.open("rb") as file:
        return b'"FeatureCollection"' in file.read(4096)


def check_archive(path: Path) -> zipfile.ZipFile:
    """The archive, if it may be unpacked.

    Raises:
        BadInput: it is no archive, holds too many files, or would grow beyond reason.
    """
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as problem:
        raise BadInput("import_not_readable", why=str(problem)) from problem
    entries = archive.infolist()
    size = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    if len(entries) > MOST_ENTRIES or size > MOST_UNPACKED or (size > SMALL and size / packed > MOST_RATIO):
        archive.close()
        raise BadInput("import_archive_bursts", mb=round(size / 1e6), files=len(entries))
    return archive


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The .shp of a zipped Shapefile with its parts beside it, in a folder that lasts as long as the block.

    Raises:
        BadInput: it does not hold exactly one Shapefile, lacks a part, or an entry is larger than it says.
    """
    with check_archive(path) as archive, tempfile.TemporaryDirectory(prefix="yiping-import-") as folder:
        parts = [entry for entry in archive.infolist() if Path(entry.filename).suffix.lower() in SHAPEFILE]
        shapes = [entry for entry in parts if entry.filename.lower().endswith(".shp")]
        if len(shapes) != 1:
            raise BadInput("import_archive_no_shapefile", n=len(shapes))
        stem = shapes[0].filename[:-4]
        suffixes = set()
        for entry in parts:
            name = Path(entry.filename)
            if entry.filename[: -len(name.suffix)] != stem:
                continue
            # Only the suffix of its name is used, so that no entry can be written outside of the folder.
            suffixes.add(name.suffix.lower())
            with archive.open(entry) as source, (Path(folder) / f"layer{name.suffix.lower()}").open("wb") as target:
                shutil.copyfileobj(_Limited(source, entry.file_size), target)
        missing = {".shp", ".shx", ".dbf"} - suffixes
        if missing:
            raise BadInput("import_shapefile_part", parts=" ".join(sorted(missing)))
        yield Path(folder) / "layer.shp"


class _Limited:
    """An entry of an archive that may not grow beyond the size it claims."""

    def __init__(self, source: IO[bytes], most: int) -> None:
        self._source = source
        self._left = most

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise BadInput("import_archive_bursts", mb=0, files=1)
        return piece
