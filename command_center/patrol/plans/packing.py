"""Needs, rounds and proposals as JSON and back. Times are seconds since local midnight of the plan's day."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from gis.planning.needs import CoverNeed, Lonlat, Needs, PointNeed, Span, StreetNeed, Team, Visit, visits_of
from gis.planning.relax import Proposal, Relaxation
from gis.planning.rounds import Plan
from gis.planning.timetable import Round, Step, Stop

Json = dict[str, Any]


def needs_json(needs: Needs) -> Json:
    return {
        "teams": [asdict(team) for team in needs.teams],
        "points": [_with_teams(asdict(point)) for point in needs.points],
        "streets": [_with_teams(asdict(street)) for street in needs.streets],
        "covers": [asdict(cover) for cover in needs.covers],
        "most_predictable": needs.most_predictable,
        "from_s": needs.from_s,
    }


def _with_teams(body: Json) -> Json:
    return body | {"teams": None if body["teams"] is None else sorted(body["teams"])}


def read_needs(body: Json) -> Needs:
    return Needs(
        teams=tuple(Team(**one | {"base": _lonlat(one["base"])}) for one in body["teams"]),
        points=tuple(PointNeed(**_read(one) | {"lonlat": _lonlat(one["lonlat"])}) for one in body["points"]),
        streets=tuple(
            StreetNeed(**_read(one) | {"line": tuple(_lonlat(place) for place in one["line"])})
            for one in body["streets"]
        ),
        covers=tuple(CoverNeed(**one | {"lonlat": _lonlat(one["lonlat"])}) for one in body["covers"]),
        most_predictable=body["most_predictable"],
        # Plans that were made before a day could be planned from an hour on have none.
        from_s=body.get("from_s", 0),
    )


def _read(body: Json) -> Json:
    teams = None if body["teams"] is None else frozenset(body["teams"])
    return body | {"teams": teams, "windows": tuple(_span(window) for window in body["windows"])}


def _lonlat(value: Sequence[float]) -> Lonlat:
    return float(value[0]), float(value[1])


def _span(value: Sequence[int]) -> Span:
    return int(value[0]), int(value[1])


def rounds_json(rounds: Sequence[Round]) -> list[Json]:
    return [
        {
            "team_id": one.team_id,
            "depart_s": one.depart_s,
            "back_s": one.back_s,
            "travel_s": one.travel_s,
            "stops": [
                {
                    "visit_id": stop.visit.id,
                    "forward": stop.step.forward,
                    "arrive_s": stop.arrive_s,
                    "leave_s": stop.leave_s,
                }
                for stop in one.stops
            ],
        }
        for one in rounds
    ]


def read_rounds(body: Sequence[Json], visits: Mapping[str, Visit]) -> tuple[Round, ...]:
    return tuple(
        Round(
            one["team_id"],
            one["depart_s"],
            tuple(
                Stop(Step(visits[stop["visit_id"]], stop["forward"]), stop["arrive_s"], stop["leave_s"])
                for stop in one["stops"]
            ),
            one["back_s"],
            one["travel_s"],
        )
        for one in body
    )


def standbys_json(rounds: Sequence[Round]) -> list[Json]:
    return [asdict(stop.visit) for one in rounds for stop in one.stops if stop.visit.kind == "standby"]


def all_visits(body: Json) -> dict[str, Visit]:
    """Every visit of a stored plan, by id: those of its needs and the stays on standby it took in."""
    found = [*visits_of(read_needs(body["needs"]))]
    for one in body.get("standbys", []):
        found.append(Visit(**one | {"first": _lonlat(one["first"]), "last": _lonlat(one["last"])}))
    return {visit.id: visit for visit in found}


def measured(body: Json, plan: Plan) -> Json:
    """The body of a plan with other rounds and all that is measured of them."""
    return body | {
        "rounds": rounds_json(plan.rounds),
        "standbys": standbys_json(plan.rounds),
        "unmet": [{"visit_id": one.visit.id, "cause": one.cause} for one in plan.unmet],
        "covers": [
            {"id": one.id, "minutes": one.minutes, "share": round(one.share, 4), "wanted": one.wanted}
            for one in plan.covers
        ],
        "travel_s": plan.travel_s,
    }


def proposals_json(proposals: Sequence[Proposal]) -> list[Json]:
    return [asdict(one) for one in proposals]


def read_relaxation(body: Json) -> Relaxation:
    shift = None if body.get("shift") is None else _span(body["shift"])
    return Relaxation(**body | {"shift": shift})
