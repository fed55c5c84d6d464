"""The way of pictures into a socket: numbered, stamped, never waited for, and badly where a camera is a bad one.

A client that does not read loses whole pictures up to the next key frame.
"""

from __future__ import annotations

import random
import secrets
import socket

from video.simulator.camera import Manner
from video.simulator.coding import FPS
from video.simulator.packing import HOLES, PackedUnit

SEND_BUFFER_BYTES = 96 * 1024
TICKS_PER_PICTURE = 90_000 // FPS
# A flaky camera: one packet in so many is lost, and a connection ends once in so many pictures.
_LOST_PACKET, _CUT_OFF = 1 / 300, 1 / (90 * FPS)
_JUMP_EVERY, _JUMP_TICKS = 20 * FPS, 12 * 90_000
_fill = HOLES.pack_into


class Gone(Exception):
    """The client has left, or the camera cuts it off."""


class Sender:
    """Sends pictures of one camera over one socket; `held` until the next key frame."""

    __slots__ = ("_manner", "_pending", "_send", "_sequence", "_time", "channel", "held", "source")

    def __init__(self, connected: socket.socket, manner: Manner) -> None:
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._send = connected.send
        self._manner: Manner = manner
        self._pending = b""
        self._sequence = secrets.randbits(16)
        self._time = secrets.randbits(32)
        self.source = secrets.randbits(32)
        self.channel = 0
        self.held = True

    def picture(self, unit: PackedUnit, tick: int) -> None:
        """Send the picture of this tick.

        Raises:
            Gone: there is nobody to send to.
        """
        if (self.held or self.channel or self._manner != "steady") and not self._oddly(unit, tick):
            return
        data, source, sequence = unit.data, self.source, self._sequence
        time = (self._time + tick * TICKS_PER_PICTURE) & 0xFFFFFFFF
        for hole in unit.holes:
            _fill(data, hole, sequence & 0xFFFF, time, source)
            sequence += 1
        self._sequence = sequence
        try:
            if (sent := self._send(data)) != len(data):
                self._pending, self.held = bytes(data[sent:]), True
        except BlockingIOError:
            self.held = True
        except OSError as error:
            raise Gone from error

    def text(self, data: bytes) -> None:
        """Send an answer, whole: after what waits already, and while it waits no picture is sent.

        Raises:
            Gone: there is nobody to send to.
        """
        self._pending += data
        if not self._flush():
            self.held = True

    def place(self, tick: int) -> tuple[int, int]:
        """Sequence number and time of the picture of this tick, for the answer to PLAY."""
        return self._sequence & 0xFFFF, self._stamp(tick)

    def _flush(self) -> bool:
        """Whether nothing waits any longer."""
        if self._pending:
            try:
                self._pending = self._pending[self._send(self._pending) :]
            except BlockingIOError:
                return False
            except OSError as error:
                raise Gone from error
        return not self._pending

    def _oddly(self, unit: PackedUnit, tick: int) -> bool:
        """The rare ways; whether the picture is still to be sent in the usual one."""
        if self.held and not (self._flush() and unit.key):
            return False
        self.held = False
        if not self.channel and self._manner == "steady":
            return True
        if self._manner == "flaky" and random.random() < _CUT_OFF:
            raise Gone
        data = self._copy(unit, tick)
        try:
            if (sent := self._send(data)) != len(data):
                self._pending, self.held = bytes(data[sent:]), True
        except BlockingIOError:
            self.held = True
        except OSError as error:
            raise Gone from error
        return False

    def _copy(self, unit: PackedUnit, tick: int) -> bytearray:
        """The packets in a copy: on another channel, with another time, some of them missing."""
        data = unit.filled(sequence=self._sequence, rtp_time=self._stamp(tick), source=self.source)
        self._sequence += len(unit.holes)
        for hole in unit.holes:
            data[hole - 5] = self.channel
        if self._manner != "flaky":
            return data
        ends = [*(hole - 6 for hole in unit.holes[1:]), len(data)]
        kept = (
            data[hole - 6 : end] for hole, end in zip(unit.holes, ends, strict=True) if random.random() >= _LOST_PACKET
        )
        return bytearray(b"".join(kept))

    def _stamp(self, tick: int) -> int:
        """RTP time of a tick: true, or one of the ways in which cameras lie."""
        time = self._time + tick * TICKS_PER_PICTURE
        if self._manner == "constant":
            time = self._time
        elif self._manner == "backward":
            time = self._time - tick * TICKS_PER_PICTURE
        elif self._manner == "jumping":
            time += _JUMP_TICKS * (tick // _JUMP_EVERY * 7 % 5 - 2)
        return time & 0xFFFFFFFF
