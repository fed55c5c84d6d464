"""Change the rounds of a plan by hand, on its stored body. Pure."""

from collections.abc import Sequence

from command_center.errors import BadInput
from command_center.patrol.plans.packing import Json, all_visits, measured, read_needs, read_rounds
from gis.planning.predictability import Day
from gis.planning.replan import Move, moved
from gis.planning.rounds import judged
from gis.planning.travel import Travel


def with_move(body: Json, move: Move, *, travel: Travel, former: Sequence[Day]) -> tuple[Json, float]:
    """The body after a move, and its score of predictability.

    Raises:
        BadInput: there is no such visit or team, or a rest would go to another team.
    """
    needs = read_needs(body["needs"])
    visits = all_visits(body)
    visit = visits.get(move.visit_id)
    if visit is None or (visit.kind == "rest" and move.team_id not in (visit.need_id, None)):
        raise BadInput("plan_visit_bad")
    if move.team_id is not None and (
        move.team_id in body.get("gone", []) or move.team_id not in {team.id for team in needs.teams}
    ):
        raise BadInput("plan_team_bad")
    rounds = read_rounds(body["rounds"], visits)
    fixed = {id: at_s for id, at_s in body["fixed"].items() if id != move.visit_id}
    after = moved(needs, travel, rounds, list(visits.values()), move, fixed=fixed)
    plan = judged(needs, list(visits.values()), after, travel, former=former, solved_s=body.get("solved_s", 0.0))
    if move.at_s is not None and move.team_id is not None:
        fixed[move.visit_id] = move.at_s
    # Proposals speak of what was left out when they were searched.
    left = {one.visit.id for one in plan.unmet}
    proposals = [one for one in body["proposals"] if left.issuperset(one["visit_ids"])]
    return measured(body, plan) | {"fixed": fixed, "proposals": proposals}, plan.predictability
