"""Bodies of what is told of questions: the question after the change. The person asked is a party: his phone hears."""

from collections.abc import Mapping

from typing_extensions import TypedDict

from command_center.prewarning.safety.tables import SafetyRow
from command_center.timeline import Fact
from command_center.timeline.facts import iso


class SafetyView(TypedDict):
    id: str
    person_id: str
    on_duty: str
    area: str
    lonlat: tuple[float, float]
    still_since: str
    asked_at: str
    answer_by: str
    state: str
    closed_at: str | None


def safety_view(row: SafetyRow) -> SafetyView:
    return {
        "id": row.id,
        "person_id": row.person_id,
        "on_duty": row.on_duty,
        "area": row.area,
        "lonlat": (row.lon, row.lat),
        "still_since": iso(row.still_since),
        "asked_at": iso(row.asked_at),
        "answer_by": iso(row.answer_by),
        "state": row.state,
        "closed_at": iso(row.closed_at) if row.closed_at else None,
    }


def safety_fact(row: SafetyRow, *, actor: Mapping[str, str] | None = None) -> Fact:
    """`prewarning.safety_asked`, `_answered`, `_moved`, `_ended` or `_unanswered`."""
    data = {"safety": safety_view(row)}
    return Fact(f"prewarning.safety_{row.state}", row.id, data, row.area, parties=(row.person_id,), actor=actor)
