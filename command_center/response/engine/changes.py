"""What a step changes in a case, by the names machine.json uses. Pure: a case in, a case and effects out."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from command_center.response.engine import mediation, timers
from command_center.response.engine.calendar import parse_span
from command_center.response.engine.case import (
    SYSTEM,
    Brief,
    Case,
    Collaboration,
    Effect,
    LevelMove,
    Session,
    Timer,
)
from command_center.response.engine.description import machine_table
from command_center.response.engine.doing import Doing
from command_center.response.engine.ladder import climb

Outcome = tuple[Case, tuple[Effect, ...]]
Change = Callable[[Doing], Outcome]
SAMPLE_ONE_IN = 20
REBOUND_DAYS = 90
JOINT = "联调"
# A unit that gave a case back starts none of the clocks of the next one.
OF_THE_ORDER = frozenset({"T-RECV", "T-ARRIVE", "T-CONTACT", "T-PROGRESS"})


def _take_down(doing: Doing) -> Outcome:
    case = doing.case
    return replace(
        case, text=doing.said("text") or case.text, category=doing.said("category") or case.category,
        channel=doing.said("channel") or case.channel, place=doing.said("place") or doing.said("unit") or case.place,
    ), (Effect("look_for_duplicates"),)  # fmt: skip


def _take_in(doing: Doing) -> Outcome:
    case = doing.case
    effects = () if case.numbered else (Effect("number"), Effect("tell", {"seat": "citizen", "about": "accepted"}))
    owner = case.first_owner or doing.actor.id
    return replace(case, numbered=True, first_owner=owner), effects


def _back_fill(doing: Doing) -> Outcome:
    skipped = [state for state in ("ACCEPTED", "TRIAGE") if state not in doing.profile.states]
    return doing.case, (Effect("back_filled", {"states": skipped}),)


def _suggest(doing: Doing) -> Outcome:
    return doing.case, (Effect("suggest", {"what": ["category", "level", "unit", "grid", "similar"]}),)


def _tell_reporters(doing: Doing) -> Outcome:
    data = {"to": sorted(doing.case.reporters), "action": doing.row.action, "text": doing.said("advice")}
    effects = [Effect("answer", data)]
    if doing.row.action == "transfer":
        effects.append(Effect("remind", {"about": "follow_up", "target": doing.said("reason")}))
    return doing.case, tuple(effects)


def _link(doing: Doing) -> Outcome:
    """The main case counts one more, and this one's reporters get its answer and may rate it."""
    case, target = doing.case, doing.said("target")
    data = {"target": target, "reporters": sorted(case.reporters), "parties": sorted(case.parties), "repeats": 1}
    return replace(case, linked_to=target), (Effect("absorb", data),)


def _send(doing: Doing) -> Outcome:
    case, lead, helpers = doing.case, doing.said("lead"), doing.names("helpers")
    case = replace(case, lead=lead, helpers=helpers, dispatcher=doing.asked_by or doing.actor.id)
    effects = [Effect("order", {"lead": lead, "helpers": list(helpers), "until": doing.event.body.get("until")})]
    if "supervise_every_case" in doing.profile.features:
        effects.append(Effect("tell", {"seat": "supervisor", "about": "watch"}))
    for word in doing.profile.center.get("taskforce_on", ()):
        if word in (case.kind, case.category):
            case = _called_in(case, doing, "专班", (lead, *helpers), required=True)
            effects.append(Effect("flag", {"flag": "task_force", "why": word}))
    return case, tuple(effects)


def _send_more(doing: Doing) -> Outcome:
    case, more = doing.case, [one for one in doing.names("helpers") if one != doing.case.lead]
    case = replace(case, helpers=tuple(dict.fromkeys((*case.helpers, *more))))
    return case, (Effect("order", {"lead": case.lead, "helpers": more}),)


def _take_over(doing: Doing) -> Outcome:
    """领办: the department that claims first is the one in charge."""
    case = replace(doing.case, lead=doing.actor.org, helpers=(), dispatcher=None)
    return case, (Effect("order", {"lead": doing.actor.org, "helpers": [], "claimed": True}),)


def _take_up(doing: Doing) -> Outcome:
    handlers = doing.case.handlers if doing.by_system else doing.case.handlers | {doing.actor.id}
    return replace(doing.case, handlers=handlers), ()


def _begin(doing: Doing) -> Outcome:
    case, effects = _take_up(doing)
    return replace(case, started=True), effects


def _keep(doing: Doing) -> Outcome:
    """What was reported hangs on the case."""
    papers = doing.case.papers | set(doing.names("papers"))
    more = max(1, doing.number("photos"))
    return replace(doing.case, evidence=doing.case.evidence + more, papers=papers), ()


def _file(doing: Doing) -> Outcome:
    return replace(doing.case, papers=doing.case.papers | set(doing.names("papers"))), ()


def _give_back(doing: Doing) -> Outcome:
    """退单: one more return; at the last allowed one the joint meeting decides whose it is."""
    case = timers.without_timers(doing.case, OF_THE_ORDER)
    case = replace(case, returns=case.returns + 1, lead=None, helpers=(), started=False)
    effects = [Effect("void_orders"), Effect("suggest", {"what": ["unit"], "unit": doing.said("proposed_unit")})]
    if case.returns >= doing.profile.limits.max_returns:
        units = (doing.case.lead or "-", doing.said("proposed_unit") or "-")
        case = _called_in(case, doing, "联席会议", tuple(dict.fromkeys(units)), required=True)
        effects.append(Effect("flag", {"flag": "joint_meeting"}))
    return case, tuple(effects)


def _void(doing: Doing) -> Outcome:
    return replace(doing.case, open_orders=0), (Effect("void_orders"),)


def _lead_lost(doing: Doing) -> Outcome:
    return replace(doing.case, lead=None, helpers=()), (Effect("suggest", {"what": ["unit"]}),)


def _pause(doing: Doing) -> Outcome:
    case = timers.pause(doing.case, doing.profile, doing.now)
    return replace(case, pauses=case.pauses + 1), (Effect("tell", {"seat": "citizen", "about": "suspended"}),)


def _go_on(doing: Doing) -> Outcome:
    return timers.resume(doing.case, doing.now, doing.calendar), ()


def _extend(doing: Doing) -> Outcome:
    timer = doing.case.timer("T-RESOLVE")
    assert timer is not None
    later = timers.extend(timer, timers.ticks_of(parse_span(doing.said("by"))), doing.now, doing.calendar)
    case = replace(timers.with_timer(doing.case, later), extensions=doing.case.extensions + 1)
    return case, (Effect("tell", {"seat": "citizen", "about": "extended", "due_at": later.due_at}),)


def _call_in(doing: Doing) -> Outcome:
    kind, units = doing.said("kind"), doing.names("units")
    case = _called_in(doing.case, doing, kind, units, required=doing.event.body.get("required") is True)
    return case, (Effect("call", {"kind": kind, "units": list(units), "whistle": doing.said("whistle")}),)


def _call_joint(doing: Doing) -> Outcome:
    """一键联调: all whom the center mediates with are called at once, and are to answer as to an urgent whistle."""
    units = tuple(unit for unit in doing.names("units") if unit != doing.actor.org)
    case = _called_in(doing.case, doing, JOINT, units, required=False)
    return case, (Effect("call", {"kind": JOINT, "units": list(units), "whistle": "应急"}),)


def _called_in(case: Case, doing: Doing, kind: str, units: tuple[str, ...], *, required: bool) -> Case:
    id = f"c{len(case.collaborations) + 1}"
    made = Collaboration(id, kind, units, required, doing.now, doing.actor.id, doing.said("reason"))
    case = replace(case, collaborations=(*case.collaborations, made))
    dates = {"whistle": "应急" if kind == JOINT else doing.said("whistle")}
    if kind not in ("吹哨", JOINT):
        return case
    return timers.begin(case, doing.profile, "T-WHISTLE", doing.now, doing.calendar, of=id, dates=dates)


def _answer_call(doing: Doing) -> Outcome:
    """A unit answers; whoever chairs a joint meeting closes it with its decision."""
    case, id = doing.case, doing.said("collaboration")
    chair = doing.actor.org not in next(one.units for one in case.collaborations if one.id == id)

    def answered(one: Collaboration) -> Collaboration:
        if one.id != id:
            return one
        said = {**one.answered, doing.actor.org: doing.said("text")}
        over = chair or not set(one.units) - set(said)
        return replace(one, answered=said, closed_at=doing.now if over else None)

    case = replace(case, collaborations=tuple(answered(one) for one in case.collaborations))
    closed = next(one.closed_at for one in case.collaborations if one.id == id)
    whistle = case.timer("T-WHISTLE", id)
    if whistle is not None and closed is not None and whistle.stopped_at is None:
        case = timers.with_timer(case, replace(whistle, stopped_at=doing.now))
    return case, (Effect("tell", {"seat": "unit", "about": "call_answered", "collaboration": id}),)


def _move_level(doing: Doing, by: int) -> Outcome:
    levels: list[str] = machine_table()["levels"]
    source = doing.case.level
    target = levels[levels.index(source) + by]
    move = LevelMove(doing.now, source, target, doing.asked_by or doing.actor.id, doing.said("reason"))
    case = replace(doing.case, level=target, level_moves=(*doing.case.level_moves, move))
    return case, (Effect("level", {"from": source, "to": target}),)


def _brief(doing: Doing) -> Outcome:
    """情况报告 to those above; the leader is told."""
    kind = doing.said("kind")
    made = Brief(kind, doing.now, doing.actor.id, doing.said("text"))
    told = Effect("tell", {"seat": "leader", "about": "brief", "kind": kind})
    return replace(doing.case, briefs=(*doing.case.briefs, made)), (told,)


def _hold_session(doing: Doing) -> Outcome:
    case = _take_up(doing)[0]
    if case.mediation is None:
        case = mediation.begin_mediation(case, doing.profile, doing.now, doing.calendar)
    case, effects = mediation.catch_up(case, doing.profile, doing.now, doing.calendar)
    session = Session(
        0, 0, doing.now, doing.said("kind"), doing.said("result"), doing.names("mediators"), doing.said("place"),
        doing.said("minutes"), doing.names("present"), doing.said("lasted"),
    )  # fmt: skip
    if case.mediation is not None and case.mediation.failed_round == case.round:
        return case, effects
    case, more = mediation.hold_session(case, doing.profile, session, doing.now, doing.calendar)
    effects += more
    if session.result == "成功":
        form, by = doing.said("form"), doing.moment("perform_by")
        case, more = mediation.agree(case, doing.profile, doing.now, doing.calendar, form=form, by=by)
        effects += more
    return case, effects


def _say(doing: Doing) -> Outcome:
    case = doing.case
    return replace(case, answer=doing.said("answer") or case.answer, result=doing.said("result") or case.result), ()


def _finish(doing: Doing) -> Outcome:
    case = replace(doing.case, resolved_at=doing.now, rating=None, solved=None, cause="", tries=0)
    return case, (Effect("answer", {"to": sorted(case.reporters), "text": case.answer}),)


def _sample(doing: Doing) -> Outcome:
    """One in twenty of the matters that grid workers close by themselves is looked at again."""
    drawn = zlib.crc32(doing.case.id.encode()) % SAMPLE_ONE_IN == 0
    return doing.case, ((Effect("task", {"task": "recheck"}),) if drawn else ())


def _ask(doing: Doing) -> Outcome:
    return replace(doing.case, tries=0), (Effect("invite", {"to": sorted(doing.case.reporters)}),)


def _try_again(doing: Doing) -> Outcome:
    return replace(doing.case, tries=doing.case.tries + 1), (Effect("invite", {"to": sorted(doing.case.reporters)}),)


def _note_rating(doing: Doing) -> Outcome:
    solved = doing.event.body.get("solved") is True
    case = replace(doing.case, rating=doing.number("rating"), solved=solved, cause=doing.said("cause"))
    return case, (Effect("figure", {"rating": case.rating, "solved": solved}),)


def _next_round(doing: Doing) -> Outcome:
    return replace(doing.case, round=doing.case.round + 1), ()


def _supervise_rework(doing: Doing) -> Outcome:
    return climb(
        doing.case, doing.profile, "supervise", rung="bad_rating", by=SYSTEM, now=doing.now, calendar=doing.calendar,
        reason="差评整改",
    )  # fmt: skip


def _reopen(doing: Doing) -> Outcome:
    case, archived = doing.case, doing.case.archived_at
    rebound = archived is not None and doing.now - archived <= timedelta(days=REBOUND_DAYS)
    case = replace(
        case, round=case.round + 1, rebounds=case.rebounds + rebound, archived_at=None, resolved_at=None, answer="",
        started=True, cause="",
    )  # fmt: skip
    return case, ((Effect("flag", {"flag": "rebound"}),) if rebound else ())


def _seal(doing: Doing) -> Outcome:
    return replace(doing.case, archived_at=doing.now), (Effect("seal"),)


def _merge(doing: Doing) -> Outcome:
    """并案: parties, reporters and evidence move on, and the earlier deadline is kept."""
    case, target = doing.case, doing.said("target")
    due = doing.case.timer("T-RESOLVE")
    data = {
        "target": target, "parties": sorted(case.parties), "reporters": sorted(case.reporters),
        "evidence": case.evidence, "papers": sorted(case.papers), "timer": due,
    }  # fmt: skip
    return replace(case, linked_to=target), (Effect("absorb", data),)


def _absorb(doing: Doing) -> Outcome:
    case = doing.case
    case = replace(
        case,
        parties=case.parties | set(doing.names("parties")),
        reporters=case.reporters | set(doing.names("reporters")),
        evidence=case.evidence + doing.number("evidence"),
        papers=case.papers | set(doing.names("papers")),
        repeats=case.repeats + doing.number("repeats"),
    )
    other, own = doing.event.body.get("timer"), case.timer("T-RESOLVE")
    if isinstance(other, Timer) and other.runs and (own is None or (own.runs and other.due_at < own.due_at)):
        case = timers.with_timer(case, replace(other, of=""))
    return case, ()


def _supervise(doing: Doing) -> Outcome:
    return climb(
        doing.case, doing.profile, doing.said("step"), rung="by_hand", by=doing.actor.id, now=doing.now,
        calendar=doing.calendar, reason=doing.said("reason"),
    )  # fmt: skip


def _answer_supervision(doing: Doing) -> Outcome:
    """Answers all that are open but a listing, which is struck off and not answered away."""
    case = doing.case
    open_ = {one.id for one in case.supervisions if one.is_open and one.step != "list"}
    said = tuple(
        replace(one, answered_at=doing.now, answer=doing.said("answer")) if one.id in open_ else one
        for one in case.supervisions
    )
    return _quiet(replace(case, supervisions=said), open_, doing), (
        Effect("tell", {"seat": "supervisor", "about": "answered"}),
    )


def _delist(doing: Doing) -> Outcome:
    case, by = doing.case, doing.asked_by or doing.actor.id
    open_ = {one.id for one in case.supervisions if one.is_open}
    cleared = tuple(replace(one, cleared_by=by) if one.id in open_ else one for one in case.supervisions)
    case = replace(case, supervisions=cleared, supervisors=case.supervisors | {by})
    return _quiet(case, open_, doing), (Effect("paper", {"paper": "销号审批"}),)


def _quiet(case: Case, ids: set[str], doing: Doing) -> Case:
    """Stop the answer clocks of these supervisions."""

    def stopped(one: Timer) -> Timer:
        answers = one.name == "T-ANSWER" and one.of in ids and one.stopped_at is None
        return replace(one, stopped_at=doing.now) if answers else one

    return replace(case, timers=tuple(stopped(one) for one in case.timers))


CHANGES: Mapping[str, Change] = {
    "take_down": _take_down, "take_in": _take_in, "back_fill": _back_fill, "suggest": _suggest,
    "tell_reporters": _tell_reporters, "link": _link, "send": _send, "send_more": _send_more, "take_over": _take_over,
    "take_up": _take_up, "begin": _begin, "keep": _keep, "file": _file, "give_back": _give_back, "void": _void,
    "lead_lost": _lead_lost, "pause": _pause, "go_on": _go_on, "extend": _extend, "call_in": _call_in,
    "answer_call": _answer_call, "raise_level": lambda doing: _move_level(doing, 1),
    "lower_level": lambda doing: _move_level(doing, -1), "hold_session": _hold_session,
    "call_joint": _call_joint, "brief": _brief,
    "end_mediation": lambda doing: mediation.end(doing.case, doing.now, advice=doing.said("advice")),
    "perform": lambda doing: mediation.perform(doing.case, doing.now),
    "break_agreement": lambda doing: mediation.break_agreement(doing.case, doing.now), "say": _say, "finish": _finish,
    "sample": _sample, "ask": _ask, "try_again": _try_again, "note_rating": _note_rating, "next_round": _next_round,
    "supervise_rework": _supervise_rework, "reopen": _reopen, "seal": _seal, "merge": _merge, "absorb": _absorb,
    "supervise": _supervise, "answer_supervision": _answer_supervision, "delist": _delist,
}  # fmt: skip
