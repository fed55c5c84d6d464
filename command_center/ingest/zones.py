"""What may be drawn into the picture of a camera, and what a person is told who draws something else. Pure."""

import re
from collections import Counter
from collections.abc import Sequence

from shapely.geometry import LineString, Polygon

from command_center.errors import BadInput
from video.model import LEAST_CORNERS, Point, Zone, ZoneKind

MOST_ZONES = 16
MOST_CORNERS = 24
# Of the picture: less than a thumb's print on a wall is a slip of the hand.
LEAST_AREA = 0.001
LEAST_LENGTH = 0.02
# What the limit of a zone means, and between which values it may lie.
LIMITS: dict[ZoneKind, tuple[float, float]] = {
    "loitering": (5, 3600),
    "left_object": (5, 7200),
    "removed_object": (5, 7200),
    "crowd": (2, 200),
}
TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
Span = tuple[str, str]


def check_zones(zones: Sequence[Zone]) -> None:
    """Refuse zones that no detector could watch.

    Raises:
        BadInput: with the name of the zone and what is wrong with it.
    """
    if len(zones) > MOST_ZONES:
        raise BadInput("zones_too_many", most=MOST_ZONES)
    for name, count in Counter(zone.name for zone in zones).items():
        if not name.strip():
            raise BadInput("zone_nameless")
        if count > 1:
            raise BadInput("zone_name_twice", name=name)
    for zone in zones:
        _check_shape(zone.name, zone.kind, zone.polygon)
        _check_rest(zone)


def check_corners(name: str, kind: ZoneKind, corners: int) -> None:
    """Refuse too few or too many corners: a line has two ends, an area three corners."""
    least = LEAST_CORNERS.get(kind, 3)
    if not least <= corners <= MOST_CORNERS:
        raise BadInput("zone_corners", name=name, least=least, most=MOST_CORNERS)


def check_spans(spans: Sequence[Span]) -> None:
    """Refuse what is no span of the day; one that ends before it starts runs over midnight.

    Raises:
        BadInput: it is written wrong, or empty.
    """
    for start, end in spans:
        if not TIME_OF_DAY.fullmatch(start) or not TIME_OF_DAY.fullmatch(end):
            raise BadInput("hours_malformed", text=f"{start}–{end}")
        if start == end:
            raise BadInput("hours_empty", text=f"{start}–{end}")


def within(spans: Sequence[Span], clock: str) -> bool:
    """Whether a local time of day ("HH:MM") lies in one of the spans; no spans are the whole day."""
    return not spans or any(
        start <= clock < end if start < end else clock >= start or clock < end for start, end in spans
    )


def _check_shape(name: str, kind: ZoneKind, polygon: Sequence[Point]) -> None:
    check_corners(name, kind, len(polygon))
    if any(not 0 <= value <= 1 for point in polygon for value in point):
        raise BadInput("zone_outside", name=name)
    if kind == "line_cross":
        if LineString(polygon).length < LEAST_LENGTH:
            raise BadInput("zone_too_small", name=name)
        return
    shape = Polygon(polygon)
    if not shape.is_valid:
        raise BadInput("zone_crosses_itself", name=name)
    if shape.area < LEAST_AREA:
        raise BadInput("zone_too_small", name=name)


def _check_rest(zone: Zone) -> None:
    if zone.kind == "wrong_way" and zone.direction_deg is None:
        raise BadInput("zone_direction", name=zone.name)
    check_spans(zone.hours)
    if zone.limit is None:
        return
    low, high = LIMITS.get(zone.kind, (0, 0))
    if not low <= zone.limit <= high or zone.kind not in LIMITS:
        raise BadInput("zone_limit", name=zone.name, low=low, high=high)
