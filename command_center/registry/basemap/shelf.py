"""The folder of basemaps: tiles under their version, and the file that waits to become the next."""

import functools
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import orjson

from command_center.errors import NotFound
from gis.basemap.archive import Archive

VERSION = re.compile(r"[0-9a-f]{16}")
OPEN = 4


class Shelf:
    """`basemap/` in the data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.waiting = folder / "waiting"
        self._open: Callable[[str], Archive] = functools.lru_cache(maxsize=OPEN)(lambda name: Archive(self.path(name)))

    def path(self, version: str) -> Path:
        """The tiles of a version.

        Raises:
            NotFound: it is no version.
        """
        if not VERSION.fullmatch(version):
            raise NotFound("basemap_not_found")
        return self.folder / f"{version}.pmtiles"

    def archive(self, version: str) -> Archive:
        """The opened tiles of a version.

        Raises:
            NotFound: they are not here, or no longer.
        """
        try:
            return self._open(version)
        except OSError as problem:
            raise NotFound("basemap_not_found") from problem

    def keep_only(self, version: str) -> None:
        """Remove tiles of other versions. Whoever has them open reads on."""
        for path in self.folder.glob("*.pmtiles"):
            if path.stem != version:
                path.unlink(missing_ok=True)

    def put_aside(self, file: Path, name: str) -> None:
        """Let a file wait to become the basemap; what waited before is forgotten. Costs no copy on one disk."""
        fresh = self.folder / "waiting.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        suffix = "".join(file.suffixes[-2:])
        try:
            os.link(file, fresh / f"file{suffix}")
        except OSError:
            shutil.copyfile(file, fresh / f"file{suffix}")
        (fresh / "note.json").write_bytes(orjson.dumps({"name": name}))
        shutil.rmtree(self.waiting, ignore_errors=True)
        fresh.replace(self.waiting)

    def next(self) -> tuple[Path, str] | None:
        """The file that waits, and its name."""
        note = self.waiting / "note.json"
        if not note.is_file():
            return None
        file = next((one for one in self.waiting.iterdir() if one.name.startswith("file")), None)
        return None if file is None else (file, str(orjson.loads(note.read_bytes())["name"]))

    def done(self, file: Path) -> None:
        """Forget the file that waited, unless another has come since."""
        if file.exists():
            shutil.rmtree(self.waiting, ignore_errors=True)
