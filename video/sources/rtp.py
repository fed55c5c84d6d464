"""RTP packets of H.264 to access units. Source: RFC 6184 sections 5.6 to 5.8 (single NAL unit, STAP-A, FU-A)."""

from __future__ import annotations

from video.sources.bits import MAX_SET_BYTES
from video.sources.depacketize import NalStream, OnUnit
from video.sources.h264 import IDR, PPS, SLICE, SPS, ParameterSets

_STAP_A, _FU_A = 24, 28


class H264Depacketizer(NalStream):
    """Turns the packets of one stream into whole access units."""

    def __init__(self, on_unit: OnUnit, parameters: ParameterSets | None = None) -> None:
        super().__init__(on_unit, parameters)
        self._sps = parameters.sps if parameters is not None else b""

    def _payload(self, data: bytes, body: int, end: int) -> None:
        kind = data[body] & 31
        if 1 <= kind <= 23:
            self._add(data[body:end])
        elif kind == _FU_A and end - body >= 3:
            header = data[body + 1]
            self._fragment_part(header, bytes((data[body] & 0xE0 | header & 31,)), data[body + 2 : end])
        elif kind == _STAP_A:
            self._aggregate(data, body + 1, end)
        else:
            self.counts.bad += 1

    def _add(self, nal: bytes) -> None:
        kind = nal[0] & 31
        if kind in (SPS, PPS) and len(nal) > MAX_SET_BYTES:
            self.counts.bad += 1
        elif kind == SPS:
            self._sps = nal
        elif kind == PPS:
            self._take_parameters(nal)
        elif kind in (SLICE, IDR):
            # The first slice starts at macroblock 0, which is written as a lone 1 bit.
            self._add_slice(nal, key=kind == IDR, first=len(nal) >= 2 and bool(nal[1] & 0x80))

    def _take_parameters(self, pps: bytes) -> None:
        """The same object stays as long as nothing changed: rings and muxers compare by identity."""
        told = ParameterSets(self._sps, pps)
        if len(self._sps) >= 4 and told != self._parameters:
            self._parameters = told
