"""Works on one case after the other for ever and says each step once it is stored; made to be killed at any moment."""

import itertools
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

from command_center.response.case_keeper import CaseKeeper
from tests.response.hall import Hall

DAY_S = timedelta(days=1).total_seconds()


def walk(url: str, told: Connection) -> None:
    """Take step after step, a day passing after every third, and act on the clocks that ran out meanwhile."""
    hall = open_again(url)
    keeper = CaseKeeper(hall.timeline)
    for turn in itertools.count():
        next_step(hall)
        told.send(hall.timeline.head().seq)
        if turn % 3 == 2:
            hall.clock.wait(DAY_S)
            while keeper.step():
                pass
            told.send(hall.timeline.head().seq)


def open_again(url: str) -> Hall:
    """The hall as the last process left it; its clock goes on from the last fact."""
    hall = Hall(url)
    facts = hall.timeline.since(0, 1_000_000)
    hall.clock.moment = max([hall.clock.moment, *(fact.stored_at for fact in facts)])
    return hall


def next_step(hall: Hall) -> Any:
    """What the hall asks for now, whoever did what before."""
    shown = hall.snapshot()
    case = next((one for one in shown["cases"] if one["state"] != "ARCHIVED"), None)
    if case is None:
        return _open(hall)
    if case["state"] == "ACCEPTED":
        return hall.dispatch(case["id"], "R000")
    if case["state"] in ("RESOLVED", "RATED"):
        verb, said = ("call_back", {"rating": 5, "solved": True}) if case["state"] == "RESOLVED" else ("archive", {})
        return hall.manage(verb, case["id"], **said)
    order = next(
        one for one in shown["orders"] if one["case_id"] == case["id"] and one["state"] not in ("void", "done")
    )
    verb, said = {
        "sent": ("accept", {}), "accepted": ("depart", {}), "departed": ("arrive", {"note": "到"}),
        "arrived": ("feedback", {"text": "好"}), "reported": ("", {}),
    }[order["state"]]  # fmt: skip
    return hall.act(verb, order, **said) if verb else hall.manage("resolve", case["id"], answer="好")


def _open(hall: Hall) -> Any:
    waiting = [one for one in hall.alerts() if one["state"] in ("raised", "taken")]
    if not waiting:
        seen = hall.see()
        hall.end(seen)
        return None
    if waiting[0]["state"] == "raised":
        return hall.take(waiting[0]["id"])
    return hall.confirm(waiting[0]["id"])
