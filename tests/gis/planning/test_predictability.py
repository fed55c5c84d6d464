"""The score of predictability: 1 for the same day again, about 0 for one drawn at random."""

import random
from statistics import fmean

from hypothesis import given, settings
from hypothesis import strategies as st

from gis.planning.needs import Needs, PointNeed, visits_of
from gis.planning.predictability import NEAR_S, gain_over_chance, predictability, vary

HOUR = 3_600
VISITS = visits_of(
    Needs((), tuple(PointNeed(f"P{n}", "", (0.0, 0.0), ((8 * HOUR, (10 + n % 3) * HOUR),), 300) for n in range(60)))
)


def drawn(seed: int) -> dict[str, int]:
    rng = random.Random(seed)
    return {visit.id: rng.randint(visit.earliest_s, visit.latest_s) for visit in VISITS}


@given(st.integers(0, 1_000), st.integers(1, 5))
def test_the_same_plan_every_day_is_wholly_predictable(seed: int, days: int) -> None:
    assert predictability(drawn(seed), [drawn(seed)] * days, VISITS) == 1.0


def test_plans_drawn_at_random_are_told_no_better_than_by_chance() -> None:
    gains = [gain_over_chance(drawn(2 * n), [drawn(2 * n + 1), drawn(10_000 + n)], VISITS) for n in range(200)]
    assert abs(fmean(gains)) < 0.02


@settings(max_examples=20)
@given(st.integers(0, 1_000))
def test_a_shift_of_everything_by_less_than_ten_minutes_stays_predictable(seed: int) -> None:
    day = drawn(seed)
    assert predictability({id: at_s + NEAR_S for id, at_s in day.items()}, [day], VISITS) == 1.0
    assert predictability({id: at_s + NEAR_S + 1 for id, at_s in day.items()}, [day], VISITS) == 0.0


def test_wished_times_keep_below_the_wanted_score() -> None:
    former = [drawn(1), drawn(2)]
    for most in (0.0, 0.3, 0.6):
        scores = [
            predictability(vary(VISITS, former, most=most, seed=seed).wanted, former, VISITS) for seed in range(40)
        ]
        assert max(scores) <= most
    assert vary(VISITS, former, most=1.0, seed=1).wanted == {}


def test_a_window_without_freedom_counts_nothing() -> None:
    (visit,) = visits_of(Needs((), (PointNeed("P", "", (0.0, 0.0), ((8 * HOUR, 8 * HOUR + 600),), 300),)))
    assert predictability({visit.id: visit.earliest_s}, [{visit.id: visit.earliest_s}], [visit]) == 0.0
