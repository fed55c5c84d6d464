"""Where clips and photos lie: a store chosen by URL, files by default."""

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from command_center.errors import DiskFull, NotFound

MEGABYTE = 1024 * 1024


class MediaStore(Protocol):
    """Keeps whole objects under a key like `clips/01J…/clip.mp4`; what is put is never changed."""

    def put(self, key: str, content: bytes) -> None:
        """Store durably: when this returns, a power cut does not lose it.

        Raises:
            DiskFull: too little room is left; nothing was written.
        """

    def size(self, key: str) -> int:
        """Length in bytes.

        Raises:
            NotFound: nothing is stored under the key.
        """

    def read(self, key: str, start: int = 0, end: int | None = None) -> bytes:
        """Bytes of the half-open range [start, end); all from `start` without an end.

        Raises:
            NotFound: nothing is stored under the key.
        """

    def remove(self, prefix: str) -> None:
        """Delete all objects below `prefix/`; nothing happens where there are none."""

    def names(self, prefix: str) -> Iterator[tuple[str, float]]:
        """What lies directly below `prefix/`: each name and when it was last changed, in seconds since 1970."""

    def free_mb(self) -> float | None:
        """Room left in megabytes, or None where that has no meaning."""


class FileMedia:
    """One file per object below a folder: written beside, synced, then renamed into place."""

    def __init__(self, directory: Path, *, stop_mb: int) -> None:
        self.directory = directory.resolve()
        self._stop_mb = stop_mb
        self.directory.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, content: bytes) -> None:
        free_mb = self.free_mb() - len(content) / MEGABYTE
        if free_mb < self._stop_mb:
            raise DiskFull("disk_full", free_mb=max(0, int(free_mb)), stop_mb=self._stop_mb)
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            _write_synced(temporary, content)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)

    def size(self, key: str) -> int:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            raise NotFound("media_not_found") from None

    def read(self, key: str, start: int = 0, end: int | None = None) -> bytes:
        try:
            with self._path(key).open("rb") as file:
                file.seek(start)
                return file.read() if end is None else file.read(max(0, end - start))
        except FileNotFoundError:
            raise NotFound("media_not_found") from None

    def remove(self, prefix: str) -> None:
        path = self._path(prefix)
        if path == self.directory:
            raise ValueError("the whole store cannot be removed")
        shutil.rmtree(path, ignore_errors=True)
        if path.exists():
            raise OSError(f"{prefix} cannot be removed")

    def names(self, prefix: str) -> Iterator[tuple[str, float]]:
        try:
            with os.scandir(self._path(prefix)) as entries:
                for entry in entries:
                    yield entry.name, entry.stat().st_mtime
        except FileNotFoundError:
            return

    def free_mb(self) -> float:
        return shutil.disk_usage(self.directory).free / MEGABYTE

    def _path(self, key: str) -> Path:
        path = (self.directory / key).resolve()
        if not path.is_relative_to(self.directory):
            raise ValueError(f"the key {key!r} leads out of the store")
        return path


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    # The new name itself is only durable once its folder is.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_media(url: str, *, directory: Path, stop_mb: int) -> MediaStore:
    """Open the store of `url`; an empty URL means files in `directory`.

    Args:
        url: empty or `file:///absolute/folder`.
        directory: the default folder.
        stop_mb: puts are refused when less room than this would be left.

    Raises:
        ValueError: there is no driver for the scheme.
    """
    if not url:
        return FileMedia(directory, stop_mb=stop_mb)
    parts = urlsplit(url)
    if parts.scheme != "file":
        raise ValueError(f"no media driver for {parts.scheme!r}")
    return FileMedia(Path(unquote(parts.path)), stop_mb=stop_mb)
