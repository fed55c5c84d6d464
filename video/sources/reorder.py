"""RTP packets of a lossy network back in their order: a small window by sequence number."""

from __future__ import annotations

from collections.abc import Callable

_FAR = 1000


class ReorderWindow:
    """Holds packets that came too early, until the missing ones come or it is no use to wait.

    Repeated and late packets are dropped; a jump of more than 1000 is a camera that counts anew.
    """

    def __init__(self, on_packet: Callable[[bytes, float], None], *, most: int = 32, patience_s: float = 0.15) -> None:
        """`most` packets are held at most, and none longer than `patience_s`."""
        self._on_packet = on_packet
        self._most, self._patience_s = most, patience_s
        self._next = -1
        self._source = b""
        self._early: dict[int, tuple[bytes, float]] = {}
        self.late = 0

    def push(self, packet: bytes, at: float) -> None:
        """Take an RTP packet (12 bytes or more) that arrived at `at` (seconds of any clock that runs on)."""
        if packet[8:12] != self._source:
            self._give_up()
            self._source, self._next = packet[8:12], -1
        sequence = packet[2] << 8 | packet[3]
        ahead = (sequence - self._next) & 0xFFFF if self._next >= 0 else 0
        if ahead > 0xFFFF - _FAR or sequence in self._early:
            self.late += 1
            return
        if ahead > _FAR:
            self._give_up()
            ahead = 0
        if ahead:
            self._early[sequence] = packet, at
        else:
            self._next = sequence
            self._hand_on(packet, at)
        while self._early and (len(self._early) > self._most or self._oldest_at() < at - self._patience_s):
            self._skip_hole()

    def _hand_on(self, packet: bytes, at: float) -> None:
        """Hand a packet on, and all that waited for it."""
        found: tuple[bytes, float] | None = packet, at
        while found is not None:
            self._next = (self._next + 1) & 0xFFFF
            self._on_packet(*found)
            found = self._early.pop(self._next, None)

    def _oldest_at(self) -> float:
        return min(at for _, at in self._early.values())

    def _skip_hole(self) -> None:
        """Give up the packets before the first early one."""
        self._next = min(self._early, key=lambda sequence: (sequence - self._next) & 0xFFFF)
        self._hand_on(*self._early.pop(self._next))

    def _give_up(self) -> None:
        while self._early:
            self._skip_hole()
