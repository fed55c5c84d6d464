"""The child process that reads a file for `file.py`: `python -m video.sources.file_child FD PATH`."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction

import av
from av.error import FFmpegError
from av.video.stream import VideoStream

from video.child import inherited_socket
from video.sources import h265
from video.sources.depacketize import CLOCK_HZ
from video.sources.h264 import PPS, SPS, length_prefixed, split_annexb
from video.sources.jpeg import with_tables
from video.sources.unit import BadVideo, Family
from video.wire import packed

MAX_MEMORY_BYTES = 3 * 2**30
_RECODE_HZ = 15
_LONGEST_STEP = 5 * CLOCK_HZ
_FILTERS = {"h264": "h264_mp4toannexb", "hevc": "hevc_mp4toannexb"}
_FAMILIES: dict[str, Family] = {"h264": "h264", "hevc": "h265", "mjpeg": "jpeg"}
# One picture as it is in the file: its coding, its bytes, whether it is a key picture, its time in 1/90000 s.
Piece = tuple[Family, bytes, bool, int]
Send = Callable[[bytes], object]


def as_it_is(container: av.container.InputContainer, stream: VideoStream, family: Family) -> Iterator[Piece]:
    """Pictures as the file holds them, H.264 and H.265 with start codes."""
    name = _FILTERS.get(stream.codec_context.name)
    filtered = av.BitStreamFilterContext(name, stream) if name else None
    for packet in container.demux(stream):
        if packet.size == 0:
            continue
        ticks = _ticks(packet.dts if packet.dts is not None else packet.pts, packet.time_base)
        for part in filtered.filter(packet) if filtered is not None else [packet]:
            yield family, bytes(part), part.is_keyframe or family == "jpeg", ticks


def coded_anew(container: av.container.InputContainer, stream: VideoStream) -> Iterator[Piece]:
    """Pictures decoded and coded as H.264 without B pictures, at most 15 a second, a key picture every 2 s."""
    encoder: av.VideoCodecContext | None = None
    last_ticks = -CLOCK_HZ
    for index, frame in enumerate(container.decode(stream)):
        ticks = _ticks(frame.pts if frame.pts is not None else index, frame.time_base or Fraction(1, _RECODE_HZ))
        if 0 <= ticks - last_ticks < CLOCK_HZ // _RECODE_HZ * 9 // 10:
            continue
        last_ticks = ticks
        if encoder is None:
            encoder = _encoder(frame.width // 2 * 2, frame.height // 2 * 2)
        even = frame.reformat(width=encoder.width, height=encoder.height, format="yuv420p")
        even.pts, even.time_base = ticks, Fraction(1, CLOCK_HZ)
        even.pict_type = av.video.frame.PictureType.NONE
        for packet in encoder.encode(even):
            yield "h264", bytes(packet), packet.is_keyframe, ticks


def _encoder(width: int, height: int) -> av.VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, CLOCK_HZ), Fraction(_RECODE_HZ)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(2 * _RECODE_HZ), "profile": "baseline"}
    encoder.thread_count = 1
    return encoder


def _ticks(value: int | None, time_base: Fraction | None) -> int:
    return int((value or 0) * (time_base or Fraction(1, CLOCK_HZ)) * CLOCK_HZ)


def pieces(path: str) -> Iterator[Piece]:
    """The pictures of a file, once from its start to its end.

    Raises:
        BadVideo: it has no video.
        FFmpegError: it cannot be read.
    """
    # Play lists and the like must not lead anywhere else.
    with av.open(path, options={"protocol_whitelist": "file"}) as container:
        if not container.streams.video:
            raise BadVideo("the file has no video")
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        family = _FAMILIES.get(stream.codec_context.name)
        if family is None or stream.codec_context.has_b_frames:
            yield from coded_anew(container, stream)
        else:
            yield from as_it_is(container, stream, family)


class Player:
    """Sends the pictures of a file when they are due, on one time line over all rounds."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._sets: dict[int, bytes] = {}
        self._sent_sets: list[bytes] = []
        self._next = 0
        self._began_s = time.monotonic()

    def play(self, path: str) -> int:
        """One round; the number of pictures."""
        count, last = 0, None
        for family, data, key, ticks in pieces(path):
            step = ticks - last if last is not None else CLOCK_HZ // _RECODE_HZ
            last = ticks
            self._next += step if 0 <= step <= _LONGEST_STEP else CLOCK_HZ // _RECODE_HZ
            wait_s = self._began_s + self._next / CLOCK_HZ - time.monotonic()
            if wait_s > 0:
                time.sleep(wait_s)
            count += self._one(family, data, key)
        return count

    def _one(self, family: Family, data: bytes, key: bool) -> bool:
        head = {"family": family, "key": key, "ticks": self._next}
        if family == "jpeg":
            self._send(packed(head, [with_tables(data)]))
            return True
        nals = split_annexb(data)
        kinds = (h265.VPS, h265.SPS, h265.PPS) if family == "h265" else (SPS, PPS)
        pictures = []
        for nal in nals:
            kind = h265.nal_kind(nal[0]) if family == "h265" else nal[0] & 31
            if kind in kinds:
                self._sets[kind] = nal
            elif kind <= (h265.LAST_SLICE if family == "h265" else 5):
                pictures.append(nal)
        sets = [self._sets[kind] for kind in kinds if kind in self._sets]
        if not pictures or len(sets) < len(kinds):
            return False
        new = sets if key and sets != self._sent_sets else []
        self._sent_sets = new or self._sent_sets
        self._send(packed(head, [length_prefixed(pictures), *new]))
        return True


def main() -> None:
    """Play until the parent is gone, or tell it why not."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    av.logging.set_level(av.logging.PANIC)
    with inherited_socket(sys.argv[1]) as parent:
        try:
            player = Player(parent.sendall)
            while player.play(sys.argv[2]):
                pass
            parent.sendall(packed({"error": "the file has no picture that can be played"}))
        except (BrokenPipeError, ConnectionResetError):
            return
        except (FFmpegError, BadVideo, OSError, MemoryError) as error:
            parent.sendall(packed({"error": str(error) or type(error).__name__}))


if __name__ == "__main__":
    main()
