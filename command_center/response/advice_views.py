"""What the outside sees of a ranking."""

from typing_extensions import TypedDict

from command_center.response.advice import Adviser
from command_center.response.candidates import MOST_NOT_OFFERED, Candidate, Lonlat, NotOffered, Ranking, Reason
from command_center.response.facts import ReasonView


class CandidatePerson(TypedDict):
    id: str
    name: str
    call_sign: str
    force: str
    unit_id: str
    area: str
    status: str
    lonlat: tuple[float, float] | None


class CandidateView(TypedDict):
    person: CandidatePerson
    eta_s: int
    distance_m: int
    position_age_s: int
    reasons: list[ReasonView]
    route: list[tuple[float, float]]


class NotOfferedView(TypedDict):
    person_id: str
    call_sign: str
    eta_s: int | None
    reasons: list[ReasonView]


class CandidatesView(TypedDict):
    computed_at: str
    candidates: list[CandidateView]
    not_offered: list[NotOfferedView]


def candidates_view(ranking: Ranking, adviser: Adviser, goal_lonlat: Lonlat, *, limit: int, at: str) -> CandidatesView:
    """The best `limit` with their ways, and the nearest of the others."""
    return {
        "computed_at": at,
        "candidates": [_candidate_view(one, adviser.route(one.force, goal_lonlat)) for one in ranking.offered[:limit]],
        "not_offered": [_not_offered_view(one) for one in ranking.not_offered[:MOST_NOT_OFFERED]],
    }


def _candidate_view(one: Candidate, route: list[Lonlat]) -> CandidateView:
    force = one.force
    return {
        "person": {
            "id": force.person_id,
            "name": force.name,
            "call_sign": force.call_sign,
            "force": force.force,
            "unit_id": force.unit_id,
            "area": force.area,
            "status": force.status,
            "lonlat": force.lonlat,
        },
        "eta_s": round(one.travel.seconds),
        "distance_m": round(one.travel.metres),
        "position_age_s": round(one.position_age_s),
        "reasons": [_reason_view(reason) for reason in one.reasons],
        "route": route,
    }


def _not_offered_view(one: NotOffered) -> NotOfferedView:
    return {
        "person_id": one.force.person_id,
        "call_sign": one.force.call_sign,
        "eta_s": round(one.travel.seconds) if one.travel else None,
        "reasons": [_reason_view(reason) for reason in one.reasons],
    }


def _reason_view(reason: Reason) -> ReasonView:
    return {"code": reason.code, "params": dict(reason.params)}
