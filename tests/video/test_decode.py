"""One decoder for the key frames of all feeds: what it makes of one must not depend on those before."""

from __future__ import annotations

import random

import numpy as np

from tests.video.footage import units
from video.decode import Decoder, Group, luma
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
        if alone is None or among_others is None:
            assert alone is among_others
        else:
            assert np.array_equal(alone, among_others)


def test_a_group_that_grows_is_decoded_as_in_one_go_and_each_picture_once() -> None:
    first, second = ([decodable(unit) for unit in units("quiet", groups=2)][at : at + 30] for at in (0, 30))
    whole = [luma(frame).copy() for frame in Group().more(first) if frame is not None]
    group, found = Group(), list[Picture]()
    for count in (1, 7, 8, 8, 30):
        assert group.done == 0 or group.goes_on_with(first[:count])
        found += [luma(frame).copy() for frame in group.more(first[:count]) if frame is not None]
        assert group.done == count
    assert len(found) == 30 and all(map(np.array_equal, whole, found))
    assert not group.goes_on_with(second) and not group.goes_on_with(first[:29])
    assert not group.goes_on_with([first[0], *second[1:]])
    assert group.restart("h264") and not group.goes_on_with(first)
    again = [luma(frame).copy() for frame in group.more(first) if frame is not None]
    assert all(map(np.array_equal, whole, again))


def test_a_decoder_that_met_damage_is_not_used_for_another_group() -> None:
    coded = [decodable(unit) for unit in units("quiet", groups=1)]
    group = Group()
    assert len(list(group.more([coded[0], coded[1][:20], *coded[2:]]))) <= 30
    assert not group.restart("h264") and not Group().restart("h265")
