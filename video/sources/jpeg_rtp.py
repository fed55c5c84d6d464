"""RTP packets of JPEG to whole files: the headers that the packets leave out are written anew. Source: RFC 2435."""

from __future__ import annotations

from functools import lru_cache

from video.sources.depacketize import MAX_UNIT_BYTES, OnUnit, RtpStream
from video.sources.jpeg import END, JpegParameters, file_header, tables_of_quality

_MAIN_BYTES, _RESTART_BYTES, _TABLE_BYTES = 8, 4, 4
_FIRST_SENT_TABLES, _ALWAYS_SENT = 128, 255


class JpegDepacketizer(RtpStream):
    """Turns the packets of one stream into JPEG files. Every picture stands alone, so a hole costs one picture."""

    def __init__(self, on_unit: OnUnit, size_px: tuple[int, int] | None = None) -> None:
        """`size_px` is what the camera announced beside the stream: packets cannot tell 2048 pixels or more."""
        super().__init__(on_unit)
        self._announced = size_px
        self._parameters: JpegParameters | None = None
        self._tables: dict[int, tuple[tuple[bytes, bytes], int]] = {}
        self._parts: list[bytes] = []
        self._size = 0
        self._begun = False

    def _payload(self, data: bytes, body: int, end: int) -> None:
        self._begun = True
        if end - body <= _MAIN_BYTES:
            self._refuse()
            return
        offset = int.from_bytes(data[body + 1 : body + 4], "big")
        kind, quality, width, height = data[body + 4 : body + 8]
        after, restart = body + _MAIN_BYTES, 0
        if 64 <= kind < 128:
            restart = int.from_bytes(data[after : after + 2], "big")
            after += _RESTART_BYTES
        if kind & 63 > 1 or kind >= 128 or after >= end or quality == 0:
            self._refuse()
            return
        if offset == 0:
            after = self._begin_picture(data, after, end, (kind & 63, quality, width, height, restart))
        elif offset != self._size or not self._parts:
            self._whole = False
        if after < end and self._whole:
            self._append(data[after:end])

    def _append(self, part: bytes) -> None:
        self._parts.append(part)
        self._size += len(part)
        if self._size > MAX_UNIT_BYTES:
            self._refuse()

    def _refuse(self) -> None:
        self.counts.bad += 1
        self._whole = False
        self._parts, self._size = [], 0

    def _begin_picture(self, data: bytes, at: int, end: int, told: tuple[int, int, int, int, int]) -> int:
        """Write the file's header; the position of the first coded byte."""
        sampling, quality, width, height, restart = told
        tables = precisions = None
        if quality < _FIRST_SENT_TABLES:
            tables, precisions = tables_of_quality(quality), 0
        else:
            tables, precisions, at = self._sent_tables(data, at, end, quality)
        if tables is None or precisions is None or self._parts:
            self._refuse()
            return end
        size_px = self._size_px(width, height)
        if self._parameters is None or self._parameters.size_px != size_px:
            self._parameters = JpegParameters(size_px)
        self._parts = [_header(size_px, sampling, tables, precisions, restart)]
        self._size = 0
        return at

    def _sent_tables(
        self, data: bytes, at: int, end: int, quality: int
    ) -> tuple[tuple[bytes, bytes] | None, int | None, int]:
        """Tables that come with the picture, or came before under the same quality; None when they cannot be had."""
        if at + _TABLE_BYTES > end:
            return None, None, end
        precisions, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        at += _TABLE_BYTES
        if length == 0:
            known = self._tables.get(quality) if quality != _ALWAYS_SENT else None
            return (*known, at) if known else (None, None, end)
        sizes = [128 if precisions >> number & 1 else 64 for number in (0, 1)]
        sent = data[at : at + length]
        if at + length > end or len(sent) < sizes[0]:
            return None, None, end
        luma, chroma = sent[: sizes[0]], sent[sizes[0] : sum(sizes)]
        if len(chroma) < sizes[1]:
            # A grey camera sends one table for all planes.
            chroma, precisions = luma, precisions & 1 and 3
        found = ((luma, chroma), precisions & 3)
        if quality != _ALWAYS_SENT:
            self._tables[quality] = found
        return (*found, at + length)

    def _size_px(self, width: int, height: int) -> tuple[int, int]:
        """Sides in pixels; the packets tell eighths, modulo 256, which the announced size may agree with."""
        told = self._announced
        if told is not None and all(
            side == 0 or (-(-full // 8)) & 255 == side for full, side in zip(told, (width, height), strict=True)
        ):
            return told
        return (width or 256) * 8, (height or 256) * 8

    def _break(self) -> None:
        self._parts, self._size = [], 0

    def _finish(self, at: float) -> None:
        parts, whole, begun = self._parts, self._whole, self._begun
        self._parts, self._size, self._whole, self._begun = [], 0, True, False
        if whole and len(parts) > 1 and self._parameters is not None:
            if not parts[-1].endswith(END):
                parts.append(END)
            self._hand_out(b"".join(parts), True, at, self._parameters)
        else:
            self.counts.dropped_units += begun


@lru_cache(maxsize=256)
def _header(
    size_px: tuple[int, int], sampling: int, tables: tuple[bytes, bytes], precisions: int, restart: int
) -> bytes:
    return file_header(size_px, sampling=sampling, tables=tables, precisions=precisions, restart=restart)


def begins_picture(data: bytes, body: int, end: int) -> bool:
    """Whether the RTP payload `data[body:end]` is the first of a picture."""
    return end - body > _MAIN_BYTES and data[body + 1 : body + 4] == b"\x00\x00\x00"
