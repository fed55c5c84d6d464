"""One request of another system, as it will be a case here. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was read, everything in our own terms.

    Attributes:
        line: of the file.
        number: that of the other system, by which it is known again.
        at, due, closed: instants; `closed` None while it is open, or where nobody wrote down when.
        is_open: whether something is still to be done.
        category: code of the catalogue.
        channel: code of `CHANNELS`.
        area: code, of the town at least.
        lonlat: WGS84, longitude first.
        unit: id of the unit that was in charge, None where it is none of ours.
        rating: five grades, 5 the best.
        name, phone: of the caller, as written.
    """

    line: int
    number: str
    at: datetime
    text: str
    title: str
    category: str
    channel: str
    place: str
    area: str
    lonlat: tuple[float, float]
    is_open: bool
    unit: str | None = None
    due: datetime | None = None
    closed: datetime | None = None
    answer: str = ""
    rating: int | None = None
    solved: bool | None = None
    name: str = ""
    phone: str = ""
