"""The law of the ledger: a day whose positions come late, out of order and doubled ends as the same day in order."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.patrol_day import Arrivals, Day, Size, make_day
from bench.proof import Outcome, replay

SIZES = st.builds(
    Size,
    patrollers=st.integers(3, 5),
    hours=st.just(0.5),
    points=st.integers(2, 4),
    lines=st.integers(1, 2),
    blocks=st.just(5),
    start_h=st.sampled_from([0.0, 8.0]),
    every_s=st.sampled_from([10.0, 20.0]),
    point_windows=st.just(1),
    line_windows=st.just(1),
    window_min=st.integers(8, 12).map(float),
    dwell_s=st.just(60),
)


def ledger(day: Day, arrivals: Arrivals) -> dict[tuple[str, str], Outcome]:
    with tempfile.TemporaryDirectory() as folder:
        return replay(day, arrivals, Path(folder), step_s=60.0).ledger


@given(size=SIZES, seed=st.integers(0, 10_000))
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
def test_late_doubled_and_shuffled_positions_end_in_the_ledger_of_the_same_day_in_order(size: Size, seed: int) -> None:
    day = make_day(size, seed)
    in_order = ledger(day, day.in_order())
    assert len(in_order) >= 3
    assert ledger(day, day.as_phones_bring_it(seed + 1)) == in_order
