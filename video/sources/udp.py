"""RTP over UDP, for cameras that offer nothing else: a pair of ports, packets in order, a report now and then.

Source: RFC 3550 sections 6.4.2 (receiver report), 6.5 (CNAME) and 11 (even and odd port); RFC 2326 section 12.39.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import socket
import struct
import time
from collections.abc import Callable
from typing import cast

from video.sources.reorder import ReorderWindow

REPORT_EVERY_S = 5.0
_RECEIVE_BUFFER_BYTES = 1_000_000
_PORTS = range(20_000, 60_000, 2)
_SENDER_REPORT, _RECEIVER_REPORT, _DESCRIPTION = 200, 201, 202
Address = tuple[str, int]


class UdpReceiver:
    """One feed's pair of ports. `open()`, name the ports in SETUP, `expect()` the camera's, and packets come."""

    def __init__(self, on_packet: Callable[[bytes, float], None]) -> None:
        """`on_packet(packet, at)` gets RTP packets in order, `at` in epoch seconds."""
        self.packets = 0
        self._window = ReorderWindow(self._in_order)
        self._on_packet = on_packet
        self._rtp: asyncio.DatagramTransport | None = None
        self._rtcp: asyncio.DatagramTransport | None = None
        self._peer: tuple[Address, Address] | None = None
        self._reports: asyncio.Task[None] | None = None
        self._book = Book()

    async def open(self, host: str = "0.0.0.0") -> tuple[int, int]:
        """Take an even port and the odd one after it; both numbers.

        Args:
            host: the local address, as of the connection to the camera.

        Raises:
            OSError: no pair is free.
        """
        rtp, rtcp = _pair(host)
        loop = asyncio.get_running_loop()
        self._rtp, _ = await loop.create_datagram_endpoint(lambda: _Port(self._take), sock=rtp)
        self._rtcp, _ = await loop.create_datagram_endpoint(lambda: _Port(self._take_report), sock=rtcp)
        return cast(int, rtp.getsockname()[1]), cast(int, rtcp.getsockname()[1])

    def expect(self, host: str, rtp_port: int, rtcp_port: int) -> None:
        """From now on take packets of this camera and no other, and report to it.

        An empty packet to each port opens the way through firewalls that only let answers in.
        """
        self._peer = (host, rtp_port), (host, rtcp_port)
        if self._rtp is not None and self._rtcp is not None:
            self._rtp.sendto(b"\x80\x00\x00\x00" + bytes(8), self._peer[0])
            self._rtcp.sendto(self._book.report(), self._peer[1])
            self._reports = self._reports or asyncio.create_task(self._report())

    def close(self) -> None:
        """Give the ports back; nothing comes any more."""
        for transport in (self._rtp, self._rtcp):
            if transport is not None:
                transport.close()
        if self._reports is not None:
            self._reports.cancel()
        self._rtp = self._rtcp = self._reports = None

    def _take(self, data: bytes, sender: Address) -> None:
        known = self._peer is None or sender[0] == self._peer[0][0]
        # A report may come to this port where both share one (RFC 5761).
        if known and len(data) >= 13 and data[0] & 0xC0 == 0x80 and not 200 <= data[1] <= 204:
            self._book.note(data)
            self._window.push(data, time.monotonic())

    def _in_order(self, packet: bytes, at: float) -> None:
        self.packets += 1
        self._on_packet(packet, time.time())

    def _take_report(self, data: bytes, sender: Address) -> None:
        if (self._peer is None or sender[0] == self._peer[0][0]) and len(data) >= 28 and data[1] == _SENDER_REPORT:
            self._book.heard(data)

    async def _report(self) -> None:
        while self._rtcp is not None and self._peer is not None:
            await asyncio.sleep(REPORT_EVERY_S * random.uniform(0.5, 1.5))
            if self._rtcp is not None:
                self._rtcp.sendto(self._book.report(), self._peer[1])


class Book:
    """What a receiver report tells. Source: RFC 3550 sections 6.4.1 and A.3; jitter is not measured."""

    def __init__(self) -> None:
        self._own = secrets.randbits(32)
        self._source: int | None = None
        self._first = self._highest = -1
        self._received = self._expected_before = self._received_before = 0
        self._sender_time, self._sender_heard_at = 0, 0.0

    def note(self, packet: bytes) -> None:
        """Count a packet."""
        source = int.from_bytes(packet[8:12], "big")
        sequence = packet[2] << 8 | packet[3]
        if source != self._source:
            self._source, self._first, self._highest = source, sequence, sequence
            self._received = self._expected_before = self._received_before = 0
        elif (ahead := (sequence - self._highest) & 0xFFFF) < 0x8000:
            self._highest += ahead
        self._received += 1

    def heard(self, report: bytes) -> None:
        """Note the time in a report of the sender."""
        self._sender_time = int.from_bytes(report[10:14], "big")
        self._sender_heard_at = time.monotonic()

    def report(self) -> bytes:
        """A receiver report and our name."""
        name = b"yiping"
        item = struct.pack(">IBB", self._own, 1, len(name)) + name
        item += bytes(4 - len(item) % 4)
        described = struct.pack(">BBH", 0x81, _DESCRIPTION, len(item) // 4) + item
        if self._source is None:
            return struct.pack(">BBHI", 0x80, _RECEIVER_REPORT, 1, self._own) + described
        head = struct.pack(">BBHI", 0x81, _RECEIVER_REPORT, 7, self._own)
        return head + self._block(self._source) + described

    def _block(self, source: int) -> bytes:
        expected = self._highest - self._first + 1
        lost = max(-0x800000, min(0x7FFFFF, expected - self._received))
        wanted, got = expected - self._expected_before, self._received - self._received_before
        self._expected_before, self._received_before = expected, self._received
        share = max(0, wanted - got) * 256 // wanted if wanted > 0 else 0
        waited = int((time.monotonic() - self._sender_heard_at) * 65536) if self._sender_time else 0
        counts = struct.pack(">BI", min(share, 255), lost & 0xFFFFFF)
        return (
            struct.pack(">I", source)
            + counts[:1]
            + counts[2:]
            + struct.pack(">IIII", self._highest & 0xFFFFFFFF, 0, self._sender_time, waited & 0xFFFFFFFF)
        )


class _Port(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes, Address], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        self._take(data, (str(addr[0]), int(addr[1])))


def _pair(host: str) -> tuple[socket.socket, socket.socket]:
    """Two bound sockets on an even port and the odd one after it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in random.sample(_PORTS, 50):
        pair = [socket.socket(family, socket.SOCK_DGRAM) for _ in range(2)]
        try:
            for number, one in enumerate(pair):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
                one.bind((host, port + number))
                one.setblocking(False)
        except OSError:
            for one in pair:
                one.close()
            continue
        return pair[0], pair[1]
    raise OSError("no pair of UDP ports is free")


def framed(packet: bytes, channel: int = 0) -> bytes:
    """The packet as it would have come over the RTSP connection. Source: RFC 2326 section 10.12."""
    return struct.pack(">BBH", 0x24, channel, len(packet)) + packet


def server_ports(transport: str) -> tuple[int, int] | None:
    """The camera's ports in the Transport header it answered SETUP with; None when it names none."""
    for item in transport.split(";"):
        name, _, value = item.strip().partition("=")
        low, _, high = value.partition("-")
        if name.lower() == "server_port" and low.isdigit() and 0 < int(low) < 65536:
            return int(low), int(high) if high.isdigit() and 0 < int(high) < 65536 else int(low) + 1
    return None
