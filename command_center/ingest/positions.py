"""Takes positions in: refuses what cannot be true and counts why, tells who listens at once, stores in batches."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from command_center.errors import Unavailable
from command_center.ingest.plausible import Bounds, Plausibility
from command_center.ingest.position import Flag, Position, to_ms
from command_center.ingest.queries import latest_positions
from command_center.settings import Settings
from command_center.timeline import Timeline

Listener = Callable[[list[Position]], None]
Look = Callable[[int, Position], Flag]

MARGIN_DEG = 0.05
MOST_WAITING = 200_000

# The same report sent again (its answer was lost) changes nothing. One spelling that both engines know, handed to their
# drivers as it is: thousands of rows a second leave no time to look at each value twice.
INSERT = (
    "INSERT INTO ingest_position"
    " (person_id, at_ms, received_ms, lon, lat, speed_mps, heading_deg, accuracy_m, flags)"
    " VALUES ({marks}) ON CONFLICT DO NOTHING"
)
MARKS = {"qmark": "?", "pyformat": "%s"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch.

    Attributes:
        accepted: how many were good.
        rejected: (index, reason) of the others.
        stored: done when the good ones are on disk; fails if they could not be written.
    """

    accepted: int
    rejected: list[tuple[int, str]]
    stored: "Future[None]"


class PositionIntake:
    """One per process, used from many threads.

    Args:
        timeline: where positions are stored.
        persons: area code by id of every person who may be heard of.
        bounds: of the county; a margin is added.
        settings: tolerance for times in the future.
    """

    def __init__(self, timeline: Timeline, *, persons: Mapping[str, str], bounds: Bounds, settings: Settings) -> None:
        self._timeline = timeline
        self._persons = persons
        self._check = Plausibility(bounds.widened(MARGIN_DEG), future_tolerance_s=settings.future_tolerance_s)
        self._listeners: list[Listener] = []
        self._readers: list[Listener] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: list[Position] = []
        self._stored: Future[None] = Future()
        self._latest: dict[str, Position] = {}
        self.accepted = 0
        self.rejected: Counter[str] = Counter()

    def listen(self, listener: Listener) -> None:
        """Call `listener` with the good positions of each batch, in the thread that brought them.

        It must return at once, may be called from several threads, and gets late positions too.
        """
        self._listeners.append(listener)

    def when_stored(self, reader: Listener) -> None:
        """Call `reader` with each batch when it is on disk, in the order of storing, in the thread that stored it.

        The batch holds all that was stored, jumps and what was known already among it. It must return soon, and is
        never called by two threads at once.
        """
        self._readers.append(reader)

    def take(
        self, reports: Iterable[Position | str], look: Look | None = None, device_ids: Sequence[str] | None = None
    ) -> Taken:
        """Take a batch from a driver; a report that is no position is the reason why. Bad ones never raise.

        A jump that nobody can make is refused and told to nobody, but stored with its flag: it may be looked into.

        Args:
            reports: in the order in which they were sent.
            device_ids: of each report, so that a person with two devices does not seem to jump between them.
            look: gives the flags of a position that can be true, by its index; never called by two threads at once.

        Raises:
            Unavailable: the disk does not keep up and too much waits already; nothing of the batch was taken.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise Unavailable("positions_behind")
        good: list[Position] = []
        kept: list[Position] = []
        bad: list[tuple[int, str]] = []
        with self._lock:
            for index, report in enumerate(reports):
                reason = self._objection(report, device_ids[index] if device_ids else None)
                if reason is not None or isinstance(report, str):
                    bad.append((index, reason or "malformed"))
                    if isinstance(report, Position) and reason == Flag.impossible_speed.name:
                        kept.append(replace(report, flags=report.flags | Flag.impossible_speed))
                    continue
                if look is not None and (flags := look(index, report)):
                    report = replace(report, flags=flags)
                good.append(report)
                latest = self._latest.get(report.person_id)
                if latest is None or latest.at < report.at:
                    self._latest[report.person_id] = report
            self._waiting += good
            self._waiting += kept
            self.accepted += len(good)
            self.rejected.update(reason for _, reason in bad)
            stored = self._stored
        if not good:
            nothing: Future[None] = Future()
            nothing.set_result(None)
            return Taken(0, bad, nothing)
        for listener in self._listeners:
            listener(good)
        return Taken(len(good), bad, stored)

    def flush(self) -> int:
        """Write what waits, in one transaction; to be called about once a second. Returns how many.

        A batch that cannot be written is given up, and whoever waits for it is told so: devices send it again.
        """
        with self._writing:
            with self._lock:
                batch, self._waiting = self._waiting, []
                stored, self._stored = self._stored, Future()
            if not batch:
                return 0
            try:
                with self._timeline.transaction() as tx:
                    _insert(tx.session.connection(), batch)
            except Exception as error:
                # Whatever the engine raised, the senders must learn that nothing is stored; then it goes up.
                stored.set_exception(error)
                raise
            stored.set_result(None)
            for reader in self._readers:
                reader(batch)
            return len(batch)

    def move(self, persons: Mapping[str, str], bounds: Bounds) -> None:
        """Follow a town that has changed: who may be heard of, and where; who is gone is forgotten."""
        with self._lock:
            self._persons = persons
            self._check.move(bounds.widened(MARGIN_DEG))
            self._latest = {id: position for id, position in self._latest.items() if id in persons}

    def restore(self) -> int:
        """After a start: take up the latest stored position of each person and tell the listeners. Returns how many."""
        with self._timeline.reading() as db:
            positions = [position for position in latest_positions(db) if position.person_id in self._persons]
        with self._lock:
            for position in positions:
                self._latest.setdefault(position.person_id, position)
        for listener in self._listeners:
            listener(positions)
        return len(positions)

    def latest(self) -> list[tuple[Position, str]]:
        """The latest position of every person heard of, with the person's area code."""
        with self._lock:
            return [(position, self._persons[person_id]) for person_id, position in self._latest.items()]

    def last_heard(self, person_id: str) -> Position | None:
        return self._latest.get(person_id)

    def _objection(self, position: Position | str, device_id: str | None) -> str | None:
        if isinstance(position, str):
            return position
        if position.person_id not in self._persons:
            return "unknown_person"
        return self._check.objection(position, device_id)


def _insert(connection: Connection, batch: Sequence[Position]) -> None:
    marks = ", ".join([MARKS[connection.dialect.paramstyle]] * 9)
    connection.exec_driver_sql(INSERT.format(marks=marks), [_values(position) for position in batch])


def _values(position: Position) -> tuple[object, ...]:
    return (
        position.person_id,
        to_ms(position.at),
        to_ms(position.received_at),
        position.lon,
        position.lat,
        position.speed_mps,
        position.heading_deg,
        position.accuracy_m,
        int(position.flags),
    )
