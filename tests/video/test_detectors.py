"""Detectors on real pictures: decoded from the footage the simulator sends."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import cv2
import numpy as np

from tests.video.footage import units, variants
from video.decode import Decoder, luma
from video.detect import signal_loss
from video.detect.background import Background
from video.detect.episode import Episode
from video.detect.eyes import Eyes
from video.detect.look import Look, small_luma
from video.detect.verdict import NOTHING, Verdict
from video.model import FeedSignal, FeedSpec, Zone
from video.picture import Picture
from video.sources.unit import decodable

YES, NO = Verdict(0.0, 0.9), NOTHING


@cache
def _keys(segment: str) -> list[Picture]:
    """Small luma of every key picture of a segment."""
    decoder, pictures = Decoder(), []
    for unit in units(segment, groups=16):
        if unit.key:
            frame = decoder.last([decodable(unit)])
            assert frame is not None
            pictures.append(small_luma(luma(frame)).copy())
    return pictures


def _spec() -> FeedSpec:
    return FeedSpec("a", "rtsp://a/", (Zone("草坪", "intrusion", variants()[0].zone),))


def _seen(eyes: Eyes, pictures: list[Picture], start: float) -> Iterator[FeedSignal]:
    """Looks as a keeper makes them: every two seconds, and once more soon after a suspicion."""
    for index, picture in enumerate(pictures):
        at = start + 2.0 * index
        yield from eyes.look(Look(picture, at))
        if eyes.suspicious:
            yield from eyes.look(Look(picture, at + 0.6, "hot"))


def test_an_hour_of_the_quiet_street_raises_nothing_but_activity() -> None:
    signals = list(_seen(Eyes(_spec()), _keys("quiet") * 112, 0.0))
    assert {signal.kind for signal in signals} <= {"motion"}


def test_a_person_in_the_zone_is_an_intrusion_with_a_box_and_an_end() -> None:
    eyes = Eyes(_spec())
    pictures = _keys("quiet")[6:16] + _keys("person") + _keys("quiet")[8:13]
    signals = [signal for signal in _seen(eyes, pictures, 0.0) if signal.kind == "intrusion"]
    assert len(signals) == 2 and signals[0].id == signals[1].id
    assert signals[0].ended_at is None and signals[1].ended_at is not None
    assert 20.0 <= signals[0].started_at.timestamp() <= 24.0
    assert signals[0].box is not None
    x, y, w, h = signals[0].box
    assert h > w * 0.8 and 0.45 < y + h < 0.95 and x + w > 0.6


def test_a_person_outside_the_zone_is_none() -> None:
    elsewhere = Zone("天空", "intrusion", ((0.0, 0.0), (0.3, 0.0), (0.3, 0.2), (0.0, 0.2)))
    eyes = Eyes(FeedSpec("a", "rtsp://a/", (elsewhere,)))
    assert not [s for s in _seen(eyes, _keys("quiet")[6:16] + _keys("person"), 0.0) if s.kind == "intrusion"]


def test_a_light_that_is_switched_on_starts_the_scene_anew_instead_of_raising_something() -> None:
    eyes, dark = Eyes(_spec()), [np.asarray(picture * 0.3, np.uint8) for picture in _keys("quiet")]
    signals = [s for s in _seen(eyes, dark[:10] + _keys("quiet")[10:], 0.0) if s.kind in ("intrusion", "covered")]
    assert signals == []


def test_somebody_who_stands_still_stays_in_the_foreground_for_minutes() -> None:
    background, pictures = Background(), _keys("quiet")
    for index in range(10):
        background.subtract(Look(pictures[0], 2.0 * index))
    with_body = pictures[0].copy()
    cv2.rectangle(with_body, (60, 60), (70, 90), 255 if pictures[0][75, 65] < 128 else 0, -1)
    shares = [background.subtract(Look(with_body, 20.0 + 2.0 * k)).mask[75, 65] for k in range(30)]
    assert all(shares)


def test_a_suspicion_must_be_confirmed_and_calm_must_last() -> None:
    episode = Episode("a", "intrusion", 0.5)
    assert episode.update(0.0, YES) is None and episode.suspicious
    assert episode.update(0.6, NO) is None and not episode.suspicious
    assert episode.update(2.0, YES) is None
    started = episode.update(2.6, YES)
    assert started is not None and started.started_at.timestamp() == 2.0
    assert episode.update(4.0, NO) is None
    assert episode.update(6.0, YES) is None
    assert episode.update(10.0, NO) is None
    ended = episode.update(11.0, NO)
    assert ended is not None and ended.id == started.id and ended.ended_at is not None


def test_silence_is_a_signal_loss_since_the_last_picture() -> None:
    assert not signal_loss.judge(now=103.0, last_unit_at=100.0).positive(0.5)
    verdict = signal_loss.judge(now=104.5, last_unit_at=100.0)
    assert verdict.positive(0.5) and verdict.since == 100.0


def test_only_the_wanted_detectors_speak() -> None:
    eyes = Eyes(FeedSpec("a", "rtsp://a/", detectors=frozenset({"freeze"})))
    pictures = _keys("quiet")[:6] + _keys("covered") * 2 + [_keys("quiet")[3]] * 12
    assert {signal.kind for signal in _seen(eyes, pictures, 0.0)} == {"freeze"}
