"""The customer's own picture tiles, fetched for the pages: the address and its token stay in the hall.

Fetched once and kept on disk; where their datum is not ours, cut anew out of up to four of them (gis.basemap.raster).
"""

import contextlib
import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.to_thread
import httpx

from command_center.errors import BadInput, NotFound, Unavailable
from command_center.settings import Settings
from gis.basemap.raster import BadTileAddress, Template, cut_of, paste, template_of

AT_ONCE = 8
TIMEOUT_S = 10.0
MOST_BYTES = 4_000_000
FRESH_S = 30 * 86_400.0
EMPTY_FRESH_S = 86_400.0
SWEEP_TO = 0.9
MEDIA = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp", b"GIF8": "image/gif"}


class Pictures:
    """The tile service of the settings.

    Raises:
        BadInput: the address in the settings is none.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        try:
            self._template: Template = template_of(settings.basemap_url)
        except BadTileAddress as problem:
            raise BadInput("basemap_address", why=str(problem)) from problem
        self._settings = settings
        identity = f"{settings.basemap_url} {settings.basemap_datum}"
        self.version = hashlib.sha256(identity.encode()).hexdigest()[:16]
        self._folder = folder / self.version
        self._room = anyio.CapacityLimiter(AT_ONCE)
        self._client: httpx.AsyncClient | None = None
        self.failing = ""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        # Nothing of the machine's proxy settings: the service stands on the intranet.
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            self._client = client
            yield
        self._client = None

    async def tile(self, version: str, z: int, x: int, y: int) -> tuple[bytes, str] | None:
        """A tile of ours as picture and media type; None where the service has none.

        Raises:
            NotFound: the settings name another service now, or there is no such tile.
            Unavailable: the service does not answer.
        """
        most = 1 << z
        if version != self.version or z > self._settings.basemap_max_zoom or not (0 <= x < most and 0 <= y < most):
            raise NotFound("basemap_not_found")
        cut = cut_of(z, x, y, self._settings.basemap_datum)
        if cut.columns == (x,) and cut.rows == (y,):
            body = await self._theirs(z, x, y)
            return (body, _media_type(body)) if body else None
        found: dict[tuple[int, int], bytes] = {}

        async def fetch(column: int, row: int) -> None:
            if 0 <= column < most and 0 <= row < most:
                found[column, row] = await self._theirs(z, column, row)

        try:
            async with anyio.create_task_group() as together:
                for row in cut.rows:
                    for column in cut.columns:
                        together.start_soon(fetch, column, row)
        except* Unavailable as several:
            raise Unavailable("basemap_unreachable", why=self.failing) from several
        ours = await anyio.to_thread.run_sync(paste, cut, found)
        return None if ours is None else (ours, "image/png")

    async def _theirs(self, z: int, x: int, y: int) -> bytes:
        """One of their tiles, from disk while it is fresh; b"" where they have none."""
        path = self._folder / str(z) / str(x) / str(y)
        kept = await anyio.to_thread.run_sync(_read, path)
        if kept is not None and kept[1] < (FRESH_S if kept[0] else EMPTY_FRESH_S):
            return kept[0]
        async with self._room:
            try:
                body = await self._fetch(self._template.url(z, x, y))
            except (httpx.HTTPError, _Refused) as problem:
                self.failing = _why(problem)
                if kept is not None:
                    # Old ground is better than none.
                    return kept[0]
                raise Unavailable("basemap_unreachable", why=self.failing) from problem
        self.failing = ""
        await anyio.to_thread.run_sync(_write, path, body)
        return body

    async def _fetch(self, url: str) -> bytes:
        if self._client is None:
            raise _Refused("not running")
        async with self._client.stream("GET", url) as answer:
            if answer.status_code in (204, 404):
                return b""
            if answer.status_code != 200:
                raise _Refused(f"HTTP {answer.status_code}")
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise _Refused("a tile of more than 4 MB")
        if body and not _media_type(bytes(body)):
            raise _Refused("the answer is no picture")
        return bytes(body)

    def sweep(self) -> None:
        """Keep the tiles on disk within the limit of the settings: those fetched longest ago go first."""
        most = self._settings.basemap_cache_mb * 1_000_000
        files = [(one.stat(), one) for one in self._folder.rglob("*") if one.is_file()]
        size = sum(stat.st_size for stat, _ in files)
        if size <= most:
            return
        for stat, path in sorted(files, key=lambda item: item[0].st_mtime):
            path.unlink(missing_ok=True)
            size -= stat.st_size
            if size <= most * SWEEP_TO:
                return


class _Refused(Exception):
    """The service answered, but not with a tile."""


def _why(problem: Exception) -> str:
    """Without the address, which may hold a token."""
    return str(problem) if isinstance(problem, _Refused) else type(problem).__name__


def _media_type(body: bytes) -> str:
    return next((media for mark, media in MEDIA.items() if body.startswith(mark)), "")


def _read(path: Path) -> tuple[bytes, float] | None:
    """The tile and its age in seconds."""
    try:
        return path.read_bytes(), time.time() - path.stat().st_mtime
    except OSError:
        return None


def _write(path: Path, body: bytes) -> None:
    # A full disk costs the copy, not the tile.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}.{time.monotonic_ns()}")
        fresh.write_bytes(body)
        fresh.replace(path)
