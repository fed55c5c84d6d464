"""The hot path: bytes of a connection to stretches of packets, cut where key frames begin."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.video.footage import packed_variants
from video.ring import Ring
from video.sources.keys import MARKS
from video.sources.quick_key import quick_key
from video.sources.sdp import VideoTrack
from video.sources.splitter import Reply, Splitter
from video.sources.unit import AccessUnit, decodable
from video.sources.units import UnitSink, units_of

TRACK = VideoTrack("", 96, None)
GROUPS = 3


def stream(groups: int = GROUPS) -> bytes:
    """Groups of pictures as they run over a connection, with a reply and a foreign channel in between."""
    data, sequence, index = bytearray(), 65_500, 0
    for _ in range(groups):
        for unit in packed_variants()[0].segments["quiet"][0]:
            data += unit.filled(sequence=sequence, rtp_time=index * 6000, source=1)
            sequence, index = sequence + len(unit.holes), index + 1
            if index % 30 == 10:
                data += b"RTSP/1.0 200 OK\r\nCSeq: 99\r\nContent-Length: 4\r\n\r\n$abc" + b"$\x01\x00\x02xx"
    return bytes(data)


class Heard:
    """What a splitter told: packets into a ring and into units, how often a key frame began and was whole."""

    def __init__(self) -> None:
        self.ring, self.units, self.replies = Ring(1000.0), list[AccessUnit](), list[Reply]()
        self._units = UnitSink(self.units.append)
        self.begun = self.whole = 0
        self.splitter = Splitter(self, lambda sequence, reply: self.replies.append(reply))
        self.splitter.marks = MARKS["h264"]
        self.ring.opened(TRACK, 0)
        self._units.opened(TRACK, 0)

    def begin(self) -> None:
        self.begun += 1
        self.ring.begin()

    def packets(self, data: bytes, at: float) -> None:
        self.ring.packets(data, at)
        self._units.packets(data, at)

    def key(self, at: float) -> None:
        self.whole += 1

    def feed(self, chunks: list[bytes]) -> Heard:
        for index, chunk in enumerate(chunks):
            self.splitter.feed(chunk, 100.0 + index)
        return self


def _pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted(cuts)
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


@settings(max_examples=60)
@given(st.lists(st.integers(0, len(stream())), max_size=20))
def test_it_does_not_matter_where_the_network_cuts_the_stream(cuts: list[int]) -> None:
    heard = Heard().feed(_pieces(stream(), cuts))
    assert len(heard.units) == 30 * GROUPS and len(heard.replies) == GROUPS
    assert heard.begun == heard.whole == heard.splitter.counts.keys == GROUPS
    assert heard.splitter.counts.bad == heard.splitter.counts.lost == 0
    kept = heard.ring.between(0, 1e9)
    assert [unit.data for unit in kept] == [unit.data for unit in heard.units]
    assert [unit.ticks for unit in kept] == [unit.ticks for unit in heard.units]
    assert heard.ring.since_last_key()[0].key and len(heard.ring.since_last_key()) == 30


@settings(max_examples=30)
@given(st.lists(st.integers(0, len(stream(1))), max_size=20))
def test_the_bytes_of_each_picture_are_known_however_they_came(cuts: list[int]) -> None:
    # A group with nothing but its packets, and the beginning of the next one, which starts the sizes anew.
    pictures = [
        bytes(unit.filled(sequence=0, rtp_time=0, source=1)) for unit in packed_variants()[0].segments["quiet"][0]
    ]
    data = b"".join(pictures)
    heard = Heard().feed(_pieces(data, [min(cut, len(data)) for cut in cuts]))
    assert list(heard.splitter.counts.sizes) == [len(picture) for picture in pictures]
    heard.feed([pictures[0]])
    assert list(heard.splitter.counts.sizes) == [len(pictures[0])]


@settings(max_examples=30)
@given(st.lists(st.integers(0, len(stream(1))), max_size=20))
def test_the_short_way_to_a_key_frame_gives_the_same_picture_as_the_long_one(cuts: list[int]) -> None:
    ring = Heard().feed(_pieces(stream(1), cuts)).ring
    pieces = ring.newest_pieces()
    quick = quick_key(pieces, 0)
    assert quick is not None and quick == decodable(units_of(pieces, TRACK, 0, None)[0])
    assert ring.newest_key() == ("h264", quick)


def test_a_key_frame_with_a_hole_is_not_put_together() -> None:
    data = bytearray(stream(1))
    first = 4 + int.from_bytes(data[2:4], "big")
    second = first + 4 + int.from_bytes(data[first + 2 : first + 4], "big")
    heard = Heard().feed(
        [bytes(data[:second]), bytes(data[second + 4 + int.from_bytes(data[second + 2 : second + 4], "big") :])]
    )
    assert heard.splitter.counts.lost == 1
    assert heard.ring.newest_key() is None and heard.ring.since_last_key() == []


@settings(max_examples=80)
@given(st.integers(0, 2**32 - 1))
def test_a_broken_stream_is_counted_and_never_raises(seed: int) -> None:
    chance, data = random.Random(seed), bytearray(stream(1))
    for _ in range(chance.randrange(1, 60)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    del data[chance.randrange(len(data)) :][: chance.randrange(40)]
    heard = Heard().feed([bytes(data[at : at + 997]) for at in range(0, len(data), 997)])
    heard.ring.newest_key()
    heard.ring.since_last_key()


def test_garbage_before_a_packet_is_skipped_and_counted() -> None:
    heard = Heard().feed([b"\x00\x01\x02\x03\x04" + stream(1)])
    assert len(heard.units) == 30 and heard.splitter.counts.bad == 1


def test_endless_packets_that_belong_to_no_picture_do_not_pile_up() -> None:
    # Supplemental information (kind 6) for ever, sequence after sequence.
    packet = b"$\x00" + (1012).to_bytes(2, "big") + b"\x80\x60" + bytes(10) + b"\x06" + bytes(999)
    heard = Heard().feed([packet] * 500)
    assert len(heard.splitter._rest) < 100_000
