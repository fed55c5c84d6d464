"""RTP packets of H.265 to access units. Source: RFC 7798 section 4.4 (single NAL unit, AP, FU; no DONL fields)."""

from __future__ import annotations

from video.sources import h265
from video.sources.bits import MAX_SET_BYTES
from video.sources.depacketize import NalStream, OnUnit
from video.sources.h265 import H265Parameters, is_irap, nal_kind

_AGGREGATE, _FRAGMENT = 48, 49
_LAST_DEFINED_SLICE = 9


class H265Depacketizer(NalStream):
    """Turns the packets of one stream into whole access units.

    After a start or a gap the pictures that lean over their key frame into what is missing (RASL) are left out too.
    """

    def __init__(self, on_unit: OnUnit, parameters: H265Parameters | None = None) -> None:
        super().__init__(on_unit, parameters)
        self._sets = {h265.VPS: b"", h265.SPS: b"", h265.PPS: b""}
        if parameters is not None:
            self._sets = {h265.VPS: parameters.vps, h265.SPS: parameters.sps, h265.PPS: parameters.pps}
        self._leans_back = False
        self._skip_leaning = True

    def _payload(self, data: bytes, body: int, end: int) -> None:
        kind = nal_kind(data[body])
        if end - body < 3 or data[body] & 0x80 or kind > _FRAGMENT:
            self.counts.bad += 1
        elif kind == _FRAGMENT:
            header = data[body + 2]
            nal_header = bytes((data[body] & 0x81 | (header & 63) << 1, data[body + 1]))
            self._fragment_part(header, nal_header, data[body + 3 : end])
        elif kind == _AGGREGATE:
            self._aggregate(data, body + 2, end)
        else:
            self._add(data[body:end])

    def _add(self, nal: bytes) -> None:
        kind = nal_kind(nal[0])
        if len(nal) < 3 or (kind in self._sets and len(nal) > MAX_SET_BYTES):
            self.counts.bad += 1
        elif kind in self._sets:
            self._sets[kind] = nal
        elif kind <= _LAST_DEFINED_SLICE or is_irap(kind):
            if is_irap(kind):
                self._take_parameters()
            self._leans_back = kind in (h265.RASL_N, h265.RASL_R)
            self._add_slice(nal, key=is_irap(kind), first=bool(nal[2] & 0x80))

    def _take_parameters(self) -> None:
        """New parameters begin with a key picture; the same object stays as long as nothing changed."""
        told = H265Parameters(*self._sets.values())
        if all(self._sets.values()) and told != self._parameters:
            self._parameters = told

    def _break(self) -> None:
        super()._break()
        self._skip_leaning = True

    def _finish(self, at: float) -> None:
        if self._picture and self._leans_back and self._skip_leaning and not self._wait_key:
            # It cannot be decoded and nothing refers to it, so what follows is whole all the same.
            self.counts.dropped_units += 1
            self._nals, self._size, self._picture = [], 0, False
            return
        in_step = self._key and not self._wait_key
        super()._finish(at)
        if self._wait_key:
            self._skip_leaning = True
        elif in_step:
            self._skip_leaning = False


def begins_key(data: bytes, body: int, end: int) -> bool:
    """Whether the RTP payload `data[body:end]` starts a key picture or the parameter sets before it."""
    if end - body < 3:
        return False
    kind = nal_kind(data[body])
    if kind == _FRAGMENT:
        return bool(data[body + 2] & 0x80) and is_irap(data[body + 2] & 63)
    if kind == _AGGREGATE:
        kind = nal_kind(data[body + 4]) if end - body > 4 else _AGGREGATE
    return is_irap(kind) or kind in (h265.VPS, h265.SPS)
