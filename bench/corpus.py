"""Pictures that real encoders wrote and packets that a real packetizer made: what tests and the fuzzer start from."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import av
import numpy as np
from numpy.typing import NDArray

from video.sources import h265
from video.sources.h264 import split_annexb
from video.sources.h265 import H265Parameters, nal_kind


def gradient(width: int, height: int, index: int) -> NDArray[np.uint8]:
    """Picture `index` of a gradient that moves, (height, width)."""
    row = np.arange(width, dtype=np.uint16)[None, :] + np.arange(height, dtype=np.uint16)[:, None]
    return ((row + index * 9) % 256).astype(np.uint8)


@cache
def h264_pieces(count: int = 30, size_px: tuple[int, int] = (352, 288)) -> Sequence[bytes]:
    """A moving gradient as libx264 writes it, a key picture with its parameter sets every ten pictures."""
    codec = av.CodecContext.create("libx264", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt, codec.time_base = *size_px, "yuv420p", Fraction(1, 15)
    codec.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "10"}
    codec.thread_count = 1
    pieces: list[bytes] = []
    for index in range(count):
        frame = av.VideoFrame.from_ndarray(gradient(*size_px, index), format="gray").reformat(format="yuv420p")
        frame.pts = index
        pieces += [bytes(packet) for packet in codec.encode(frame)]
    return pieces


@cache
def h265_pieces(width: int = 352, height: int = 288, count: int = 12, key_every: int = 4) -> tuple[bytes, ...]:
    """Pictures of a moving gradient, each one Annex B piece as libx265 wrote it; parameter sets in every key frame."""
    codec = av.CodecContext.create("libx265", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "x265-params": f"keyint={key_every}:min-keyint={key_every}:scenecut=0:bframes=0:repeat-headers=1:info=0:"
        "log-level=none:pools=none:frame-threads=1",
    }
    pieces: list[bytes] = []
    for index in range(count):
        frame = av.VideoFrame.from_ndarray(gradient(width, height, index), format="gray").reformat(format="yuv420p")
        frame.pts = index
        pieces += [bytes(packet) for packet in codec.encode(frame)]
    return tuple(pieces + [bytes(packet) for packet in codec.encode(None)])


def parameters_of(piece: bytes) -> H265Parameters:
    """The parameter sets in front of a key picture."""
    sets = {nal_kind(nal[0]): nal for nal in split_annexb(piece)}
    return H265Parameters(sets[h265.VPS], sets[h265.SPS], sets[h265.PPS])


@cache
def jpeg_pieces(width: int = 352, height: int = 288, count: int = 6, slices: int = 1) -> tuple[bytes, ...]:
    """Pictures of a moving gradient as FFmpeg's JPEG encoder writes them, with the standard Huffman tables.

    With several slices there is a restart marker after every row of blocks.
    """
    codec = av.CodecContext.create("mjpeg", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt, codec.time_base = width, height, "yuvj420p", Fraction(1, 15)
    codec.options = {"huffman": "default", "qmin": "6", "qmax": "6"}
    codec.thread_count = slices
    pieces: list[bytes] = []
    for index in range(count):
        frame = av.VideoFrame.from_ndarray(gradient(width, height, index), format="gray").reformat(format="yuvj420p")
        frame.pts = index
        pieces += [bytes(packet) for packet in codec.encode(frame)]
    return tuple(pieces)


class _Packets:
    """A file for FFmpeg's RTP writer: each write is one packet."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.packets.append(bytes(data))
        return len(data)


def packets_of(codec: str, pieces: Sequence[bytes], *, size_px: tuple[int, int] = (352, 288)) -> list[bytes]:
    """The RTP packets that FFmpeg makes of pictures at 15 per second; its RTCP reports are left out."""
    file = _Packets()
    options = {"packetsize": "1200", "seq": "65530", "ssrc": "7"}
    with av.open(file, "w", format="rtp", options=options) as container:
        stream = container.add_stream(codec, rate=15)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size_px
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.options = {"x265-params": "log-level=none:pools=none"} if codec == "hevc" else {}
        for index, piece in enumerate(pieces):
            packet = av.Packet(piece)
            packet.stream, packet.time_base = stream, Fraction(1, 15)
            packet.pts = packet.dts = index
            container.mux(packet)
    packets = [packet for packet in file.packets if not 200 <= packet[1] <= 204]
    # FFmpeg starts its clock anywhere: start it shortly before it wraps round, every time.
    start = int.from_bytes(packets[0][4:8], "big") - 0xFFFF_F000
    times = [(int.from_bytes(packet[4:8], "big") - start) & 0xFFFF_FFFF for packet in packets]
    return [packet[:4] + struct.pack(">I", at) + packet[8:] for packet, at in zip(packets, times, strict=True)]
