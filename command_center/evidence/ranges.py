"""Byte ranges of HTTP, as video players ask for them. Pure."""

from dataclasses import dataclass


class BadRange(ValueError):
    """The range lies outside the object or cannot be read."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The half-open range [start, end)."""

    start: int
    end: int


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The one range asked for, or None for all of it.

    Several ranges at once are answered with all of it, which RFC 9110 (14.2) allows.

    Raises:
        BadRange: nothing of the range exists.
    """
    if header is None or not header.startswith("bytes=") or "," in header:
        return None
    first, dash, last = header.removeprefix("bytes=").strip().partition("-")
    if not dash or not (first or last) or not all(part.isdecimal() for part in (first, last) if part):
        raise BadRange(header)
    if not first:
        found = ByteRange(max(0, size - int(last)), size)
    else:
        found = ByteRange(int(first), min(int(last) + 1, size) if last else size)
    if found.start >= found.end:
        raise BadRange(header)
    return found
