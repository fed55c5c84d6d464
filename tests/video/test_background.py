"""The usual scene: what belongs to it, what does not, and what only looks as if it did not."""

from __future__ import annotations

import numpy as np
import pytest

from bench.change_detection import CDNET, KEY_EVERY, TARGET_F, mog2, ours, score
from bench.clips import CLIPS
from tests.video.played import HEIGHT, WIDTH, Stage, body, noisy, street, with_bodies
from video.detect.align import FARTHEST_PX, Place
from video.detect.background import GLITCH_S, Background
from video.detect.look import Look
from video.model import Zone

REAL = pytest.mark.skipif(not CLIPS.exists(), reason="needs the real clips in ../shared/data/video")


def _warm(background: Background, at: float = 0.0) -> float:
    for step in range(8):
        at += 2.0
        background.subtract(Look(noisy(street(), step), at))
    return at


@REAL
@pytest.mark.parametrize("clip", CDNET)
def test_what_moves_is_told_from_the_scene_better_than_by_opencv_at_key_frame_rate(clip: str) -> None:
    here = score(clip, KEY_EVERY, ours())
    assert here.f_measure >= TARGET_F
    assert here.f_measure > score(clip, KEY_EVERY, mog2()).f_measure


def test_somebody_is_foreground_where_he_stands_and_nowhere_else() -> None:
    background = Background()
    at = _warm(background)
    foreground = background.subtract(Look(noisy(with_bodies(street(), [(0.5, 0.7)]), 99), at + 2))
    assert len(foreground.bodies) == 1
    found = foreground.bodies[0]
    assert abs(found.foot[0] - 0.5) < 0.03 and abs(found.foot[1] - 0.7) < 0.05
    assert 0.5 < found.area * WIDTH * HEIGHT / body().size < 1.5
    assert foreground.solid(found)


@pytest.mark.parametrize("lift", [-40, -12, 12, 40])
def test_light_that_lifts_the_whole_picture_is_no_foreground(lift: int) -> None:
    background = Background()
    at = _warm(background)
    brighter = np.clip(street().astype(int) + lift, 0, 255).astype(np.uint8)
    assert background.subtract(Look(noisy(brighter, 7), at + 2)).share < 0.02


def test_sunshine_on_a_part_of_the_street_is_no_solid_body() -> None:
    background = Background()
    at = _warm(background)
    lit = street().astype(np.float32)
    lit[70:120, 40:110] *= 1.5
    foreground = background.subtract(Look(noisy(np.clip(lit, 0, 255).astype(np.uint8), 5), at + 2))
    assert foreground.bodies and not any(foreground.solid(found) for found in foreground.bodies)


@pytest.mark.parametrize(("across", "down"), [(0, 0), (3, -2), (-5, 4), (FARTHEST_PX - 2, 0)])
def test_the_shift_of_a_shaken_picture_is_found(across: int, down: int) -> None:
    wide = np.pad(street(), 16, mode="reflect")
    shaken = wide[16 - down : 16 - down + HEIGHT, 16 - across : 16 - across + WIDTH]
    assert Place(street()).shift_of(np.ascontiguousarray(shaken)) == (across, down)


def test_a_camera_that_shakes_still_sees_only_who_is_there() -> None:
    background = Background()
    at = _warm(background)
    shaken = np.roll(with_bodies(street(), [(0.5, 0.7)]), (2, -4), axis=(0, 1))
    foreground = background.subtract(Look(noisy(shaken, 3), at + 2))
    assert foreground.share < 0.03
    assert any(abs(found.foot[0] - 0.5 + 4 / WIDTH) < 0.03 for found in foreground.bodies)


def test_one_black_picture_is_a_glitch_and_lasting_dark_is_a_new_scene() -> None:
    background = Background()
    at = _warm(background)
    bright = np.maximum(street(), 60)
    for step in range(10):
        background.subtract(Look(noisy(bright, step), at + 2 * step))
    at += 20
    inverted = np.asarray(255 - street(), np.uint8)
    assert not background.subtract(Look(inverted, at)).settled
    after = background.subtract(Look(noisy(bright, 31), at + 1))
    assert after.settled and after.share < 0.02
    at += 2
    for step in range(round(GLITCH_S / 2) + 8):
        last = background.subtract(Look(noisy(inverted, step), at + 2 * step))
    assert last.settled and last.share < 0.02


def test_an_ignored_part_is_never_foreground() -> None:
    left = Zone("树", "ignore", ((0.0, 0.0), (0.6, 0.0), (0.6, 1.0), (0.0, 1.0)))
    background = Background([left])
    at = _warm(background)
    foreground = background.subtract(Look(noisy(with_bodies(street(), [(0.3, 0.7), (0.8, 0.7)]), 1), at + 2))
    assert [round(found.foot[0], 1) for found in foreground.bodies] == [0.8]


def test_a_thing_that_stays_becomes_part_of_the_scene_after_minutes_and_nobody_who_moves_does() -> None:
    stage = Stage()
    stage.calm(90.0)
    thing = with_bodies(stage.scene, [(0.5, 0.7)])
    foot = (slice(round(0.7 * HEIGHT) - 20, round(0.7 * HEIGHT) - 4), slice(94, 98))
    shares = []
    for _ in range(170):
        stage.show(thing)
        mask = stage.background.subtract(Look(noisy(thing, 1), stage.at + 0.1, "hot")).mask[foot]
        shares.append(float(np.mean(mask > 0)))
    assert min(shares[:60]) > 0.5
    assert shares[-1] == 0.0
