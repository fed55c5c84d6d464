"""Scene detectors on a real street with played bodies, and on real clips with labels."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import pytest

from bench.clips import CLIPS, WHOLE, watch
from tests.video.played import HEIGHT, WIDTH, Stage, body, line, noisy, street, with_bodies
from video.detect.areas import watched
from video.detect.crowd import Crowd
from video.detect.eyes import Eyes
from video.detect.fire import Fire
from video.detect.intrusion import Intrusion
from video.detect.left_object import LeftObject
from video.detect.line_cross import LineCross
from video.detect.loitering import Loitering
from video.detect.look import Look, Planes
from video.detect.removed_object import RemovedObject
from video.detect.smoke import Smoke
from video.detect.verdict import Verdict
from video.detect.wrong_way import WrongWay
from video.model import SCENE_KINDS, ZONE_KINDS, FeedSignal, FeedSpec, Zone, ZoneKind
from video.picture import Picture

REAL = pytest.mark.skipif(not CLIPS.exists(), reason="needs the real clips in ../shared/data/video")
UPRIGHT_LINE = ((0.5, 0.2), (0.5, 1.0))


def _spec(kind: ZoneKind, **about: object) -> FeedSpec:
    polygon = UPRIGHT_LINE if kind == "line_cross" else WHOLE
    return FeedSpec("a", "rtsp://a/", (Zone("路口", kind, polygon, **about),))  # type: ignore[arg-type]


def _told(verdicts: Iterable[Verdict]) -> list[bool]:
    return [verdict.positive(0.5) for verdict in verdicts]


def _kinds(signals: Iterable[FeedSignal]) -> set[str]:
    return {signal.kind for signal in signals}


# line_cross


def test_who_walks_over_a_line_is_told_with_his_direction() -> None:
    stage = Stage(LineCross(_spec("line_cross")))
    (verdict,) = stage.walk(line((0.3, 0.75), (0.7, 0.75)), 4.0)
    assert verdict.positive(0.5) and abs(verdict.detail["direction_deg"] - 90) < 20


@pytest.mark.parametrize(("start", "end", "told"), [(0.3, 0.7, True), (0.7, 0.3, False)])
def test_a_line_with_a_direction_counts_only_that_way(start: float, end: float, told: bool) -> None:
    stage = Stage(LineCross(_spec("line_cross", direction_deg=90.0)))
    assert _told(stage.walk(line((start, 0.75), (end, 0.75)), 4.0)) == [told]


def test_who_walks_along_a_line_or_turns_back_before_it_has_not_crossed() -> None:
    stage = Stage(LineCross(_spec("line_cross")))
    assert _told(stage.walk(line((0.4, 0.4), (0.4, 0.95)), 4.0)) == [False]
    assert _told(stage.walk(line((0.4, 0.7), (0.47, 0.7)), 2.0)) == [False]
    assert _told(stage.walk(line((0.46, 0.7), (0.3, 0.7)), 2.0)) == [False]


def test_somebody_near_a_line_asks_for_more_looks() -> None:
    detector = LineCross(_spec("line_cross"))
    stage = Stage(detector)
    stage.show(with_bodies(stage.scene, [(0.45, 0.7)]))
    assert detector.curious
    stage.show(stage.scene)
    assert not detector.curious


# wrong_way


@pytest.mark.parametrize(("start", "end", "told"), [(0.2, 0.6, False), (0.6, 0.2, True)])
def test_who_goes_against_the_arrow_is_told_and_who_goes_with_it_is_not(start: float, end: float, told: bool) -> None:
    stage = Stage(WrongWay(_spec("wrong_way", direction_deg=90.0)))
    assert _told(stage.walk(line((start, 0.75), (end, 0.75)), 4.0)) == [told]


@REAL
def test_the_cars_of_the_real_clip_that_go_the_other_way_are_told_and_no_others() -> None:
    down = watch("intel/car-detection.mp4", (Zone("up only", "wrong_way", WHOLE, 0.0),))
    starts = [round(signal.started_at.timestamp()) for signal in down if signal.kind == "wrong_way"]
    assert len(starts) == 2 and 14 <= starts[0] <= 17 and 25 <= starts[1] <= 28


# loitering


def test_who_stays_over_the_limit_is_told_and_who_passes_is_not() -> None:
    stage = Stage(Loitering(_spec("loitering", limit=20.0)))
    assert _told(stage.walk(line((0.1, 0.75), (0.9, 0.75)), 12.0)) == [False]
    stage.calm(12.0)

    def about(share: float) -> tuple[float, float]:
        return 0.5 + 0.04 * np.sin(share * 30), 0.75

    assert _told(stage.walk(about, 15.0, every_s=1.0)) == [False]
    (verdict,) = stage.walk(about, 12.0, every_s=1.0)
    assert verdict.positive(0.0) and verdict.detail["stay_s"] >= 20


# crowd


def test_more_persons_than_the_limit_are_a_crowd_and_fewer_are_not() -> None:
    stage = Stage(Crowd(_spec("crowd", limit=5.0)))
    places = [(0.08 + 0.11 * k, 0.72 + 0.05 * (k % 2)) for k in range(8)]
    for _ in range(6):
        few = stage.show(with_bodies(stage.scene, places[:2]))
    assert _told(few) == [False]
    (many,) = stage.show(with_bodies(stage.scene, places))
    assert many.positive(0.5) and 6 <= many.detail["persons"] <= 10


# left_object and removed_object


def test_a_bag_that_is_left_is_told_after_the_limit_and_is_not_taken_for_one_that_went() -> None:
    detectors = LeftObject(_spec("left_object", limit=20.0)), RemovedObject(_spec("removed_object", limit=20.0))
    stage, bag = Stage(*detectors), body(12, 12)
    seen = [_told(stage.show(with_bodies(stage.scene, [(0.5, 0.8)], bag))) for _ in range(16)]
    assert not any(left for left, _ in seen[:9]) and seen[-1] == [True, False]


def test_a_thing_that_is_gone_is_told_as_gone() -> None:
    scene = with_bodies(street(), [(0.5, 0.8)], body(12, 12))
    detectors = LeftObject(_spec("left_object", limit=20.0)), RemovedObject(_spec("removed_object", limit=20.0))
    stage = Stage(*detectors, scene=scene)
    stage.calm(20.0)
    seen = [_told(stage.show(street())) for _ in range(16)]
    assert seen[-1] == [False, True]


def test_who_walks_through_leaves_nothing_behind() -> None:
    stage = Stage(LeftObject(_spec("left_object", limit=4.0)))
    assert _told(stage.walk(line((0.1, 0.8), (0.9, 0.8)), 20.0, every_s=0.5)) == [False]


# fire and smoke


def _coloured(luma: Picture, flames: Picture | None = None) -> Planes:
    """Full planes of a grey scene, with flame colours where the mask says."""
    y = np.asarray(cv2.resize(luma, (384, 288), interpolation=cv2.INTER_NEAREST), np.uint8)
    u, v = np.full((144, 192), 128, np.uint8), np.full((144, 192), 128, np.uint8)
    if flames is not None:
        u[flames > 0], v[flames > 0] = 90, 175
    return Planes(y, u, v)


def _flames(seed: int) -> Picture:
    """A fire that is never twice the same, (144, 192)."""
    random = np.random.default_rng(seed)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[80:100, 100:120] = np.repeat(np.repeat(random.integers(0, 2, (5, 5), np.uint8), 4, 0), 4, 1) * 255
    return mask


def _burn(stage: Stage, masks: Iterable[Picture]) -> list[bool]:
    told = []
    for index, mask in enumerate(masks):
        picture = np.where(mask > 0, np.uint8(230), stage.scene)
        planes = _coloured(picture, mask)
        told += _told(stage.show(picture, lane="hot" if index % 10 else "patrol", after_s=0.2, planes=planes))
    return told


def test_flames_that_flicker_in_one_place_are_fire() -> None:
    assert any(_burn(Stage(Fire(FeedSpec("a", ""))), (_flames(seed) for seed in range(40))))


def test_an_orange_sign_and_one_that_is_carried_past_are_no_fire() -> None:
    stage, sign = Stage(Fire(FeedSpec("a", ""))), np.zeros((HEIGHT, WIDTH), np.uint8)
    sign[80:100, 100:120] = 255
    assert not any(_burn(stage, [sign] * 40))
    assert not any(_burn(stage, (np.roll(sign, 4 * step - 90, axis=1) for step in range(40))))


def test_flames_in_an_ignored_part_are_none_and_grey_pictures_cannot_be_judged() -> None:
    everywhere = FeedSpec("a", "", (Zone("炉", "ignore", WHOLE),))
    assert not any(_burn(Stage(Fire(everywhere)), (_flames(seed) for seed in range(40))))
    (verdict,) = Stage(Fire(FeedSpec("a", ""))).show(street())
    assert verdict.blind == "no_colour"


@REAL
def test_the_burning_house_of_the_real_clip_is_a_fire_where_its_flames_are() -> None:
    fires = [signal for signal in watch("fire/furg_house6.mp4") if signal.kind == "fire"]
    assert len(fires) == 1 and fires[0].box is not None
    x, y, w, h = fires[0].box
    # The labelled boxes of the first picture lie between 154 and 200 of 426 across, and 84 and 196 of 240 down.
    assert x < 200 / 426 and x + w > 154 / 426 and y < 196 / 240 and y + h > 84 / 240


def _veiled(scene: Picture, rows: int) -> Picture:
    """The scene behind a grey veil that rises from the ground."""
    made = scene.astype(np.float32)
    part = made[HEIGHT - rows :, 60:140]
    part[:] = 0.25 * part + 0.75 * 165
    return np.asarray(made, np.uint8)


def test_a_grey_veil_that_grows_is_smoke() -> None:
    scene = np.kron(np.random.default_rng(5).integers(40, 140, (48, 64)), np.ones((3, 3))).astype(np.uint8)
    stage = Stage(Smoke(FeedSpec("a", "")), scene=scene)
    told = [_told(stage.show(_veiled(scene, 20 + 6 * step)))[0] for step in range(12)]
    assert any(told) and not any(told[:3])


def test_a_light_that_grows_on_the_street_is_no_smoke() -> None:
    stage = Stage(Smoke(FeedSpec("a", "")))
    for step in range(12):
        lit = stage.scene.astype(np.float32)
        lit[HEIGHT - 20 - 6 * step :, 60:140] *= 1.4
        assert _told(stage.show(np.clip(lit, 0, 255).astype(np.uint8))) == [False]


# what all share


@pytest.mark.parametrize(
    ("clock_utc", "hours", "expected"),
    [
        ("14:00", (), True),
        ("14:30", (("22:00", "05:30"),), True),
        ("21:29", (("22:00", "05:30"),), True),
        ("21:31", (("22:00", "05:30"),), False),
        ("04:00", (("22:00", "05:30"), ("11:30", "12:30")), True),
        ("02:00", (("22:00", "05:30"), ("11:30", "12:30")), False),
    ],
)
def test_a_zone_is_watched_in_its_hours_of_chinese_time(
    clock_utc: str, hours: tuple[tuple[str, str], ...], expected: bool
) -> None:
    hour, minute = clock_utc.split(":")
    at = 1_760_054_400.0 // 86_400 * 86_400 + int(hour) * 3600 + int(minute) * 60
    assert watched(Zone("门", "intrusion", WHOLE, hours=hours), at) is expected


def test_out_of_hours_nobody_is_an_intruder() -> None:
    stage = Stage(Intrusion(_spec("intrusion", hours=(("08:01", "08:02"),))))
    picture = with_bodies(stage.scene, [(0.5, 0.8)])
    assert _told(stage.show(picture)) == [False]
    stage.at = 70.0
    assert _told(stage.show(picture)) == [True]


def test_a_burnt_in_clock_and_swinging_leaves_raise_nothing_but_activity() -> None:
    kinds: tuple[ZoneKind, ...] = ("intrusion", "loitering", "crowd", "left_object", "removed_object", "line_cross")
    zones = tuple(Zone(kind, kind, UPRIGHT_LINE if kind == "line_cross" else WHOLE, limit=10.0) for kind in kinds)
    scene_only = frozenset({*kinds, "wrong_way", "fire", "smoke", "motion"})
    eyes, random, seen = Eyes(FeedSpec("a", "", zones, detectors=scene_only)), np.random.default_rng(4), set[str]()
    for step in range(120):
        picture = street().copy()
        leaves = picture[10:40, 20:60]
        picture[10:40, 20:60] = np.roll(leaves, tuple(random.integers(-2, 3, 2)), axis=(0, 1))
        cv2.putText(picture, f"2026-11-22 {step:04d}", (4, 10), cv2.FONT_HERSHEY_PLAIN, 0.7, 255)
        seen |= _kinds(eyes.look(Look(noisy(picture, step), 2.0 * step, "patrol", _coloured(picture))))
    assert seen <= {"motion"}


def test_an_untrodden_feed_asks_only_detectors_that_have_a_place() -> None:
    eyes = Eyes(FeedSpec("a", ""))
    for step in range(8):
        eyes.look(Look(noisy(street(), step), 2.0 * step, "patrol", _coloured(street())))
    assert "loitering" not in eyes.blind and not eyes.suspicious


def test_pictures_of_changing_and_odd_sizes_trouble_nobody() -> None:
    corners: dict[ZoneKind, tuple[tuple[float, float], ...]] = {"line_cross": UPRIGHT_LINE}
    zones = tuple(Zone(kind, kind, corners.get(kind, WHOLE), 90.0, 1.0) for kind in ZONE_KINDS if kind != "ignore")
    eyes = Eyes(FeedSpec("a", "", zones, sensitivity=1.0, detectors=frozenset(SCENE_KINDS)))
    random, at = np.random.default_rng(6), 0.0
    for width, height in ((192, 144), (192, 16), (192, 20), (192, 341), (192, 108), (192, 144)):
        scene = np.kron(random.integers(30, 200, (height // 4 + 1, 48)), np.ones((4, 4)))[:height].astype(np.uint8)
        for step in range(40):
            at += 2.0 if step % 3 == 0 else 0.2
            picture = noisy(scene, step)
            if step > 15:
                left = int(random.integers(0, width - 20)) if step < 28 else 60
                picture[height // 3 : height // 3 + max(4, height // 4), left : left + 12] = 250
            grey = np.full((height // 2, width // 2), 128, np.uint8)
            red = np.asarray(random.integers(100, 200, grey.shape), np.uint8)
            planes = Planes(picture, red, red) if step % 2 else Planes(picture, grey, grey)
            eyes.look(Look(picture, at, "hot" if step % 3 else "patrol", planes))
