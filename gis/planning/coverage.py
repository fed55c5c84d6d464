"""How much of the time of duty some team is within so many minutes of a place, by the plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gis.planning.needs import CoverNeed, Lonlat, Span, Team, Visit
from gis.planning.timetable import Round
from gis.planning.travel import NEVER_S, Travel

Floats = NDArray[np.float64]

EVERY_S = 60
STANDBY_S = 900
MOST_STANDBYS = 24


@dataclass(frozen=True, slots=True)
class Cover:
    """Of the time of duty, the share in which a place has some team within its minutes."""

    id: str
    minutes: int
    share: float
    wanted: float

    @property
    def met(self) -> bool:
        return self.share >= self.wanted - 1e-9


def duty_times(teams: Sequence[Team]) -> Floats:
    """Moments, a minute apart, at which at least one team is on duty."""
    if not teams:
        return np.empty(0)
    moments = np.arange(min(team.start_s for team in teams), max(team.end_s for team in teams), EVERY_S, dtype=float)
    on_duty = np.zeros(len(moments), dtype=bool)
    for team in teams:
        on_duty |= (moments >= team.start_s) & (moments < team.end_s)
    return moments[on_duty]


def nearest_s(
    places: Sequence[Lonlat], teams: Sequence[Team], rounds: Mapping[str, Round], travel: Travel, moments: Floats
) -> Floats:
    """(places, moments) seconds until the first team could be there.

    A team on its way is counted from the stop before or after it, whichever is nearer: never too soon.
    """
    soonest = np.full((len(places), len(moments)), float(NEVER_S))
    columns = [travel.number(place) for place in places]
    for team in teams:
        times = travel.seconds[team.speed_mps][:, columns]
        for place, start_s, end_s in _stays(team, rounds.get(team.id)):
            late = np.maximum(0.0, np.maximum(start_s - moments, moments - end_s))
            inside = (moments >= team.start_s) & (moments < team.end_s)
            reach = times[travel.number(place)][:, None] + np.where(inside, late, NEVER_S)[None, :]
            np.minimum(soonest, reach, out=soonest)
    return soonest


def _stays(team: Team, round_: Round | None) -> list[tuple[Lonlat, float, float]]:
    """Where a team is from when to when; on the way it counts as so far from either end as it still has to go."""
    if round_ is None:
        return [(team.base, team.start_s, team.end_s)]
    stays = [(team.base, float(team.start_s), float(round_.depart_s))]
    for stop in round_.stops:
        if stop.step.entry == stop.step.exit:
            stays.append((stop.step.entry, stop.arrive_s, stop.leave_s))
        else:
            stays.append((stop.step.entry, stop.arrive_s, stop.arrive_s))
            stays.append((stop.step.exit, stop.arrive_s + stop.visit.stay_s, stop.leave_s))
    return [*stays, (team.base, float(round_.back_s), float(team.end_s))]


def covers(
    needs: Sequence[CoverNeed], teams: Sequence[Team], rounds: Mapping[str, Round], travel: Travel
) -> list[Cover]:
    """The share of each need."""
    moments = duty_times(teams)
    if not needs or not len(moments):
        return [Cover(need.id, need.minutes, 0.0, need.share) for need in needs]
    soonest = nearest_s([need.lonlat for need in needs], teams, rounds, travel, moments)
    limits = np.array([60.0 * need.minutes for need in needs])
    shares = (soonest <= limits[:, None]).mean(axis=1)
    return [Cover(need.id, need.minutes, float(share), need.share) for need, share in zip(needs, shares, strict=True)]


def standbys(
    needs: Sequence[CoverNeed], teams: Sequence[Team], rounds: Mapping[str, Round], travel: Travel
) -> list[Visit]:
    """Stays of a quarter of an hour at places that nobody is near for too long, as visits that a plan may take in."""
    moments = duty_times(teams)
    if not needs or not len(moments):
        return []
    soonest = nearest_s([need.lonlat for need in needs], teams, rounds, travel, moments)
    found: list[Visit] = []
    for need, row in zip(needs, soonest, strict=True):
        bare = row > 60.0 * need.minutes
        missing_s = (need.share - (1.0 - bare.mean())) * len(moments) * EVERY_S
        count = min(MOST_STANDBYS, int(np.ceil(missing_s / STANDBY_S)))
        for k, (start, end) in enumerate(_longest(_spans(moments, bare), count)):
            found.append(
                Visit(f"{need.id}@standby.{k}", need.id, "standby", need.lonlat, need.lonlat, start, end, STANDBY_S, 1)
            )
    return found


def _spans(moments: Floats, bare: NDArray[np.bool_]) -> list[Span]:
    """Unbroken spans of the moments that are bare."""
    edges = np.flatnonzero(np.diff(bare.astype(np.int8), prepend=0, append=0))
    return [(int(moments[a]), int(moments[b - 1]) + EVERY_S) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _longest(spans: list[Span], count: int) -> list[Span]:
    """So many spans of arrival, cut out of the longest spans."""
    pieces: list[Span] = []
    for start, end in spans:
        cuts = np.linspace(start, end, max(1, (end - start) // (2 * STANDBY_S)) + 1).astype(int).tolist()
        pieces += [(a, max(a, b - STANDBY_S)) for a, b in pairwise(cuts)]
    return sorted(sorted(pieces, key=lambda piece: piece[0] - piece[1])[: max(0, count)])
