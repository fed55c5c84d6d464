"""What cannot be met, and the least that would have to give way: each found and proved by solving again."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gis.planning.needs import Needs, PointNeed, Span, StreetNeed, Team, Visit, visits_of
from gis.planning.rounds import Plan, Unmet, left_out
from gis.planning.solver import Search, run
from gis.planning.timetable import Step
from gis.planning.travel import Travel

GRAIN_S = 300
WIDEST_S = 7_200
DWELL_GRAIN_S = 60
KINDS_TRIED = 3
SHIFT_S = 8 * 3_600
EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One way to make a visit possible.

    Attributes:
        kind: later or earlier (the window ends or begins so many seconds later or earlier), dwell (so many seconds
            less), visits (so many fewer in the window), anyone (also for teams it is not assigned to), team (one more
            like the team in `like`).
        need_id, window: what gives way; the window by its number.
        shift: of one more team, where nobody like it is on duty then.
    """

    kind: str
    need_id: str
    window: int
    amount: int
    like: str | None = None
    shift: Span | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Visits of one window that are left out, why, and what would do; the relaxations are alternatives."""

    need_id: str
    window: int
    visit_ids: tuple[str, ...]
    cause: str
    relaxations: tuple[Relaxation, ...]
    searched: bool


def window_of(visit: Visit) -> int:
    """The number of its window, from its id."""
    return int(visit.id.rpartition("@")[2].partition(".")[0]) if visit.kind in ("point", "street") else 0


def proposals(
    needs: Needs,
    travel: Travel,
    plan: Plan,
    *,
    limit_s: float = 30.0,
    try_s: float = 1.0,
    seed: int = 0,
    tell: Callable[[float], None] | None = None,
) -> list[Proposal]:
    """For everything that a plan leaves out, the smallest relaxation of each kind.

    Each one keeps all that the plan keeps and what it is proposed for. The most important come first; what is not
    reached within the time says so (`searched`).

    Args:
        limit_s: for all of them together.
        try_s: for each attempt.
    """
    began = time.monotonic()
    groups = _groups(plan.unmet)
    found = []
    for number, group in enumerate(groups):
        if tell is not None:
            tell(number / len(groups))
        searched = time.monotonic() - began < limit_s
        trial = _Trial(needs, travel, plan, group, try_s, seed)
        ways = tuple(_smallest(trial)) if searched else ()
        visit = group[0].visit
        ids = tuple(one.visit.id for one in group)
        found.append(Proposal(visit.need_id, window_of(visit), ids, group[0].cause, ways, searched))
    return found


def relaxed(needs: Needs, relaxation: Relaxation) -> Needs:
    """The needs with one of them relaxed."""
    if relaxation.kind == "team":
        return replace(needs, teams=(*needs.teams, _extra_team(needs, relaxation)))
    change = _CHANGES[relaxation.kind]
    points = [change(one, relaxation) if one.id == relaxation.need_id else one for one in needs.points]
    streets = [change(one, relaxation) if one.id == relaxation.need_id else one for one in needs.streets]
    return replace(
        needs,
        points=tuple(one for one in points if isinstance(one, PointNeed)),
        streets=tuple(one for one in streets if isinstance(one, StreetNeed)),
    )


Need = PointNeed | StreetNeed


def _later(need: Need, how: Relaxation) -> Need:
    windows = list(need.windows)
    start, end = windows[how.window]
    windows[how.window] = (start, end + how.amount)
    return replace(need, windows=tuple(windows))


def _earlier(need: Need, how: Relaxation) -> Need:
    windows = list(need.windows)
    start, end = windows[how.window]
    windows[how.window] = (start - how.amount, end)
    return replace(need, windows=tuple(windows))


def _shorter(need: Need, how: Relaxation) -> Need:
    return replace(need, dwell_s=need.dwell_s - how.amount) if isinstance(need, PointNeed) else need


def _fewer(need: Need, how: Relaxation) -> Need:
    """Fewer visits in every window of the need: a need says how many for all of them alike."""
    if isinstance(need, StreetNeed):
        return replace(need, passes=max(1, need.passes - how.amount))
    return replace(need, visits=max(1, need.visits - how.amount), gap_s=None)


def _anyone(need: Need, _how: Relaxation) -> Need:
    return replace(need, teams=None)


_CHANGES: Mapping[str, Callable[[Need, Relaxation], Need]] = {
    "later": _later,
    "earlier": _earlier,
    "dwell": _shorter,
    "visits": _fewer,
    "anyone": _anyone,
}


def _extra_team(needs: Needs, how: Relaxation) -> Team:
    like = next(team for team in needs.teams if team.id == how.like)
    count = sum(team.id.startswith(EXTRA) for team in needs.teams) + 1
    start_s, end_s = how.shift or (like.start_s, like.end_s)
    return replace(like, id=f"{EXTRA}.{count}", name=f"{like.name}+{count}", start_s=start_s, end_s=end_s)


@dataclass(frozen=True, slots=True)
class _Trial:
    """What an attempt has to keep: all that the plan keeps, and the visits of one window."""

    needs: Needs
    travel: Travel
    plan: Plan
    group: Sequence[Unmet]
    try_s: float
    seed: int

    @property
    def visit(self) -> Visit:
        return self.group[0].visit

    @property
    def need(self) -> Need:
        every: list[Need] = [*self.needs.points, *self.needs.streets]
        return next(one for one in every if one.id == self.visit.need_id)

    def does(self, how: Relaxation) -> bool:
        """Whether everything fits once this gives way."""
        needs = relaxed(self.needs, how)
        others = {one.visit.id for one in self.plan.unmet} - {one.visit.id for one in self.group}
        visits = [visit for visit in visits_of(needs) if visit.id not in others]
        warm: dict[str, Sequence[Step]] = {one.team_id: one.steps for one in self.plan.rounds}
        if any(visit.latest_s < visit.earliest_s for visit in visits):
            return False
        search = Search(needs.teams, visits, self.travel, warm=warm)
        orders = run(search, limit_s=self.try_s, seed=self.seed, enough=0, idle=4_000)
        return not left_out(orders, visits)


def _groups(unmet: Sequence[Unmet]) -> list[list[Unmet]]:
    """Left-out visits by need and window, the most important first; rests and stays on standby stand for nothing."""
    groups: dict[tuple[str, int], list[Unmet]] = {}
    for one in unmet:
        if one.visit.kind in ("point", "street"):
            groups.setdefault((one.visit.need_id, window_of(one.visit)), []).append(one)
    return sorted(groups.values(), key=lambda group: (-group[0].visit.weight, group[0].visit.id))


def _smallest(trial: _Trial) -> Iterator[Relaxation]:
    """The smallest relaxation of each kind that has one."""
    visit, need = trial.visit, trial.need
    where = (visit.need_id, window_of(visit))
    wider = [
        found
        for kind in ("later", "earlier")
        if (found := _least(trial, kind, GRAIN_S, WIDEST_S // GRAIN_S)) is not None
    ]
    if wider:
        yield min(wider, key=lambda one: one.amount)
    if isinstance(need, PointNeed):
        shorter = _least(trial, "dwell", DWELL_GRAIN_S, (need.dwell_s - 1) // DWELL_GRAIN_S)
        if shorter is not None:
            yield shorter
    most = need.visits if isinstance(need, PointNeed) else need.passes
    fewer = _least(trial, "visits", 1, most - 1)
    if fewer is not None:
        yield fewer
    if visit.teams is not None:
        anyone = Relaxation("anyone", *where, 1)
        if trial.does(anyone):
            yield anyone
        return
    yield from _one_more_team(trial)


def _least(trial: _Trial, kind: str, grain: int, most: int) -> Relaxation | None:
    """Halve between none and the most: giving way further never makes it harder."""
    where = (trial.visit.need_id, window_of(trial.visit))
    if most < 1 or not trial.does(Relaxation(kind, *where, most * grain)):
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if trial.does(Relaxation(kind, *where, middle * grain)):
            high = middle
        else:
            low = middle
    return Relaxation(kind, *where, high * grain)


def _one_more_team(trial: _Trial) -> Iterator[Relaxation]:
    """One more team of the nearest kind that does; on a shift around the visit where none of its kind is on duty."""
    visit = trial.visit
    kinds: dict[tuple[str, float | None], Team] = {}
    for team in sorted(trial.needs.teams, key=lambda team: _away(team, trial)):
        kinds.setdefault((team.force, team.speed_mps), team)
    for team in list(kinds.values())[:KINDS_TRIED]:
        middle = (visit.earliest_s + visit.latest_s) // 2
        fits = team.start_s <= visit.earliest_s - GRAIN_S and team.end_s >= visit.latest_s + visit.stay_s + GRAIN_S
        start_s = max(0, (middle - SHIFT_S // 2) // 1_800 * 1_800)
        shift = None if fits else (start_s, start_s + SHIFT_S)
        how = Relaxation("team", visit.need_id, window_of(visit), 1, like=team.id, shift=shift)
        if trial.does(how):
            yield how
            return


def _away(team: Team, trial: _Trial) -> tuple[bool, int]:
    """Teams on duty at the visit first, then the nearer."""
    visit = trial.visit
    off = not (team.start_s <= visit.earliest_s and team.end_s >= visit.latest_s)
    return off, trial.travel.between(team.base, visit.first, team.speed_mps)
