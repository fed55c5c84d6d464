"""Which duties a position may matter to: duties found by place in memory, with who came near and when. Pure."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from command_center.patrol.judge import LONGEST_GAP_S, MOST_ACCURACY_M, Requirement

CELL_DEG = 0.005
METRES_PER_DEGREE = 111_320.0
# Far enough that a person who reports every minute or two cannot walk past between two fixes unnoticed.
NEAR_M = 600.0

Span = tuple[float, float]


@dataclass(slots=True)
class Watch:
    """One duty under watch.

    Attributes:
        near: first and last time (seconds) at which each person was within NEAR_M of the radius.
        inside: the same within the radius and the largest error.
        person_id: who is assigned; only_person_id: the same where nobody else may cover.
        settled: whether the window was closed and judged.
        visited: whether the requirement is met as far as is known.
        filled: whether `near` and `inside` hold all that was stored before the watch began.
        judge_at_s: when to judge next, None if nothing new came.
    """

    duty_id: str
    requirement: Requirement
    person_id: str | None
    only_person_id: str | None
    settled: bool
    visited: bool
    filled: bool = True
    near: dict[str, Span] = field(default_factory=dict)
    inside: dict[str, Span] = field(default_factory=dict)
    judge_at_s: float | None = None

    def touch(self, person_id: str, at_s: float, lon: float, lat: float) -> bool:
        """Note a position; True if it may change the judgement of this duty."""
        need = self.requirement
        if not need.start_s - LONGEST_GAP_S <= at_s <= need.end_s + LONGEST_GAP_S:
            return False
        if self.only_person_id is not None and person_id != self.only_person_id:
            return False
        east = (lon - need.lon) * math.cos(math.radians(need.lat)) * METRES_PER_DEGREE
        metres = math.hypot(east, (lat - need.lat) * METRES_PER_DEGREE)
        if metres > need.radius_m + NEAR_M:
            return False
        _stretch(self.near, person_id, at_s)
        if metres > need.radius_m + MOST_ACCURACY_M:
            return self.settled
        _stretch(self.inside, person_id, at_s)
        first, last = self.inside[person_id]
        return self.settled or (not self.visited and last - first >= need.dwell_s)

    def unsettles(self, person_id: str, at_s: float) -> bool:
        """Whether a late position, wherever it is, may change a settled judgement by breaking a stay in two."""
        need = self.requirement
        if not self.settled or not need.start_s - LONGEST_GAP_S <= at_s <= need.end_s + LONGEST_GAP_S:
            return False
        if not self.filled:
            return True
        span = self.near.get(person_id)
        return span is not None and span[0] - LONGEST_GAP_S <= at_s <= span[1] + LONGEST_GAP_S

    def long_enough(self) -> dict[str, Span]:
        """Who may have stayed as long as is needed, with the span in which he was inside."""
        need_s = self.requirement.dwell_s
        return {person_id: span for person_id, span in self.inside.items() if span[1] - span[0] >= need_s}

    def merge(self, *, near: Mapping[str, Span], inside: Mapping[str, Span]) -> None:
        """Add what the store knows to what was seen meanwhile."""
        for known, found in ((self.near, near), (self.inside, inside)):
            for person_id, span in found.items():
                _stretch(known, person_id, span[0])
                _stretch(known, person_id, span[1])

    def same_as(self, other: "Watch") -> bool:
        """Whether both ask for the same of the same person."""
        return (
            self.requirement == other.requirement
            and self.person_id == other.person_id
            and self.only_person_id == other.only_person_id
        )


class Watches:
    """Watches found by place."""

    def __init__(self, watches: Iterable[Watch] = ()) -> None:
        self._by_id: dict[str, Watch] = {}
        self._cells: dict[tuple[int, int], list[Watch]] = defaultdict(list)
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
        for cell in _cells(watch.requirement):
            self._cells[cell].append(watch)

    def drop(self, duty_id: str) -> None:
        watch = self._by_id.pop(duty_id, None)
        if watch is not None:
            for cell in _cells(watch.requirement):
                self._cells[cell].remove(watch)

    def at(self, lon: float, lat: float) -> list[Watch]:
        """Watches that a position here may matter to, and some more."""
        return self._cells.get((math.floor(lon / CELL_DEG), math.floor(lat / CELL_DEG)), [])


def _cells(need: Requirement) -> Iterator[tuple[int, int]]:
    reach_m = need.radius_m + NEAR_M
    north = reach_m / METRES_PER_DEGREE
    east = north / math.cos(math.radians(need.lat))
    for column in range(math.floor((need.lon - east) / CELL_DEG), math.floor((need.lon + east) / CELL_DEG) + 1):
        for row in range(math.floor((need.lat - north) / CELL_DEG), math.floor((need.lat + north) / CELL_DEG) + 1):
            yield column, row


def _stretch(spans: dict[str, Span], person_id: str, at_s: float) -> None:
    first, last = spans.get(person_id, (at_s, at_s))
    spans[person_id] = (min(first, at_s), max(last, at_s))
