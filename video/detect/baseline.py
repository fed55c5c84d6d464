"""What is usual on this camera at this hour of the week: the middle and the spread of one measured value.

Two memories: the last minutes, and 168 hours of the week that survive a restart. A value is judged by whichever of the
two it is nearer to: a lamp that burns every night is usual, and so is a light that has been on for ten minutes.

Source: median and spread by stochastic approximation (H. Robbins, S. Monro, 1951): each value moves the middle by no
more than a few spreads, so that an accident hardly counts.
"""

from __future__ import annotations

import base64
import binascii
from array import array
from dataclasses import dataclass
from typing import Any

HOURS = 168
CHINA_UTC_OFFSET_S = 8 * 3600.0
LEARN_LOOKS = 3
RECENT_RATE, HOURLY_RATE = 0.15, 0.004
# After so many values one is taken every so many seconds: neighbours say the same.
ALL_UNTIL, LEARN_EVERY_S = 12, 7.0
# So many learned values make an hour known: about half an hour of a quiet camera.
KNOWN_VALUES = 150
MOST_VALUES = 255 * 40
# Values are kept as 255 steps over the range.
_STEPS = 255
# The first of 1970 was a Thursday; weeks begin on Monday.
_EPOCH_OFFSET_H = 72


@dataclass(frozen=True)
class Usual:
    """The middle of what is usual, and the mean distance from it."""

    centre: float
    spread: float

    def beyond(self, value: float, spreads: float = 4.0) -> float:
        """How far a value lies outside `spreads` times the spread, signed; 0 within."""
        room = spreads * self.spread
        return value - self.centre - room if value > self.centre + room else min(0.0, value - self.centre + room)


class Baseline:
    """Learns one value of one camera.

    Args:
        memory: what `memory()` gave in an earlier life, None for a new camera.
        highest: values run from 0 to this; larger ones count as this.
        least_spread: a camera is never thought to be more constant than this.
        utc_offset_s: local time of the cameras.
    """

    def __init__(
        self, memory: Any, *, highest: float, least_spread: float, utc_offset_s: float = CHINA_UTC_OFFSET_S
    ) -> None:
        self._highest, self._least, self._offset_s = highest, least_spread, utc_offset_s
        self._recent, self._count, self._learned_at = Usual(0.0, least_spread), 0, 0.0
        self._centre, self._spread, self._weight = (array("f", [0.0] * HOURS) for _ in range(3))
        if isinstance(memory, str):
            self._remember(memory)

    def learn(self, value: float, at: float) -> None:
        """Take a normal value; `at` in epoch seconds."""
        if self._count >= ALL_UNTIL and 0 <= at - self._learned_at < LEARN_EVERY_S:
            return
        self._count, self._learned_at = self._count + 1, at
        value = min(value, self._highest)
        self._recent = self._moved(self._recent, value, max(RECENT_RATE, 1 / self._count))
        hour = self._hour(at)
        self._weight[hour] = min(MOST_VALUES, self._weight[hour] + 1)
        known = Usual(self._centre[hour], self._spread[hour])
        new = self._moved(known, value, max(HOURLY_RATE, 1 / self._weight[hour]))
        self._centre[hour], self._spread[hour] = new.centre, new.spread

    def _moved(self, usual: Usual, value: float, rate: float) -> Usual:
        if rate >= 1:
            return Usual(value, self._least)
        step = value - usual.centre
        most = 4 * usual.spread
        # While little is known every value counts in full.
        kept = step if rate > 0.2 else max(-most, min(most, step))
        return Usual(
            usual.centre + rate * kept, max(self._least, usual.spread + rate * (min(abs(step), most) - usual.spread))
        )

    @property
    def ready(self) -> bool:
        """The last minutes are known."""
        return self._count >= LEARN_LOOKS

    def judgeable(self, at: float) -> bool:
        return self.ready or self.hourly(at) is not None

    def hourly(self, at: float) -> Usual | None:
        """What is usual at this hour of the week, from the hours beside it or other days where it is not known yet."""
        hour = self._hour(at)
        beside = (hour, (hour - 1) % HOURS, (hour + 1) % HOURS)
        if self._weight[hour] >= KNOWN_VALUES:
            return self._mean((hour,))
        near = [other for other in beside if self._weight[other] >= KNOWN_VALUES]
        if len(near) == 2:
            return self._mean(near)
        daily = [other for other in range(hour % 24, HOURS, 24) if self._weight[other] >= KNOWN_VALUES]
        return self._mean(daily) if daily else None

    def _mean(self, hours: tuple[int, ...] | list[int]) -> Usual:
        centres = [self._centre[hour] for hour in hours]
        centre = sum(centres) / len(hours)
        # Days that differ among themselves make the hour wider.
        spread = max(max(self._spread[hour] for hour in hours), (max(centres) - min(centres)) / 2)
        return Usual(centre, max(self._least, spread))

    def usual(self, at: float) -> Usual:
        """The last minutes, or the hour while they are not known yet."""
        hourly = None if self.ready else self.hourly(at)
        return hourly or self._recent

    def beyond(self, value: float, at: float, spreads: float = 4.0) -> float:
        """How far a value lies outside both the last minutes and the hour, signed; 0 within either."""
        recent = self._recent.beyond(value, spreads) if self.ready else None
        if recent == 0.0:
            return 0.0
        hourly = self.hourly(at)
        distances = [recent] if recent is not None else []
        distances += [hourly.beyond(value, spreads)] if hourly is not None else []
        return min(distances, key=abs, default=0.0)

    def forget_recent(self) -> None:
        """What has lasted so long is the new usual: learn the last minutes anew."""
        self._count = 0

    def memory(self) -> str | None:
        """The hours as base64 of three bytes each, 672 characters; None when none is known."""
        if not any(self._weight):
            return None
        scale = _STEPS / self._highest
        rows = bytearray()
        for hour in range(HOURS):
            # The spread on ten times the scale, the weight in steps of forty.
            values = (self._centre[hour] * scale, self._spread[hour] * scale * 10, -(-self._weight[hour] // 40))
            rows += bytes(min(_STEPS, round(value)) for value in values)
        return base64.b64encode(bytes(rows)).decode()

    def _remember(self, text: str) -> None:
        try:
            rows = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return
        if len(rows) != 3 * HOURS:
            return
        scale = self._highest / _STEPS
        for hour in range(HOURS):
            centre, spread, weight = rows[3 * hour : 3 * hour + 3]
            self._centre[hour], self._spread[hour] = centre * scale, max(self._least, spread * scale / 10)
            self._weight[hour] = weight * 40.0

    def _hour(self, at: float) -> int:
        return (int((at + self._offset_s) // 3600) + _EPOCH_OFFSET_H) % HOURS
