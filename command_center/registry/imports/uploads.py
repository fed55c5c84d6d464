"""Files that wait to be imported: streamed to disk, known to whoever sent them only, gone after an hour."""

import hashlib
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import anyio
import orjson

from command_center.errors import BadInput, NotFound, TooLarge, TooMany
from command_center.registry.imports.files import MAPS, OSM, SHEETS
from command_center.timeline.ids import new_id

MOST_MB = 300
MOST_WAITING = 20
KEPT_S = 3600.0


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits. `path` ends as its format does."""

    id: str
    name: str
    path: Path
    bytes: int
    sha256: str


class Uploads:
    """The waiting files of a hall, in a folder of its data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def take(self, name: str, owner: str, chunks: AsyncIterator[bytes]) -> Upload:
        """Write a file down as it comes in.

        Raises:
            BadInput: its name does not end as a format we read.
            TooLarge: it is larger than 300 MB.
            TooMany: too many files wait.
        """
        suffix = _suffix(name)
        await anyio.to_thread.run_sync(self.sweep)
        if self._folder.is_dir() and sum(1 for _ in self._folder.iterdir()) >= MOST_WAITING:
            raise TooMany("import_uploads_full")
        id = new_id()
        folder = self._folder / id
        folder.mkdir(parents=True)
        path, size, digest = folder / f"file{suffix}", 0, hashlib.sha256()
        try:
            async with await anyio.open_file(path, "wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > MOST_MB * 1_000_000:
                        raise TooLarge("import_too_large", mb=MOST_MB)
                    digest.update(chunk)
                    await file.write(chunk)
            note = {"name": name[:200], "owner": owner, "bytes": size, "sha256": digest.hexdigest()}
            await anyio.Path(folder / "note.json").write_bytes(orjson.dumps(note))
        except BaseException:
            # Also when the sender goes away in the middle: half a file is no file.
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return Upload(id, name, path, size, digest.hexdigest())

    def find(self, id: str, owner: str) -> Upload:
        """A waiting file of this owner.

        Raises:
            NotFound: there is none, or it has expired.
        """
        self.sweep()
        folder = self._folder / id
        note = folder / "note.json"
        if not id.isalnum() or not note.is_file():
            raise NotFound("import_expired")
        known = orjson.loads(note.read_bytes())
        if known["owner"] != owner:
            raise NotFound("import_expired")
        path = next(one for one in folder.iterdir() if one.name.startswith("file"))
        return Upload(id, known["name"], path, known["bytes"], known["sha256"])

    def drop(self, id: str) -> None:
        """Forget a file whose import is done."""
        shutil.rmtree(self._folder / id, ignore_errors=True)

    def sweep(self) -> None:
        """Forget files that have waited for an hour."""
        for folder in self._folder.iterdir() if self._folder.is_dir() else ():
            if folder.stat().st_mtime < time.time() - KEPT_S:
                shutil.rmtree(folder, ignore_errors=True)


def _suffix(name: str) -> str:
    """The ending that says the format.

    Raises:
        BadInput: it says none that we read.
    """
    lower = name.lower()
    for suffix in (".osm.pbf", *OSM, *SHEETS, ".gpkg", ".geojson", ".zip"):
        if lower.endswith(suffix):
            return suffix
    raise BadInput("import_format", suffix=Path(lower).suffix[:12] or "?", known=" ".join((*MAPS, *SHEETS, *OSM)))
