"""One decoder for the key frames of all feeds: what it makes of one must not depend on those before."""

from __future__ import annotations

import random

import numpy as np

from tests.video.footage import units
from video.decode import Decoder, luma
from video.picture import Picture
from video.sources.unit import decodable


def _shown(decoder: Decoder, coded: bytes) -> Picture | None:
    frame = decoder.last([coded])
    return luma(frame).copy() if frame is not None else None


def _damaged(coded: bytes, chance: random.Random) -> bytes:
    """Some bits turned, or the end cut off."""
    if chance.random() < 0.5:
        return coded[: chance.randrange(100, len(coded))]
    bits = bytearray(coded)
    for _ in range(chance.choice((1, 3, 20))):
        bits[chance.randrange(60, len(bits))] ^= 1 << chance.randrange(8)
    return bytes(bits)


def test_a_key_frame_whole_or_damaged_is_decoded_as_if_it_were_the_first() -> None:
    chance = random.Random(3)
    keys = [decodable(unit) for segment in ("quiet", "covered") for unit in units(segment) if unit.key]
    shared = Decoder(quick=True)
    for turn in range(40):
        coded = chance.choice(keys)
        coded = _damaged(coded, chance) if turn % 2 else coded
        alone, among_others = _shown(Decoder(quick=True), coded), _shown(shared, coded)
        assert (alone is None) == (among_others is None)
        assert alone is None or np.array_equal(alone, among_others)
