from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.video.footage import variants
from tests.video.test_splitter import TRACK
from video.ring import Ring
from video.sources.unit import AccessUnit

Kind = tuple[bool, int]


def _unit(index: int, key: bool, size: int) -> AccessUnit:
    return AccessUnit(bytes(size), key, index * 6000, 100.0 + index, variants()[0].parameters)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 300)), max_size=120), st.integers(1, 30))
def test_what_is_kept_is_bounded_can_be_decoded_and_reaches_back_far_enough(kinds: list[Kind], seconds: int) -> None:
    ring = Ring(seconds, max_bytes=6000)
    units = [_unit(index, key, size) for index, (key, size) in enumerate(kinds)]
    for unit in units:
        ring.add(unit)
    kept = ring.between(0, 1e9)
    assert ring.bytes == sum(len(unit.data) for unit in kept) <= 6000
    assert not kept or kept[0].key
    assert kept == sorted(kept, key=lambda unit: unit.at)
    if kept:
        newest = ring.since_last_key()
        assert newest[0].key and newest[-1] is kept[-1]
        keys = [unit.at for unit in units if unit.key]
        # Enough bytes for all: the key frame in force `seconds` before the newest picture is still there, and no
        # other before it, unless fewer than two groups would be left.
        reach = [at for at in keys if at <= kept[-1].at - seconds]
        if sum(len(unit.data) for unit in units) <= 6000 and reach:
            assert kept[0].at == min(reach[-1], *keys[-2:])


def test_a_feed_that_is_read_often_is_kept_in_pieces_of_a_quarter_of_a_second() -> None:
    ring, packet = Ring(100), b"$\x00\x00\x0d" + bytes(13)
    ring.opened(TRACK, 0)
    for group in range(2):
        ring.begin()
        for beat in range(80):
            ring.packets(packet, 100.0 + 2 * group + beat / 40)
    ring.begin()
    pieces = ring._groups[0].pieces
    assert b"".join(data for data, _ in pieces) == 80 * packet and len(pieces) == 8
    assert [at for _, at in pieces] == [100.225 + part / 4 for part in range(8)]
    assert ring.bytes == 160 * len(packet)


def test_a_piece_starts_with_the_key_frame_before_it() -> None:
    ring = Ring(100)
    for index in range(40):
        ring.add(_unit(index, index % 10 == 0, 10))
    piece = ring.between(125.5, 131.0)
    assert (piece[0].at, piece[-1].at) == (120.0, 131.0)
    assert ring.between(0.0, 101.0)[0].at == 100.0
    ring.clear()
    assert ring.between(0, 1e9) == [] and ring.newest_at is None


def test_a_key_frame_repeats_when_it_is_one_of_the_two_before_it() -> None:
    def repeats(*pictures: bytes) -> list[bool]:
        ring, told = Ring(100), []
        for index, data in enumerate(pictures):
            ring.add(AccessUnit(data, True, index * 6000, 100.0 + index, variants()[0].parameters))
            told.append(ring.key_repeats)
        return told

    assert Ring(10).key_repeats is False
    assert repeats(b"a", b"b", b"c", b"d") == [False] * 4
    assert repeats(b"a", b"b", b"b", b"b") == [False, False, True, True]
    # Encoders number key frames by turns.
    assert repeats(b"a", b"0", b"1", b"0", b"1") == [False, False, False, True, True]
