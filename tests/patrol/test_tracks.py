"""The law of tracks in memory: whatever is stored, flagged or let go of, they are row for row what the store holds."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from command_center.ingest.position import Flag, Position
from command_center.ingest.tables import PositionRow
from command_center.patrol.duties.evidence import load_track
from command_center.patrol.duties.tracks import RECEIVED_MS, Tracks
from command_center.patrol.proof.boxes import Box
from command_center.patrol.proof.fixes import Floats
from command_center.patrol.proof.judge import Requirement, stays
from command_center.patrol.proof.street import passes

from .conftest import MORNING, PLACE, Patrol
from .test_street import BOTH, CORNERS, at, tracks, walk

SECONDS = st.integers(0, 2_400)
POSITIONS = st.lists(
    st.tuples(
        st.sampled_from(["p1", "p2"]),
        SECONDS,
        st.integers(0, 3),
        st.sampled_from([None, 8.0, 40.0]),
        st.sampled_from([Flag(0), Flag.mock]),
    ),
    max_size=12,
)
SPANS = st.tuples(st.sampled_from(["p1", "p2"]), SECONDS, SECONDS)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("store"), POSITIONS), st.tuples(st.just("read"), SPANS), st.tuples(st.just("flag"), SPANS)
    ),
    max_size=14,
)


class Kept:
    """A store and its tracks in memory, so small that it lets go of most."""

    def __init__(self, patrol: Patrol) -> None:
        self.patrol = patrol
        self.tracks = Tracks(self.load, most_rows=60)
        patrol.watch_over({"p1": "", "p2": ""})
        patrol.intake.when_stored(self.tracks.note)

    def load(self, person_id: str, since_ms: int, until_ms: int) -> Floats:
        with self.patrol.timeline.reading() as db:
            return load_track(db, person_id, since_ms, until_ms)

    def store(self, rows: list[tuple[str, int, int, float | None, Flag]]) -> None:
        received = MORNING + timedelta(hours=1)
        self.patrol.clock.moment = received
        self.patrol.intake.take(
            Position(
                id, MORNING + timedelta(seconds=at), received, PLACE[0] + step / 1e4, PLACE[1], None, None, m, flags
            )
            for id, at, step, m, flags in rows
        )
        self.patrol.intake.flush()

    def read(self, span: tuple[str, int, int]) -> None:
        person_id, since, until = span[0], *sorted(span[1:])
        begin = MORNING.timestamp()
        found = self.tracks.read(person_id, begin + since, begin + until)
        stored = self.load(person_id, round((begin + since) * 1000), round((begin + until) * 1000))
        assert found.rows.tolist() == stored[:, :RECEIVED_MS].tolist()
        assert found.received_ms == (stored[:, RECEIVED_MS].max() if len(stored) else 0)

    def flag(self, span: tuple[str, int, int]) -> None:
        since, until = (MORNING + timedelta(seconds=second) for second in sorted(span[1:]))
        row = PositionRow
        of = (row.person_id == span[0]) & row.at_ms.between(since.timestamp() * 1000, until.timestamp() * 1000)
        with self.patrol.timeline.transaction() as tx:
            tx.session.execute(update(row).where(of).values(flags=int(Flag.frozen)))
        self.tracks.forget(span[0], since, until)


@given(steps=STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_tracks_in_memory_are_row_for_row_what_is_stored(patrol: Patrol, steps: list[tuple[str, object]]) -> None:
    with patrol.timeline.transaction() as tx:
        tx.session.execute(delete(PositionRow))
    kept = Kept(patrol)
    for name, what in steps:
        getattr(kept, name)(what)
        kept.read(("p1", 0, 2_400))


def test_what_is_stored_while_a_stretch_is_read_is_not_missed_and_counts_once(patrol: Patrol) -> None:
    kept = Kept(patrol)
    kept.store([("p1", 10, 0, 8.0, Flag(0))])
    load = kept.load

    def slow(person_id: str, since_ms: int, until_ms: int) -> Floats:
        if since_ms <= MORNING.timestamp() * 1000 <= until_ms:
            kept.store([("p1", 30, 1, 8.0, Flag(0))])
            rows = load(person_id, since_ms, until_ms)
            kept.store([("p1", 20, 2, 8.0, Flag(0)), ("p1", 30, 3, 8.0, Flag(0))])
            return rows
        return load(person_id, since_ms, until_ms)

    kept.tracks._load = slow
    kept.read(("p1", 0, 60))


def test_an_unchanged_track_keeps_its_edition_when_everything_comes_twice(patrol: Patrol) -> None:
    kept, begin = Kept(patrol), MORNING.timestamp()
    rows = [("p1", 10 * i, i % 4, 8.0, Flag(0)) for i in range(6)]
    kept.store(rows)
    edition = kept.tracks.read("p1", begin, begin + 60).edition
    kept.store(rows)
    assert kept.tracks.read("p1", begin, begin + 60).edition == edition
    kept.store([("p1", 15, 0, 8.0, Flag(0))])
    assert kept.tracks.read("p1", begin, begin + 60).edition != edition


@pytest.fixture
def everywhere(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Look at everything, wherever it is."""

    def look() -> None:
        monkeypatch.setattr(Box, "holds", lambda _, rows: np.ones(len(rows), dtype=bool))
        monkeypatch.setattr(Box, "met", lambda _, rows: np.ones(max(0, len(rows) - 1), dtype=bool))

    look.undo = monkeypatch.undo  # type: ignore[attr-defined]
    return look


FAR = st.lists(
    st.tuples(st.integers(950, 3_050).map(float), st.floats(-9_000.0, 9_000.0), st.floats(-9_000.0, 9_000.0)),
    max_size=30,
)


@given(track=tracks, far=FAR, walks=st.booleans(), radius_m=st.sampled_from([15.0, 80.0, 600.0]))
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_passing_over_what_is_plainly_elsewhere_changes_nothing(
    everywhere: Callable[[], None],
    track: list[object],
    far: list[tuple[float, float, float]],
    walks: bool,
    radius_m: float,
) -> None:
    rows = [(one.at_s, one.accuracy_m, one.lon, one.lat, float(one.trusted)) for one in track]  # type: ignore[attr-defined]
    rows += [(at_s, 8.0, *at(east, north), 1.0) for at_s, east, north in far]
    if walks:
        rows += [
            (one.at_s, one.accuracy_m, one.lon, one.lat, 1.0)
            for one in walk(1_000.5, (-900, 0), *CORNERS, (400, 900), *CORNERS[::-1], mps=3.0)
        ]
    table = np.array(rows, dtype=np.float64).reshape(-1, 5)
    place = Requirement(*at(200.0, 0.0), radius_m, 30.0, 1_000.0, 3_000.0)
    found, stayed = passes(table, BOTH), stays(table, place)
    everywhere()
    try:
        whole, all_stays = passes(table, BOTH), stays(table, place)
    finally:
        everywhere.undo()  # type: ignore[attr-defined]
    assert (found.along_s.tolist(), found.against_s.tolist()) == (whole.along_s.tolist(), whole.against_s.tolist())
    assert stayed == all_stays
