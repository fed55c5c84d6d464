"""Hostile input, a little of it: `bench/fuzz.py` does the same by the million."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.fuzz import fuzz, mutated, roads
from video.sources.auth import Credentials
from video.sources.sdp import NoVideo, video_track


def test_mutated_input_is_survived_on_every_road_and_pictures_still_come() -> None:
    outcome = fuzz(24_000)
    assert outcome.crashes == []
    assert outcome.packets >= 24_000 and outcome.units > 100


def test_the_same_seed_makes_the_same_input() -> None:
    first, second = roads(7), roads(7)
    for one, other in zip(first, second, strict=True):
        assert [one.next() for _ in range(50)] == [other.next() for _ in range(50)]
    assert [way.next() for way in roads(7)] != [way.next() for way in roads(8)]


def test_mutations_change_something_nearly_always() -> None:
    chance, data = random.Random(1), bytes(range(100))
    changed = [mutated(chance, data, data[::-1]) != data for _ in range(500)]
    assert changed.count(True) > 450


@settings(max_examples=100)
@given(st.text(max_size=300))
def test_any_description_is_read_or_refused(text: str) -> None:
    for description in (text, f"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\na=fmtp:96 {text}"):
        try:
            video_track(description)
        except NoVideo:
            continue


@given(st.lists(st.text(max_size=80), max_size=4))
def test_any_challenge_is_answered_or_left(headers: list[str]) -> None:
    credentials = Credentials("admin", "x")
    if credentials.take_challenge([*headers, "Digest " + " ".join(headers)]):
        assert credentials.header("PLAY", "rtsp://c") is not None
