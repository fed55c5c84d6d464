"""JPEG pictures over RTP as FFmpeg packs them, and the headers that are written anew."""

from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.corpus import gradient, jpeg_pieces, packets_of
from video.picture import Picture
from video.sources.jpeg import JpegParameters, picture_size_px, tables_of_quality
from video.sources.jpeg_rtp import JpegDepacketizer, begins_picture
from video.sources.unit import AccessUnit, BadVideo, decodable

PACKETS = packets_of("mjpeg", jpeg_pieces())


def _units(packets: list[bytes], size_px: tuple[int, int] | None = None) -> tuple[list[AccessUnit], JpegDepacketizer]:
    units: list[AccessUnit] = []
    depacketizer = JpegDepacketizer(units.append, size_px)
    for packet in packets:
        depacketizer.push(packet, 0, len(packet), 1.0)
    return units, depacketizer


def _pixels(data: bytes) -> Picture:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, np.uint8)


def _packet(number: int, payload: bytes, *, time: int = 0, last: bool = True) -> bytes:
    return struct.pack(">BBHII", 0x80, 26 | last << 7, number, time, 7) + payload


def _coded(data: bytes) -> bytes:
    """The coded picture of a file: what stands behind its last header."""
    start = data.index(b"\xff\xda")
    return data[start + 2 + int.from_bytes(data[start + 2 : start + 4], "big") :]


def test_pictures_are_the_same_to_the_last_pixel() -> None:
    units, depacketizer = _units(PACKETS)
    assert len(units) == 6 and all(unit.key for unit in units)
    for piece, unit in zip(jpeg_pieces(), units, strict=True):
        assert np.array_equal(_pixels(piece), _pixels(unit.data))
    assert [unit.ticks for unit in units] == [6000 * index for index in range(6)]
    assert units[0].parameters == JpegParameters((352, 288)) and units[5].parameters is units[0].parameters
    assert depacketizer.counts.bad == depacketizer.counts.lost == depacketizer.counts.dropped_units == 0
    assert decodable(units[0]) == units[0].data


@pytest.mark.parametrize("hole", [0, 1, 3, 9])
def test_a_lost_packet_costs_one_picture(hole: int) -> None:
    whole, _ = _units(PACKETS)
    units, depacketizer = _units(PACKETS[:hole] + PACKETS[hole + 1 :])
    data = [unit.data for unit in units]
    assert len(units) == 5 and all(unit.data in data for unit in whole[2:])
    assert depacketizer.counts.dropped_units == 1


def test_restart_markers_are_announced_in_the_new_header() -> None:
    piece = jpeg_pieces(slices=4, count=1)[0]
    assert b"\xff\xd0" in _coded(piece)
    packets = []
    for packet in packets_of("mjpeg", [piece]):
        # FFmpeg's writer leaves the restart header of RFC 2435 section 3.1.7 out: put it in.
        main = packet[12:20]
        packets.append(packet[:12] + main[:4] + b"\x41" + main[5:] + struct.pack(">HH", 22, 0xFFFF) + packet[20:])
    units, _ = _units(packets)
    assert np.array_equal(_pixels(piece), _pixels(units[0].data))


@pytest.mark.parametrize("quality", [5, 50, 90])
def test_tables_of_a_quality_are_those_everybody_uses(quality: int) -> None:
    # OpenCV writes the tables of the Independent JPEG Group, and 4:2:0 unless told otherwise.
    picture = np.dstack([gradient(64, 48, index * 5) for index in range(3)])
    _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    file = coded.tobytes()
    assert all(table in file for table in tables_of_quality(quality))
    payload = bytes((0, 0, 0, 0, 1, quality, 8, 6)) + _coded(file)
    units, _ = _units([_packet(1, payload)])
    assert np.array_equal(_pixels(units[0].data), _pixels(file))


def test_sent_tables_are_remembered_under_their_quality() -> None:
    picture = np.dstack([gradient(64, 48, index * 5) for index in range(3)])
    _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 60])
    tables = b"".join(tables_of_quality(60))
    with_tables = bytes((0, 0, 0, 0, 1, 200, 8, 6, 0, 0, 0, 128)) + tables + _coded(coded.tobytes())
    without = bytes((0, 0, 0, 0, 1, 200, 8, 6, 0, 0, 0, 0)) + _coded(coded.tobytes())
    unknown = bytes((0, 0, 0, 0, 1, 201, 8, 6, 0, 0, 0, 0)) + _coded(coded.tobytes())
    packets = [
        _packet(index, payload, time=index * 6000) for index, payload in enumerate((with_tables, without, unknown))
    ]
    units, depacketizer = _units(packets)
    assert len(units) == 2 and units[0].data == units[1].data
    assert depacketizer.counts.bad == 1


def test_the_announced_size_counts_where_the_packets_cannot_tell() -> None:
    coded = _coded(jpeg_pieces(count=1)[0])
    payload = bytes((0, 0, 0, 0, 1, 50, (2592 // 8) & 255, 1944 // 8)) + coded
    assert _units([_packet(1, payload)], (2592, 1944))[0][0].parameters.size_px == (2592, 1944)
    assert _units([_packet(1, payload)], (640, 480))[0][0].parameters.size_px == (544, 1944)
    zero = bytes((0, 0, 0, 0, 1, 50, 0, 0)) + coded
    assert _units([_packet(1, zero)], (3072, 2048))[0][0].parameters.size_px == (3072, 2048)


def test_the_size_of_a_file_is_read_and_nonsense_refused() -> None:
    assert picture_size_px(jpeg_pieces(count=1)[0]) == (352, 288)
    for data in (
        b"",
        b"GIF89a",
        b"\xff\xd8",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + b"\xff" * 50,
        b"\xff\xd8\xff\xe0\0\0" * 9,
    ):
        with pytest.raises(BadVideo):
            picture_size_px(data)


def test_the_first_packet_of_a_picture_is_known() -> None:
    starts = [index for index, packet in enumerate(PACKETS) if begins_picture(packet, 12, len(packet))]
    assert len(starts) == 6 and starts[0] == 0


@given(st.lists(st.binary(max_size=64), max_size=30))
def test_random_packets_are_counted_and_never_raise(packets: list[bytes]) -> None:
    _, depacketizer = _units(packets)
    assert depacketizer.counts.packets == len(packets)
