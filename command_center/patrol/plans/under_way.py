"""The rounds of published plans that people are on at an instant. Plans are large and are read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.patrol.plans.needs import instant, plan_day
from command_center.patrol.plans.packing import all_visits, read_needs
from command_center.patrol.plans.tables import PlanRow

Lonlat = tuple[float, float]


@dataclass(frozen=True, slots=True)
class UnderWay:
    """One team's round.

    Attributes:
        persons: who goes.
        depart_at, back_at: from and to when.
        stops: where each stop begins and ends, the base last.
    """

    plan_id: str
    team_id: str
    persons: tuple[str, ...]
    depart_at: datetime
    back_at: datetime
    stops: tuple[tuple[Lonlat, ...], ...]


class PlannedRounds:
    """One per watcher."""

    def __init__(self) -> None:
        self._known: Mapping[tuple[str, int], list[UnderWay]] = {}

    def under_way(self, db: Session, now: datetime) -> list[UnderWay]:
        """Rounds of the day's published plans from departure until they are back."""
        query = select(PlanRow.id, PlanRow.version).where(PlanRow.day == plan_day(now), PlanRow.state == "published")
        keys = [(id, version) for id, version in db.execute(query.order_by(PlanRow.id))]
        self._known = {key: self._known.get(key) or _rounds(db.get_one(PlanRow, key[0])) for key in keys}
        rounds = (one for found in self._known.values() for one in found)
        return [one for one in rounds if one.depart_at <= now < one.back_at]


def _rounds(row: PlanRow) -> list[UnderWay]:
    bases = {team.id: team.base for team in read_needs(row.body["needs"]).teams}
    visits, crews = all_visits(row.body), row.body["crews"]
    return [
        UnderWay(
            row.id,
            one["team_id"],
            tuple(crews.get(one["team_id"], {"persons": []})["persons"]),
            instant(row.day, one["depart_s"]),
            instant(row.day, one["back_s"]),
            (
                *((visits[stop["visit_id"]].first, visits[stop["visit_id"]].last) for stop in one["stops"]),
                (bases[one["team_id"]],),
            ),
        )
        for one in row.body.get("rounds", [])
        if one["stops"]
    ]
