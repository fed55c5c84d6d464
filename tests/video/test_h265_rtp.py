"""H.265 over RTP as FFmpeg packs it: single units, aggregates and fragments."""

from __future__ import annotations

import random
import struct
from itertools import pairwise

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.corpus import h265_pieces, packets_of, parameters_of
from video.sources.h264 import length_prefixed, split_annexb
from video.sources.h265 import LAST_SLICE, H265Parameters, nal_kind
from video.sources.h265_rtp import H265Depacketizer, begins_key
from video.sources.unit import AccessUnit, decodable

PACKETS = packets_of("hevc", h265_pieces())
SENT = [
    length_prefixed([nal for nal in split_annexb(piece) if nal_kind(nal[0]) <= LAST_SLICE]) for piece in h265_pieces()
]


def _units(packets: list[bytes], parameters: H265Parameters | None = None) -> tuple[list[AccessUnit], H265Depacketizer]:
    units: list[AccessUnit] = []
    depacketizer = H265Depacketizer(units.append, parameters)
    for packet in packets:
        depacketizer.push(packet, 0, len(packet), 1.0)
    return units, depacketizer


def _packet(sequence: int, time: int, payload: bytes, *, last: bool = True) -> bytes:
    return struct.pack(">BBHII", 0x80, 96 | last << 7, sequence & 0xFFFF, time, 7) + payload


def test_pictures_come_out_as_the_encoder_wrote_them_across_wrapping_numbers() -> None:
    units, depacketizer = _units(PACKETS)
    assert [unit.data for unit in units] == SENT
    assert [unit.key for unit in units] == [index % 4 == 0 for index in range(12)]
    assert [unit.ticks for unit in units] == [6000 * index for index in range(12)]
    assert units[0].parameters == parameters_of(h265_pieces()[0])
    assert all(unit.parameters is units[0].parameters for unit in units)
    assert depacketizer.counts.lost == depacketizer.counts.bad == depacketizer.counts.dropped_units == 0


def test_all_three_kinds_of_packets_are_among_them() -> None:
    kinds = {nal_kind(packet[12]) for packet in PACKETS}
    assert {48, 49} < kinds and any(kind < 48 for kind in kinds)


def test_what_comes_out_is_what_a_decoder_takes() -> None:
    units, _ = _units(PACKETS)
    codec = av.CodecContext.create("hevc", "r")
    assert isinstance(codec, av.VideoCodecContext)
    frames = [frame for unit in units for frame in codec.decode(av.Packet(decodable(unit)))]
    assert len([*frames, *codec.decode(None)]) == 12


@pytest.mark.parametrize("hole", range(len(PACKETS)))
def test_after_a_lost_packet_nothing_is_shown_before_the_next_key_picture(hole: int) -> None:
    units, depacketizer = _units(PACKETS[:hole] + PACKETS[hole + 1 :])
    numbers = [SENT.index(unit.data) for unit in units]
    assert numbers == sorted(set(numbers))
    for before, after in pairwise(numbers):
        assert after == before + 1 or after % 4 == 0
    assert not numbers or numbers[0] % 4 == 0
    assert depacketizer.counts.lost == (0 if hole in (0, len(PACKETS) - 1) else 1)


def test_parameter_sets_that_were_only_announced_are_enough() -> None:
    slices = [packet for packet in PACKETS if nal_kind(packet[12]) != 48 or nal_kind(packet[16]) < 32]
    renumbered = [packet[:2] + struct.pack(">H", index) + packet[4:] for index, packet in enumerate(slices)]
    assert _units(renumbered)[0] == []
    announced = parameters_of(h265_pieces()[0])
    units, _ = _units(renumbered, announced)
    assert len(units) == 12 and units[0].parameters is announced


def test_pictures_that_lean_into_what_is_missing_are_left_out_only_after_a_start() -> None:
    announced = parameters_of(h265_pieces()[0])
    first = b"\x01\x80" + bytes(20)
    open_key, leaning, trailing = (bytes((kind << 1,)) + first for kind in (21, 9, 1))
    payloads = [open_key, leaning, trailing, open_key, leaning, trailing]
    packets = [_packet(index, index * 6000, payload) for index, payload in enumerate(payloads)]
    units, depacketizer = _units(packets, announced)
    assert [unit.data[4] >> 1 for unit in units] == [21, 1, 21, 9, 1]
    assert depacketizer.counts.dropped_units == 1


def test_a_key_picture_is_told_from_its_first_packet() -> None:
    starts = [index for index, packet in enumerate(PACKETS) if begins_key(packet, 12, len(packet))]
    times = {PACKETS[index][4:8] for index in starts}
    assert len(times) == 3 and starts[0] == 0


@given(st.lists(st.binary(max_size=64), max_size=30))
def test_random_packets_are_counted_and_never_raise(packets: list[bytes]) -> None:
    _, depacketizer = _units(packets)
    assert depacketizer.counts.packets == len(packets)


@settings(max_examples=100)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20))
def test_mutated_packets_never_raise_and_whole_pictures_still_come(seed: int, changes: int) -> None:
    chance, packets = random.Random(seed), [bytearray(packet) for packet in PACKETS]
    for _ in range(changes):
        packet = chance.choice(packets)
        if packet and chance.random() < 0.6:
            packet[chance.randrange(min(len(packet), 24))] = chance.randrange(256)
        else:
            del packet[chance.randrange(len(packet) + 1) :]
    _, depacketizer = _units([bytes(packet) for packet in packets])
    sequence = chance.randrange(65536)
    for _ in range(2):
        for packet in PACKETS:
            sequence += 1
            fresh = packet[:2] + struct.pack(">H", sequence & 0xFFFF) + packet[4:]
            depacketizer.push(fresh, 0, len(fresh), 2.0)
    assert depacketizer.counts.units >= 1
