"""What the composition root ties to basemaps, found at `app.state.basemap`: the tiles on disk or the tile service."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection
from typing_extensions import TypedDict

from command_center.errors import NotFound
from command_center.registry.basemap.pictures import Pictures
from command_center.registry.basemap.queries import stored_basemap
from command_center.registry.basemap.shelf import Shelf
from command_center.settings import Settings


class BasemapView(TypedDict):
    """The ground as pages get it. `kind`: vector or pictures; `tone` of pictures: light, dark or photo."""

    kind: str
    version: str
    min_zoom: int
    max_zoom: int
    attribution: str
    tone: str


@dataclass(frozen=True)
class Basemap:
    """The basemap of a hall.

    Attributes:
        pictures: the tile service of the settings, which goes before tiles of our own; None without one.
        wake: lets whoever builds look at what waits.
    """

    shelf: Shelf
    settings: Settings
    pictures: Pictures | None = None
    wake: Callable[[], None] = field(default=lambda: None)

    def view(self, session: Session) -> BasemapView | None:
        """What pages draw as ground, None for the registry's own lines."""
        settings = self.settings
        if self.pictures is not None:
            return {
                "kind": "pictures",
                "version": self.pictures.version,
                "min_zoom": 0,
                "max_zoom": settings.basemap_max_zoom,
                "attribution": settings.basemap_attribution,
                "tone": settings.basemap_tone,
            }
        stored = stored_basemap(session)
        if stored is None or not self.shelf.path(stored["version"]).is_file():
            return None
        return {
            "kind": "vector",
            "version": stored["version"],
            "min_zoom": stored["min_zoom"],
            "max_zoom": stored["max_zoom"],
            "attribution": stored["attribution"],
            "tone": "",
        }

    def follow_import(self, file: Path, name: str) -> None:
        """Roads came from this OpenStreetMap file: let it become the basemap too, beside the requests."""
        self.shelf.put_aside(file, name)
        self.wake()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            if self.pictures is not None:
                await stack.enter_async_context(self.pictures.running())
            yield


def open_basemap(settings: Settings, wake: Callable[[], None] = lambda: None) -> Basemap:
    """The basemap that the settings ask for.

    Raises:
        BadInput: they hold an address that is none.
    """
    folder = settings.data_dir / "basemap"
    pictures = Pictures(settings, folder / "pictures") if settings.basemap_url else None
    return Basemap(Shelf(folder), settings, pictures, wake)


def get_basemap(connection: HTTPConnection) -> Basemap:
    """The basemap.

    Raises:
        NotFound: this hall has none.
    """
    found: Basemap | None = getattr(connection.app.state, "basemap", None)
    if found is None:
        raise NotFound("basemap_not_found")
    return found
