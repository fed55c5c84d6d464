"""What a camera would have told with other settings: traces of what has been, judged anew. Pure.

A trace says at which sensitivity it would have been told, and where its feet stood. Zones are judged by the feet; what
only the whole track could tell (on which side of a line, which way) is taken from the zone as it was when it was seen.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from shapely.geometry import LineString, Polygon
from shapely.geometry import Point as ShapelyPoint

from command_center.ingest.zones import within
from video.model import QUALITY_KINDS, ZONE_KINDS, Point, Trace, Zone

ZONED = frozenset(ZONE_KINDS) - {"ignore"}
# Feet this near to a line count as on it: a person walks a tenth of a picture between two looks.
NEAR_LINE = 0.08


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trace and what becomes of it: told at sensitivity `needs` and above, in `zone` ("" for the whole picture).

    `possible` candidates are movements in a zone where nothing of the zone's kind was watched for at that time: they
    may be told, but nobody measured how plain they were.
    """

    trace: Trace
    kind: str
    zone: str
    possible: bool


def judged(
    traces: Sequence[Trace], zones: Sequence[Zone], detectors: Collection[str] | None, local: tzinfo
) -> list[Candidate]:
    """Candidates that remain with these zones and detectors, in the order of the traces.

    Args:
        traces: of one camera.
        zones: as drawn now.
        detectors: kinds that are wanted, None for all.
        local: time zone of the hours in zones.
    """
    found: list[Candidate] = []
    seen = {(trace.kind, trace.zone) for trace in traces}
    for trace in traces:
        if ignored(trace, zones):
            continue
        if _wanted(trace.kind, detectors):
            zone = home(trace, zones, local)
            if zone is not None:
                found.append(Candidate(trace, trace.kind, zone, possible=False))
        if trace.kind == "motion":
            found += _possible(trace, zones, detectors, seen, local)
    return found


def foot(trace: Trace) -> Point | None:
    """The lowest middle point of what was seen, in fractions of the picture."""
    if trace.box is None:
        return None
    x, y, width, height = trace.box
    return x + width / 2, y + height


def home(trace: Trace, zones: Sequence[Zone], local: tzinfo) -> str | None:
    """Name of the zone that a trace belongs to, "" where it needs none, None when it belongs to none any more."""
    if trace.kind not in ZONED:
        return ""
    return next((zone.name for zone in zones if zone.kind == trace.kind and _holds(zone, trace, local)), None)


def ignored(trace: Trace, zones: Sequence[Zone]) -> bool:
    """Whether it lies in a part of the picture that is left out; what is wrong with a whole picture never does."""
    feet = foot(trace)
    if feet is None or trace.kind in QUALITY_KINDS:
        return False
    return any(zone.kind == "ignore" and Polygon(zone.polygon).covers(ShapelyPoint(feet)) for zone in zones)


def _wanted(kind: str, detectors: Collection[str] | None) -> bool:
    return detectors is None or kind in detectors


def _holds(zone: Zone, trace: Trace, local: tzinfo) -> bool:
    feet = foot(trace)
    if feet is None or not within(zone.hours, clock(trace.started_at, local)):
        return False
    at = ShapelyPoint(feet)
    if zone.kind == "line_cross":
        return bool(LineString(zone.polygon).distance(at) <= NEAR_LINE)
    return bool(Polygon(zone.polygon).covers(at))


def _possible(
    trace: Trace,
    zones: Sequence[Zone],
    detectors: Collection[str] | None,
    seen: Collection[tuple[str, str]],
    local: tzinfo,
) -> list[Candidate]:
    """Zones of kinds that were never told of there: movement is all that is known of them."""
    return [
        Candidate(trace, zone.kind, zone.name, possible=True)
        for zone in zones
        if zone.kind in ("intrusion", "line_cross")
        and (zone.kind, zone.name) not in seen
        and _wanted(zone.kind, detectors)
        and _holds(zone, trace, local)
    ]


def clock(moment: datetime, local: tzinfo) -> str:
    """Local time of day as HH:MM."""
    return moment.astimezone(local).strftime("%H:%M")
