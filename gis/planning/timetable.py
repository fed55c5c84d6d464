"""When each team is where, once it is known who goes where in which order; and what does not work out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gis.planning.needs import Lonlat, Team, Visit
from gis.planning.travel import NEVER_S, Travel


@dataclass(frozen=True, slots=True)
class Step:
    """A visit in the order of a round; a street may be gone backwards."""

    visit: Visit
    forward: bool = True

    @property
    def entry(self) -> Lonlat:
        return self.visit.first if self.forward else self.visit.last

    @property
    def exit(self) -> Lonlat:
        return self.visit.last if self.forward else self.visit.first


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit with its times. Who has time to spare spends it there: `leave_s` is when the way to the next begins."""

    step: Step
    arrive_s: int
    leave_s: int

    @property
    def visit(self) -> Visit:
        return self.step.visit


@dataclass(frozen=True, slots=True)
class Round:
    """The round of one team: from its base, or from where it is when the plan is made anew, and back to the base."""

    team_id: str
    depart_s: int
    stops: tuple[Stop, ...]
    back_s: int
    travel_s: int

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(stop.step for stop in self.stops)


@dataclass(frozen=True, slots=True)
class Ready:
    """Where a team can begin what is left of its round, and when."""

    place: Lonlat
    at_s: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something about a round that must not be: late, early, over_shift, no_way, wrong_team, overlap; by how much."""

    code: str
    team_id: str
    visit_id: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Wishes:
    """When visits would rather be: `wanted` within what is possible, `fixed` whatever comes of it."""

    wanted: Mapping[str, int] = field(default_factory=dict)
    fixed: Mapping[str, int] = field(default_factory=dict)


NO_WISHES = Wishes()


def settle(
    team: Team, steps: Sequence[Step], travel: Travel, *, wishes: Wishes = NO_WISHES, ready: Ready | None = None
) -> Round:
    """Give the steps of a round their times: as wished where that is possible, else as soon as possible.

    Never fails: what comes too late, comes late, and `troubles_of` says so.
    """
    here = ready or Ready(team.base, team.start_s)
    ways = _ways(here.place, steps, team, travel)
    limits = _limits(team, steps, ways)
    arrivals: list[int] = []
    reach_s = here.at_s
    for number, step in enumerate(steps):
        visit = step.visit
        reach_s += ways[number]
        fixed = wishes.fixed.get(visit.id)
        if fixed is not None:
            at_s = max(reach_s, fixed)
        else:
            wish = wishes.wanted.get(visit.id, visit.earliest_s)
            at_s = max(reach_s, visit.earliest_s, min(wish, limits[number]))
        arrivals.append(at_s)
        reach_s = at_s + visit.stay_s
    return _round(team, steps, ways, arrivals, here)


def _ways(place: Lonlat, steps: Sequence[Step], team: Team, travel: Travel) -> list[int]:
    """Seconds to each step from the one before, and from the last to the base."""
    ways = []
    for step in steps:
        ways.append(travel.between(place, step.entry, team.speed_mps))
        place = step.exit
    return [*ways, travel.between(place, team.base, team.speed_mps)]


def _limits(team: Team, steps: Sequence[Step], ways: Sequence[int]) -> list[int]:
    """Latest arrival at each step from which all that follow are still kept."""
    limits: list[int] = []
    latest = team.end_s
    for step, way in zip(reversed(steps), reversed(ways), strict=False):
        latest = min(step.visit.latest_s, latest - way - step.visit.stay_s)
        limits.append(latest)
    return limits[::-1]


def _round(team: Team, steps: Sequence[Step], ways: Sequence[int], arrivals: Sequence[int], here: Ready) -> Round:
    if not steps:
        return Round(team.id, here.at_s, (), here.at_s + ways[-1], ways[-1])
    ends = [at_s - way for at_s, way in zip(arrivals[1:], ways[1:], strict=False)]
    ends.append(arrivals[-1] + steps[-1].visit.stay_s)
    stops = tuple(Stop(*one) for one in zip(steps, arrivals, ends, strict=True))
    return Round(team.id, arrivals[0] - ways[0], stops, ends[-1] + ways[-1], sum(ways))


def troubles_of(team: Team, round_: Round) -> list[Trouble]:
    """What is wrong with the round of one team."""
    found = []
    for stop in round_.stops:
        visit = stop.visit
        if visit.teams is not None and team.id not in visit.teams:
            found.append(Trouble("wrong_team", team.id, visit.id, 0))
        if stop.arrive_s > visit.latest_s:
            found.append(Trouble("late", team.id, visit.id, stop.arrive_s - visit.latest_s))
        if stop.arrive_s < visit.earliest_s:
            found.append(Trouble("early", team.id, visit.id, visit.earliest_s - stop.arrive_s))
    if round_.travel_s >= NEVER_S:
        found.append(Trouble("no_way", team.id, round_.stops[-1].visit.id if round_.stops else "", 0))
    elif round_.stops and round_.back_s > team.end_s:
        found.append(Trouble("over_shift", team.id, round_.stops[-1].visit.id, round_.back_s - team.end_s))
    return found


def overlaps(rounds: Iterable[Round]) -> list[Trouble]:
    """Visits of one place that two teams make at the same time: the later one is of little use."""
    stays = sorted(
        (stop.visit.need_id, stop.arrive_s, stop.arrive_s + stop.visit.stay_s, round_.team_id, stop.visit.id)
        for round_ in rounds
        for stop in round_.stops
        if stop.visit.kind == "point"
    )
    return [
        Trouble("overlap", later[3], later[4], earlier[2] - later[1])
        for earlier, later in pairwise(stays)
        if earlier[0] == later[0] and later[1] < earlier[2]
    ]
