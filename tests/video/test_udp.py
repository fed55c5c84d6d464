"""RTP over UDP on loopback: order, holes, repeats, and who may send."""

from __future__ import annotations

import asyncio
import socket
import struct

from hypothesis import given
from hypothesis import strategies as st

from bench.corpus import h265_pieces, packets_of
from tests.video.waiting import until
from video.sources.h265_rtp import H265Depacketizer
from video.sources.reorder import ReorderWindow
from video.sources.udp import Book, UdpReceiver, framed, server_ports
from video.sources.unit import AccessUnit


def _packet(number: int, *, source: int = 7) -> bytes:
    return struct.pack(">BBHII", 0x80, 96, number & 0xFFFF, 0, source) + b"x"


def _through(numbers: list[int], *, spacing_s: float = 0.001) -> tuple[list[int], int]:
    out: list[int] = []
    window = ReorderWindow(lambda packet, at: out.append(packet[2] << 8 | packet[3]), most=8)
    for index, number in enumerate(numbers):
        window.push(_packet(number), index * spacing_s)
    return out, window.late


def test_packets_that_overtook_each_other_are_put_in_order_across_the_wrap() -> None:
    assert _through([65534, 0, 65535, 2, 3, 1, 4])[0] == [65534, 65535, 0, 1, 2, 3, 4]


def test_a_hole_is_given_up_when_too_many_wait_or_too_long() -> None:
    assert _through([1, *range(3, 13)])[0] == [1, *range(3, 13)]
    assert _through([1, 3, 4, 5], spacing_s=0.1)[0] == [1, 3, 4, 5]


def test_repeats_and_late_packets_are_dropped_and_counted() -> None:
    assert _through([1, 2, 2, 4, 4, 3, 1]) == ([1, 2, 3, 4], 3)


def test_a_camera_that_counts_anew_is_followed() -> None:
    assert _through([10, 11, 30_000, 30_001])[0] == [10, 11, 30_000, 30_001]


@given(st.permutations(range(20)))
def test_whatever_the_order_nothing_is_handed_on_twice_or_backwards(order: list[int]) -> None:
    out, late = _through([0, *(number + 1 for number in order)])
    assert out == sorted(set(out)) and len(out) + late == 21


def test_pictures_come_over_udp_and_strangers_are_not_heard() -> None:
    packets = packets_of("hevc", h265_pieces())

    async def run() -> tuple[list[AccessUnit], bytes, int]:
        units: list[AccessUnit] = []
        depacketizer = H265Depacketizer(units.append)
        receiver = UdpReceiver(lambda packet, at: depacketizer.push(packet, 0, len(packet), at))
        rtp, rtcp = await receiver.open("127.0.0.1")
        assert rtp % 2 == 0 and rtcp == rtp + 1
        with socket.socket(type=socket.SOCK_DGRAM) as camera, socket.socket(type=socket.SOCK_DGRAM) as stranger:
            camera.bind(("127.0.0.1", 0))
            camera.setblocking(False)
            stranger.bind(("127.0.0.2", 0))
            receiver.expect("127.0.0.1", 9, camera.getsockname()[1])
            for packet in [*packets[:3], packets[4], packets[3], *packets[5:]]:
                stranger.sendto(_packet(5, source=1), ("127.0.0.1", rtp))
                camera.sendto(packet, ("127.0.0.1", rtp))
            await until(lambda: len(units) == 12)
            report = await asyncio.get_running_loop().sock_recv(camera, 200)
        receiver.close()
        return units, report, receiver.packets

    units, report, count = asyncio.run(run())
    assert [unit.key for unit in units] == [index % 4 == 0 for index in range(12)]
    assert report[:2] == b"\x80\xc9" and b"yiping" in report and len(report) % 4 == 0
    assert count == len(packets)


def test_a_report_tells_the_camera_what_got_lost_and_which_of_its_reports_was_heard() -> None:
    book = Book()
    for number in (65534, 65535, 1):
        book.note(_packet(number))
    book.heard(struct.pack(">BBHIQ", 0x80, 200, 6, 7, 0x0123456789ABCDEF) + bytes(12))
    report = book.report()
    source, lost, highest, jitter, heard = struct.unpack(">IIIII", report[8:28])
    assert (report[0], report[1], source, highest, jitter) == (0x81, 201, 7, 65537, 0)
    assert lost == 64 << 24 | 1 and heard == 0x456789AB
    # Nothing was lost since.
    book.note(_packet(2))
    assert struct.unpack(">I", book.report()[12:16])[0] == 1


def test_the_cameras_ports_are_read_from_its_answer() -> None:
    assert server_ports("RTP/AVP;unicast;client_port=5000-5001;server_port=6970-6971;ssrc=1") == (6970, 6971)
    assert server_ports("RTP/AVP;unicast;server_port=6970") == (6970, 6971)
    assert server_ports("RTP/AVP;unicast") is None
    assert server_ports("RTP/AVP;server_port=0-x") is None
    assert framed(b"abc", 2) == b"$\x02\x00\x03abc"
