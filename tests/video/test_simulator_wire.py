"""What goes over the wire: every coding to a client we did not write, packets back into pictures, readers that stop."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
from urllib.parse import urlsplit

import av
import cv2
import numpy as np
import pytest

from tests.video.footage import CACHE, SCENES, until, variants
from video.picture import Picture
from video.simulator import EVEN, CameraSimulator, Mix
from video.simulator.coding import Coding, Unit, encode
from video.simulator.mix import H265, JPEG, LONG, SHORT
from video.simulator.packing import PackedUnit
from video.simulator.packing_h265 import pack_h265
from video.simulator.packing_jpeg import pack_jpeg
from video.simulator.sender import Sender
from video.simulator.tracks import pack_track

_ONLY = {"h265": Mix(1, 0, 0, 0, 0, 0), "jpeg": Mix(0, 1, 0, 0, 0, 0), "lying": Mix(0, 0, 0, 0, 0, 1)}


@pytest.mark.parametrize(("mix", "codec"), [("h265", "hevc"), ("jpeg", "mjpeg"), ("lying", "h264")])
def test_ffmpegs_client_plays_every_coding_and_manner(mix: str, codec: str) -> None:
    def play(url: str) -> tuple[str, list[Picture]]:
        with av.open(url, options={"rtsp_transport": "tcp"}, timeout=20) as container:
            stream = container.streams.video[0]
            pictures = [
                np.asarray(frame.to_ndarray(format="gray"), np.uint8)
                for frame in itertools.islice(container.decode(stream), 8)
            ]
            return stream.codec_context.name, pictures

    async def run() -> tuple[str, list[Picture]]:
        simulator = CameraSimulator(1, cache=CACHE, scenes=SCENES, drawn=True, mix=_ONLY[mix])
        await simulator.start()
        try:
            return await asyncio.to_thread(play, simulator.url(0))
        finally:
            await simulator.stop()

    name, pictures = asyncio.run(run())
    assert name == codec
    assert all(picture.shape == (288, 384) and picture.std() > 20 for picture in pictures)


def _payloads(unit: PackedUnit) -> list[bytes]:
    data = unit.filled(sequence=1, rtp_time=2, source=3)
    return [bytes(data[hole + 10 : hole - 2 + int.from_bytes(data[hole - 4 : hole - 2], "big")]) for hole in unit.holes]


def _h265_nals(payloads: list[bytes]) -> list[bytes]:
    """RFC 7798 read the other way round, as simply as can be."""
    nals: list[bytes] = []
    for payload in payloads:
        kind = payload[0] >> 1 & 63
        if kind == 48:
            at = 2
            while at < len(payload):
                (size,) = struct.unpack_from(">H", payload, at)
                nals.append(payload[at + 2 : at + 2 + size])
                at += 2 + size
        elif kind == 49:
            if payload[2] & 0x80:
                nals.append(bytes((payload[0] & 0x81 | (payload[2] & 63) << 1, payload[1])))
            nals[-1] += payload[3:]
        else:
            nals.append(payload)
    return nals


def test_h265_pictures_come_out_of_their_packets_as_they_went_in() -> None:
    unit: Unit = (b"\x26\x01" + bytes(range(256)) * 20, b"\x02\x01" + b"short")
    sets = (b"\x40\x01video", b"\x42\x01sequence", b"\x44\x01picture")
    assert _h265_nals(_payloads(pack_h265(unit, sets))) == [*sets, *unit]
    assert not pack_h265(unit, ()).key


def test_a_jpeg_picture_has_its_tables_in_the_first_packet_and_its_scan_in_order() -> None:
    grain = np.random.default_rng(1).integers(0, 255, (288, 384, 3), np.uint8)
    _, (group, *_) = encode([cv2.GaussianBlur(grain, (0, 0), 1)], JPEG)
    payloads = _payloads(pack_jpeg(group[0][0]))
    offsets = [int.from_bytes(payload[1:4], "big") for payload in payloads]
    first = payloads[0]
    assert first[4:8] == bytes((1, 255, 48, 36)) and first[8:12] == bytes((0, 0, 0, 128))
    scan = first[140:] + b"".join(payload[8:] for payload in payloads[1:])
    assert scan + b"\xff\xd9" == group[0][0][-len(scan) - 2 :]
    assert offsets == [0] + [1260 + 1392 * at for at in range(len(payloads) - 1)]


def test_codings_and_manners_have_their_shares_and_stay_with_their_camera() -> None:
    mix, many = Mix(), 4000
    codings = [mix.coding(index) for index in range(many)]
    shares = {coding: codings.count(coding) / many for coding in (H265, JPEG, SHORT, LONG)}
    assert shares == pytest.approx({H265: 0.06, JPEG: 0.03, SHORT: 0.03, LONG: 0.03}, abs=0.002)
    manners = [mix.manner(index) for index in range(many)]
    assert manners.count("flaky") / many == pytest.approx(0.02, abs=0.002)
    assert sum(manner not in ("steady", "flaky") for manner in manners) / many == pytest.approx(0.02, abs=0.002)
    assert {EVEN.coding(index) for index in range(100)} == {Coding()}
    assert {EVEN.manner(index) for index in range(100)} == {"steady"}
    with pytest.raises(ValueError, match="shares"):
        Mix(h265=0.7, jpeg=0.5)


def _all_of(connected: socket.socket) -> bytes:
    """Everything that can be read now."""
    parts = []
    while True:
        try:
            parts.append(connected.recv(65536))
        except BlockingIOError:
            return b"".join(parts)
        if not parts[-1]:
            return b"".join(parts)


def test_a_reader_that_stops_loses_whole_pictures_and_goes_on_with_a_key_frame() -> None:
    loop = [unit for unit in pack_track(variants()[0]).loop if unit is not None]
    with socket.create_server(("127.0.0.1", 0)) as door:
        there = socket.socket()
        there.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
        there.connect(door.getsockname())
        here, _ = door.accept()
    sender = Sender(here, "steady")
    for tick, unit in enumerate(loop):
        sender.picture(unit, tick)
    assert sender.held
    received = bytearray()
    there.setblocking(False)
    # What was begun is finished first, and then comes a key frame, however long the reader was away.
    tick = len(loop)
    while sender.held:
        received += _all_of(there)
        sender.picture(loop[tick % len(loop)], tick)
        tick += 1
    here.close()
    there.settimeout(10)
    received += _all_of(there)
    there.close()
    at, last = 0, bytearray()
    while at < len(received):
        assert received[at] == 0x24
        size = 4 + int.from_bytes(received[at + 2 : at + 4], "big")
        assert at + size <= len(received)
        last = received[at : at + size]
        at += size
    assert (tick - 1) % 30 == 0 and last[5] & 0x80


def test_one_slow_reader_does_not_hold_up_another() -> None:
    async def run() -> int:
        simulator = CameraSimulator(1, cache=CACHE, scenes=1, drawn=True)
        await simulator.start()
        url = simulator.url(0)
        port = urlsplit(url).port

        async def play() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
            writer.write(f"SETUP {url} RTSP/1.0\r\nTransport: RTP/AVP/TCP;interleaved=4-5\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            session = next(line for line in head.split("\r\n") if line.startswith("Session")).partition(";")[0]
            writer.write(f"PLAY {url} RTSP/1.0\r\n{session}\r\n\r\n".encode())
            await reader.readuntil(b"\r\n\r\n")
            return reader, writer

        try:
            _, lazy = await play()
            reader, busy = await play()
            marks = 0

            async def read() -> None:
                nonlocal marks
                while marks < 60:
                    head = await reader.readexactly(4)
                    assert head[:2] == b"$\x04"
                    marks += (await reader.readexactly(int.from_bytes(head[2:], "big")))[1] >> 7

            task = asyncio.create_task(read())
            await until(task.done)
            await task
            for writer in (lazy, busy):
                writer.close()
            return marks
        finally:
            await simulator.stop()

    assert asyncio.run(run()) == 60
