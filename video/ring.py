"""The last seconds of a feed, compressed, in groups that each start with a key frame.

Packets are kept as they came: a group is made into access units when somebody wants to see it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import groupby
from math import inf

from video.sources.depacketize import CLOCK_HZ
from video.sources.quick_key import quick_key
from video.sources.sdp import VideoTrack
from video.sources.unit import AccessUnit, Family, Parameters, decodable
from video.sources.units import Piece, units_of

# Of a feed that is read often, what arrived within so long is kept together: small strings eat the memory.
JOINED_S = 0.25
MANY_PIECES = 8
# A camera whose clock runs otherwise than ours over the seconds of a ring is not asked for the time.
BELIEVED_S = 2.0


@dataclass(slots=True)
class _Stream:
    """What is known of a stream since it was opened; groups of one stream are made into units together."""

    track: VideoTrack
    channel: int
    parameters: Parameters | None


@dataclass(slots=True)
class _Group:
    """A key frame and what follows it: packets of a stream, or units where a source makes them itself."""

    started_at: float
    stream: _Stream | None
    pieces: list[Piece] = field(default_factory=list)
    units: list[AccessUnit] | None = None
    bytes: int = 0

    def shut(self) -> None:
        """Nothing more comes: pieces that arrived together are kept together."""
        if len(self.pieces) > MANY_PIECES:
            parts = [list(part) for _, part in groupby(self.pieces, lambda piece: piece[1] // JOINED_S)]
            self.pieces = [(b"".join([data for data, _ in part]), part[-1][1]) for part in parts]


class Ring:
    """Keeps at least `seconds` of a feed (once that much has come) and at most `max_bytes`.

    Whole groups of pictures are forgotten at once, so that what is kept can always be decoded.
    """

    __slots__ = ("_groups", "_max_bytes", "_seconds", "_spare_at", "_stream", "_truncated", "bytes", "newest_at")

    def __init__(self, seconds: float, max_bytes: int = 8_000_000) -> None:
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._groups: deque[_Group] = deque()
        self._stream: _Stream | None = None
        self._truncated = False
        # From this moment on the oldest group is older than it needs to be.
        self._spare_at = inf
        self.newest_at: float | None = None
        self.bytes = 0

    def opened(self, track: VideoTrack, channel: int) -> None:
        """Packets of a new stream follow; what is kept of the one before stays."""
        self._stream = _Stream(track, channel, track.parameters)
        self._truncated = True

    @property
    def stream(self) -> tuple[VideoTrack, int] | None:
        """Track and channel of the packets that come."""
        return (self._stream.track, self._stream.channel) if self._stream is not None else None

    def begin(self) -> None:
        """A key frame begins with the next packets."""
        if self._groups:
            self._groups[-1].shut()
        self._groups.append(_Group(inf, self._stream))
        self._truncated = False

    def packets(self, data: bytes, at: float) -> None:
        """Whole packets; those that depend on a key frame that never came are ignored."""
        size = len(data)
        if self._truncated or not self._groups or not self._has_room(size):
            return
        group = self._groups[-1]
        group.pieces.append((data, at))
        self._grow(group, size, at)

    def add(self, unit: AccessUnit) -> None:
        """Append a unit of a source that makes units itself."""
        if unit.key:
            self._groups.append(_Group(inf, None, units=[]))
            self._truncated = False
        size = len(unit.data)
        if self._truncated or not self._groups or not self._has_room(size):
            return
        group = self._groups[-1]
        if group.units is not None:
            group.units.append(unit)
            self._grow(group, size, unit.at)

    def _grow(self, group: _Group, size: int, at: float) -> None:
        group.bytes += size
        self.bytes += size
        self.newest_at = at
        if group.started_at == inf:
            group.started_at = at
            self._forget(at)
        elif at >= self._spare_at:
            self._forget(at)

    def _has_room(self, size: int) -> bool:
        if self.bytes + size <= self._max_bytes:
            return True
        while len(self._groups) > 1 and self.bytes + size > self._max_bytes:
            self._drop_oldest()
        # One group alone is too large (a camera that hardly sends key frames): its beginning stays.
        self._truncated = self.bytes + size > self._max_bytes
        return not self._truncated

    def _forget(self, now: float) -> None:
        groups = self._groups
        while len(groups) > 2 and groups[1].started_at <= now - self._seconds:
            self._drop_oldest()
        self._spare_at = groups[1].started_at + self._seconds if len(groups) > 2 else inf

    def _drop_oldest(self) -> None:
        self.bytes -= self._groups.popleft().bytes

    def clear(self) -> None:
        self._groups.clear()
        self._spare_at = inf
        self.newest_at = None
        self.bytes = 0

    def since_last_key(self) -> list[AccessUnit]:
        """Everything from the last key frame on: what an instant live picture starts with."""
        if not self._groups:
            return []
        newest = _units([self._groups[-1]])
        if not newest and len(self._groups) > 1:
            # The newest key frame is still coming in.
            return _units([self._groups[-2]])
        return newest

    def newest_pieces(self) -> list[Piece]:
        """The packets since the last key frame."""
        return list(self._groups[-1].pieces) if self._groups else []

    @property
    def newest_bytes(self) -> int:
        """Bytes since the last key frame, itself included."""
        return self._groups[-1].bytes if self._groups else 0

    @property
    def newest_starts(self) -> tuple[float, float] | None:
        """When the last two key frames of the stream began to come in (epoch seconds)."""
        if len(self._groups) < 2 or self._groups[-2].stream is not self._groups[-1].stream:
            return None
        return self._groups[-2].started_at, self._groups[-1].started_at

    def newest_key(self) -> tuple[Family, bytes] | None:
        """The newest key frame that is whole, as a decoder takes it."""
        for group in list(self._groups)[:-3:-1]:
            key = _key(group)
            if key is not None:
                return key
        return None

    @property
    def key_repeats(self) -> bool:
        """Whether the key frame that began last is byte for byte one of the two before it, as no sensor sends it.

        Encoders number key frames by turns, so the same picture coded again is like the one before the last. Cheap
        cameras do send a JPEG picture again when they have no newer one: that is no answer.
        """
        newest, *before = [_key(group) for group in list(self._groups)[:-4:-1]] or [None]
        return newest is not None and newest[0] != "jpeg" and newest in before

    def between(self, start: float, end: float) -> list[AccessUnit]:
        """Units that arrived in [start, end] (epoch seconds), from the key frame before `start` on."""
        groups = list(self._groups)
        first = 0
        for index, group in enumerate(groups):
            if group.started_at <= start:
                first = index
        return [unit for unit in _units(groups[first:]) if unit.at <= end]


def _key(group: _Group) -> tuple[Family, bytes] | None:
    """The key frame at the head of a group; None when it is not whole."""
    if group.stream is not None and group.stream.track.encoding == "H264":
        quick = quick_key(group.pieces, group.stream.channel)
        if quick is not None:
            return "h264", quick
    units = _units([group])
    return (units[0].parameters.family, decodable(units[0])) if units else None


def _units(groups: list[_Group]) -> list[AccessUnit]:
    """Units of consecutive groups; packets of one stream are read in one go, so that their times agree."""
    made: list[AccessUnit] = []
    at = 0
    while at < len(groups):
        stream, last = groups[at].stream, at
        while last + 1 < len(groups) and groups[last + 1].stream is stream:
            last += 1
        run, at = groups[at : last + 1], last + 1
        if stream is None:
            made += [unit for group in run for unit in group.units or ()]
            continue
        pieces = [piece for group in run for piece in group.pieces]
        units = units_of(pieces, stream.track, stream.channel, stream.parameters)
        if units:
            # What the stream itself told of its parameters is true from now on, also where it tells them only once.
            stream.parameters = units[-1].parameters
            _time(units)
        made += units
    return made


def _time(units: list[AccessUnit]) -> None:
    """Packets are read in rounds; the camera's own clock tells when in a round each picture came, unless it lies."""
    first, last = units[0], units[-1]
    if abs((last.ticks - first.ticks) / CLOCK_HZ - (last.at - first.at)) > BELIEVED_S:
        return
    offset = min(unit.at - unit.ticks / CLOCK_HZ for unit in units)
    for unit in units:
        unit.at = offset + unit.ticks / CLOCK_HZ
