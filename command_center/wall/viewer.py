"""Who looks at a page, and what the composition root gives the wall so that the wall needs to know no stage."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session
from starlette.websockets import WebSocket

from command_center.timeline.facts import EVERYBODY


class Viewer(Protocol):
    """A signed-in person or display.

    Attributes:
        area: area code whose facts this viewer may see; a prefix of theirs.
        person_id: the person of the registry or the unit, who also sees facts that name them as a party.
    """

    @property
    def area(self) -> str: ...

    @property
    def role(self) -> str: ...

    @property
    def person_id(self) -> str | None: ...

    def sees(self, area: str) -> bool:
        """Whether facts of this area code may be shown."""
        ...


@dataclass(frozen=True, slots=True)
class Providers:
    """What the wall asks the rest of the house for. All run in worker threads and may read the database.

    Attributes:
        who: the viewer of a socket; raises NotSignedIn (closed with 4401) or Forbidden (4403).
        still_signed_in: asked again every few seconds while the socket is open.
        snapshot: the state for a page, read in the given session, whose view is that of the head sent with it.
        health: `{"feeds", "cameras": {id: state}, "notes", "rejected"}` as of now.
        area_of_camera: area code of a camera, to show a page only its own; None: unknown, shown to nobody limited.
        may_look: whether a viewer may see pictures of cameras at all.
    """

    who: Callable[[WebSocket], Viewer]
    still_signed_in: Callable[[WebSocket, Viewer], bool]
    snapshot: Callable[[Session, Viewer], Mapping[str, Any]]
    health: Callable[[], Mapping[str, Any]]
    area_of_camera: Callable[[str], str | None] | None = None
    may_look: Callable[[Viewer], bool] = lambda _viewer: False


@dataclass(frozen=True, slots=True)
class Scope:
    """What one page shows: what its viewer may see, cut to the areas that it asked for (none: all of it).

    Is a Viewer itself, so that a snapshot is cut in the same way.
    """

    viewer: Viewer
    areas: frozenset[str]

    @property
    def area(self) -> str:
        return self.viewer.area

    @property
    def role(self) -> str:
        return self.viewer.role

    @property
    def person_id(self) -> str | None:
        return self.viewer.person_id

    @property
    def key(self) -> tuple[str, str, bool, frozenset[str]]:
        """Equal for pages that see the same areas, so that they share what is encoded for them."""
        return self.viewer.area, self.viewer.role, self.viewer.sees(self.viewer.area), self.areas

    def sees(self, area: str) -> bool:
        """Whether something that lies in this area belongs on the page."""
        return self.viewer.sees(area) and (not self.areas or any(area.startswith(wanted) for wanted in self.areas))

    def shows_fact(self, area: str, parties: tuple[str, ...]) -> bool:
        return self.sees(area) or (bool(parties) and (self.viewer.person_id in parties or EVERYBODY in parties))
