"""What is to be searched for when a plan is asked for, relaxed, or made anew because a team dropped out."""

import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from command_center.access.guard import Who
from command_center.errors import BadInput, Conflict
from command_center.patrol.plans.commands import begin_plan
from command_center.patrol.plans.needs import gather, second_of
from command_center.patrol.plans.packing import Json, all_visits, read_needs, read_relaxation, read_rounds
from command_center.patrol.plans.queries import former_days, plan_row
from command_center.patrol.plans.tables import PlanRow
from command_center.timeline import Transaction
from gis.planning.child import Job
from gis.planning.needs import begun
from gis.planning.relax import relaxed
from gis.roads import RoadGraph


@dataclass(frozen=True, slots=True)
class Effort:
    """Seconds for the search for rounds and for that for relaxations."""

    solve_s: float
    relax_s: float


def ask_for_plan(
    tx: Transaction, *, day: date, wanted: float, from_now: bool, by: Who, graph: RoadGraph, effort: Effort
) -> tuple[PlanRow, Job]:
    """Begin a plan of the caller's area for a day.

    Args:
        from_now: of a day that has begun, plan what is left of it.

    Raises:
        BadInput: there is no team or nothing to visit, or all shifts are over.
    """
    needs, rows = gather(tx.session, area=by.area, wanted=wanted)
    if from_now:
        needs = begun(needs, max(0, second_of(day, tx.now)))
        if not needs.teams:
            raise BadInput("plan_day_over")
    crews: dict[str, Json] = {row.id: {"persons": row.persons, "travel": row.travel} for row in rows}
    row = begin_plan(tx, day=day, area=by.area, needs=needs, crews=crews, by=by)
    former = former_days(tx.session, area=by.area, before=day)
    # Another seed for every plan: who asks twice gets other times.
    seed = zlib.crc32(row.id.encode())
    return row, Job(needs, graph, former, seed, effort.solve_s, effort.relax_s)


def relax_plan(
    tx: Transaction, *, id: str, number: int, choice: int, by: Who, graph: RoadGraph, effort: Effort
) -> tuple[PlanRow, Job]:
    """Begin a plan in which one of the proposed relaxations is granted, for this day alone.

    Args:
        number, choice: which proposal, which of its relaxations.

    Raises:
        NotFound: there is no such plan in the caller's area.
        Conflict: it is no draft.
        BadInput: it proposes no such thing.
    """
    old = plan_row(tx.session, id=id, who=by)
    if old.state != "draft":
        raise Conflict("plan_no_draft")
    try:
        wish = old.body["proposals"][number]["relaxations"][choice]
    except (LookupError, TypeError) as error:
        raise BadInput("plan_no_proposal") from error
    relaxation = read_relaxation(wish)
    needs = relaxed(read_needs(old.body["needs"]), relaxation)
    crews = dict(old.body["crews"])
    if relaxation.like is not None:
        crews[needs.teams[-1].id] = {"persons": [], "travel": crews[relaxation.like]["travel"]}
    row = begin_plan(tx, day=old.day, area=old.area, needs=needs, crews=crews, by=by, follows=old.id)
    row.body = row.body | {"relaxations": [*old.body["relaxations"], wish]}
    rounds = read_rounds(old.body["rounds"], all_visits(old.body))
    former = former_days(tx.session, area=old.area, before=old.day)
    return row, Job(needs, graph, former, zlib.crc32(row.id.encode()), effort.solve_s, effort.relax_s, rounds)


def drop_out(
    tx: Transaction, *, id: str, gone: Collection[str], by: Who, graph: RoadGraph, effort: Effort
) -> tuple[PlanRow, Job]:
    """Begin a plan without some teams: what is walked stays, the rest of their rounds is shared out.

    Raises:
        NotFound: there is no such plan in the caller's area.
        Conflict: it is neither a draft nor published.
        BadInput: it has no such team, or nobody would be left.
    """
    old = plan_row(tx.session, id=id, who=by)
    if old.state not in ("draft", "published"):
        raise Conflict("plan_no_draft")
    needs = read_needs(old.body["needs"])
    known = {team.id for team in needs.teams}
    if not gone or not known.issuperset(gone) or known == set(gone):
        raise BadInput("plan_team_bad")
    row = begin_plan(tx, day=old.day, area=old.area, needs=needs, crews=old.body["crews"], by=by, follows=old.id)
    row.body = row.body | {"relaxations": old.body["relaxations"], "gone": sorted({*old.body.get("gone", []), *gone})}
    rounds = read_rounds(old.body["rounds"], all_visits(old.body))
    former = former_days(tx.session, area=old.area, before=old.day)
    now_s = max(0, second_of(old.day, tx.now)) if old.state == "published" else 0
    job = Job(
        needs,
        graph,
        former,
        zlib.crc32(row.id.encode()),
        min(effort.solve_s, 4.0),
        effort.relax_s,
        rounds,
        now_s,
        frozenset(row.body["gone"]),
    )
    return row, job
