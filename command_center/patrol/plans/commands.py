"""Teams and needs change; a plan is begun, comes back from the search, is changed by hand and published."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import Any

from sqlalchemy import select

from command_center.access.guard import Who
from command_center.errors import BadInput, Conflict, NotFound
from command_center.patrol.editing import change_row, put_lonlat
from command_center.patrol.plans.facts import need_fact, plan_fact, rounds_fact, team_fact
from command_center.patrol.plans.packing import Json, measured, needs_json, proposals_json
from command_center.patrol.plans.tables import NeedRow, PlanRow, TeamRow
from command_center.patrol.points.tables import PointRow
from command_center.patrol.windows import Window
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id
from gis.planning.needs import Needs
from gis.planning.relax import Proposal
from gis.planning.rounds import Plan

LONGEST_REST_S = 2 * 3_600
LONGEST_SHIFT_S = 16 * 3_600
SHORTEST_SHIFT_S = 1_800
MOST_VISITS = 12
SHORTEST_GAP_S = 600
COVER_MINUTES = (1, 3, 5)


def add_team(
    tx: Transaction,
    *,
    name: str,
    force: str,
    travel: str,
    area: str,
    lonlat: tuple[float, float],
    shift_start: str,
    shift_end: str,
    rest_s: int,
    persons: Sequence[str],
    id: str | None = None,
    by: Who | None = None,
) -> TeamRow:
    """Add a team.

    Args:
        tx: the transaction.
        name, force, travel: e.g. 巡组01, AUX, scooter (or car, foot).
        area: where its base lies.
        lonlat: of the base, degrees WGS84.
        shift_start, shift_end: local times of day; an end before the start lies on the next day.
        rest_s: seconds of rest amid the shift, taken at the base; 0 for none.
        persons: ids of its members.
        id: where it has one already.
        by: who does it; None for an import.

    Raises:
        BadInput: a value is impossible.
    """
    row = TeamRow(
        id=id or new_id(),
        name=name.strip(),
        force=force,
        travel=travel,
        area=area,
        lon=lonlat[0],
        lat=lonlat[1],
        shift_start=shift_start,
        shift_end=shift_end,
        rest_s=rest_s,
        persons=list(dict.fromkeys(persons)),
        active=True,
        version=1,
    )
    _check_team(row)
    tx.session.add(row)
    tx.session.flush()
    tx.emit(team_fact("patrol.team_added", row, actor=by.json() if by else None))
    return row


def change_team(tx: Transaction, *, id: str, changes: Mapping[str, Any], version: int | None, by: Who) -> TeamRow:
    """Change a team; plans that are made already keep it as it was.

    Raises:
        NotFound: there is no such team in the caller's area.
        Conflict: somebody changed it in between.
        BadInput: a value is impossible.
    """
    return change_row(
        tx,
        TeamRow,
        id,
        changes=changes,
        version=version,
        by=by,
        unknown="team_unknown",
        changed="team_changed",
        put={"lonlat": put_lonlat, "persons": _put_persons},
        check=_check_team,
        tell=lambda row: team_fact("patrol.team_changed", row, actor=by.json()),
    )


def _put_persons(row: TeamRow, persons: Sequence[str]) -> None:
    row.persons = list(dict.fromkeys(persons))


def set_need(tx: Transaction, *, point_id: str, by: Who, **values: Any) -> NeedRow:
    """Say what a point asks for beyond its windows.

    Args:
        values: visits, gap_s, weight, cover_minutes, cover_share.

    Raises:
        NotFound: there is no such point in the caller's area.
        BadInput: a value is impossible.
    """
    point = tx.session.get(PointRow, point_id)
    if point is None or not by.sees(point.area):
        raise NotFound("point_unknown")
    row = tx.session.get(NeedRow, point_id, with_for_update=True)
    if row is None:
        row = NeedRow(point_id=point_id, version=0)
    for name, value in values.items():
        setattr(row, name, value)
    _check_need(row)
    row.version += 1
    tx.session.add(row)
    tx.session.flush()
    tx.emit(need_fact(row, area=point.area, actor=by.json()))
    return row


def begin_plan(
    tx: Transaction,
    *,
    day: date,
    area: str,
    needs: Needs,
    crews: Mapping[str, Json],
    by: Who,
    follows: str | None = None,
) -> PlanRow:
    """Open a plan that is being solved; `finish_plan` or `fail_plan` ends that.

    Args:
        crews: persons and way of moving of each team, as they are now.
        follows: the plan that this one is to take the place of.
    """
    row = PlanRow(
        id=new_id(),
        day=day,
        area=area,
        state="solving",
        wanted=needs.most_predictable,
        predictability=None,
        body={"needs": needs_json(needs), "crews": dict(crews), "fixed": {}, "relaxations": []},
        problem=None,
        follows=follows,
        made_by=by.json(),
        made_at=tx.now,
        published_at=None,
        version=1,
    )
    tx.session.add(row)
    tx.session.flush()
    tx.emit(plan_fact("patrol.plan_begun", row, actor=by.json()))
    return row


def finish_plan(tx: Transaction, *, id: str, plan: Plan, proposals: Sequence[Proposal]) -> PlanRow | None:
    """Store what the search found. Returns None if the plan was given up meanwhile."""
    row = tx.session.get(PlanRow, id, with_for_update=True)
    if row is None or row.state != "solving":
        return None
    found = {"proposals": proposals_json(proposals), "solved_s": round(plan.solved_s, 2)}
    row.body = measured(row.body, plan) | found
    row.predictability = plan.predictability
    row.state = "draft"
    row.version += 1
    tx.session.flush()
    tx.emit(plan_fact("patrol.plan_made", row, actor=row.made_by))
    return row


def fail_plan(tx: Transaction, *, id: str, problem: str) -> None:
    """Say that the search ended without a plan."""
    row = tx.session.get(PlanRow, id, with_for_update=True)
    if row is None or row.state != "solving":
        return
    row.state, row.problem = "failed", problem
    row.version += 1
    tx.session.flush()
    tx.emit(plan_fact("patrol.plan_failed", row, actor=row.made_by))


def change_plan(
    tx: Transaction, *, id: str, version: int, change: Callable[[Json], tuple[Json, float]], by: Who
) -> PlanRow:
    """Change the rounds of a draft by hand.

    Args:
        version: the one the caller saw.
        change: from the body as it is to the one it shall be, and its score of predictability.

    Raises:
        NotFound: there is no such plan in the caller's area.
        Conflict: it is no draft, or somebody changed it in between.
    """
    row = _draft(tx, id=id, version=version, by=by)
    row.body, row.predictability = change(row.body)
    row.version += 1
    tx.session.flush()
    tx.emit(plan_fact("patrol.plan_changed", row, actor=by.json()))
    return row


def publish_plan(tx: Transaction, *, id: str, version: int, by: Who) -> PlanRow:
    """Let people go by a plan, in place of the one published for the same day and area.

    Raises:
        NotFound: there is no such plan in the caller's area.
        Conflict: it is no draft, or somebody changed it in between.
    """
    row = _draft(tx, id=id, version=version, by=by)
    same_day = select(PlanRow).where(PlanRow.day == row.day, PlanRow.area == row.area, PlanRow.state == "published")
    parties = persons_of(row.body)
    for former in tx.session.scalars(same_day.with_for_update()):
        former.state = "replaced"
        former.version += 1
        parties |= persons_of(former.body)
        tx.emit(plan_fact("patrol.plan_replaced", former, actor=by.json()))
    row.state, row.published_at = "published", tx.now
    row.version += 1
    tx.session.flush()
    tx.emit(plan_fact("patrol.plan_published", row, actor=by.json(), parties=parties))
    tx.emit(rounds_fact(row))
    return row


def persons_of(body: Json) -> set[str]:
    """Who goes by a plan."""
    return {person for crew in body["crews"].values() for person in crew["persons"]}


def _draft(tx: Transaction, *, id: str, version: int, by: Who) -> PlanRow:
    row = tx.session.get(PlanRow, id, with_for_update=True)
    if row is None or not by.sees(row.area):
        raise NotFound("plan_unknown")
    if row.state != "draft":
        raise Conflict("plan_no_draft")
    if row.version != version:
        raise Conflict("plan_changed")
    return row


def _check_team(row: TeamRow) -> None:
    if not row.name:
        raise BadInput("team_nameless")
    if row.travel not in ("car", "scooter", "foot"):
        raise BadInput("team_travel_bad")
    try:
        shift = Window(time.fromisoformat(row.shift_start), time.fromisoformat(row.shift_end))
    except ValueError as error:
        raise BadInput("team_shift_bad") from error
    if not SHORTEST_SHIFT_S <= shift.length_s <= LONGEST_SHIFT_S:
        raise BadInput("team_shift_bad")
    if not 0 <= row.rest_s <= min(LONGEST_REST_S, shift.length_s / 2):
        raise BadInput("team_rest_bad", most=LONGEST_REST_S // 60)


def _check_need(row: NeedRow) -> None:
    if not 1 <= row.visits <= MOST_VISITS:
        raise BadInput("need_visits_bad", most=MOST_VISITS)
    if row.gap_s is not None and row.gap_s < SHORTEST_GAP_S:
        raise BadInput("need_gap_bad", least=SHORTEST_GAP_S // 60)
    if not 1 <= row.weight <= 4:
        raise BadInput("need_weight_bad")
    if (row.cover_minutes is None) != (row.cover_share is None):
        raise BadInput("need_cover_bad")
    if row.cover_minutes is not None and row.cover_minutes not in COVER_MINUTES:
        raise BadInput("need_cover_bad")
    if row.cover_share is not None and not 0.0 < row.cover_share <= 1.0:
        raise BadInput("need_cover_bad")
