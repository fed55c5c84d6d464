"""What of a round lies in one area: a coordinator of a village reads the plan of the town no further than that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.patrol.days.rounds import COVERING, Lonlat, RoundOnDay, Span, StopOnDay
from command_center.patrol.lines.tables import LineRow
from command_center.patrol.points.tables import PointRow
from command_center.registry.town_index import TownIndex

Line = list[Lonlat]
Here = Callable[[StopOnDay], bool]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a way: its places, and which share of the way it is, from and to."""

    line: Line
    share: Span


@dataclass(frozen=True, slots=True)
class RoundPart:
    """A round as it is told in an area. `ways` are one more than its stops: the pieces of way that lead to each, and
    those that lead on from the last one."""

    round: RoundOnDay
    ways: list[list[Line]]


def places_in(session: Session, area: str) -> frozenset[str]:
    """Ids of the points and streets of an area, of those that are out of use as well."""
    found: list[str] = []
    for table in (PointRow, LineRow):
        found += session.scalars(select(table.id).where(table.area.startswith(area, autoescape=True)))
    return frozenset(found)


def stops_in(places: frozenset[str], *, town: TownIndex | None = None, area: str = "") -> Here:
    """Whether a stop lies in an area.

    Args:
        places: what `places_in` found there.
        town: finds the area of rests and of stays on standby, which are at no such place; without it they count as
            elsewhere.
        area: the area.
    """

    def here(stop: StopOnDay) -> bool:
        if stop.kind in COVERING:
            return stop.need_id in places
        return town is not None and (town.grid_of(stop.lonlat) or "").startswith(area or "-")

    return here


def ground_of(town: TownIndex, area: str) -> Any:
    """The ground of an area, prepared for many questions."""
    grids = [shapely.Polygon(grid.outline) for grid in town.grids.values() if grid.code.startswith(area)]
    ground = shapely.union_all(grids)
    shapely.prepare(ground)
    return ground


def only_stops(one: RoundOnDay, here: Here) -> RoundOnDay | None:
    """A round with its stops in an area alone; None if there is none."""
    stops = tuple(stop for stop in one.stops if here(stop))
    return replace(one, stops=stops, whole=False) if stops else None


def whole(one: RoundOnDay, legs: Sequence[Line]) -> RoundPart:
    """All of a round."""
    return RoundPart(one, [[leg] for leg in legs])


def part_of(one: RoundOnDay, legs: Sequence[Line], *, here: Here, ground: Any) -> RoundPart | None:
    """What of a round lies in an area; it begins when it first comes there and ends when it last leaves.

    Args:
        one: the whole round.
        legs: its ways from stop to stop, from its base and back there.
        here: tells its stops in the area.
        ground: of the area.

    Returns:
        None if neither a stop nor a piece of its way lies there.
    """
    stops, ways, spans = list[StopOnDay](), [list[Line]()], list[Span]()
    leaves = [one.depart_s, *(stop.leave_s for stop in one.stops)]
    arrives = [*(stop.arrive_s for stop in one.stops), one.back_s]
    for number, leg in enumerate(legs):
        start_s, length_s = leaves[number], arrives[number] - leaves[number]
        for piece in pieces(leg, ground):
            ways[-1].append(piece.line)
            spans.append((start_s + piece.share[0] * length_s, start_s + piece.share[1] * length_s))
        if number < len(one.stops) and here(one.stops[number]):
            stop = one.stops[number]
            stops.append(stop)
            spans.append((stop.arrive_s, stop.leave_s))
            ways.append([])
    if not spans:
        return None
    first_s, last_s = min(start for start, _ in spans), max(end for _, end in spans)
    return RoundPart(replace(one, stops=tuple(stops), depart_s=first_s, back_s=last_s, whole=False), ways)


def pieces(leg: Line, ground: Any) -> list[Piece]:
    """The stretches of a way that lie on a ground, in the order in which they are gone."""
    if len(leg) < 2:
        return []
    line = shapely.LineString(leg)
    if shapely.covers(ground, line):
        return [Piece(leg, (0.0, 1.0))]
    if not shapely.intersects(ground, line):
        return []
    corners = np.array(leg)
    steps = np.hypot(*np.diff(corners, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)]) / max(float(steps.sum()), 1e-12)
    found = list[Piece]()
    for number in np.flatnonzero(steps > 0.0):
        step = shapely.LineString(corners[number : number + 2])
        for start, end in _within(step, ground):
            width = (along[number + 1] - along[number]) / steps[number]
            share = float(along[number] + start * width), float(along[number] + end * width)
            ends = [_at(step, start), _at(step, end)]
            if found and abs(found[-1].share[1] - share[0]) < 1e-9:
                found[-1] = Piece([*found[-1].line, ends[1]], (found[-1].share[0], share[1]))
            else:
                found.append(Piece(ends, share))
    return found


def _within(step: Any, ground: Any) -> list[Span]:
    """Which stretches of a straight step lie on a ground, from and to along it."""
    lines = [part for part in shapely.get_parts(shapely.intersection(step, ground)) if part.length > 0.0]
    ends = [sorted(step.project(shapely.Point(place)) for place in part.coords) for part in lines]
    return sorted((float(of[0]), float(of[-1])) for of in ends)


def _at(step: Any, along: float) -> Lonlat:
    place = step.interpolate(along)
    return round(float(place.x), 6), round(float(place.y), 6)
