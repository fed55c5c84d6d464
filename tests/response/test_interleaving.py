"""Any interleaving of verbs on two alerts leaves legal states, one winner each, and facts that fold to the state."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from command_center.errors import YipingError
from command_center.response.engine.checking import shipped_profiles
from command_center.response.machine import ORDER_MACHINE
from tests.response.hall import CAMERA, HEAD, LI, SECOND_CAMERA, WANG, Hall
from tests.response.test_replay import compare

OFFICERS = st.sampled_from([WANG, LI, HEAD])
PERSONS = st.sampled_from(["R000", "R001", "R002"])
VERBS = st.sampled_from(["accept", "depart", "arrive", "feedback", "done", "decline"])
WORDS: dict[str, dict[str, Any]] = {
    "arrive": {"note": "到"},
    "feedback": {"text": "好"},
    "decline": {"reason": "忙"},
    "resolve": {"answer": "好"},
    "call_back": {"rating": 5, "solved": True},
}
FREE = {"patrolling", "standby", "returning"}
STATUS_OF = {"sent": "called", "accepted": "called", "departed": "en_route", "arrived": "on_scene",
             "reported": "handling"}  # fmt: skip


class Interleaving(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.hall = Hall(f"sqlite:///{Path(self.folder.name)}/hall.db")

    def teardown(self) -> None:
        self.hall.timeline.close()
        self.folder.cleanup()

    @initialize()
    def two_alerts(self) -> None:
        self.hall.see("intrusion", CAMERA)
        self.hall.see("covered", SECOND_CAMERA)

    def attempt(self, verb: Any, *args: Any, **more: Any) -> bool:
        head = self.hall.timeline.head()
        self.hall.clock.wait(1)
        try:
            verb(*args, **more)
        except YipingError as refused:
            assert 400 <= refused.status < 500
            refused.text("zh"), refused.text("en")
            assert self.hall.timeline.head() == head
            return False
        return True

    def pick(self, name: str, which: int) -> Any:
        entities = sorted(self.hall.snapshot()[name], key=lambda one: one["id"])
        return entities[which % len(entities)] if entities else None

    @rule(which=st.integers(0, 1), who=OFFICERS)
    def take(self, which: int, who: Any) -> None:
        alert = self.pick("alerts", which)
        done = self.attempt(self.hall.take, alert["id"], who)
        mine = alert["taken_by"] == who.json()
        assert done == (alert["state"] == "raised" or (alert["state"] == "taken" and mine))

    @rule(which=st.integers(0, 1), who=OFFICERS, true=st.booleans())
    def close(self, which: int, who: Any, true: bool) -> None:
        alert = self.pick("alerts", which)
        done = self.attempt(self.hall.confirm if true else self.hall.dismiss, alert["id"], who)
        mine = alert["state"] == "taken" and alert["taken_by"] == who.json()
        assert done == (mine or (who is HEAD and alert["state"] in ("raised", "taken")))

    @rule(which=st.integers(0, 1), persons=st.sets(PERSONS, min_size=1, max_size=2))
    def dispatch(self, which: int, persons: set[str]) -> None:
        case = self.pick("cases", which)
        if case is None:
            return
        free = all(self.hall.status(id) in FREE for id in persons)
        done = self.attempt(self.hall.dispatch, case["id"], *sorted(persons))
        assert done == (free and case["state"] in ("ACCEPTED", "ASSIGNED", "RECEIVED", "HANDLING"))

    @rule(which=st.integers(0, 7), verb=VERBS)
    def act(self, which: int, verb: str) -> None:
        order = self.pick("orders", which)
        if order is not None:
            done = self.attempt(self.hall.act, verb, order, **WORDS.get(verb, {}))
            assert done == ((order["state"], verb) in ORDER_MACHINE.rows)

    @rule(which=st.integers(0, 1), verb=st.sampled_from(["resolve", "call_back", "archive"]))
    def manage(self, which: int, verb: str) -> None:
        case = self.pick("cases", which)
        if case is not None:
            self.attempt(self.hall.manage, verb, case["id"], **WORDS.get(verb, {}))

    @invariant()
    def only_legal_states(self) -> None:
        shown = self.hall.snapshot()
        for case in shown["cases"]:
            assert case["state"] in shipped_profiles()["hall"].states
            if case["state"] in ("RESOLVED", "RATED", "ARCHIVED"):
                feedback = [said for order in shown["orders"] if order["case_id"] == case["id"] for said in
                            order["feedback"]]  # fmt: skip
                assert case["answer"] and feedback
            assert case["version"] >= 1
        confirmed = [alert["case_id"] for alert in shown["alerts"] if alert["state"] == "confirmed"]
        assert sorted(confirmed) == sorted(case["id"] for case in shown["cases"])

    @invariant()
    def everybody_has_at_most_one_order(self) -> None:
        shown = self.hall.snapshot()
        open_orders = [order for order in shown["orders"] if order["state"] not in ORDER_MACHINE.ends]
        holders = [order["person_id"] for order in open_orders]
        assert len(set(holders)) == len(holders)
        for responder in shown["responders"]:
            own = [order for order in open_orders if order["person_id"] == responder["id"]]
            assert responder["order_id"] == (own[0]["id"] if own else None)
            assert responder["status"] == STATUS_OF[own[0]["state"]] if own else responder["status"] in FREE
        ended = {case["id"] for case in shown["cases"] if case["state"] in ("RESOLVED", "RATED", "ARCHIVED")}
        assert not [order for order in open_orders if order["case_id"] in ended]

    @invariant()
    def folding_gives_the_state(self) -> None:
        compare(self.hall)


Interleaving.TestCase.settings = settings(max_examples=8, stateful_step_count=25, deadline=None)
TestInterleaving = Interleaving.TestCase
