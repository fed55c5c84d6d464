"""Frames of JT/T 808: from bytes on a line to messages and back. Pure.

`7e | header, body, checksum, all escaped | 7e`. Source: JT/T 808-2019, 4.4 (message structure), and 2013 for the header
before it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MARK = 0x7E
# A body has 10 bits of length; header and checksum stay below 32 bytes; each byte may be escaped.
LONGEST = 2 * (1023 + 32)

VERSIONED, SPLIT, ENCRYPTED, LENGTH = 1 << 14, 1 << 13, 0b111 << 10, 0x3FF


class BadFrame(ValueError):
    """Not a frame; the text is one word that says why."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a terminal.

    Attributes:
        id: what it is about, as 0x0200.
        phone: who sends it: digits without leading zeros.
        serial: counted by the sender; an answer names it.
        body: without header, or a part of it where `total` > 1.
        version: of the protocol as the header of 2019 tells it, None for the older header.
        total, index: of the parts, from 1.
    """

    id: int
    phone: str
    serial: int
    body: bytes
    version: int | None = None
    total: int = 1
    index: int = 1


class Splitter:
    """Cuts a stream into frames, without their marks and escapes. What is too long to be one is dropped and counted."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self.overlong = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take in what has come; gives every frame that is whole now, still escaped."""
        self._rest += data
        *whole, rest = self._rest.split(b"\x7e")
        self._rest = rest
        if len(rest) > LONGEST:
            self.overlong += 1
            self._rest = bytearray()
        for frame in whole:
            if len(frame) > LONGEST:
                self.overlong += 1
            elif frame:
                yield bytes(frame)


def read(frame: bytes) -> Message:
    """Read a frame as the splitter gives it.

    Raises:
        BadFrame: it is damaged, encrypted, or not what its header says.
    """
    plain = unescape(frame)
    if len(plain) < 13:
        raise BadFrame("short")
    if checksum(plain[:-1]) != plain[-1]:
        raise BadFrame("checksum")
    id, attributes = struct.unpack_from(">HH", plain)
    if attributes & ENCRYPTED:
        raise BadFrame("encrypted")
    at, version, digits = 4, None, 6
    if attributes & VERSIONED:
        at, version, digits = 5, plain[4], 10
    phone, at = plain[at : at + digits].hex(), at + digits
    total = index = 1
    try:
        (serial,) = struct.unpack_from(">H", plain, at)
        at += 2
        if attributes & SPLIT:
            total, index = struct.unpack_from(">HH", plain, at)
            at += 4
    except struct.error:
        raise BadFrame("short") from None
    body = plain[at:-1]
    if len(body) != attributes & LENGTH:
        raise BadFrame("length")
    if not phone.isdecimal() or not 1 <= index <= total:
        raise BadFrame("header")
    return Message(id, phone.lstrip("0") or "0", serial, body, version, total, index)


def write(message: Message) -> bytes:
    """A message as it goes over the line. `body` is at most 1023 bytes.

    Raises:
        ValueError: the body is longer, or the phone number does not fit.
    """
    if len(message.body) > LENGTH:
        raise ValueError("a body has at most 1023 bytes")
    attributes = len(message.body)
    digits = 12
    head = b""
    if message.version is not None:
        attributes |= VERSIONED
        digits = 20
        head = bytes([message.version])
    if message.total > 1:
        attributes |= SPLIT
    phone = bytes.fromhex(message.phone.zfill(digits))
    if len(phone) * 2 != digits:
        raise ValueError("the phone number is too long")
    plain = struct.pack(">HH", message.id, attributes) + head + phone + struct.pack(">H", message.serial)
    if message.total > 1:
        plain += struct.pack(">HH", message.total, message.index)
    plain += message.body
    return b"\x7e" + escape(plain + bytes([checksum(plain)])) + b"\x7e"


def checksum(data: bytes) -> int:
    """All bytes exclusive-or."""
    value = 0
    for byte in data:
        value ^= byte
    return value


def escape(plain: bytes) -> bytes:
    return plain.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")


def unescape(frame: bytes) -> bytes:
    """Undo the escapes.

    Raises:
        BadFrame: an escape stands for nothing.
    """
    if b"\x7d" not in frame:
        return frame
    first, *parts = frame.split(b"\x7d")
    plain = bytearray(first)
    for part in parts:
        if part[:1] not in (b"\x01", b"\x02"):
            raise BadFrame("escape")
        plain.append(0x7C + part[0])
        plain += part[1:]
    return bytes(plain)
