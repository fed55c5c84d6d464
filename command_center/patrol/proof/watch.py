"""Which duties a position may matter to: found by place and hour in memory, with who came near and when. Pure."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from command_center.patrol.proof.boxes import METRES_PER_DEGREE, Box, Cell
from command_center.patrol.proof.fixes import LONGEST_GAP_S, MOST_ACCURACY_M
from command_center.patrol.proof.judge import Requirement, Stay
from command_center.patrol.proof.street import MOST_REACH_M, Passes, StreetRequirement

CELL_DEG = 0.005
# Streets are told from their neighbours in cells of some 50 m.
FINE_DEG = 0.0005
HOUR_S = 3_600.0
# Far enough that a person who reports every minute or two cannot walk past between two fixes unnoticed.
NEAR_M = 600.0
NEAR_STREET_M = 300.0

Span = tuple[float, float]
# The span and the edition of a track, and what it proves.
Weighed = tuple[tuple[object, ...], list[Stay] | Passes]
Key = TypeVar("Key", bound=tuple[object, ...])


class PlaceReach:
    """How far a position is from a point."""

    def __init__(self, need: Requirement) -> None:
        self.need = need
        self._lon, self._lat = need.lon, need.lat
        self._east_m = math.cos(math.radians(need.lat)) * METRES_PER_DEGREE
        self._near_m2 = (need.radius_m + NEAR_M) ** 2
        self._inside_m2 = (need.radius_m + MOST_ACCURACY_M) ** 2

    def ring(self, lon: float, lat: float) -> int:
        """0: far; 1: near enough that the next fix may be there; 2: perhaps within the radius."""
        east, north = (lon - self._lon) * self._east_m, (lat - self._lat) * METRES_PER_DEGREE
        metres_2 = east * east + north * north
        if metres_2 > self._near_m2:
            return 0
        return 2 if metres_2 <= self._inside_m2 else 1

    def box(self, inside: bool) -> Box:
        return Box.around(self.need.lon, self.need.lat, self.need.radius_m + (MOST_ACCURACY_M if inside else NEAR_M))

    def cells(self) -> set[Cell]:
        return set(self.box(False).cells(CELL_DEG))


class StreetReach:
    """The same of a street: cells of 50 m along it, and the box around it."""

    def __init__(self, need: StreetRequirement) -> None:
        lonlat = need.street.frame.to_lonlat(need.street.middle_xy)
        self._middle: list[tuple[float, float]] = [(float(lon), float(lat)) for lon, lat in lonlat]
        self._fine = {cell for lon, lat in self._middle for cell in Box.around(lon, lat, MOST_REACH_M).cells(FINE_DEG)}
        self._near = {cell for lon, lat in self._middle for cell in Box.around(lon, lat, NEAR_STREET_M).cells(CELL_DEG)}

    def ring(self, lon: float, lat: float) -> int:
        return 2 if (math.floor(lon / FINE_DEG), math.floor(lat / FINE_DEG)) in self._fine else 1

    def box(self, inside: bool) -> Box:
        reach_m = MOST_REACH_M if inside else NEAR_STREET_M
        boxes = [Box.around(lon, lat, reach_m) for lon, lat in self._middle]
        return Box(
            min(box.west for box in boxes),
            min(box.south for box in boxes),
            max(box.east for box in boxes),
            max(box.north for box in boxes),
        )

    def cells(self) -> set[Cell]:
        return self._near


@dataclass(slots=True, eq=False)
class Watch:
    """One duty under watch.

    Attributes:
        near: first and last time (seconds) at which each person was near it.
        inside: the same perhaps within it.
        person_id: who is assigned.
        only: who may cover it where not everybody may.
        settled: whether the window was closed and judged.
        visited: whether the requirement is met as far as is known.
        filled: whether `near` and `inside` hold all that was stored before the watch began.
        judge_at_s: when to judge next, None if nothing new came; `since_s` when the first of the news came.
        judged_at_s, times: when it was judged last, and how often since it is settled.
        late: positions that came late since then, by person.
        told: the verdict and absence that were written last.
        passes: what each person passed of a street while the window is open, and up to which event time that was read.
        weighed: of each person what his track proves, with the edition of the track that was weighed.
        from_s, to_s: closed span of event time in which a position may matter.
    """

    duty_id: str
    requirement: Requirement | StreetRequirement
    person_id: str | None
    only: frozenset[str] | None
    settled: bool
    visited: bool
    version: int = 0
    filled: bool = True
    near: dict[str, Span] = field(default_factory=dict)
    inside: dict[str, Span] = field(default_factory=dict)
    judge_at_s: float | None = None
    since_s: float = 0.0
    judged_at_s: float = 0.0
    times: int = 0
    late: Counter[str] = field(default_factory=Counter)
    passes: dict[str, Passes] = field(default_factory=dict)
    read_to_s: float = 0.0
    told: object = None
    weighed: dict[str, Weighed] = field(default_factory=dict)
    reach: PlaceReach | StreetReach = field(init=False)
    from_s: float = field(init=False)
    to_s: float = field(init=False)

    def __post_init__(self) -> None:
        need = self.requirement
        self.reach = StreetReach(need) if isinstance(need, StreetRequirement) else PlaceReach(need)
        self.from_s, self.to_s = need.start_s - LONGEST_GAP_S, need.end_s + LONGEST_GAP_S

    def touch(self, person_id: str, at_s: float, lon: float, lat: float) -> bool:
        """Note a position; True if it may change the judgement of this duty."""
        if not self.from_s <= at_s <= self.to_s:
            return False
        if self.only is not None and person_id not in self.only:
            return False
        ring = self.reach.ring(lon, lat)
        if ring == 0:
            return False
        _stretch(self.near, person_id, at_s)
        if ring == 1:
            return self.settled and (self.counting is self.near or self._around(person_id, at_s))
        _stretch(self.inside, person_id, at_s)
        need = self.requirement
        if self.settled or isinstance(need, StreetRequirement):
            return True
        first, last = self.inside[person_id]
        return not self.visited and last - first >= need.dwell_s

    def unsettles(self, person_id: str, at_s: float) -> bool:
        """Whether a late position, wherever it is, may change a settled judgement.

        It may break a stay in two, or tell of an absent person that his device was not silent.
        """
        if not self.settled or not self.from_s <= at_s <= self.to_s:
            return False
        if not self.filled or (person_id == self.person_id and not self.visited):
            return True
        return self._around(person_id, at_s)

    @property
    def counting(self) -> dict[str, Span]:
        """Who may count, and when he was there.

        A stay longer than the longest gap has a fix within; shorter ones and streets may be passed between two fixes.
        """
        need = self.requirement
        return self.inside if isinstance(need, Requirement) and need.dwell_s > LONGEST_GAP_S else self.near

    def _around(self, person_id: str, at_s: float) -> bool:
        span = self.counting.get(person_id)
        return span is not None and span[0] - LONGEST_GAP_S <= at_s <= span[1] + LONGEST_GAP_S

    def long_enough(self) -> dict[str, Span]:
        """Who may have met the requirement, with the span in which he was inside."""
        need = self.requirement
        need_s = 0.0 if isinstance(need, StreetRequirement) else need.dwell_s
        return {person_id: span for person_id, span in self.inside.items() if span[1] - span[0] >= need_s}

    def merge(self, *, near: Mapping[str, Span], inside: Mapping[str, Span]) -> None:
        """Add what the store knows to what was seen meanwhile."""
        for known, found in ((self.near, near), (self.inside, inside)):
            for person_id, span in found.items():
                _stretch(known, person_id, span[0])
                _stretch(known, person_id, span[1])

    def asks_the_same(self, other: "Watch") -> bool:
        """Whether both ask for the same of the same persons."""
        return self.requirement == other.requirement and self.person_id == other.person_id and self.only == other.only

    def hours(self) -> range:
        """Numbers of the hours in which a position may matter."""
        return range(math.floor(self.from_s / HOUR_S), math.floor(self.to_s / HOUR_S) + 1)


class Watches:
    """Watches found by place and hour, and settled ones by person and hour."""

    def __init__(self, watches: Iterable[Watch] = ()) -> None:
        self._by_id: dict[str, Watch] = {}
        self._cells: dict[tuple[int, int, int], dict[str, Watch]] = defaultdict(dict)
        self._persons: dict[tuple[str, int], dict[str, Watch]] = defaultdict(dict)
        self._unfilled: dict[str, Watch] = {}
        for watch in watches:
            self.add(watch)

    def __iter__(self) -> Iterator[Watch]:
        return iter(list(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, duty_id: str) -> Watch | None:
        return self._by_id.get(duty_id)

    def add(self, watch: Watch) -> None:
        """Add a watch, or put it in the place of the one on the same duty."""
        self.drop(watch.duty_id)
        self._by_id[watch.duty_id] = watch
        if watch.settled and not watch.filled:
            self._unfilled[watch.duty_id] = watch
        for hour in watch.hours():
            for column, row in watch.reach.cells():
                self._cells[column, row, hour][watch.duty_id] = watch
        for person_id in {*watch.near, *([watch.person_id] if watch.person_id else [])}:
            self._know(person_id, watch)

    def drop(self, duty_id: str) -> None:
        watch = self._by_id.pop(duty_id, None)
        if watch is None:
            return
        self._unfilled.pop(duty_id, None)
        for hour in watch.hours():
            for column, row in watch.reach.cells():
                _remove(self._cells, (column, row, hour), duty_id)
            for person_id in {*watch.near, *([watch.person_id] if watch.person_id else [])}:
                _remove(self._persons, (person_id, hour), duty_id)

    def fill(self, watch: Watch, *, near: Mapping[str, Span], inside: Mapping[str, Span]) -> None:
        """Complete a watch with what the store knows."""
        watch.merge(near=near, inside=inside)
        watch.filled = True
        self._unfilled.pop(watch.duty_id, None)
        for person_id in near:
            self._know(person_id, watch)

    def touched(self, person_id: str, at_s: float, lon: float, lat: float, *, late: bool) -> list[Watch]:
        """Note a position; the watches whose judgement it may change."""
        hour = math.floor(at_s / HOUR_S)
        found = []
        here = self._cells.get((math.floor(lon / CELL_DEG), math.floor(lat / CELL_DEG), hour))
        for watch in here.values() if here else ():
            known = person_id in watch.near
            if watch.touch(person_id, at_s, lon, lat):
                found.append(watch)
            if not known and person_id in watch.near:
                self._know(person_id, watch)
        if late:
            mine = self._persons.get((person_id, hour))
            around = [*(mine.values() if mine else ()), *self._unfilled.values()]
            found += [watch for watch in around if watch not in found and watch.unsettles(person_id, at_s)]
        return found

    def of(self, person_id: str, since_s: float, until_s: float) -> list[Watch]:
        """Watches that a person was near or is assigned to, whose time meets a closed span."""
        found: dict[str, Watch] = {}
        for hour in range(math.floor(since_s / HOUR_S), math.floor(until_s / HOUR_S) + 1):
            found.update(self._persons.get((person_id, hour), {}))
        return [watch for watch in found.values() if watch.from_s <= until_s and watch.to_s >= since_s]

    def _know(self, person_id: str, watch: Watch) -> None:
        for hour in watch.hours():
            self._persons[person_id, hour][watch.duty_id] = watch


def _remove(index: dict[Key, dict[str, Watch]], key: Key, duty_id: str) -> None:
    found = index.get(key)
    if found is not None and found.pop(duty_id, None) is not None and not found:
        del index[key]


def _stretch(spans: dict[str, Span], person_id: str, at_s: float) -> None:
    known = spans.get(person_id)
    if known is None:
        spans[person_id] = (at_s, at_s)
    elif at_s < known[0]:
        spans[person_id] = (at_s, known[1])
    elif at_s > known[1]:
        spans[person_id] = (known[0], at_s)
