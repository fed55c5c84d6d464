"""Positions at their own pace through a hall with its threads: how long until geofenced, beside two limits."""

import functools
import math
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import shapely

from bench.patrol_day import FRAME, MIDNIGHT, Arrivals, Day, Size, make_day
from bench.proof_hall import deliveries, doors, plan
from bench.report import Figure, quantile
from command_center.ingest.position import Position, to_ms
from command_center.patrol.duties.keeper import DutyKeeper
from command_center.settings import Settings
from command_center.timeline import open_timeline
from command_center.workers import Worker

PACE_PER_S = 5_000.0
START_H = 8.0
# A town of 20 km across, in which everybody reports every second, a fifth late and a fifth twice.
BLOCKS = 100
GATHER_S = 0.02
STORE_S = 0.5
SHARE_TWICE = 0.2
# Phones are silent for spells, and what is late is on its way yet.
SHARE_HEARD = 0.83


def live(seconds: float, seed: int) -> list[Figure]:
    """Figures of a hall that is brought PACE_PER_S positions for some time, and of what the machine does without it."""
    size = Size(
        patrollers=math.ceil(PACE_PER_S / (1.0 + SHARE_TWICE) / SHARE_HEARD),
        hours=max(seconds, 360.0) / 3_600.0,
        points=200,
        lines=60,
        blocks=BLOCKS,
        start_h=START_H,
        point_windows=1,
        line_windows=1,
        dwell_s=60,
    )
    day = make_day(size, seed)
    arrivals = day.as_phones_bring_it(seed + 1, late_most_s=seconds / 3.0)
    with tempfile.TemporaryDirectory(prefix="yiping-proof-") as folder:
        figures = _through_a_hall(day, arrivals, Path(folder), seconds)
    rows = [position for _, batch in _paced(arrivals, STORE_S, min(seconds, 30.0)) for position in batch]
    with tempfile.TemporaryDirectory(prefix="yiping-proof-") as folder:
        figures += [_bare_inserts(rows, Path(folder)), _bare_matching(day, rows)]
    return figures


def _paced(arrivals: Arrivals, step_s: float, seconds: float) -> Iterator[tuple[datetime, list[Position]]]:
    for moment, batch in arrivals.batches(step_s):
        if (moment - MIDNIGHT).total_seconds() - START_H * 3_600.0 > seconds:
            return
        yield moment, batch


def _through_a_hall(day: Day, arrivals: Arrivals, folder: Path, seconds: float) -> list[Figure]:
    """The workers are those of a hall, at its own intervals; positions come at the moments of the day."""
    begin, lags_ms = MIDNIGHT + timedelta(hours=START_H), list[float]()
    started = time.monotonic()

    def clock() -> datetime:
        return begin + timedelta(seconds=time.monotonic() - started)

    timeline = open_timeline(f"sqlite:///{folder}/hall.db", clock=clock)
    plan(timeline, day)
    keeper = DutyKeeper(timeline, Settings(), called_away=lambda *_: None)
    reception, intake = doors(timeline, day, keeper)

    def note(batch: Sequence[Position]) -> None:
        now = clock()
        lags_ms.extend((now - position.received_at).total_seconds() * 1_000.0 for position in batch)

    intake.when_stored(note)
    workers = [
        Worker("store", _again(intake.flush), every_s=STORE_S),
        Worker("duties", _again(lambda: keeper.tick(clock())), every_s=1.0),
        Worker("devices", _again(reception.write), every_s=2.0),
    ]
    for worker in workers:
        worker.start()
    # The plan took a while to write; the day begins now.
    started, used = time.monotonic(), time.process_time()
    sent = 0
    for moment, batch in _paced(arrivals, GATHER_S, seconds):
        time.sleep(max(0.0, (moment - clock()).total_seconds()))
        sent += sum(taken.accepted for taken in reception.receive(deliveries(batch)))
    elapsed, cores = time.monotonic() - started, time.process_time() - used
    for worker in workers:
        worker.end()
    intake.flush()
    timeline.close()
    return [
        Figure("live: positions taken, stored and geofenced", sent / elapsed, "1/s", PACE_PER_S * 0.97, "higher"),
        Figure("live: arrival → stored and geofenced, p50", quantile(lags_ms, 0.5), "ms"),
        Figure("live: arrival → stored and geofenced, p99", quantile(lags_ms, 0.99), "ms", 2_000.0),
        Figure("live: for", elapsed, "s"),
        Figure("live: hall and its senders", cores / elapsed, "cores"),
    ]


def _again(step: Callable[[], object]) -> Callable[[], bool]:
    """A worker's step after which it pauses."""

    def run() -> bool:
        step()
        return False

    return run


def _bare_inserts(rows: Sequence[Position], folder: Path) -> Figure:
    """The same rows into the same table with the same safety, by the engine alone."""
    db = sqlite3.connect(folder / "bare.db", isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute(
        "CREATE TABLE p (person TEXT, at INTEGER, received INTEGER, lon REAL, lat REAL, accuracy REAL, flags INTEGER,"
        " PRIMARY KEY (person, at)) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX received ON p (received)")
    values = [(p.person_id, to_ms(p.at), to_ms(p.received_at), p.lon, p.lat, p.accuracy_m, 0) for p in rows]
    step, started = round(PACE_PER_S * STORE_S), time.perf_counter()
    for first in range(0, len(values), step):
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO p VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING", values[first : first + step])
        db.execute("COMMIT")
    spent = time.perf_counter() - started
    db.close()
    return Figure("limit: bare SQLite inserts of the same rows", len(values) / spent, "1/s", better="higher")


def _bare_matching(day: Day, rows: Sequence[Position]) -> Figure:
    """Only which duties each position lies near, by shapely's tree; nothing is kept of it."""
    point, line = functools.partial(shapely.buffer, distance=650.0), functools.partial(shapely.buffer, distance=300.0)
    places = [point(shapely.points(FRAME.to_xy(one.lonlat))) for one in day.points]
    places += [line(shapely.linestrings(FRAME.to_xy(np.array(one.corners)))) for one in day.lines]
    tree = shapely.STRtree(places)
    lonlat = np.array([(one.lon, one.lat) for one in rows])
    step, started, found = round(PACE_PER_S * STORE_S), time.perf_counter(), 0
    for first in range(0, len(lonlat), step):
        at = shapely.points(FRAME.to_xy(lonlat[first : first + step]))
        found += tree.query(at, predicate="intersects").shape[1]
    rate = len(lonlat) / (time.perf_counter() - started)
    return Figure(f"limit: shapely's tree alone ({found} pairs)", rate, "1/s", better="higher")
