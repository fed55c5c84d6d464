"""Tracks of the last hours in memory, row for row as they are stored: read once, then kept up with what is stored."""

import itertools
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from command_center.ingest.position import Position, to_ms
from command_center.patrol.proof.fixes import AT_S, TRUSTED, Floats

# A quarter of an hour of one person is read from the store at a time and let go of at a time.
BLOCK_MS = 900_000
# Of 48 bytes each: never more than 96 MB, however many duties are open. A block without rows weighs something too.
MOST_ROWS = 2_000_000
BLOCK_WEIGHT = 16
RECEIVED_MS = TRUSTED + 1

# Rows of one person in a closed span of milliseconds: the fields of `Fix` and the time of arrival, (n, 6), in order.
Load = Callable[[str, int, int], Floats]
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is stored of one person in a span.

    Attributes:
        rows: (n, 5) fields of `Fix`, one for each moment, in order of time.
        received_ms: when the latest of them had reached us; 0: there are none.
        edition: the same as long as nothing changes around the span.
    """

    rows: Floats
    received_ms: int
    edition: tuple[int, ...]


@dataclass(slots=True, eq=False)
class _Block:
    """A quarter of an hour of one person; `fresh` is what was stored since the rows were put in order."""

    rows: Floats
    edition: int
    fresh: list[tuple[float, ...]] = field(default_factory=list)

    @property
    def weight(self) -> int:
        return len(self.rows) + BLOCK_WEIGHT

    def settle(self) -> int:
        """Put fresh rows in their places; how many were new. Of one moment the first stays, as in the store."""
        if not self.fresh:
            return 0
        both = np.concatenate([self.rows, np.array(self.fresh, dtype=np.float64)])
        self.fresh.clear()
        _, first = np.unique(both[:, AT_S], return_index=True)
        added = len(first) - len(self.rows)
        if added:
            self.rows = both[first]
        return added


class Tracks:
    """One per keeper. `note` comes from the thread that stores, `read` from the one that judges.

    Args:
        load: reads from the store in a transaction of its own that begins when it is called.
        most_rows: what was not read for longest is let go of beyond so many.
    """

    def __init__(self, load: Load, *, most_rows: int = MOST_ROWS) -> None:
        self._load = load
        self._most_rows = most_rows
        self._lock = threading.Lock()
        self._blocks: OrderedDict[Key, _Block] = OrderedDict()
        self._editions = itertools.count(1)
        self._weight = 0

    def __len__(self) -> int:
        """How many rows are kept, more or less."""
        return self._weight

    def note(self, positions: Iterable[Position]) -> None:
        """Add what was stored just now, in the order in which it was stored."""
        with self._lock:
            for position in positions:
                at_ms = to_ms(position.at)
                block = self._blocks.get((position.person_id, at_ms // BLOCK_MS))
                if block is not None:
                    block.fresh.append(_row(position, at_ms))

    def forget(self, person_id: str, since: datetime, until: datetime) -> None:
        """What is stored of a person in a span was changed: it is to be read anew."""
        with self._lock:
            for number in _numbers(to_ms(since), to_ms(until)):
                block = self._blocks.pop((person_id, number), None)
                self._weight -= block.weight if block is not None else 0

    def read(self, person_id: str, since_s: float, until_s: float) -> Stretch:
        """What is stored of a person in a closed span of event time, in seconds."""
        since_ms, until_ms = round(since_s * 1000.0), round(until_s * 1000.0)
        blocks = [self._block((person_id, number)) for number in _numbers(since_ms, until_ms)]
        with self._lock:
            for block in blocks:
                added = block.settle()
                if added:
                    block.edition = next(self._editions)
                    self._weight += added
            edition = tuple(block.edition for block in blocks)
            parts = [block.rows for block in blocks if len(block.rows)]
            self._let_go()
        if not parts:
            return Stretch(np.empty((0, RECEIVED_MS)), 0, edition)
        rows = parts[0] if len(parts) == 1 else np.concatenate(parts)
        first = int(np.searchsorted(rows[:, AT_S], since_ms / 1000.0, side="left"))
        last = int(np.searchsorted(rows[:, AT_S], until_ms / 1000.0, side="right"))
        rows = rows[first:last]
        received_ms = int(rows[:, RECEIVED_MS].max()) if len(rows) else 0
        return Stretch(rows[:, :RECEIVED_MS], received_ms, edition)

    def _block(self, key: Key) -> _Block:
        with self._lock:
            block = self._blocks.get(key)
            if block is not None:
                self._blocks.move_to_end(key)
                return block
            # Known before it is read, so that what is stored meanwhile is not missed; what comes both ways counts once.
            block = self._blocks[key] = _Block(np.empty((0, RECEIVED_MS + 1)), next(self._editions))
        try:
            rows = self._load(key[0], key[1] * BLOCK_MS, (key[1] + 1) * BLOCK_MS - 1)
        except BaseException:
            with self._lock:
                self._blocks.pop(key, None)
            raise
        with self._lock:
            block.rows = rows
            if self._blocks.get(key) is block:
                self._weight += block.weight
        return block

    def _let_go(self) -> None:
        while self._weight > self._most_rows and self._blocks:
            _, block = self._blocks.popitem(last=False)
            self._weight -= block.weight


def _numbers(since_ms: int, until_ms: int) -> range:
    return range(since_ms // BLOCK_MS, until_ms // BLOCK_MS + 1)


def _row(position: Position, at_ms: int) -> tuple[float, ...]:
    accuracy_m = position.accuracy_m
    # A driver that gives no error tells nothing, which is not the same as a perfect fix.
    known_m = math.inf if accuracy_m is None or math.isnan(accuracy_m) else accuracy_m
    trusted = 0.0 if position.flags else 1.0
    return at_ms / 1000.0, known_m, position.lon, position.lat, trusted, float(to_ms(position.received_at))
