"""One case as the page of work shows it: itself, its regions, its story, and what the caller may do."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.access.guard import Who
from command_center.evidence.tables import PhotoRow
from command_center.registry.town_index import TownIndex
from command_center.response.archive import facts_of_case, sealed_of
from command_center.response.facts import CaseView, case_view
from command_center.response.handover.facts import HandoverView
from command_center.response.handover.queries import of_case
from command_center.response.intake.suggesting import units_for
from command_center.response.past.queries import PastView, past_of
from command_center.response.profiles import profile_of
from command_center.response.queries import FactView, case_row, fact_view
from command_center.response.steps.offers import OfferView, offers
from command_center.response.steps.views import WorkView, work_view
from command_center.response.working import actor_of, calendar_of, value_of
from command_center.timeline import StoredFact
from command_center.timeline.facts import iso

# In which words of which step the photos of the result are named.
RESULT_IN = {"request_close": "photos", "close_self": "after"}


class PhotoView(TypedDict):
    """`result`: whether it shows how the matter ended."""

    id: str
    at: str
    result: bool


class UnitHint(TypedDict):
    id: str
    why: list[str]


class Working(TypedDict):
    """`units`: whom the catalogue names for the matter. `past`: where it came from. `sealed`: see `sealed_of`."""

    case: CaseView
    work: WorkView
    offers: list[OfferView]
    facts: list[FactView]
    photos: list[PhotoView]
    units: list[UnitHint]
    past: PastView | None
    handover: HandoverView | None
    sealed: bool | None


def working(session: Session, town: TownIndex, who: Who, *, id: str, now: datetime, language: str) -> Working:
    """One case and what may be done with it.

    Raises:
        NotFound: there is no such case for the caller.
    """
    row = case_row(session, id=id, who=who)
    profile, actor, case = profile_of(session, row.profile, row.profile_version), actor_of(who), value_of(session, row)
    category = town.categories.get(row.category)
    photos = session.scalars(select(PhotoRow).where(PhotoRow.case_id == id).order_by(PhotoRow.saved_at, PhotoRow.id))
    facts = facts_of_case(session, row)
    results = _results(facts)
    return {
        "case": case_view(session, row),
        "work": work_view(case, profile, seats=actor.seats, actor_id=actor.id, language=language),
        "offers": offers(case, profile, actor, now, calendar_of(session), language=language),
        "facts": [fact_view(fact) for fact in facts],
        "photos": [{"id": one.id, "at": iso(one.saved_at), "result": one.id in results} for one in photos],
        "units": [
            {"id": one.id, "why": list(one.why)}
            for one in (units_for(category, town.units.values()) if category else ())
        ],
        "past": past_of(session, id),
        "sealed": sealed_of(session, row),
        "handover": of_case(session, row.id),
    }


def _results(facts: Iterable[StoredFact]) -> set[str]:
    """Photos that came with the request to close, or with closing by oneself."""
    said = [fact.data["step"] for fact in facts if "step" in fact.data]
    named = [(one["said"].get(RESULT_IN[one["action"]]) or ()) for one in said if one["action"] in RESULT_IN]
    return {id for ids in named for id in ids}
