"""Signals of the video engine become facts, once each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from command_center.ingest.commands import SignalCounts, end_open_signals, take_signal

from .conftest import Gate

START = datetime(2026, 8, 23, 0, 59, tzinfo=UTC)
AREAS = {"32072419900013000001": "320724199001001"}


@dataclass(frozen=True)
class Seen:
    id: str = "s1"
    feed_id: str = "32072419900013000001"
    kind: str = "intrusion"
    started_at: datetime = START
    ended_at: datetime | None = None
    score: float = 0.9
    box: tuple[float, float, float, float] | None = (0.1, 0.2, 0.3, 0.4)
    detail: Mapping[str, Any] = field(default_factory=dict)


def _take(gate: Gate, *signals: Seen) -> SignalCounts:
    counts = SignalCounts()
    for signal in signals:
        with gate.timeline.transaction() as tx:
            take_signal(tx, signal, AREAS.get, counts)
    return counts


def test_a_signal_is_told_at_its_start_and_at_its_end(gate: Gate) -> None:
    over = replace(Seen(), ended_at=START + timedelta(seconds=4), detail={"frames": 12})
    _take(gate, Seen(), over)
    started, ended = gate.timeline.since(0)
    assert (started.kind, started.happened_at, started.area) == ("ingest.signal_started", START, "320724199001001")
    assert started.received_at == gate.clock()
    assert started.data["signal"]["box"] == [0.1, 0.2, 0.3, 0.4]
    assert (ended.kind, ended.data["signal"]["ended_at"]) == ("ingest.signal_ended", "2026-08-23T00:59:04.000Z")
    assert ended.data["signal"]["version"] == 2
    assert ended.data["signal"]["detail"] == {"frames": 12}


def test_the_same_report_twice_is_one_fact(gate: Gate) -> None:
    over = replace(Seen(), ended_at=START + timedelta(seconds=4))
    _take(gate, Seen(), Seen(), over, over, Seen())
    assert [fact.kind for fact in gate.timeline.since(0)] == ["ingest.signal_started", "ingest.signal_ended"]


def test_an_end_whose_start_was_never_heard_tells_both(gate: Gate) -> None:
    _take(gate, replace(Seen(), ended_at=START + timedelta(seconds=4)))
    assert [fact.kind for fact in gate.timeline.since(0)] == ["ingest.signal_started", "ingest.signal_ended"]


def test_motion_and_feeds_of_no_camera_are_counted_and_not_stored(gate: Gate) -> None:
    counts = _take(gate, replace(Seen(), kind="motion"), replace(Seen(), feed_id="nobody"))
    assert gate.timeline.head().seq == 0
    assert (counts.telemetry["motion"], counts.unknown_feeds["nobody"]) == (1, 1)


def test_signals_left_open_by_a_crash_are_ended_at_the_next_start(gate: Gate) -> None:
    _take(gate, Seen(), replace(Seen(), id="s2", ended_at=START))
    with gate.timeline.transaction() as tx:
        assert end_open_signals(tx, at=tx.now, why="restart") == 1
    last = gate.timeline.since(0)[-1]
    assert (last.kind, last.id, last.data["signal"]["detail"]) == (
        "ingest.signal_ended",
        "s1",
        {"ended_because": "restart"},
    )
