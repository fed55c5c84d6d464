"""How a day of patrol is told."""

from collections.abc import Mapping
from datetime import date

from typing_extensions import TypedDict

from command_center.patrol.days.parts import RoundPart
from command_center.patrol.days.reckoning import Minutes, Tally
from command_center.patrol.days.seen import Seen
from command_center.patrol.duties.facts import DutyState
from command_center.patrol.plans.facts import Travel
from command_center.patrol.plans.needs import instant
from command_center.timeline.facts import iso


class CaseName(TypedDict):
    """`code` is empty where the case is not known any more."""

    id: str
    code: str


class TallyView(TypedDict):
    """What was due and what is proved of it; see `reckoning.Tally`. `causes` counts the missed ones."""

    due: int
    proved: int
    missed: int
    excused: int
    open: int
    by_others: int
    causes: dict[str, int]
    cases: list[CaseName]
    need_s: int
    stay_s: int
    due_m: int
    proved_m: int
    street_m: int
    walked_m: int


class MinutesView(TypedDict):
    """Minutes on the round as planned, those that are past, proved of these, and on patrol beyond any round."""

    planned: int
    begun: int
    proved: int
    extra: int


class TeamDay(TypedDict):
    """A team; `id` None gathers what no team was to do. `round` says whether a published plan has a round for it."""

    id: str | None
    name: str
    force: str
    round: bool
    tally: TallyView
    minutes: MinutesView


class PlaceDay(TypedDict):
    """A village (12 digits) or grid (15 digits). `planned_stops` are stops of rounds in it, `looks` pictures."""

    code: str
    name: str
    village: str
    tally: TallyView
    planned_stops: int
    feet_min: int
    looks: int


class DayDuty(TypedDict):
    """One duty as the day's figures count it."""

    id: str
    target_id: str
    line: bool
    name: str
    area: str
    team_id: str | None
    window_start: str
    window_end: str
    state: DutyState
    cause: str | None
    case: CaseName | None
    visited_by: str | None
    visited_at: str | None
    need_s: int
    dwell_s: int
    length_m: int
    share: float | None


class SpotDay(TypedDict):
    """A point or street by hour of the day: 24 numbers each.

    `path` is the street as it was last asked for on the day, empty for a point; `done` the parts of it that somebody
    walked on the day, as (from, to) in shares of its length, apart from each other and in order.

    `feet` minutes with somebody there, `eyes` pictures looked at, `planned` stops of rounds, `missed` windows that
    ended unproved, `over_min` minutes beyond its longest gap `gap_s` (None: it has none).
    """

    id: str
    line: bool
    name: str
    area: str
    lonlat: tuple[float, float]
    path: list[tuple[float, float]]
    done: list[tuple[float, float]]
    feet: list[int]
    eyes: list[int]
    planned: list[int]
    missed: list[int]
    over_min: list[int]
    longest_s: int
    gap_s: int | None


class PlanOnDay(TypedDict):
    id: str
    day: str
    area: str
    published_at: str | None


class DayReport(TypedDict):
    """A local day in an area. `as_of` is up to when it is told; `tracks_kept` false: they are deleted by now."""

    date: str
    area: str
    as_of: str
    tracks_kept: bool
    plans: list[PlanOnDay]
    total: TallyView
    minutes: MinutesView
    teams: list[TeamDay]
    places: list[PlaceDay]
    spots: list[SpotDay]
    duties: list[DayDuty]


class DayStop(TypedDict):
    """A stop of a round, with the duty it is for."""

    need_id: str
    kind: str
    name: str
    lonlat: tuple[float, float]
    at: str
    leave_at: str
    duty_id: str | None


class DayRound(TypedDict):
    """A team's published round with its ways along the roads.

    `ways` are one more than the stops: the pieces of way that lead to each, and those that lead back. Where it is not
    `whole`, only what lies in the area is told: stops, pieces of way, and the time from the first to the last of them.
    """

    plan_id: str
    team_id: str
    team: str
    force: str
    travel: Travel
    persons: list[str]
    whole: bool
    depart_at: str
    back_at: str
    stops: list[DayStop]
    ways: list[list[list[tuple[float, float]]]]


class TrackView(TypedDict):
    """One person's positions: whole seconds after `since`, lon and lat in millionths of a degree, each less the last.

    The first of each list is the value itself.
    """

    person_id: str
    at_s: list[int]
    lon: list[int]
    lat: list[int]


class EventView(TypedDict):
    """Something that happened, for the slider: visited, missed, excused, alert, case, sos."""

    at: str
    kind: str
    id: str
    title: str
    lonlat: tuple[float, float]


class TracksView(TypedDict):
    """Positions and events of a stretch of a day; of each person at most one position in `step_s` seconds."""

    since: str
    until: str
    step_s: int
    tracks: list[TrackView]
    events: list[EventView]


def tally_view(sums: Tally, codes: Mapping[str, str]) -> TallyView:
    return TallyView(
        due=sums.due,
        proved=sums.proved,
        missed=sums.missed,
        excused=sums.excused,
        open=sums.open,
        by_others=sums.by_others,
        causes=dict(sorted(sums.causes.items())),
        cases=[CaseName(id=id, code=codes.get(id, "")) for id in sums.cases],
        need_s=sums.need_s,
        stay_s=sums.stay_s,
        due_m=round(sums.due_m),
        proved_m=round(sums.proved_m),
        street_m=round(sums.street_m),
        walked_m=round(sums.walked_m),
    )


def minutes_view(one: Minutes) -> MinutesView:
    return MinutesView(planned=one.planned, begun=one.begun, proved=one.proved, extra=one.extra)


def spot_view(
    id: str,
    *,
    line: bool,
    name: str,
    area: str,
    lonlat: tuple[float, float],
    path: list[tuple[float, float]],
    done: list[tuple[float, float]],
    gap_s: int | None,
    one: Seen,
    planned: list[int],
    missed: list[int],
) -> SpotDay:
    return SpotDay(
        id=id,
        line=line,
        name=name,
        area=area,
        lonlat=lonlat,
        path=path,
        done=done,
        feet=list(one.feet),
        eyes=list(one.eyes),
        planned=planned,
        missed=missed,
        over_min=list(one.over_min),
        longest_s=one.longest_s,
        gap_s=gap_s,
    )


def round_view(part: RoundPart, day: date, known: Mapping[tuple[str | None, str], str]) -> DayRound:
    """A round as it is told.

    Args:
        part: all of it, or what lies in an area.
        day: of which its times are seconds.
        known: the duties that may be told, by point or street and the beginning of their window.
    """
    one = part.round
    stops = [
        DayStop(
            need_id=stop.need_id,
            kind=stop.kind,
            name=stop.name,
            lonlat=stop.lonlat,
            at=iso(instant(day, round(stop.arrive_s))),
            leave_at=iso(instant(day, round(stop.leave_s))),
            duty_id=known.get((stop.need_id, iso(stop.window_start))) if stop.window_start else None,
        )
        for stop in one.stops
    ]
    return DayRound(
        plan_id=one.plan_id,
        team_id=one.team_id,
        team=one.team,
        force=one.force,
        travel=one.travel,  # type: ignore[typeddict-item]
        persons=list(one.persons),
        whole=one.whole,
        depart_at=iso(instant(day, round(one.depart_s))),
        back_at=iso(instant(day, round(one.back_s))),
        stops=stops,
        ways=part.ways,
    )
