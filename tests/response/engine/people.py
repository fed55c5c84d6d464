"""People of a center and what they say with each step, for tests of the engine."""

from datetime import UTC, datetime, timedelta
from typing import Any

from command_center.response.engine.calendar import PUBLISHED
from command_center.response.engine.case import Actor, Case, Effect, Event
from command_center.response.engine.checking import shipped_profiles, start_of
from command_center.response.engine.description import Profile
from command_center.response.engine.step import new_case, step

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SEATS = frozenset({
    "reporter", "intake", "verifier", "head", "leader", "dispatcher", "unit", "handler", "reviewer", "supervisor",
    "caller", "citizen", "archivist",
})  # fmt: skip
TERMS = {"accept": "4wh", "arrive": "-", "resolve": "7d"}


def somebody(name: str, *seats: str, org: str = "") -> Actor:
    return Actor(name, frozenset(seats) or SEATS, org)


def opened(profile: Profile, id: str = "c1", *, now: datetime = NOON, state: str | None = None, **more: Any) -> Case:
    """A case in the first state of a profile, or in `SUBMITTED` where it has that."""
    first = state or ("SUBMITTED" if "SUBMITTED" in profile.states else start_of(profile))
    given = {"category": "01002", "channel": "来访", "place": "一村", "terms": TERMS, **more}
    return new_case(Case(id, profile.id, profile.version, first, now, **given), now, PUBLISHED, profile)


def said(action: str, now: datetime, **more: Any) -> dict[str, Any]:
    """What a careful person says with a step."""
    later = (now + timedelta(days=5)).isoformat()
    words: dict[str, dict[str, Any]] = {
        "submit": {"text": "树过界", "place": "一村", "channel": "来访"},
        "false_alarm": {"reason": "光影", "photos": 1}, "accept": {"in_scope": True},
        "reject": {"reason": "诉讼", "advice": "请向法院"}, "mark_duplicate": {"target": "c2"},
        "dispatch": {"lead": "司法所", "helpers": ["村委"]}, "claim": {"competent": True},
        "return": {"reason": "非本单位", "basis": "权责清单3", "proposed_unit": "自然资源所"},
        "reassign": {"lead": "村委", "reason": "更近"}, "arrive": {"within_100_m": True},
        "report": {"text": "在谈", "photos": 1}, "suspend": {"reason": "等待鉴定", "resume_at": later},
        "extend": {"reason": "取证", "by": "3d", "consent": True},
        "collaborate": {"kind": "协办", "units": ["村委"], "required": True},
        "join": {"text": "已配合"}, "raise_level": {"reason": "超出本级"}, "lower_level": {"reason": "宜就近"},
        "mediate": {"kind": "面对面", "result": "未成", "form": "书面", "perform_by": later},
        "break_agreement": {"reason": "未付款"}, "request_close": {"answer": "已移栽", "result": "解决"},
        "send_back": {"reason": "照片不清"}, "approve": {"answer": "已移栽"}, "resolve": {"answer": "已移栽"},
        "close_self": {"before": "p1", "after": "p2", "answer": "已清"}, "rate": {"rating": 5, "solved": True},
        "call_back": {"rating": 5, "solved": True}, "merge": {"target": "c2", "target_state": "HANDLING"},
        "transfer": {"reason": "诉讼", "hand_over": "移交单"}, "withdraw": {"withdrawal": "书面"},
        "reopen": {"reason": "新事实"}, "supervise": {"step": "supervise", "reason": "进展慢"},
        "answer_supervision": {"answer": "已加快"}, "end_mediation": {"advice": "法律援助", "reason": "分歧太大"},
        "call_joint": {"units": ["法庭"]}, "brief": {"kind": "初报", "text": "正在处置"},
    }  # fmt: skip
    return {**words.get(action, {}), **more}


class Desk:
    """Takes steps with one case, one after the other."""

    def __init__(self, profile: str | Profile, *, now: datetime = NOON, **more: Any) -> None:
        self.profile = shipped_profiles()[profile] if isinstance(profile, str) else profile
        self.now = now
        self.case = opened(self.profile, now=now, **more)
        self.effects: list[Effect] = []

    def do(self, action: str, who: Actor | None = None, **more: Any) -> "Desk":
        """Take a step as somebody who may; requests are not decided on."""
        actor = who or self._fitting(action)
        event = Event(action, actor, said(action, self.now, **more))
        self.case, effects = step(self.case, event, self.now, PUBLISHED, self.profile)
        self.effects += effects
        return self

    def decide(self, yes: bool = True, who: Actor | None = None) -> "Desk":
        """Somebody else decides on what was asked last."""
        (asked,) = [one for one in self.case.approvals if one.is_open]
        body = {"approval": asked.id, "yes": yes, "note": "" if yes else "不同意"}
        event = Event("decide", who or somebody("decider"), body)
        self.case, effects = step(self.case, event, self.now, PUBLISHED, self.profile)
        self.effects += effects
        return self

    def agreed(self, action: str, who: Actor | None = None, **more: Any) -> "Desk":
        """Take a step on which somebody has to decide, if somebody has to."""
        self.do(action, who, **more)
        return self.decide() if any(one.is_open for one in self.case.approvals) else self

    def through(self, *actions: str) -> "Desk":
        for action in actions:
            self.agreed(action)
        return self

    def at(self, moment: datetime) -> "Desk":
        """Let time pass, and let every clock fire that runs out meanwhile, in its order."""
        while True:
            due = [one for one in self.case.timers if one.pending and one.due_at <= moment]
            if not due:
                self.now = moment
                return self
            first = min(due, key=lambda one: (one.due_at, one.name))
            self.now = max(self.now, first.due_at)
            self.fire(first.name, first.of)

    def fire(self, name: str, of: str = "") -> None:
        event = Event("expire", Actor("system", frozenset({"system"})), {"timer": name, "of": of})
        self.case, effects = step(self.case, event, self.now, PUBLISHED, self.profile)
        self.effects += effects

    def kinds(self) -> list[str]:
        return [effect.kind for effect in self.effects]

    def _fitting(self, action: str) -> Actor:
        row = self.profile.row(self.case.state, action)
        reviews = row is not None and row.by & {"reviewer", "caller", "citizen", "supervisor", "dispatcher", "intake"}
        seat = sorted(row.by)[0] if row is not None else ""
        name = f"desk-{seat}" if reviews else "worker"
        return Actor(name, SEATS | {"system"}, self.case.lead or "司法所")
