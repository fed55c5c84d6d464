"""Whether what a device tells of its place can be believed. Pure: reports in, flags out, a bounded memory per device.

Nothing is refused here: a doubtful position is kept with its flags, for people to look at, and proves nothing.
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from command_center.ingest.plausible import approximate_m
from command_center.ingest.position import NO_FLAGS, Flag, Position, Signs

# A walking pace begins here; a receiver that stands still often says a little more than nothing.
MOVES_FROM_MPS = 0.5
FROZEN_AFTER = timedelta(seconds=120)
FROZEN_CLAIMS = 4

# A phone that leaves a network changes its address; only returns to the one before, again and again, mean two.
RETURNS = 3
RETURNS_WITHIN = timedelta(minutes=10)
CLONE_APART_M = 200.0

SAME_TIME = timedelta(seconds=120)
APART_M = 500.0
APART_MPS = 35.0


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a report came from.

    Attributes:
        address: of the network. Many devices may share one.
        line: number of the connection where the protocol keeps one open; two open at a time are two devices.
    """

    address: str
    line: int = 0


@dataclass(slots=True)
class _Stretch:
    """Reports in a row with the very same coordinates."""

    first: Position
    last: Position
    claims: int = 0


@dataclass(slots=True)
class _Known:
    """What is remembered of one device."""

    stretch: _Stretch | None = None
    peer: Peer | None = None
    peer_before: Peer | None = None
    returns: deque[tuple[datetime, bool]] = field(default_factory=lambda: deque(maxlen=32))


class Trust:
    """Looks at each report once, in the order of arrival."""

    def __init__(self) -> None:
        self._devices: dict[str, _Known] = {}
        self._places: dict[str, dict[str, Position]] = defaultdict(dict)

    def look(self, device_id: str, position: Position, signs: Signs, peer: Peer) -> Flag:
        """What speaks against a position that has not been seen before.

        Args:
            device_id: who sent it.
            position: as sent, in WGS84.
            signs: what came with it.
            peer: where it came from.
        """
        known = self._devices.setdefault(device_id, _Known())
        flags = Flag.mock if signs.mock else NO_FLAGS
        if self._cloned(known, device_id, position, peer):
            flags |= Flag.cloned
        if _frozen(known, position, signs):
            flags |= Flag.frozen
        if self._apart(device_id, position):
            flags |= Flag.apart
        return flags

    def frozen_since(self, device_id: str) -> datetime | None:
        """The time of the first of the reports that turned out to be frozen; None where they are not."""
        known = self._devices.get(device_id)
        return known.stretch.first.at if known is not None and known.stretch is not None else None

    def _cloned(self, known: _Known, device_id: str, position: Position, peer: Peer) -> bool:
        now = position.received_at
        if known.peer is None:
            known.peer = peer
        elif peer != known.peer:
            if peer == known.peer_before:
                last = self._places[position.person_id].get(device_id)
                known.returns.append((now, last is not None and _far(last, position, CLONE_APART_M)))
            known.peer_before, known.peer = known.peer, peer
        while known.returns and now - known.returns[0][0] > RETURNS_WITHIN:
            known.returns.popleft()
        # On lines that stay open it is enough that both are used; addresses alone may be a phone between two networks.
        suspicious = len(known.returns) if peer.line else sum(apart for _, apart in known.returns)
        return suspicious >= RETURNS

    def _apart(self, device_id: str, position: Position) -> bool:
        places = self._places[position.person_id]
        others = (place for other, place in places.items() if other != device_id)
        found = any(_far(place, position, APART_M) for place in others)
        last = places.get(device_id)
        if last is None or last.at <= position.at:
            places[device_id] = position
        return found


def _far(a: Position, b: Position, metres: float) -> bool:
    """Whether two positions of about the same time are further apart than a vehicle explains."""
    apart = abs(a.at - b.at)
    if apart > SAME_TIME:
        return False
    return approximate_m(a.lon, a.lat, b.lon, b.lat) > metres + APART_MPS * apart.total_seconds()


def _frozen(known: _Known, position: Position, signs: Signs) -> bool:
    """A receiver that moves never gives the same coordinates again; one that is told where to be does."""
    stretch = known.stretch
    if stretch is not None and position.at <= stretch.last.at:
        return False
    if stretch is None or (stretch.first.lon, stretch.first.lat) != (position.lon, position.lat):
        known.stretch = stretch = _Stretch(position, position)
    stretch.last = position
    # Phones say for minutes after a stop that they move; their speed knows better.
    stretch.claims += bool(signs.moving) if position.speed_mps is None else position.speed_mps >= MOVES_FROM_MPS
    return stretch.claims >= FROZEN_CLAIMS and position.at - stretch.first.at >= FROZEN_AFTER
