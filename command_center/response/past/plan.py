"""What bringing a table in would do, worked out before anything is touched: new, known, still open, refused."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.errors import BadInput
from command_center.registry.imports.columns import guess_columns
from command_center.registry.imports.files import read_file
from command_center.registry.imports.layer import BadRow, Layer, Problem
from command_center.registry.imports.plan import file_digest
from command_center.registry.imports.where import Placed, frame_of, place_rows
from command_center.registry.town_index import TownIndex
from command_center.response.past import saying
from command_center.response.past.knowing import Known
from command_center.response.past.request import Request
from command_center.response.past.tables import PastRow

NAMES: Mapping[str, Sequence[str]] = orjson.loads((Path(__file__).parent / "column_names.json").read_bytes())
# Without these a row says nothing; of text and title one is enough.
NEEDED = ("number", "at")
LENGTHS: Mapping[str, int] = {"number": 64, "title": 200, "text": 4000, "place": 200, "answer": 2000}
LONGEST_SYSTEM = 20
AT_ONCE = 500


@dataclass(frozen=True)
class Wish:
    """How a table is to be brought in.

    Attributes:
        crs, encoding, layer: as for layers of the town.
        columns: column by field, beyond or against what the names say; "" for no column.
        otherwise: code of the category of what belongs to none; "" to refuse it.
        system: whose numbers they are; the same number of two systems is two requests.
    """

    crs: str = ""
    encoding: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    layer: str = ""
    otherwise: str = ""
    system: str = "12345"


@dataclass
class Plan:
    """What would be brought in.

    Attributes:
        closed: requests that are over, oldest first; they become ended cases.
        open: requests with which something is still to be done; they are taken down anew.
        known: how many were brought in before.
        bad: rows that cannot be taken, each with its reason.
        units: how often each unit is named that is none of ours.
        loose: how many have no place of their own, only a village or the town.
        sorted_so: how many went to the category for what belongs to none.
    """

    file: str
    sha256: str
    system: str
    encoding: str
    columns: Mapping[str, str]
    closed: list[Request] = field(default_factory=list)
    open: list[Request] = field(default_factory=list)
    known: int = 0
    bad: list[Problem] = field(default_factory=list)
    units: Counter[str] = field(default_factory=Counter)
    loose: int = 0
    sorted_so: int = 0

    @property
    def counts(self) -> dict[str, int]:
        return {"closed": len(self.closed), "open": len(self.open), "known": self.known, "bad": len(self.bad)}


def make_plan(session: Session, town: TownIndex, path: Path, wish: Wish, *, now: datetime, file: str = "") -> Plan:
    """Read a table whole.

    Args:
        session: of a reading.
        town: that the requests are about.
        path: csv, tsv, xlsx or json.
        wish: how it is to be read.
        now: nothing can have come in later.
        file: its name, where the path has another.

    Raises:
        BadInput: it cannot be read, a needed column is missing, or the wish names what does not exist.
    """
    if not 1 <= len(wish.system.strip()) <= LONGEST_SYSTEM:
        raise BadInput("past_system_bad", most=LONGEST_SYSTEM)
    if wish.otherwise and wish.otherwise not in town.categories:
        raise BadInput("past_category_unknown", code=wish.otherwise)
    layer = read_file(path, layer=wish.layer, encoding=wish.encoding)
    columns = _columns(layer, wish)
    plan = Plan(file or path.name, file_digest(path), wish.system, layer.encoding, columns, bad=list(layer.bad))
    reading = _Reading(plan, Known(town), wish, now)
    rows = place_rows(layer, columns, frame_of(layer, wish.crs))
    grids = _grids(town, rows)
    for row, grid in zip(rows, grids, strict=True):
        reading.take(row, grid)
    _leave_out_known(session, plan)
    plan.closed.sort(key=lambda one: (one.at, one.line))
    plan.open.sort(key=lambda one: (one.at, one.line))
    plan.bad.sort(key=lambda problem: problem.line)
    return plan


def _columns(layer: Layer, wish: Wish) -> dict[str, str]:
    """The column of each field: as the names say, unless the wish says otherwise."""
    unknown = [column for column in wish.columns.values() if column and column not in layer.columns]
    strange = [name for name in wish.columns if name not in NAMES]
    if unknown or strange:
        name = (unknown or strange)[0]
        raise BadInput("past_column_unknown", name=name, columns="、".join(layer.columns)[:400])
    free = [column for column in layer.columns if column not in wish.columns.values()]
    guessed = guess_columns(free, [name for name in NAMES if name not in wish.columns], NAMES)
    columns = {name: column for name, column in {**guessed, **wish.columns}.items() if column}
    missing = [name for name in NEEDED if name not in columns]
    missing += [] if "text" in columns or "title" in columns else ["text"]
    if missing:
        raise BadInput("past_columns_missing", names="、".join(missing), columns="、".join(layer.columns)[:400])
    return columns


def _grids(town: TownIndex, rows: Sequence[Placed]) -> list[str | None]:
    """The grid in which each row lies; None where it has no place, or none in the town."""
    there = [i for i, row in enumerate(rows) if row.wgs84 is not None]
    found: list[str | None] = [None] * len(rows)
    points = [(row.wgs84.x, row.wgs84.y) for row in rows if row.wgs84 is not None]
    for i, grid in zip(there, town.areas.find_many(points) if points else (), strict=True):
        found[i] = grid
    return found


class _Reading:
    """Rows becoming requests, each good or named as bad."""

    def __init__(self, plan: Plan, known: Known, wish: Wish, now: datetime) -> None:
        self._plan, self._known, self._wish, self._now = plan, known, wish, now
        self._line_of: dict[str, int] = {}

    def take(self, row: Placed, grid: str | None) -> None:
        cells = {name: row.row.cells.get(column, "") for name, column in self._plan.columns.items()}
        try:
            request = self._request(row, cells, grid)
        except BadRow as problem:
            key = cells.get("number", "")[:60]
            self._plan.bad.append(Problem(row.row.line, key, problem.reason, problem.params))
            return
        self._line_of[request.number] = request.line
        (self._plan.open if request.is_open else self._plan.closed).append(request)

    def _request(self, row: Placed, cells: Mapping[str, str], grid: str | None) -> Request:
        number = self._number(cells)
        at = self._when("at", cells)
        if at is None:
            raise BadRow("no_time", field=self._plan.columns["at"])
        closed = self._when("closed", cells)
        if closed is not None and closed < at:
            raise BadRow("closed_before", at=cells["at"][:30], closed=cells["closed"][:30])
        title, text = (self._text(name, cells) for name in ("title", "text"))
        if not title and not text:
            raise BadRow("no_text")
        place = self._text("place", cells)
        area, lonlat = self._where(row, cells, grid, place or title or text)
        return Request(
            line=row.row.line, number=number, at=at, text=text or title, title=title or text[:60],
            category=self._category(cells, title, text), channel=self._known.channel_of(cells.get("channel", "")),
            place=place or self._name_of(area), area=area, lonlat=lonlat,
            is_open=closed is None and not saying.is_closed(cells.get("state", "")),
            unit=self._unit(cells.get("unit", "")), due=self._due(cells, at), closed=closed,
            answer=self._text("answer", cells),
            rating=saying.rating(cells.get("rating", ""), self._plan.columns.get("rating", "")),
            solved=saying.solved(cells.get("solved", "")), name=cells.get("name", "")[:60],
            phone=cells.get("phone", "")[:40],
        )  # fmt: skip

    def _number(self, cells: Mapping[str, str]) -> str:
        number = self._text("number", cells)
        if not number:
            raise BadRow("no_number", field=self._plan.columns["number"])
        if len(number) > LENGTHS["number"]:
            raise BadRow("too_long", field=self._plan.columns["number"], most=LENGTHS["number"])
        if number in self._line_of:
            raise BadRow("double_key", key=number[:40], line=self._line_of[number])
        return number

    def _when(self, name: str, cells: Mapping[str, str]) -> datetime | None:
        """An instant that has passed."""
        found = saying.instant(cells.get(name, ""), self._plan.columns.get(name, ""))
        if found is not None and found > self._now:
            raise BadRow("in_future", field=self._plan.columns[name], value=cells[name][:30])
        return found

    def _due(self, cells: Mapping[str, str], at: datetime) -> datetime | None:
        """When it had to be answered; a deadline before the beginning is none."""
        due = saying.instant(cells.get("due", ""), self._plan.columns.get("due", ""))
        return due if due is not None and due >= at else None

    def _text(self, name: str, cells: Mapping[str, str]) -> str:
        """A text, cut where nobody could store it; numbers are not cut, for they would be others."""
        text = " ".join(cells.get(name, "").replace("\0", " ").split())
        return text if name == "number" else text[: LENGTHS[name]]

    def _category(self, cells: Mapping[str, str], title: str, text: str) -> str:
        known, said = self._known, cells.get("category", "")
        found = (known.category_of(said) if said else None) or known.category_of(title or text)
        if found is None and title:
            found = known.category_of(text)
        if found is None:
            if not self._wish.otherwise:
                raise BadRow("no_category", said=(said or title or text)[:30])
            self._plan.sorted_so += 1
        return found or self._wish.otherwise

    def _unit(self, said: str) -> str | None:
        found = self._known.unit_of(said) if said else None
        if said and found is None:
            self._plan.units[said[:60]] += 1
        return found

    def _where(
        self, row: Placed, cells: Mapping[str, str], grid: str | None, words: str
    ) -> tuple[str, tuple[float, float]]:
        """Its area and its place: as the coordinates say if they lie in the town, else as the words do."""
        if grid is not None and row.wgs84 is not None:
            return grid, (row.wgs84.x, row.wgs84.y)
        self._plan.loose += 1
        said = cells.get("area", "")
        area = (self._known.area_named(said) if said else None) or self._known.area_named(words)
        area = area or self._known.town.center.code
        return area, self._known.point_of(area)

    def _name_of(self, area: str) -> str:
        town = self._known.town
        village = town.villages.get(area[:12])
        return village.name if village is not None else town.center.name


def _leave_out_known(session: Session, plan: Plan) -> None:
    """Forget what was brought in before, so that the same table again changes nothing."""
    numbers = [one.number for one in (*plan.closed, *plan.open)]
    known = set[str]()
    for start in range(0, len(numbers), AT_ONCE):
        some = PastRow.number.in_(numbers[start : start + AT_ONCE])
        known |= set(session.scalars(select(PastRow.number).where(PastRow.system == plan.system, some)))
    plan.known = len(known)
    plan.closed = [one for one in plan.closed if one.number not in known]
    plan.open = [one for one in plan.open if one.number not in known]
