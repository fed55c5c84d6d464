"""Bits of a parameter set, read one code after the other. Source: ITU-T H.264 clauses 7.2, 7.4.1 and 9.1."""

from __future__ import annotations

from video.sources.unit import BadVideo

# Parameter sets are some dozens of bytes; whoever sends more wants to keep us busy or fill our memory.
MAX_SET_BYTES = 4096


class Bits:
    """Reads fixed and Exp-Golomb codes from a NAL unit whose emulation prevention bytes are taken out."""

    def __init__(self, payload: bytes) -> None:
        clean = payload.replace(b"\x00\x00\x03", b"\x00\x00")
        self._value = int.from_bytes(clean, "big")
        self._left = len(clean) * 8

    def read(self, count: int) -> int:
        """The next `count` bits as a number.

        Raises:
            BadVideo: there are not so many left.
        """
        if count > self._left:
            raise BadVideo("parameter set ends early")
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def unsigned(self) -> int:
        """An Exp-Golomb code, ue(v)."""
        zeros = 0
        while self.read(1) == 0:
            zeros += 1
            if zeros > 31:
                raise BadVideo("Exp-Golomb code too long")
        return (1 << zeros) - 1 + self.read(zeros)

    def signed(self) -> int:
        """A signed Exp-Golomb code, se(v)."""
        code = self.unsigned()
        return (code + 1) // 2 if code % 2 else -(code // 2)
