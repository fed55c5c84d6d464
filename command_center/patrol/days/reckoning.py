"""Planned against delivered: what was due on a day, what is proved, and why the rest is not. Pure.

Numerators and denominators stand side by side; nothing here is a rate, and nothing ranks a person.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from command_center.patrol.days.presence import Presence
from command_center.patrol.days.rounds import RoundOnDay
from gis.metric import distances_m

DAY_MIN = 1440
# Within so many metres of its base a team counts as being there, not on patrol.
BASE_M = 60.0
# Positions at most two minutes apart belong together, as in every proof; so one minute without any is bridged.
BRIDGED_MIN = 1

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Due:
    """One duty of the day. Times are seconds since local midnight; lengths in metres, 0 for a point.

    Attributes:
        target_id: the point or line.
        passes: how often a line is to be gone along: 2 for both sides.
        share: the proved part of a line, 0 to 1.
        done: its proved parts as (from, to) in shares of its length.
        need_s, dwell_s: the stay that is asked for at a point, and the longest that is proved.
    """

    id: str
    target_id: str
    area: str
    start_s: float
    end_s: float
    state: str
    cause: str | None = None
    case_id: str | None = None
    person_id: str | None = None
    visited_by: str | None = None
    need_s: int = 0
    dwell_s: int = 0
    length_m: float = 0.0
    passes: int = 1
    share: float = 0.0
    done: tuple[tuple[float, float], ...] = ()


@dataclass(slots=True)
class Tally:
    """Sums over some duties.

    Attributes:
        due: all of them; `proved + missed + excused + open == due`.
        causes: of the missed ones, how many by each cause.
        cases: the cases that excused, each once, in order of time.
        by_others: proved ones that somebody of another team than the planned one did.
        need_s, stay_s: stays asked for at points, and of them proved: a longer stay than was asked for counts as asked.
        due_m, proved_m: metres of streets, each window and each side of its own.
        street_m, walked_m: metres of different streets, each once, and of them walked at least once.
    """

    due: int = 0
    proved: int = 0
    missed: int = 0
    excused: int = 0
    open: int = 0
    by_others: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    cases: list[str] = field(default_factory=list)
    need_s: int = 0
    stay_s: int = 0
    due_m: float = 0.0
    proved_m: float = 0.0
    street_m: float = 0.0
    walked_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Minutes:
    """Minutes of a team. `planned` on its round, `begun` those of them that are past, `proved` of these on patrol.

    `extra` are minutes on patrol that no round asked for.
    """

    planned: int
    begun: int
    proved: int
    extra: int


def tally(duties: Iterable[Due], *, team_of: Mapping[str, str | None], crew_of: Mapping[str, str]) -> Tally:
    """Add up duties, in order of their time.

    Args:
        duties: to count.
        team_of: the team that was to do a duty, by duty.
        crew_of: the team of a person.
    """
    sums = Tally()
    streets: dict[str, tuple[float, list[tuple[float, float]]]] = {}
    for one in sorted(duties, key=lambda duty: (duty.start_s, duty.id)):
        sums.due += 1
        _count_state(sums, one, team_of.get(one.id), crew_of)
        if one.length_m > 0.0:
            sums.due_m += one.length_m * one.passes
            sums.proved_m += one.length_m * one.passes * one.share
            streets.setdefault(one.target_id, (one.length_m, []))[1].extend(one.done)
        else:
            sums.need_s += one.need_s
            sums.stay_s += min(one.need_s, one.dwell_s)
    sums.street_m = sum(length_m for length_m, _ in streets.values())
    sums.walked_m = sum(length_m * covered(done) for length_m, done in streets.values())
    return sums


def _count_state(sums: Tally, one: Due, team_id: str | None, crew_of: Mapping[str, str]) -> None:
    if one.state == "visited":
        sums.proved += 1
        by = crew_of.get(one.visited_by or "")
        sums.by_others += team_id is not None and by != team_id
    elif one.state == "missed":
        sums.missed += 1
        sums.causes[one.cause or "not_visited"] += 1
    elif one.state == "excused":
        sums.excused += 1
        if one.case_id and one.case_id not in sums.cases:
            sums.cases.append(one.case_id)
    else:
        sums.open += 1


def union(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans put together: in order, apart from each other."""
    found = list[tuple[float, float]]()
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """The length of the union of spans."""
    return float(sum(end - start for start, end in union(spans)))


def planned_teams(
    duties: Sequence[Due], starts: Mapping[tuple[str, float], str], crew_of: Mapping[str, str]
) -> dict[str, str | None]:
    """Who was to do each duty: the team whose round stops there in its window first, else that of its person.

    Args:
        duties: of the day.
        starts: the team by point or line and the start of its window.
        crew_of: the team of a person.
    """
    found: dict[str, str | None] = {}
    for one in duties:
        found[one.id] = starts.get((one.target_id, one.start_s)) or crew_of.get(one.person_id or "")
    return found


def first_stops(rounds: Iterable[RoundOnDay], midnight_s: float) -> dict[tuple[str, float], str]:
    """The team whose round stops first at a point or line in a window, by both.

    Args:
        rounds: of the day.
        midnight_s: local midnight of the day, seconds since 1970.
    """
    first: dict[tuple[str, float], tuple[float, str]] = {}
    for one in rounds:
        for stop in one.stops:
            if stop.window_start is None:
                continue
            key = stop.need_id, stop.window_start.timestamp() - midnight_s
            mine = stop.arrive_s, one.team_id
            first[key] = min(first.get(key, mine), mine)
    return {key: team_id for key, (_, team_id) in first.items()}


def minutes_of(
    rounds: Sequence[RoundOnDay], persons: Iterable[str], base: tuple[float, float], presence: Presence, now_min: int
) -> Minutes:
    """How long a team was to be on patrol, and how long at least one of it is proved to have been.

    Args:
        rounds: of the team.
        persons: of the team.
        base: where it starts from; being there is no patrol, unless the round stops there.
        presence: everybody's minutes of the day.
        now_min: minutes of the day that are past.
    """
    planned, at_base_allowed = np.zeros(DAY_MIN, dtype=bool), np.zeros(DAY_MIN, dtype=bool)
    for one in rounds:
        for start_s, end_s in one.on_patrol:
            planned[_minute(start_s) : _minute(end_s)] = True
        stops = [stop for stop in one.stops if stop.kind != "rest"]
        away = distances_m(np.array([stop.lonlat for stop in stops]).reshape(-1, 2), base)
        for number in np.flatnonzero(away <= BASE_M).tolist():
            at_base_allowed[_minute(stops[number].arrive_s) : _minute(stops[number].leave_s) + 1] = True
    there = np.zeros(DAY_MIN, dtype=bool)
    for person_id in persons:
        minute, lonlat = presence.of(person_id)
        out = (distances_m(lonlat, base) > BASE_M) | at_base_allowed[minute]
        there |= bridged(minute[out])
    begun = planned.copy()
    begun[max(0, now_min) :] = False
    return Minutes(
        planned=int(planned.sum()),
        begun=int(begun.sum()),
        proved=int((there & planned).sum()),
        extra=int((there & ~planned).sum()),
    )


def bridged(minute: NDArray[np.int64]) -> Bools:
    """Minutes of the day with a position, and single ones without between two that have one."""
    there = np.zeros(DAY_MIN, dtype=bool)
    there[minute] = True
    between = np.zeros(DAY_MIN, dtype=bool)
    between[1:-1] = there[:-2] & there[2:]
    return there | between


def _minute(second: float) -> int:
    return int(min(DAY_MIN, max(0, round(second / 60.0))))
