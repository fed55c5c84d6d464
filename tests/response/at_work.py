"""People of a center at work on one store, each step on demand and said once it is stored; made to be killed."""

from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import select

from command_center.access.guard import Who
from command_center.errors import YipingError
from command_center.response.case_keeper import CaseKeeper
from command_center.response.intake.commands import Matter, take_down
from command_center.response.parties.keys import Keyring
from command_center.response.steps.commands import decide, take_step
from command_center.response.steps.queries import working
from command_center.response.tables import CaseRow
from command_center.timeline.facts import iso
from tests.response.case_walker import open_again
from tests.response.hall import Hall
from tests.response.small_town import GRID, TOWN, corner

PEOPLE = (
    Who("clerk", "clerk", "受理员", "intake", TOWN), Who("disp", "disp", "派单席", "dispatcher", TOWN),
    Who("head", "head", "班长", "shift_head", TOWN), Who("super", "super", "督办员", "supervisor", TOWN),
    Who("leader", "leader", "领导", "leader", TOWN), Who("two", "two", "司法所", "department", "320724", unit_id="U02"),
    Who("three", "three", "人社所", "department", "320724", unit_id="U03"),
)  # fmt: skip
ONWARD = ("accept", "dispatch", "receive", "start", "report", "mediate", "request_close", "resolve", "approve", "rate",
          "call_back", "perform", "decide", "archive")  # fmt: skip


def at_work(url: str, folder: Path, orders: Connection) -> None:
    """Do what is ordered, and say how far the log is when it is stored."""
    hall, keys = open_again(url), Keyring(folder / "names.key")
    if not keys.keys:
        keys.add_key(hall.clock())
    keeper = CaseKeeper(hall.timeline)
    while True:
        verb, *words = orders.recv()
        if verb == "wait":
            hall.clock.wait(words[0] * 60.0)
            while keeper.step():
                pass
        elif verb == "open":
            _open(hall, *words)
        else:
            _go_on(hall, keys, *words)
        orders.send((hall.timeline.head().seq, hall.clock.moment))


def _open(hall: Hall, way: str, contactable: bool) -> None:
    matter = Matter("window", "01008", "工地欠薪", "砚河工地", corner(1), GRID, way=way, contactable=contactable)
    with hall.tx() as tx:
        take_down(tx, matter, who=PEOPLE[0], terms=hall.terms)


def _go_on(hall: Hall, keys: Keyring, which: int, pick: int) -> None:
    """One step with one of the open cases: mostly towards its end, sometimes another that somebody is offered."""
    with hall.timeline.reading() as session:
        query = select(CaseRow.id).where(CaseRow.ended_at.is_(None)).order_by(CaseRow.id)
        ids = session.scalars(query).all()
        if not ids:
            return
        id, offered = ids[which % len(ids)], list[tuple[Who, str, Any]]()
        for who in PEOPLE:
            try:
                shown = working(session, hall.town, who, id=id, now=hall.clock(), language="zh")
            except YipingError:
                continue
            asked = [one["id"] for one in shown["work"]["approvals"] if one["mine"]]
            offered += [(who, "decide", one) for one in asked]
            offered += [(who, one["action"], one["fields"]) for one in shown["offers"] if one["why_not"] is None]
    furthest = sorted((one for one in offered if one[1] in ONWARD), key=lambda one: -ONWARD.index(one[1]))
    anything = offered[pick % max(1, len(offered)) :]
    for who, action, fields in (*anything, *furthest) if pick % 4 == 3 else (*furthest, *offered):
        if _done(hall, keys, id, who, action, fields, pick):
            return


def _done(hall: Hall, keys: Keyring, id: str, who: Who, action: str, fields: Any, pick: int) -> bool:
    try:
        with hall.tx() as tx:
            if action == "decide":
                decide(tx, id=id, who=who, approval=fields, yes=pick % 5 > 0, note="已核")
            else:
                said = {field["name"]: _word(hall, field, pick) for field in fields}
                take_step(tx, id=id, who=who, action=action, said=said, keys=keys, competent=True)
    except YipingError:
        return False
    return True


def _word(hall: Hall, field: Any, pick: int) -> Any:
    """What somebody puts into a field of a form."""
    choices = [value for value, _ in field["choices"]]
    return {
        "choice": choices[pick % len(choices)] if choices else "", "many": choices, "unit": f"U0{2 + pick % 2}",
        "units": [f"U0{3 - pick % 2}"], "moment": iso(hall.clock() + timedelta(days=5)), "span": "1d", "flag": True,
        "grade": 5 - pick % 2, "photos": [],
    }.get(field["kind"], "已核实处理")  # fmt: skip
