"""What is usual at an hour of the week."""

from __future__ import annotations

from video.detect.baseline import Baseline

HOUR_S = 3600.0
# Monday, midnight in China.
MONDAY = 1_760_284_800.0


def _watched(hours: list[tuple[int, float]]) -> Baseline:
    baseline = Baseline(None, highest=255.0, least_spread=3.0)
    for hour, value in hours:
        for look in range(1800):
            baseline.learn(value, MONDAY + hour * HOUR_S + 2 * look)
    return baseline


def test_a_night_that_is_dark_every_week_is_usual_and_the_same_value_at_noon_is_not() -> None:
    baseline = _watched([(2, 30.0), (12, 120.0)])
    week = 7 * 24 * HOUR_S
    assert baseline.beyond(30.0, MONDAY + week + 2.5 * HOUR_S) == 0.0
    assert baseline.beyond(30.0, MONDAY + week + 12.5 * HOUR_S) < -50


def test_an_hour_not_known_yet_is_answered_by_the_same_hour_of_other_days_or_not_at_all() -> None:
    baseline = _watched([(12, 120.0)])
    tuesday = baseline.hourly(MONDAY + 36 * HOUR_S)
    assert tuesday is not None and abs(tuesday.centre - 120) < 1
    assert baseline.hourly(MONDAY + 20 * HOUR_S) is None


def test_hours_survive_a_restart_within_a_level_and_nonsense_is_ignored() -> None:
    text = _watched([(12, 120.0)]).memory()
    assert text is not None and len(text) == 672
    again = Baseline(text, highest=255.0, least_spread=3.0)
    noon = again.hourly(MONDAY + 12 * HOUR_S)
    assert noon is not None and abs(noon.centre - 120) <= 1 and again.judgeable(MONDAY + 12 * HOUR_S)
    assert not Baseline("not base64 of hours", highest=255.0, least_spread=3.0).judgeable(MONDAY)
