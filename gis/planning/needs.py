"""What must hold on one day of patrol, and the single visits that come of it. Times are seconds since local midnight of
the day; a night shift runs past 86,400.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

Lonlat = tuple[float, float]
Span = tuple[int, int]

# A visit of a place with a longest gap may shift by at least a quarter of the gap, or no team could ever be on time.
GAP_USED = 0.75


@dataclass(frozen=True, slots=True)
class PointNeed:
    """必巡点位: be there in each window.

    Attributes:
        windows: closed spans within which a visit begins and its stay ends.
        dwell_s: how long a visit stays.
        visits: how many visits in each window, spread over it.
        gap_s: longest time from one arrival to the next within a window, its ends counted too; None: no such limit.
        weight: 1 to 4; one visit of a weight outweighs three of the weight below.
        teams: who may go; None: everybody.
    """

    id: str
    name: str
    lonlat: Lonlat
    windows: tuple[Span, ...]
    dwell_s: int
    visits: int = 1
    gap_s: int | None = None
    weight: int = 2
    teams: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class StreetNeed:
    """必巡线路: go along it in each window, in either direction.

    Attributes:
        line: lon/lat from one end to the other.
        length_m: along the line.
        passes: 1 once, 2 for both sides.
        pace_mps: at which it is looked at, whatever the team drives.
    """

    id: str
    name: str
    line: tuple[Lonlat, ...]
    length_m: float
    windows: tuple[Span, ...]
    passes: int = 1
    pace_mps: float = 1.4
    weight: int = 2
    teams: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class CoverNeed:
    """Some team within so many minutes of a place, for at least this share (0 to 1) of the time of duty."""

    id: str
    name: str
    lonlat: Lonlat
    minutes: int
    share: float


@dataclass(frozen=True, slots=True)
class Team:
    """Who goes. `speed_mps` None drives at the speed of the roads; a rest is taken at the base, amid the shift."""

    id: str
    name: str
    force: str
    speed_mps: float | None
    base: Lonlat
    start_s: int
    end_s: int
    rest_s: int = 0

    @property
    def rest_span(self) -> Span:
        """When the rest may begin."""
        length = self.end_s - self.start_s
        return self.start_s + length * 3 // 10, self.start_s + length * 7 // 10


@dataclass(frozen=True, slots=True)
class Needs:
    """All that one plan has to meet.

    Attributes:
        from_s: nobody sets out before; a visit that could only begin before is not asked for.
    """

    teams: tuple[Team, ...]
    points: tuple[PointNeed, ...] = ()
    streets: tuple[StreetNeed, ...] = ()
    covers: tuple[CoverNeed, ...] = ()
    most_predictable: float = 1.0
    from_s: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit that is due.

    Attributes:
        id: `need@window.number`, the same on every day.
        need_id: of the point, the street or the team whose rest it is.
        kind: point, street, standby or rest.
        first, last: lon/lat where it begins and ends; a street may also be gone from last to first.
        earliest_s, latest_s: closed span of its beginning; latest before earliest means that it cannot be kept.
    """

    id: str
    need_id: str
    kind: str
    first: Lonlat
    last: Lonlat
    earliest_s: int
    latest_s: int
    stay_s: int
    weight: int
    teams: frozenset[str] | None = None


def visits_of(needs: Needs) -> list[Visit]:
    """Every single visit, in the order of the needs; rests last."""
    found = [visit for point in needs.points for visit in point_visits(point)]
    found += [visit for street in needs.streets for visit in street_visits(street)]
    found += [rest_of(team) for team in needs.teams if team.rest_s > 0]
    return [_after(visit, needs.from_s) for visit in found if not _is_past(visit, needs.from_s)]


def _is_past(visit: Visit, from_s: int) -> bool:
    """A visit that cannot be kept at any hour stays, so that it is named."""
    return visit.earliest_s <= visit.latest_s < from_s


def _after(visit: Visit, from_s: int) -> Visit:
    return replace(visit, earliest_s=from_s) if visit.earliest_s < from_s <= visit.latest_s else visit


def begun(needs: Needs, now_s: int) -> Needs:
    """What is left of a day that has begun: shifts begin now at the earliest, and those that are over are left out."""
    return replace(
        needs, teams=tuple(_left_of(team, now_s) for team in needs.teams if team.end_s > now_s), from_s=now_s
    )


def _left_of(team: Team, now_s: int) -> Team:
    """Who has more than half of a shift behind has had the rest."""
    if team.start_s >= now_s:
        return team
    half_over = team.end_s - now_s < now_s - team.start_s
    return replace(team, start_s=now_s, rest_s=0 if half_over else team.rest_s)


def point_visits(point: PointNeed) -> Iterator[Visit]:
    """The visits of a point, each in its own part of its window."""
    for number, window in enumerate(point.windows):
        for k, (early, late) in enumerate(_parts(window, point.visits, point.gap_s)):
            yield Visit(
                id=f"{point.id}@{number}.{k}",
                need_id=point.id,
                kind="point",
                first=point.lonlat,
                last=point.lonlat,
                earliest_s=early,
                latest_s=min(late, window[1] - point.dwell_s),
                stay_s=point.dwell_s,
                weight=point.weight,
                teams=point.teams,
            )


def street_visits(street: StreetNeed) -> Iterator[Visit]:
    """The passes of a street."""
    stay_s = math.ceil(street.length_m / street.pace_mps)
    for number, (start, end) in enumerate(street.windows):
        for k in range(street.passes):
            yield Visit(
                id=f"{street.id}@{number}.{k}",
                need_id=street.id,
                kind="street",
                first=street.line[0],
                last=street.line[-1],
                earliest_s=start,
                latest_s=end - stay_s,
                stay_s=stay_s,
                weight=street.weight,
                teams=street.teams,
            )


def rest_of(team: Team) -> Visit:
    """The rest of a team, as a visit of its own base that only it can make and that outweighs all others."""
    early, late = team.rest_span
    return Visit(
        id=f"rest@{team.id}",
        need_id=team.id,
        kind="rest",
        first=team.base,
        last=team.base,
        earliest_s=early,
        latest_s=min(late, team.end_s - team.rest_s),
        stay_s=team.rest_s,
        weight=5,
        teams=frozenset({team.id}),
    )


def _parts(window: Span, visits: int, gap_s: int | None) -> list[Span]:
    """Spans of arrival, one for each visit of a window.

    Without a gap the window is cut into equal parts. With one, arrivals lie around evenly spaced moments, so close
    that two neighbours at the far ends of their spans are still no more than the gap apart.
    """
    start, end = window
    length = end - start
    if gap_s is None or gap_s >= length:
        step = length / visits
        return [(start + round(k * step), start + round((k + 1) * step)) for k in range(visits)]
    count = max(visits, math.ceil(length / (gap_s * GAP_USED)) - 1)
    step = length / (count + 1)
    slack = min((gap_s - step) / 2.0, step * 0.45)
    return [(math.ceil(start + k * step - slack), math.floor(start + k * step + slack)) for k in range(1, count + 1)]
