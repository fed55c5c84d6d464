"""Whether a position can be true. Pure: values in, a reason or None out, with a bounded memory per person."""

import math
from dataclasses import dataclass
from datetime import timedelta

from command_center.ingest.position import Position

FASTEST_MPS = 70.0
# A jump within this distance is noise of the receiver, however fast it looks.
NOISE_M = 150.0
# So many positions in a row that agree with each other but not with the one before them: that one was wrong.
AGREEING = 3
OLDEST = timedelta(days=7)
METRES_PER_DEGREE = 111_320.0

REASONS = (
    "malformed",
    "not_yours",
    "unknown_person",
    "not_finite",
    "out_of_range",
    "zero_zero",
    "outside",
    "future",
    "too_old",
    "impossible_speed",
    "no_fix",
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Degrees; what lies outside is not ours."""

    west: float
    south: float
    east: float
    north: float

    def widened(self, margin_deg: float) -> "Bounds":
        return Bounds(self.west - margin_deg, self.south - margin_deg, self.east + margin_deg, self.north + margin_deg)

    def holds(self, lon: float, lat: float) -> bool:
        return self.west <= lon <= self.east and self.south <= lat <= self.north


@dataclass(slots=True)
class _Track:
    last: Position
    suspect: Position | None = None
    agreeing: int = 0


class Plausibility:
    """Checks place, time and speed; remembers one or two positions of each device."""

    def __init__(self, bounds: Bounds, *, future_tolerance_s: float) -> None:
        self._bounds = bounds
        self._future = timedelta(seconds=future_tolerance_s)
        self._tracks: dict[str, _Track] = {}

    def move(self, bounds: Bounds) -> None:
        """Check places against other bounds from now on."""
        self._bounds = bounds

    def objection(self, position: Position, device_id: str | None = None) -> str | None:
        """Why the position cannot be true (one of REASONS), or None; then it is remembered.

        Args:
            position: in the order of arrival.
            device_id: whose jumps are looked for; None: the person's, who is taken to carry one device.
        """
        return self._place(position) or self._time(position) or self._speed(device_id or position.person_id, position)

    def _place(self, position: Position) -> str | None:
        lon, lat = position.lon, position.lat
        if not (math.isfinite(lon) and math.isfinite(lat)):
            return "not_finite"
        if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
            return "out_of_range"
        if lon == 0.0 and lat == 0.0:
            return "zero_zero"
        return None if self._bounds.holds(lon, lat) else "outside"

    def _time(self, position: Position) -> str | None:
        if position.at - position.received_at > self._future:
            return "future"
        return "too_old" if position.received_at - position.at > OLDEST else None

    def _speed(self, carrier: str, position: Position) -> str | None:
        track = self._tracks.get(carrier)
        if track is None:
            self._tracks[carrier] = _Track(position)
            return None
        if reachable(track.last, position):
            track.suspect = None
            if position.at > track.last.at:
                track.last = position
            return None
        agrees = track.suspect is not None and reachable(track.suspect, position)
        track.agreeing = track.agreeing + 1 if agrees else 1
        track.suspect = position
        if track.agreeing < AGREEING:
            return "impossible_speed"
        track.last, track.suspect = position, None
        return None


def reachable(a: Position, b: Position) -> bool:
    """Whether one person can have been at both, in either order of time."""
    metres = approximate_m(a.lon, a.lat, b.lon, b.lat)
    if metres <= NOISE_M:
        return True
    return metres <= FASTEST_MPS * abs((b.at - a.at).total_seconds()) + NOISE_M


def approximate_m(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Distance on a sphere laid flat: within 0.5 % over a county, and cheap."""
    east = (lon_b - lon_a) * math.cos(math.radians(lat_a)) * METRES_PER_DEGREE
    return math.hypot(east, (lat_b - lat_a) * METRES_PER_DEGREE)
