"""Quality detectors on real pictures, in trouble and out of it, decoded from what a camera would have sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.video.footage import units, variants
from video.clues import quiet_before
from video.decode import Decoder, planes_of
from video.detect.eyes import Eyes
from video.detect.glance import Glimpse, glances
from video.detect.look import Lane, Look, Planes, small_luma
from video.model import QUALITY_KINDS, FeedSignal, FeedSpec
from video.picture import Picture
from video.sources.unit import decodable

Render = Callable[[Picture, np.random.Generator], Picture]
# A Wednesday at ten in the morning in China.
START = 1_760_493_600.0


@cache
def _keys(segment: str) -> list[Planes]:
    """Every key picture of a segment in full size."""
    assert variants()
    decoder, pictures = Decoder(), []
    for unit in units(segment, groups=16):
        if unit.key:
            frame = decoder.last([decodable(unit)])
            assert frame is not None
            planes = planes_of(frame)
            assert planes.u is not None and planes.v is not None
            pictures.append(Planes(planes.y.copy(), planes.u.copy(), planes.v.copy()))
    return pictures


def _spec(*kinds: str) -> FeedSpec:
    return FeedSpec("a", "rtsp://a/", detectors=frozenset(kinds or QUALITY_KINDS))


def _look(planes: Planes, at: float, lane: Lane = "patrol", quiet_s: float = 0.0) -> Look:
    return Look(small_luma(planes.y), START + at, lane, planes, quiet_s=quiet_s)


def _changed(planes: Planes, render: Render, chance: np.random.Generator) -> Planes:
    return Planes(render(planes.y, chance), planes.u, planes.v)


class Watched:
    """A camera watched as a looker does it: a key frame every two seconds, five looks a second after a suspicion."""

    def __init__(self, eyes: Eyes | None = None) -> None:
        self.eyes = eyes or Eyes(_spec())
        self.at = 0.0
        self.chance = np.random.default_rng(3)
        self.told: list[FeedSignal] = []

    def see(self, count: int, render: Render | None = None) -> list[FeedSignal]:
        """So many groups of pictures; what was told in them."""
        before = len(self.told)
        for _ in range(count):
            for lane, later in self._moments():
                key = _keys("quiet")[round(self.at / 2) % 16]
                planes = _changed(key, _with_grain, self.chance)
                if render is not None:
                    planes = _changed(planes, render, self.chance)
                self.told += self.eyes.look(_look(planes, self.at + later, lane))
            self.at += 2.0
        return self.told[before:]

    def _moments(self) -> Iterator[tuple[Lane, float]]:
        yield "patrol", 0.0
        for number in range(1, 10):
            if self.eyes.suspicious:
                yield "hot", 0.2 * number


def _with_grain(luma: Picture, chance: np.random.Generator) -> Picture:
    """What a sensor adds to the drawn street."""
    grains = _grains(luma.shape)
    return np.asarray(cv2.add(luma, grains[int(chance.integers(len(grains)))], dtype=cv2.CV_8U), np.uint8)


def _with_flicker(luma: Picture, _chance: np.random.Generator) -> Picture:
    """A lamp that flickers by a few levels: all that ever changes in a room at night."""
    flickering = luma.copy()
    flickering[40:80, 40:80] = cv2.add(luma[40:80, 40:80], 6)
    return flickering


@cache
def _grains(shape: tuple[int, ...]) -> list[NDArray[np.int16]]:
    chance = np.random.default_rng(5)
    return [np.rint(chance.normal(0, 1.2, shape)).astype(np.int16) for _ in range(12)]


def _clipped(values: object) -> Picture:
    return np.asarray(np.clip(np.asarray(values), 0, 255), np.uint8)


def _blurred(luma: Picture, chance: np.random.Generator) -> Picture:
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), 5.0), np.uint8)


def _turned(luma: Picture, chance: np.random.Generator) -> Picture:
    return np.asarray(np.roll(luma, (40, 110), axis=(0, 1)))


def _darkened(luma: Picture, chance: np.random.Generator) -> Picture:
    return _clipped(16 + (luma.astype(np.float32) - 16) * 0.1)


def _burnt_out(luma: Picture, chance: np.random.Generator) -> Picture:
    return _clipped(np.minimum(luma.astype(np.float32) * 3 + 60, 235))


def _snowed(luma: Picture, chance: np.random.Generator) -> Picture:
    return _clipped(luma + chance.normal(0, 30, luma.shape))


def _barred(luma: Picture, chance: np.random.Generator) -> Picture:
    return _clipped(luma + 25 * np.sin(np.arange(luma.shape[0]) * 2 * np.pi / 22)[:, None])


def _shaken(luma: Picture, chance: np.random.Generator) -> Picture:
    return np.asarray(np.roll(luma, tuple(int(value) for value in chance.integers(-12, 13, 2)), axis=(0, 1)))


def _cloth(luma: Picture, chance: np.random.Generator) -> Picture:
    weave = cv2.GaussianBlur(chance.normal(0, 60, luma.shape), (0, 0), 5)
    return _clipped(cv2.GaussianBlur(luma, (0, 0), 25) * 0.15 + 40 + weave)


TROUBLES: dict[str, Render] = {
    "covered": _cloth,
    "defocus": _blurred,
    "moved": _turned,
    "dark": _darkened,
    "bright": _burnt_out,
    "noise": _snowed,
    "stripe": _barred,
    "shake": _shaken,
}


@pytest.mark.parametrize("kind", TROUBLES)
def test_a_trouble_is_told_by_its_name_alone_and_ends_when_it_is_over(kind: str) -> None:
    watched = Watched()
    assert watched.see(10) == []
    began_at = watched.at
    told = watched.see(4, TROUBLES[kind])
    assert [(signal.kind, signal.ended_at) for signal in told] == [(kind, None)]
    assert began_at <= told[0].started_at.timestamp() - START <= began_at + 4.0
    ended = watched.see(8)
    assert [signal.kind for signal in ended] == [kind] and ended[0].ended_at is not None


def test_a_colour_that_is_lost_is_a_cast_and_a_camera_that_turns_grey_is_none() -> None:
    eyes = Eyes(_spec("colour_cast"))
    for number in range(8):
        assert eyes.look(_look(_keys("quiet")[number], 2.0 * number)) == []
    red = [Planes(key.y, key.u, _clipped(key.v.astype(int) + 40)) for key in _keys("quiet")]
    told = [signal for number in range(3) for signal in eyes.look(_look(red[number], 16 + 0.5 * number, "hot"))]
    assert [signal.kind for signal in told] == ["colour_cast"] and told[0].detail["v"] > 30
    eyes = Eyes(_spec("colour_cast"))
    for number in range(8):
        eyes.look(_look(_keys("quiet")[number], 2.0 * number))
    grey = Planes(red[0].y, np.full_like(_keys("quiet")[0].u, 128), np.full_like(_keys("quiet")[0].u, 128))  # type: ignore[arg-type]
    assert not any(eyes.look(_look(grey, 16 + 0.5 * number, "hot")) for number in range(4))


def test_ten_minutes_of_a_quiet_street_raises_nothing() -> None:
    assert Watched().see(300) == []


def test_lights_that_dim_and_come_back_raise_nothing() -> None:
    watched = Watched()
    watched.see(10)
    for step in range(40):
        light = 0.3 + 0.7 * abs(1 - step / 20)
        assert watched.see(1, lambda luma, chance, light=light: _clipped(16 + (luma - 16.0) * light)) == []  # type: ignore[misc]


def test_a_light_that_is_switched_on_raises_nothing() -> None:
    watched = Watched()
    watched.see(10, lambda luma, chance: _clipped(16 + (luma - 16.0) * 0.4))
    assert watched.see(20) == []


def test_a_black_moment_while_the_infrared_filter_turns_raises_nothing() -> None:
    eyes, chance = Eyes(_spec()), np.random.default_rng(4)
    keys = [_changed(key, _with_grain, chance) for key in _keys("quiet")]
    for number in range(10):
        eyes.look(_look(keys[number], 2.0 * number))
    black = Planes(np.full_like(keys[0].y, 16), keys[0].u, keys[0].v)
    told = [
        *eyes.look(_look(black, 20.0)),
        *eyes.look(_look(black, 20.2, "hot")),
        *eyes.look(_look(black, 20.4, "hot")),
    ]
    for number in range(1, 6):
        grey = Planes(_clipped(16 + (keys[5].y - 16.0) * 0.15 * number), keys[0].u, keys[0].v)
        told += eyes.look(_look(grey, 20.4 + 0.2 * number, "hot"))
    for number in range(5):
        told += eyes.look(_look(keys[number], 22.0 + 2.0 * number))
    assert told == []


def test_a_camera_without_structure_is_not_judged() -> None:
    eyes, chance = Eyes(_spec("covered", "moved", "defocus")), np.random.default_rng(1)
    for index in range(12):
        fog = _clipped(chance.normal(120 - index * 3, 0.6, (144, 192)))
        assert eyes.look(Look(fog, START + index * 2.0)) == []
    assert eyes.blind["covered"] == "no_texture" and eyes.blind["moved"] == "no_texture"


def test_a_view_that_stays_becomes_the_usual_one_and_a_view_come_back_from_is_not_told_again() -> None:
    watched = Watched(Eyes(_spec("moved")))
    watched.see(10)
    assert [signal.ended_at for signal in watched.see(5, _turned)] == [None]
    assert len(watched.see(8)) == 1
    assert watched.see(8, _turned) == []
    watched = Watched(Eyes(_spec("moved")))
    watched.see(10)
    told = watched.see(330, _turned)
    assert [signal.kind for signal in told] == ["moved", "moved"] and told[1].ended_at is not None
    assert 590 < (told[1].ended_at - told[0].started_at).total_seconds() < 630


def test_a_frozen_picture_is_told_since_it_stands_and_its_noise_is_not() -> None:
    watched = Watched(Eyes(_spec("freeze")))
    assert watched.see(12) == []
    frozen = _changed(_keys("quiet")[3], _with_grain, watched.chance)
    told = [signal for k in range(9) for signal in watched.eyes.look(_look(frozen, watched.at + 2.0 * k))]
    assert [signal.kind for signal in told] == ["freeze"]
    assert told[0].started_at.timestamp() - START == watched.at and told[0].ended_at is None
    watched.at += 18.0
    assert [signal.ended_at is not None for signal in watched.see(3)] == [True]


def test_pictures_in_between_that_carry_nothing_let_a_freeze_be_told_before_the_next_key_frame() -> None:
    watched = Watched(Eyes(_spec("freeze")))
    watched.see(120)
    frozen = _changed(_keys("quiet")[3], _with_grain, watched.chance)
    watched.eyes.look(_look(frozen, watched.at, quiet_s=8.5))
    assert watched.eyes.suspicious
    told = [watched.eyes.look(_look(frozen, watched.at + 0.2 * number, "hot")) for number in range(1, 10)]
    assert not told[0] and [bool(signals) for signals in told].count(True) == 1


def test_pictures_that_are_alike_after_a_while_nobody_looked_are_no_freeze() -> None:
    watched = Watched(Eyes(_spec("freeze")))
    watched.see(33)
    same = _changed(_keys("quiet")[3], _with_grain, watched.chance)
    # There was no time for the looks in between.
    assert [watched.eyes.look(_look(same, watched.at + 16.0 * number)) for number in range(6)] == [[]] * 6
    watched.at += 16.0 * 5
    told = [watched.eyes.look(_look(same, watched.at + 2.0 * number)) for number in range(1, 12)]
    assert sum(map(len, told)) == 1


def test_the_same_key_frame_again_is_a_freeze_at_once_and_ends_when_the_picture_goes_on() -> None:
    watched = Watched(Eyes(_spec("freeze")))
    watched.see(33)
    frozen = _changed(_keys("quiet")[3], _with_grain, watched.chance)
    assert watched.eyes.look(_look(frozen, watched.at)) == []
    told = watched.eyes.look(replace(_look(frozen, watched.at + 2.0), repeated=True))
    assert [signal.kind for signal in told] == ["freeze"] and told[0].detail["repeated"]
    assert told[0].started_at.timestamp() - START == watched.at
    assert watched.eyes.look(replace(_look(frozen, watched.at + 4.0), repeated=True)) == []
    watched.at += 6.0
    assert [signal.ended_at is not None for signal in watched.see(3)] == [True]


def test_where_little_ever_moves_one_key_frame_again_is_chance_and_two_are_a_freeze() -> None:
    def told(repeats: int) -> list[str]:
        key, eyes, signals = _keys("quiet")[3], Eyes(_spec("freeze")), list[FeedSignal]()
        # A room at night: from key frame to key frame a few pixels flicker.
        spots = [key, _changed(key, _with_flicker, np.random.default_rng(1))]
        for number in range(12):
            signals += eyes.look(_look(spots[number % 2], 2.0 * number))
        for number in range(12, 12 + repeats):
            signals += eyes.look(replace(_look(spots[1], 2.0 * number), repeated=True))
        return [signal.kind for signal in signals]

    assert told(repeats=1) == []
    assert told(repeats=2) == ["freeze"]


def test_a_key_frame_that_only_looks_repeated_is_none_when_its_picture_differs() -> None:
    watched = Watched(Eyes(_spec("freeze")))
    watched.see(12)
    assert watched.eyes.look(replace(_look(_keys("quiet")[9], watched.at), repeated=True)) == []


def test_a_hush_is_a_freeze_only_when_the_pictures_are_the_same() -> None:
    def told_of(later: Planes) -> list[FeedSignal]:
        watched = Watched(Eyes(_spec("freeze")))
        watched.see(12)
        watched.eyes.look(_look(_keys("quiet")[3], watched.at))
        return watched.eyes.look(replace(_look(later, watched.at + 0.3, "hot"), hushed=True))

    assert [signal.kind for signal in told_of(_keys("quiet")[3])] == ["freeze"]
    assert told_of(_keys("quiet")[9]) == []


def test_bars_as_far_apart_as_the_parts_of_the_first_rung_are_seen_by_it() -> None:
    key = _keys("quiet")[3]
    height = len(key.y)
    bars = 38 * np.sin(2 * np.pi * np.arange(height) * 18 / height)[:, None]
    glimpse, barred = Glimpse(), Planes(_clipped(key.y.astype(np.float64) + bars), key.u, key.v)
    looks = [_look(planes, 2.0 * number) for number, planes in enumerate((key, key, barred))]
    assert [glances([look], [glimpse])[0].steady for look in looks] == [False, True, False]


def test_a_scene_that_stands_still_now_and_then_must_stand_much_longer_to_be_frozen() -> None:
    watched = Watched(Eyes(_spec("freeze")))
    still = _changed(_keys("quiet")[3], _with_grain, watched.chance)
    told = []
    for _ in range(12):
        told += watched.see(3)
        for number in range(2):
            told += watched.eyes.look(_look(still, watched.at + 2.0 * number))
        watched.at += 4.0
    assert told == [] and watched.see(1) == []
    told = [watched.eyes.look(_look(still, watched.at + 2.0 * number)) for number in range(62)]
    assert [bool(signals) for signals in told].index(True) >= 3


def test_the_quiet_before_a_key_frame_is_what_its_coded_pictures_left_out() -> None:
    lively = [(0.1 * number, 900) for number in range(1, 20)]
    assert quiet_before(lively, 2.0) == 0.0
    stands = [(moment, 900 if moment < 1.05 else 40) for moment, _ in lively]
    assert quiet_before(stands, 2.0) == pytest.approx(0.9)
    assert quiet_before(lively[:2], 2.0) == 0.0


def test_what_was_learned_outlives_a_restart_as_a_few_kilobytes_of_json() -> None:
    first = Watched()
    first.see(20)
    assert len(json.dumps(first.eyes.memory())) < 8_000
    first = Watched(Eyes(_spec("dark")))
    first.see(1220)
    text = json.dumps(first.eyes.memory())
    watched = Watched(Eyes(_spec("dark"), json.loads(text)))
    watched.at = first.at
    assert [signal.kind for signal in watched.see(2, _darkened)] == ["dark"]
