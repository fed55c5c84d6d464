"""The briefing of a plan, as one printable page."""

from datetime import date, datetime

from command_center.patrol.plans.desk import Ways
from command_center.patrol.plans.queries import CrewView, PlanDetail, RoundView, VisitView
from command_center.patrol.windows import LOCAL
from command_center.registry.town_index import TownIndex
from gis.brief import Leg, RoundSheet, briefing_map
from gis.town_model import NO_NETWORK, PatrolPoint, Town

FORCES = {"car": "车巡", "scooter": "骑巡", "foot": "步巡"}


def briefing_page(town: TownIndex, plan: PlanDetail, ways: Ways, *, made_at: datetime) -> str:
    """The town with its rounds and a table of times, in the language of the field."""
    crews = {crew["id"]: crew for crew in plan["crews"]}
    visits = {visit["id"]: visit for visit in plan["visits"]}
    day = date.fromisoformat(plan["plan"]["day"])
    # The same numbers as on the page: a team keeps its number though others stay at their base.
    numbers = {crew["id"]: number for number, crew in enumerate(plan["crews"], 1)}
    sheets = [
        _sheet(numbers[one["team_id"]], one, crews[one["team_id"]], visits, ways, town)
        for one in plan["rounds"]
        if one["stops"]
    ]
    state = {"published": "已发布", "draft": "草案"}.get(plan["plan"]["state"], "作废")
    return briefing_map(
        _drawn(town, plan),
        title=f"{day.month}月{day.day}日 巡防编排（{state}）",
        made_at=made_at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M"),
        rounds=sheets,
    )


def _sheet(
    number: int, one: RoundView, crew: CrewView, visits: dict[str, VisitView], ways: Ways, town: TownIndex
) -> RoundSheet:
    people = " ".join(f"{person.call_sign} {person.name}" for id in crew["persons"] if (person := town.persons.get(id)))
    legs = []
    for stop in one["stops"]:
        visit = visits[stop["visit_id"]]
        name = "休整" if visit["kind"] == "rest" else visit["name"]
        legs.append(Leg(clock(stop["arrive_s"]), clock(stop["arrive_s"] + visit["stay_s"]), name, visit["first"]))
    line = [place for leg in ways.get(one["team_id"], []) for place in leg]
    lead = f"{crew['name']} · {FORCES.get(crew['travel'], '')} · {clock(one['depart_s'])}–{clock(one['back_s'])}"
    return RoundSheet(number, lead, people, line, legs)


def clock(at_s: int) -> str:
    """`07:20`, and 次日01:10 past midnight."""
    hours, rest = divmod(at_s, 3_600)
    return f"{'次日' if hours >= 24 else ''}{hours % 24:02}:{rest // 60:02}"


def _drawn(town: TownIndex, plan: PlanDetail) -> Town:
    """What of the town a briefing shows."""
    named = {visit["need_id"]: visit for visit in plan["visits"] if visit["kind"] == "point"}
    points = tuple(
        PatrolPoint(id, visit["name"], "", "", visit["first"], 0.0, visit["stay_s"], (), "")
        for id, visit in named.items()
    )
    return Town(
        seed=0,
        center=town.center,
        outline=town.outline,
        villages=tuple(town.villages.values()),
        grids=tuple(town.grids.values()),
        roads=tuple(town.roads),
        network=NO_NETWORK,
        waters=tuple(town.waters),
        places=(),
        units=(),
        persons=(),
        cameras=(),
        points=points,
    )
