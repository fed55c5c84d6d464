"""What sizes of coded pictures tell before anything is decoded."""

from __future__ import annotations

from video.clues import KNOWN_HEADS, KNOWN_KEYS, MOST_SURPRISE, Clue, Clues, KeySizes

LIVELY = [16_000, *[700] * 29]


def _told(clues: Clues, group: list[int], steps: tuple[int, ...] = (6, 12, 18, 24, 30)) -> list[Clue]:
    """Clues of one group that comes in a few pictures at a time."""
    came: list[int] = []
    found = []
    for step in steps:
        came.extend(group[len(came) : step])
        clue = clues.read(came)
        found += [clue] if clue is not None else []
    return found


def _known(groups: int = KNOWN_HEADS + 1) -> Clues:
    clues = Clues()
    for _ in range(groups):
        assert _told(clues, LIVELY) == []
    return clues


def test_a_picture_that_costs_far_more_than_usual_is_a_surge_once_a_group() -> None:
    clues, covered = _known(), [*LIVELY[:14], 9000, 8000, *LIVELY[16:]]
    assert _told(clues, covered) == ["surge"]
    assert _told(clues, covered) == ["surge"]
    assert _told(clues, LIVELY) == []


def test_nothing_is_a_surge_before_the_usual_size_is_known() -> None:
    assert _told(Clues(), [16_000, *[9000] * 29]) == []


def test_stillness_after_a_key_frame_is_a_hush_where_it_never_is() -> None:
    frozen = [15_000, 2100, 28, 11, 17, 30, 135, *[600] * 23]
    assert _told(_known(), frozen) == ["hush"]
    assert _told(_known(5), frozen) == []


def test_a_quiet_camera_that_is_often_still_is_not_hushed() -> None:
    clues, still = Clues(), [15_000, 30, 12, 11, *[400] * 26]
    for _ in range(2 * KNOWN_HEADS):
        assert _told(clues, still) == []


def test_a_hush_that_was_no_trouble_is_not_told_again() -> None:
    clues, empty_street = _known(), [15_000, 200, 40, 60, *[600] * 26]
    assert _told(clues, empty_street) == ["hush"]
    assert _told(clues, empty_street) == []


def test_groups_of_one_picture_say_nothing() -> None:
    clues = Clues()
    for _ in range(100):
        assert clues.read([20_000]) is None


def test_a_key_frame_of_another_size_than_usual_is_a_surprise_for_a_while() -> None:
    sizes = KeySizes()
    usual = [sizes.surprise(15_000 + 300 * (turn % 3)) for turn in range(4 * KNOWN_KEYS)]
    assert set(usual) == {0.0}
    assert sizes.surprise(9_000) == MOST_SURPRISE and sizes.surprise(24_000) == MOST_SURPRISE
    assert 0 < sizes.surprise(9_000) <= MOST_SURPRISE
    # What lasts is usual.
    assert [sizes.surprise(9_000) for _ in range(80)][-1] == 0.0


def test_nothing_surprises_before_the_usual_size_of_key_frames_is_known() -> None:
    sizes = KeySizes()
    assert all(sizes.surprise(size) == 0.0 for size in (15_000, 30_000, 2_000, 40_000)[:KNOWN_KEYS])
