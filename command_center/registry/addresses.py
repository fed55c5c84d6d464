"""Addresses of this town: the book made of the registry, kept as long as the town stays as it is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from threading import Lock
from typing import Any

from typing_extensions import TypedDict

from command_center.access.guard import Who
from command_center.registry.town_index import TownIndex
from gis.addresses import AddressBook, Answer, Ground, Spot, find

# How far from its point somebody may stand who names a place of this kind.
RADIUS_M = {
    "industrial": 200.0,
    "reservoir": 300.0,
    "park": 200.0,
    "residential": 150.0,
    "school": 100.0,
    "market": 80.0,
    "square": 80.0,
    "hospital": 80.0,
}
PLACE_M, CAMERA_M = 50.0, 15.0
# Kinds of cameras that stand in a group 村民小组 and carry its name.
IN_GROUPS = "hamlet"

MorePlaces = Callable[[], Sequence[Spot]]


class AddressReason(TypedDict):
    code: str
    params: dict[str, str | int]


class AddressPart(TypedDict):
    kind: str
    text: str
    known: bool


class AddressCandidate(TypedDict):
    label: str
    kind: str
    id: str
    lonlat: tuple[float, float]
    radius_m: float
    area: str
    grid: str
    village: str
    score: float
    reasons: list[AddressReason]


class AddressView(TypedDict):
    """`why` says why there is no candidate, null where there is one."""

    parts: list[AddressPart]
    candidates: list[AddressCandidate]
    why: AddressReason | None


class Addresses:
    """One per hall: the book of the present town, made when it is first asked for and anew when the town has changed.

    Args:
        points: mandatory points as they are now; they change while the town stays.
    """

    def __init__(self, points: MorePlaces = tuple) -> None:
        self._points = points
        self._lock = Lock()
        self._of: tuple[str, tuple[Spot, ...]] | None = None
        self._book: AddressBook | None = None

    def book(self, town: TownIndex) -> AddressBook:
        """The book of a town."""
        key = town.digest, tuple(self._points())
        with self._lock:
            if self._book is None or self._of != key:
                self._book, self._of = AddressBook(ground(town, key[1])), key
            return self._book

    def find(self, town: TownIndex, text: str, *, who: Who, limit: int = 8, typing: bool = False) -> Answer:
        """What an address may mean, to somebody: within his area, and points of patrol only if he may see them."""
        hidden = frozenset() if who.may("patrol.see") else frozenset({"point"})
        return find(self.book(town), text, area=who.area, hidden=hidden, limit=limit, typing=typing)


def ground(town: TownIndex, points: Sequence[Spot] = ()) -> Ground:
    """The town as an address book needs it."""
    name = town.center.name.removesuffix("综治中心").removesuffix("社会治理中心")
    return Ground(
        code=town.center.code,
        town=name,
        county=town.center.county,
        lonlat=town.center.lonlat,
        outline=town.outline,
        villages=tuple(town.villages.values()),
        grids=tuple(town.grids.values()),
        roads=tuple(town.roads),
        spots=(*_spots(town), *points),
    )


def _spots(town: TownIndex) -> Iterator[Spot]:
    for place in town.places.values():
        radius_m = RADIUS_M.get(place.kind, PLACE_M)
        yield Spot("place", place.id, place.name, place.lonlat, place.area, radius_m, sort=place.kind)
    for unit in town.units.values():
        yield Spot("unit", unit.id, unit.name, unit.lonlat, unit.area, PLACE_M, sort=unit.kind)
    for camera in town.cameras.values():
        yield Spot(
            kind="camera",
            id=camera.id,
            name=camera.name,
            lonlat=camera.lonlat,
            area=camera.area,
            radius_m=CAMERA_M,
            code=camera.number,
            sort=camera.kind,
            near=camera.place if camera.kind == IN_GROUPS else "",
        )


def view(answer: Answer) -> AddressView:
    """An answer as pages get it."""
    body: Any = asdict(answer)
    result: AddressView = body
    return result
