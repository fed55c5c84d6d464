"""Whatever people do, in whatever order, under whichever profile: what the field will not have broken holds."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from command_center.errors import YipingError
from command_center.response.engine.calendar import PUBLISHED
from command_center.response.engine.case import THE_HALL, Actor, Case, Effect, Event
from command_center.response.engine.checking import shipped_profiles, start_of
from command_center.response.engine.description import machine_table
from command_center.response.engine.step import step
from command_center.response.engine.stored import from_json, to_json
from tests.response.engine.people import NOON, SEATS, opened, said, somebody

PROFILES = st.sampled_from(sorted(shipped_profiles()))
IDS = st.sampled_from(["c1", "c2"])
# Three who may do everything and act for different units, so that only rules keep them apart; and two who may not.
ACTORS = [
    somebody("wang", org="司法所"), somebody("li", org="村委"), somebody("zhao", org="自然资源所"),
    somebody("desk", "intake", "dispatcher", "reviewer", "caller"), somebody("grid", "handler", "reporter"),
]  # fmt: skip
FORWARD = [
    "accept", "dispatch", "receive", "start", "report", "request_close", "approve", "resolve", "rate", "call_back",
    "archive", "mediate", "perform", "return", "suspend", "extend", "rework",
]  # fmt: skip
LEAVING = ("withdraw", "transfer", "merge", "mark_duplicate", "link_camera", "archive", "request_close")
VARIED: dict[str, list[dict[str, Any]]] = {
    "rate": [{"rating": 1, "solved": False}, {"rating": 2, "solved": False, "cause": "objective"}],
    "mediate": [{"result": "成功"}, {"result": "缺席"}],
    "dispatch": [{"lead": "村委", "helpers": []}, {"decided_by_meeting": "c1", "lead": "自然资源所"}],
    "suspend": [{"reason": "等等看"}],
    "extend": [{"by": "40d"}, {"by": "1d"}],
    "merge": [{"target_state": "ARCHIVED"}],
}


class Center(RuleBasedStateMachine):
    """Two cases of one center, a clock, and everybody who works on them."""

    @initialize(profile=PROFILES, priority=st.sampled_from(["P0", "P2"]), depth=st.integers(0, 9), data=st.data())
    def open_for_the_day(self, profile: str, priority: str, depth: int, data: st.DataObject) -> None:
        self.profile = shipped_profiles()[profile]
        self.now = NOON
        state = data.draw(st.sampled_from(["SUBMITTED" if "SUBMITTED" in self.profile.states else self.profile.start,
                                           start_of(self.profile)]))  # fmt: skip
        more: dict[str, Any] = {"priority": priority, "kind": data.draw(st.sampled_from(["", "简易事项", "群体性"]))}
        self.cases: dict[str, Case] = {
            id: opened(self.profile, id, state=state, parties=frozenset({f"party-{id}"}),
                       reporters=frozenset({f"reporter-{id}"}), **more)
            for id in ("c1", "c2")
        }  # fmt: skip
        self.fired: dict[tuple[str, str, str, datetime], int] = {}
        self.moved_by: dict[str, int] = {"c1": 0, "c2": 0}
        self.paused_at: dict[str, datetime] = {}
        self.merged: set[str] = set()

        for n in range(depth):
            onward(self, "c1", somebody(f"early-{n}", org="司法所"))

    def attempt(self, id: str, event: Event) -> bool:
        before = self.cases[id]
        try:
            after, effects = step(before, event, self.now, PUBLISHED, self.profile)
        except YipingError as refused:
            assert 400 <= refused.status < 500
            assert refused.text("zh") and refused.text("en")
            assert self.cases[id] == before
            return False
        self.cases[id] = after
        self.look(id, before, after, event, effects)
        for effect in effects:
            if effect.kind == "absorb" and effect.data["target"] != id:
                self.absorb(str(effect.data["target"]), effect.data)
        return True

    def absorb(self, target: str, data: Any) -> None:
        main = self.cases[target]
        if main.state in machine_table()["groups"]["OPEN"]:
            assert self.attempt(target, Event("absorb", THE_HALL, data))
            assert set(data["parties"]) <= self.cases[target].parties
            assert set(data["reporters"]) <= self.cases[target].reporters
            self.merged.add(target)

    def look(self, id: str, before: Case, after: Case, event: Event, effects: tuple[Effect, ...]) -> None:
        """What must hold between a case and the next."""
        actor = event.actor.id
        for moved in (effect.data for effect in effects if effect.kind == "moved"):
            if moved["to"] == "RESOLVED" != moved["from"]:
                assert after.answer and after.evidence > 0
            if moved["to"] == "ARCHIVED":
                assert before.resolved_at is not None
            if moved["action"] in ("approve", "resolve", "send_back", "rate", "call_back"):
                assert actor not in before.handlers
            if moved["action"] in ("approve", "resolve") and "dispatcher" in self.profile.separation:
                assert actor != before.dispatcher
            if moved["action"] == "suspend":
                self.paused_at[id] = self.now
            if moved["action"] == "resume":
                own = before.timer("T-RESOLVE")
                if own is not None and own.paused_since is not None:
                    self.moved_by[id] += PUBLISHED.ticks(own.unit, self.paused_at[id], self.now)
            if moved["action"] == "extend":
                timers = before.timer("T-RESOLVE"), after.timer("T-RESOLVE")
                self.moved_by[id] += timers[1].extended - timers[0].extended if timers[0] and timers[1] else 0
        for over in (effect.data for effect in effects if effect.kind == "expired"):
            key = (id, str(over["timer"]), str(over["of"]), over["due_at"])
            self.fired[key] = self.fired.get(key, 0) + 1
        if event.action == "decide":
            assert actor not in [one.by for one in after.approvals if one.decided_by == actor]

    @rule(id=IDS, which=st.integers(0, 400), who=st.integers(0, 20), variant=st.integers(0, 5), on=st.booleans())
    def do(self, id: str, which: int, who: int, variant: int, on: bool) -> None:
        case = self.cases[id]
        allowed = self.profile.allowed(case.state) or ["dispatch"]
        likely = [action for action in allowed if action in FORWARD] if on else allowed
        action = (likely or allowed)[which % len(likely or allowed)]
        actor = ACTORS[who % len(ACTORS)]
        if who % 3 and case.lead is not None:
            actor = replace(actor, org=case.lead)
        variants = [{}, {}, *VARIED.get(action, [])]
        other = "c2" if id == "c1" else "c1"
        body = said(action, self.now, **variants[variant % len(variants)])
        if action in ("merge", "mark_duplicate"):
            body = {"target": other, "target_state": self.cases[other].state, **variants[variant % len(variants)]}
        if action == "join" and case.collaborations:
            body["collaboration"] = case.collaborations[-1].id
        self.attempt(id, Event(action, actor, body))

    @rule(id=IDS, which=st.integers(0, 400), who=st.integers(0, 2), variant=st.integers(0, 5), yes=st.integers(0, 3))
    def do_in_earnest(self, id: str, which: int, who: int, variant: int, yes: int) -> None:
        """Something that the state asks for, by whoever it is for; mostly agreed to."""
        case = self.cases[id]
        likely = [action for action in self.profile.allowed(case.state) if action not in LEAVING]
        if case.state not in ("HANDLING", "RATED", "REVIEW", "ASSIGNED", "TRIAGE") or not likely:
            onward(self, id, ACTORS[who])
            return
        weighty = [action for action in likely if action in FORWARD]
        action = (weighty or likely)[which % len(weighty or likely)] if which % 3 else likely[which % len(likely)]
        variants = [{}, {}, *VARIED.get(action, [])]
        body = said(action, self.now, **variants[variant % len(variants)])
        if case.collaborations:
            body["collaboration"] = case.collaborations[-1].id
        org = case.lead if action != "join" or not case.collaborations else case.collaborations[-1].units[0]
        actor = replace(ACTORS[who], id="fresh") if case.state in ("REVIEW", "RATED") else ACTORS[who]
        self.attempt(id, Event(action, replace(actor, org=org or "司法所"), body))
        for asked in (one for one in self.cases[id].approvals if one.is_open and yes):
            self.attempt(id, Event("decide", somebody("leader"), {"approval": asked.id, "yes": True}))

    @rule(id=IDS, verb=st.sampled_from(["receive", "start", "report", "none_left", "order_declined"]))
    def orders_do(self, id: str, verb: str) -> None:
        if "orders_drive" in self.profile.features:
            self.attempt(id, Event(verb, THE_HALL, {"text": "好"}))

    @rule(id=IDS, who=st.integers(0, 4), yes=st.booleans())
    def decide(self, id: str, who: int, yes: bool) -> None:
        for asked in (one for one in self.cases[id].approvals if one.is_open):
            body = {"approval": asked.id, "yes": yes, "note": "已核"}
            self.attempt(id, Event("decide", ACTORS[who], body))

    @rule(minutes=st.sampled_from([1, 30, 300, 1500, 8000, 50_000]))
    def wait(self, minutes: int) -> None:
        """Time passes while the hall is down; then it is started again and looks what is over."""
        self.now += timedelta(minutes=minutes)
        self.restart()
        for id in self.cases:
            while over := [one for one in self.cases[id].timers if one.pending and one.due_at <= self.now]:
                first = min(over, key=lambda one: (one.due_at, one.name))
                event = Event("expire", THE_HALL, {"timer": first.name, "of": first.of})
                assert self.attempt(id, event)
                assert not self.attempt(id, event) or self.cases[id].timer(first.name, first.of) != first

    @rule()
    def restart(self) -> None:
        for id, case in self.cases.items():
            self.cases[id] = from_json(orjson.loads(orjson.dumps(to_json(case))))
            assert self.cases[id] == case

    @rule(id=IDS)
    def two_departments_claim_at_once(self, id: str) -> None:
        if self.profile.row(self.cases[id].state, "claim") is not None:
            claims = [Event("claim", actor, {"competent": True}) for actor in ACTORS[:2]]
            assert sum(self.attempt(id, claim) for claim in claims) <= 1

    @invariant()
    def who_supervises_never_handles(self) -> None:
        for case in self.cases.values():
            assert not case.supervisors & case.handlers

    @invariant()
    def nobody_returns_more_often_than_allowed(self) -> None:
        for case in self.cases.values():
            assert case.returns <= self.profile.limits.max_returns
            if case.returns == self.profile.limits.max_returns:
                assert any(one.kind == "联席会议" for one in case.collaborations)

    @invariant()
    def a_deadline_moves_by_its_pauses_and_extensions(self) -> None:
        for id, case in self.cases.items():
            own = case.timer("T-RESOLVE")
            if own is None or id in self.merged or own.paused_since is not None:
                continue
            assert own.paused + own.extended == self.moved_by[id]
            if not own.rolls:
                assert PUBLISHED.ticks(own.unit, own.counted_at, own.due_at) == self.moved_by[id]

    @invariant()
    def no_clock_is_acted_on_twice(self) -> None:
        assert all(count == 1 for count in self.fired.values())

    @invariant()
    def merges_do_not_go_round(self) -> None:
        merged = [case for case in self.cases.values() if case.state == "MERGED"]
        assert len(merged) < 2
        for case in merged:
            assert case.linked_to is not None
            assert case.parties <= self.cases[case.linked_to].parties

    @invariant()
    def ended_cases_have_no_running_clock(self) -> None:
        for case in self.cases.values():
            assert case.state in self.profile.states
            if case.state in self.profile.ends:
                assert not [one for one in case.timers if one.pending and one.name != "T-PERFORM"]
            assert (case.clock == "PAUSED") == any(one.paused_since is not None for one in case.timers)

    def teardown(self) -> None:
        for id in getattr(self, "cases", {}):
            finish(self, id)


def onward(center: Center, id: str, actor: Actor, *, finishing: bool = False) -> bool:
    """Take the first step toward the end that is allowed; whoever has to agree agrees."""
    case, profile = center.cases[id], center.profile
    for action, body in careful(center, case, finishing):
        hall = action in ("receive", "start", "report") and "orders_drive" in profile.features
        own = replace(actor, org=case.lead or actor.org)
        if center.attempt(id, Event(action, THE_HALL if hall else own, body)):
            for asked in (one for one in center.cases[id].approvals if one.is_open):
                yes = {"approval": asked.id, "yes": True}
                center.attempt(id, Event("decide", Actor("decider", SEATS), yes))
            return True
    return False


def finish(center: Center, id: str) -> None:
    """People who had nothing to do with a case can always bring it to an end."""
    for n in range(40):
        state = center.cases[id].state
        if state in center.profile.ends:
            return
        fresh = Actor(f"fresh-{n}", SEATS, "司法所")
        assert onward(center, id, fresh, finishing=True), f"stuck in {state} under {center.profile.id}"
    raise AssertionError(f"no end in sight from {center.cases[id].state} under {center.profile.id}")


def careful(center: Center, case: Case, finishing: bool) -> list[tuple[str, dict[str, Any]]]:
    """Steps toward the end, the ones that remove an obstacle first."""
    now, tries = center.now, []
    for waiting in (one for one in case.collaborations if one.waits):
        for unit in (unit for unit in waiting.units if unit not in waiting.answered):
            event = Event("join", Actor("helper", SEATS, unit), said("join", now, collaboration=waiting.id))
            center.attempt(case.id, event)
    if finishing:
        for asked in [one for one in case.approvals if one.is_open]:
            no = {"approval": asked.id, "yes": False, "note": "否"}
            center.attempt(case.id, Event("decide", Actor("nobody", SEATS), no))
    if case.mediation is not None and case.mediation.agreed_at is None and case.mediation.failed_round != case.round:
        tries.append(("mediate", said("mediate", now, result="成功")))
    if case.state in ("RATED", "RESOLVED"):
        if any(one.is_open and one.step != "list" for one in case.supervisions):
            tries.append(("answer_supervision", said("answer_supervision", now)))
        if case.mediation is not None and case.mediation.agreed_at is not None:
            missing = [paper for paper in center.profile.papers if paper not in case.papers]
            if missing:
                tries.append(("add_papers", {"papers": missing}))
        tries += [("delist", {}), ("archive", {}), ("perform", {}), ("rework", {})]
    if case.state == "HANDLING" and not case.evidence:
        tries.append(("report", said("report", now, papers=list(center.profile.papers))))
    return [*tries, *((action, said(action, now)) for action in ONWARD.get(case.state, []))]


ONWARD = {
    "DRAFT": ["submit"], "SUBMITTED": ["accept", "dispatch", "to_verify"], "VERIFYING": ["verified", "false_alarm"],
    "ACCEPTED": ["dispatch"], "TRIAGE": ["dispatch"], "ASSIGNED": ["receive"], "RECEIVED": ["start", "report"],
    "HANDLING": ["request_close", "resolve", "report"], "SUSPENDED": ["resume"], "REVIEW": ["approve"],
    "RESOLVED": ["call_back"], "CALLBACK": ["rate"],
}  # fmt: skip


Center.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
TestCenter = Center.TestCase
