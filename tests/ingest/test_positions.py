"""What the intake refuses, counts, tells and stores."""

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import SQLAlchemyError

from command_center.ingest.commands import forget_positions
from command_center.ingest.json_driver import read_positions
from command_center.ingest.plausible import REASONS
from command_center.ingest.queries import received_since, track
from command_center.ingest.tables import PositionRow

from .conftest import Clock, Gate, open_gate

NOW = datetime(2026, 8, 23, 1, 0, tzinfo=UTC)


def test_what_cannot_be_true_is_refused_with_its_index_and_reason_and_counted(gate: Gate) -> None:
    reasons = gate.reasons(
        gate.at(0),
        gate.at(1, lon=math.nan),
        gate.at(2, lon=191.0),
        gate.at(3, lon=0.0, lat=0.0),
        gate.at(4, lon=121.5, lat=31.2),
        gate.at(61),
        gate.at(59),
        gate.at(0, person_id="stranger"),
        gate.at(-8 * 86_400),
    )
    assert reasons == [
        None,
        "not_finite",
        "out_of_range",
        "zero_zero",
        "outside",
        "future",
        None,
        "unknown_person",
        "too_old",
    ]
    gate.reasons(gate.at(3_600))
    assert gate.intake.rejected["future"] == 2
    assert gate.intake.accepted == len(gate.heard) == 2


def test_a_place_just_over_the_county_line_is_still_ours(gate: Gate) -> None:
    assert gate.reasons(gate.at(0, lon=119.94), gate.at(0, lon=119.96, person_id="p2")) == [None, "outside"]


def test_a_jump_that_nobody_can_make_is_refused_in_either_order_of_time(gate: Gate) -> None:
    reasons = gate.reasons(
        gate.at(0), gate.at(10, lat=34.2), gate.at(11), gate.at(-10, lat=34.2), gate.at(-300, lat=34.2)
    )
    assert reasons == [None, "impossible_speed", None, "impossible_speed", None]


def test_noise_of_the_receiver_is_no_jump(gate: Gate) -> None:
    assert gate.reasons(gate.at(0), gate.at(1, lat=34.101), gate.at(1, lat=34.1)) == [None, None, None]


def test_when_the_first_position_was_the_wrong_one_the_person_is_believed_again(gate: Gate) -> None:
    reasons = gate.reasons(gate.at(0, lat=34.4), *(gate.at(second) for second in range(1, 6)))
    assert reasons == [None, "impossible_speed", "impossible_speed", None, None, None]


def test_late_positions_are_told_and_stored_but_move_nobody_back(gate: Gate) -> None:
    gate.intake.take([gate.at(0), gate.at(-600, lat=34.09)])
    assert len(gate.heard) == 2
    assert [position.lat for position, _ in gate.intake.latest()] == [34.1]
    assert gate.intake.flush() == 2


def test_positions_sent_twice_are_stored_once(gate: Gate) -> None:
    for _ in range(2):
        assert gate.reasons(gate.at(0), gate.at(-1)) == [None, None]
        gate.intake.flush()
    with gate.timeline.reading() as db:
        assert len(track(db, "p1", since=gate.clock(), until=gate.clock())) == 1
        assert len(list(received_since(db, gate.clock()))) == 2


def test_a_batch_is_acknowledged_only_when_it_is_on_disk(gate: Gate) -> None:
    taken = gate.intake.take([gate.at(0)])
    assert not taken.stored.done()
    gate.intake.flush()
    assert taken.stored.done() and taken.stored.exception() is None
    assert gate.intake.take(["malformed"]).stored.done()


def test_a_sender_learns_that_its_batch_could_not_be_written_and_sends_it_again(gate: Gate) -> None:
    taken = gate.intake.take([gate.at(0)])
    PositionRow.__table__.drop(gate.timeline.engine)  # type: ignore[attr-defined]
    with pytest.raises(SQLAlchemyError):
        gate.intake.flush()
    assert taken.stored.exception() is not None
    PositionRow.__table__.create(gate.timeline.engine)  # type: ignore[attr-defined]
    again = gate.intake.take([gate.at(0)])
    assert gate.intake.flush() == 1
    assert again.stored.exception() is None


def test_the_latest_positions_are_known_again_after_a_start(tmp_path: Path) -> None:
    clock = Clock()
    before = open_gate(tmp_path, clock)
    before.intake.take([before.at(-20), before.at(-10, lat=34.101), before.at(-15, person_id="p3")])
    before.intake.flush()
    before.timeline.close()
    after = open_gate(tmp_path, clock)
    assert after.intake.restore() == 2
    assert {(position.person_id, position.lat) for position in after.heard} == {("p1", 34.101), ("p3", 34.1)}
    assert {area for _, area in after.intake.latest()} == {"320724199001", "320724199002"}
    after.timeline.close()


def test_old_tracks_are_forgotten(gate: Gate) -> None:
    gate.intake.take([gate.at(-100)])
    gate.clock.wait(90)
    gate.intake.take([gate.at(-10)])
    gate.intake.flush()
    with gate.timeline.transaction() as tx:
        forget_positions(tx, before=gate.clock())
    with gate.timeline.reading() as db:
        assert len(track(db, "p1", since=gate.at(-200).at, until=gate.clock())) == 1


def test_every_spelling_of_a_time_is_read_and_a_time_without_zone_refused() -> None:
    stamps = ["2026-08-23T01:00:00Z", "2026-08-23T09:00:00+08:00", NOW.timestamp(), NOW.timestamp() * 1000]
    items = [{"at": stamp, "lon": 119.4, "lat": 34.1} for stamp in [*stamps, "2026-08-23T09:00:00", "soon", True, None]]
    read = list(read_positions(items, person_id="p1", received_at=NOW))
    assert [entry if isinstance(entry, str) else entry.at for entry in read] == [NOW] * 4 + ["malformed"] * 4


def test_a_device_speaks_for_its_own_person_only() -> None:
    item = {"at": "2026-08-23T01:00:00Z", "lon": 119.4, "lat": 34.1}
    items = [item, item | {"person_id": "p1"}, item | {"person_id": "p2"}]
    assert [type(entry) is str for entry in read_positions(items, person_id="p1", received_at=NOW)] == [
        False,
        False,
        True,
    ]
    assert list(read_positions([item], person_id=None, received_at=NOW)) == ["unknown_person"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
)
reports = st.fixed_dictionaries({}, optional=dict.fromkeys(["person_id", "at", "lon", "lat", "speed_mps"], json_values))


@given(items=st.lists(json_values | reports, max_size=10))
def test_no_report_whatever_it_holds_breaks_the_driver(items: list[object]) -> None:
    read = list(read_positions(items, person_id=None, received_at=NOW))
    assert len(read) == len(items)
    assert all(entry in REASONS for entry in read if isinstance(entry, str))
