from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.video.footage import packed_variants, variants
from video.sources.h264 import length_prefixed
from video.sources.rtp import H264Depacketizer
from video.sources.unit import AccessUnit

Packet = bytes


def _packets(group: int = 0, sequence: int = 65_500) -> list[Packet]:
    """The RTP packets of one group of pictures, across a wrap of the sequence number."""
    packets = []
    for index, unit in enumerate(packed_variants()[0].segments["quiet"][group]):
        data = bytes(unit.filled(sequence=sequence, rtp_time=(0xFFFFF000 + index * 6000) & 0xFFFFFFFF, source=7))
        sequence = (sequence + len(unit.holes)) & 0xFFFF
        for hole in unit.holes:
            start = hole - 2
            length = int.from_bytes(data[start - 2 : start], "big")
            packets.append(data[start : start + length])
    return packets


def _units(packets: list[Packet]) -> tuple[list[AccessUnit], H264Depacketizer]:
    units: list[AccessUnit] = []
    depacketizer = H264Depacketizer(units.append)
    for packet in packets:
        depacketizer.push(packet, 0, len(packet), 1.0)
    return units, depacketizer


def test_pictures_come_out_as_they_went_in_across_wrapping_numbers() -> None:
    units, depacketizer = _units(_packets())
    sent = [length_prefixed(nals) for nals in variants()[0].segments["quiet"][0]]
    assert [unit.data for unit in units] == sent
    assert [unit.key for unit in units] == [True] + [False] * (len(sent) - 1)
    assert [unit.ticks for unit in units] == [6000 * index for index in range(len(sent))]
    assert units[0].parameters == variants()[0].parameters
    assert depacketizer.counts.lost == depacketizer.counts.bad == 0


def test_after_a_lost_packet_nothing_is_shown_before_the_next_key_frame() -> None:
    first, second = _packets(0, sequence=10), _packets(1, sequence=10 + len(_packets(0)))
    hole = len(first) - 5
    units, depacketizer = _units(first[:hole] + first[hole + 1 :] + second)
    sent = [length_prefixed(nals) for group in (0, 1) for nals in variants()[0].segments["quiet"][group]]
    assert depacketizer.counts.lost == 1
    assert [unit.data for unit in units] == [data for data in sent if data in {unit.data for unit in units}]
    assert [unit.key for unit in units].count(True) == 2
    assert units[-30].key and len(units) < len(sent)


def test_a_key_frame_with_a_hole_is_never_handed_out() -> None:
    packets = _packets()
    units, _ = _units(packets[:3] + packets[4:])
    assert units == []


def test_a_packet_that_comes_twice_changes_nothing() -> None:
    packets = _packets()
    units, depacketizer = _units([packet for packet in packets for _ in range(2)])
    assert len(units) == 30
    assert depacketizer.counts.bad == len(packets)


@given(st.lists(st.binary(max_size=64), max_size=30))
def test_random_packets_are_counted_and_never_raise(packets: list[bytes]) -> None:
    _, depacketizer = _units(packets)
    assert depacketizer.counts.packets == len(packets)


@settings(max_examples=150)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_mutated_packets_never_raise_and_whole_pictures_still_come(seed: int, changes: int) -> None:
    chance = random.Random(seed)
    packets = [bytearray(packet) for packet in _packets()]
    for _ in range(changes):
        packet = chance.choice(packets)
        kind = chance.randrange(3)
        if kind == 0 and packet:
            packet[chance.randrange(min(len(packet), 20))] = chance.randrange(256)
        elif kind == 1:
            del packet[chance.randrange(len(packet) + 1) :]
        else:
            packets.insert(chance.randrange(len(packets)), packet)
    units, depacketizer = _units([bytes(packet) for packet in packets])
    sequence = chance.randrange(65536)
    first = _packets(1, sequence=sequence)
    for packet in first + _packets(2, sequence=sequence + len(first)):
        depacketizer.push(packet, 0, len(packet), 2.0)
    assert all(unit.data for unit in units)
    assert depacketizer.counts.units >= 1
