"""A never-ending answer of pictures (`multipart/x-mixed-replace`), as cameras without RTSP send it.

Source: RFC 2046 section 5.1. Not every camera writes boundary and length right, so a picture is also known by its end.
"""

from __future__ import annotations

from collections.abc import Iterator

from video.sources.jpeg import END, START
from video.sources.unit import BadVideo

_MAX_HEAD_BYTES = 16 * 1024
_BLANK = b"\r\n\r\n"


class Pictures:
    """Takes the answer's bytes as they come and gives back whole JPEG files."""

    def __init__(self, most_bytes: int) -> None:
        """A picture of more than `most_bytes` is refused."""
        self._most_bytes = most_bytes
        self._rest = bytearray()
        self._length: int | None = None
        self._searched = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pictures that are whole now.

        Raises:
            BadVideo: a head or a picture does not end.
        """
        self._rest += data
        while True:
            if self._length is None and not self._head():
                return
            picture = self._picture()
            if picture is None:
                return
            self._length, self._searched = None, 0
            if picture.startswith(START):
                yield picture

    def _head(self) -> bool:
        """Read up to where a picture begins; False while that is not there yet."""
        start, blank = self._rest.find(START), self._rest.find(_BLANK)
        if blank >= 0 and (start < 0 or blank < start):
            self._length = _length(bytes(self._rest[:blank]))
            del self._rest[: blank + len(_BLANK)]
            return True
        if start >= 0:
            self._length = 0
            del self._rest[:start]
            return True
        if len(self._rest) > _MAX_HEAD_BYTES:
            raise BadVideo("the camera sends no pictures")
        return False

    def _picture(self) -> bytes | None:
        """The picture that begins here, if it is whole; without a length it ends with its own end mark."""
        end = self._length or 0
        if end == 0:
            found = self._rest.find(END, max(0, self._searched - 1))
            self._searched = len(self._rest)
            end = found + len(END) if found >= 0 else 0
        if max(end, len(self._rest) if end == 0 else 0) > self._most_bytes:
            raise BadVideo(f"the picture is larger than {self._most_bytes} bytes")
        if end == 0 or len(self._rest) < end:
            return None
        picture = bytes(self._rest[:end])
        del self._rest[:end]
        return picture


def _length(head: bytes) -> int:
    """Content-Length of a part; 0 when it tells none."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        digits = value.strip()
        if name.strip().lower() == b"content-length" and digits.isdigit() and len(digits) < 10:
            return int(digits)
    return 0
