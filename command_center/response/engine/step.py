"""The one way from a case to the next: `step(case, event, now, calendar, profile)`. Pure and whole: all or an error.

Besides the actions of the machine there are three events: `decide` on an approval, `take_back` one's own request, and
`expire` for a timer that ran out.
"""

from dataclasses import replace
from datetime import datetime

from command_center.errors import BadInput, Conflict, Forbidden, YipingError
from command_center.response.engine import timers
from command_center.response.engine.calendar import Calendar
from command_center.response.engine.case import SYSTEM, THE_HALL, Approval, Case, Effect, Event, Timer
from command_center.response.engine.changes import CHANGES
from command_center.response.engine.description import Profile, Row
from command_center.response.engine.doing import Doing
from command_center.response.engine.expiry import EXPIRY, Expired
from command_center.response.engine.guards import CONDITIONS, GUARDS
from command_center.response.engine.ladder import PREFIX, climb, instants, keep_up

Outcome = tuple[Case, tuple[Effect, ...]]


def step(case: Case, event: Event, now: datetime, calendar: Calendar, profile: Profile) -> Outcome:
    """The case after something was done to it, and what follows from that.

    Raises:
        ValueError: the case was opened under another profile or another version of it.
        BadInput, Forbidden, Conflict: what came with it, who did it, or the state does not allow it.
    """
    if (case.profile, case.profile_version) != (profile.id, profile.version):
        raise ValueError(f"case {case.id} is under {case.profile} {case.profile_version}, not {profile.id}")
    if event.action == "expire":
        after, effects = _expire(case, event, now, calendar, profile)
    elif event.action == "decide":
        after, effects = _decide(case, event, now, calendar, profile)
    elif event.action == "take_back":
        after, effects = _take_back(case, event, now)
    else:
        after, effects = _act(case, event, now, calendar, profile)
    after, more = _autos(after, now, calendar, profile)
    return _settled(case, after, now, calendar, profile), effects + more


def new_case(case: Case, now: datetime, calendar: Calendar, profile: Profile) -> Case:
    """A case as it begins in its first state, with the clocks of that state."""
    if case.state == "SUBMITTED":
        case = timers.begin(case, profile, "T-ACCEPT", now, calendar)
    return _settled(case, _autos(case, now, calendar, profile)[0], now, calendar, profile)


def would_allow(case: Case, event: Event, now: datetime, calendar: Calendar, profile: Profile) -> bool:
    """Whether a step would be taken; for pages that offer only what will not be refused."""
    try:
        step(case, event, now, calendar, profile)
    except YipingError:
        return False
    return True


def row_for(case: Case, event: Event, profile: Profile) -> Row:
    """The row for an action by somebody who may take it.

    Raises:
        Conflict: the state does not allow it; the text says what is possible instead.
        Forbidden: it is not for the seats that the actor sits on.
    """
    row = profile.row(case.state, event.action)
    if row is None:
        raise refusal(case, profile)
    if event.actor.id != SYSTEM and not row.by & event.actor.seats:
        raise Forbidden("engine_not_your_step", action=event.action, action_zh=profile.action_name(event.action))
    return row


def refusal(case: Case, profile: Profile) -> Conflict:
    """The state does not allow what was asked for."""
    allowed = profile.allowed(case.state)
    return Conflict(
        "case_state",
        state=case.state,
        state_zh=profile.states[case.state]["zh"],
        allowed=", ".join(allowed) or "-",
        allowed_zh="、".join(profile.action_name(action) for action in allowed) or "无",
    )


def _act(case: Case, event: Event, now: datetime, calendar: Calendar, profile: Profile) -> Outcome:
    row = row_for(case, event, profile)
    doing = Doing(case, event, now, calendar, profile, row, now)
    _guard(doing)
    decided = (
        not row.approvers or event.actor.id == SYSTEM or (row.unless is not None and CONDITIONS[row.unless](doing))
    )
    return _carry_out(doing) if decided else _ask(doing)


def _guard(doing: Doing) -> None:
    for name in doing.row.guards:
        problem = GUARDS[name](doing)
        if problem is not None:
            raise problem


def _ask(doing: Doing) -> Outcome:
    """Put a request before those who decide on it; the state stays."""
    case, event = doing.case, doing.event
    if case.open_approval(event.action) is not None:
        raise Conflict("engine_asked_already", action=event.action, action_zh=doing.profile.action_name(event.action))
    made = Approval(f"a{len(case.approvals) + 1}", event.action, event.actor.id, event.actor.org, event.body, doing.now)
    told = Effect("tell", {"seat": sorted(doing.row.approvers), "about": "approval", "approval": made.id})
    return replace(case, approvals=(*case.approvals, made)), (told,)


def _decide(case: Case, event: Event, now: datetime, calendar: Calendar, profile: Profile) -> Outcome:
    """Yes carries out what was asked, as things stand now; no leaves the case as it is. Nobody decides on his own."""
    asked = _open_approval(case, event)
    row = profile.row(case.state, asked.kind)
    if row is None:
        raise refusal(case, profile)
    if not row.approvers & event.actor.seats or event.actor.id == asked.by:
        raise Forbidden("engine_not_yours_to_decide")
    yes, note = event.body.get("yes"), event.body.get("note", "")
    if not isinstance(yes, bool) or (not yes and not note):
        raise BadInput("engine_decision_needed")
    done = replace(asked, decided_by=event.actor.id, decision=yes, decided_at=now, note=str(note))
    case = replace(case, approvals=tuple(done if one.id == asked.id else one for one in case.approvals))
    told = Effect("decided", {"approval": asked.id, "kind": asked.kind, "yes": yes, "to": asked.by})
    if not yes:
        return case, (told,)
    asker = replace(event.actor, org=asked.org)
    again = Event(asked.kind, asker, asked.said)
    doing = Doing(case, again, now, calendar, profile, row, asked.asked_at, asked.by)
    _guard_as_asker(doing, asked)
    after, effects = _carry_out(doing)
    return after, (told, *effects)


def _guard_as_asker(doing: Doing, asked: Approval) -> None:
    """Whose request it is stays the asker's; only who may decide was asked of the decider."""
    actor = replace(doing.actor, id=asked.by)
    _guard(replace(doing, event=replace(doing.event, actor=actor)))


def _take_back(case: Case, event: Event, now: datetime) -> Outcome:
    asked = _open_approval(case, event)
    if asked.by != event.actor.id:
        raise Forbidden("engine_not_yours_to_decide")
    done = replace(asked, decided_by=event.actor.id, decision=False, decided_at=now, note="撤回")
    return replace(case, approvals=tuple(done if one.id == asked.id else one for one in case.approvals)), ()


def _open_approval(case: Case, event: Event) -> Approval:
    found = next((one for one in case.approvals if one.id == event.body.get("approval") and one.is_open), None)
    if found is None:
        raise Conflict("engine_no_approval")
    return found


def _carry_out(doing: Doing) -> Outcome:
    row, case = doing.row, timers.stop(doing.case, doing.row.stops, doing.now)
    case = timers.run_on(case, row.runs_on)
    moved = {"action": row.action, "from": row.source, "to": row.target, "by": doing.actor.id}
    effects: tuple[Effect, ...] = (Effect("moved", {**moved, "reason": doing.said("reason")}),)
    for name in row.does:
        case, more = CHANGES[name](replace(doing, case=case))
        effects += more
    case = replace(case, state=row.target)
    for name in row.starts:
        case = timers.begin(case, doing.profile, name, doing.now, doing.calendar, dates=_dates(doing))
    return case, effects


def _dates(doing: Doing) -> dict[str, datetime | None]:
    return {"resume_at": doing.moment("resume_at"), "perform_by": doing.moment("perform_by")}


def _autos(case: Case, now: datetime, calendar: Calendar, profile: Profile) -> Outcome:
    """Steps that the hall takes by itself as soon as they are allowed."""
    effects: tuple[Effect, ...] = ()
    for _ in profile.states:
        for row in profile.autos(case.state):
            doing = Doing(case, Event(row.action, THE_HALL), now, calendar, profile, row, now)
            if all(GUARDS[name](doing) is None for name in row.guards):
                case, more = _carry_out(doing)
                effects += more
                break
        else:
            return case, effects
    return case, effects


def _expire(case: Case, event: Event, now: datetime, calendar: Calendar, profile: Profile) -> Outcome:
    """Act on a timer that ran out: once, and only if it really did.

    Raises:
        Conflict: it does not run, was acted on before, or has time left.
    """
    name, of = event.body.get("timer"), event.body.get("of", "")
    timer = case.timer(str(name), str(of))
    if timer is None or not timer.pending or timer.due_at > now:
        raise Conflict("engine_timer_not_over", timer=str(name))
    case = timers.with_timer(case, replace(timer, fired_at=now))
    effects: tuple[Effect, ...] = (Effect("expired", {"timer": timer.name, "of": timer.of, "due_at": timer.due_at}),)
    if timer.name.startswith(PREFIX):
        case, more = _climb(case, timer, now, calendar, profile)
        return case, effects + more
    for word in profile.timers[timer.name].on_expiry:
        kind, _, what = word.partition(":")
        case, more = EXPIRY[kind](Expired(case, timer, what, now, calendar, profile))
        effects += more
        row = profile.row(case.state, what) if kind == "do" else None
        if row is not None:
            doing = Doing(case, Event(what, THE_HALL), now, calendar, profile, row, now)
            if all(GUARDS[guard](doing) is None for guard in row.guards):
                case, more = _carry_out(doing)
                effects += more
    return case, effects


def _climb(case: Case, timer: Timer, now: datetime, calendar: Calendar, profile: Profile) -> Outcome:
    due = next(
        (rung for rung, at in instants(case, profile, calendar) if PREFIX + rung.id == timer.name and at <= now), None
    )
    if due is None:
        return case, ()
    return climb(case, profile, due.step, rung=due.id, by=SYSTEM, now=now, calendar=calendar, paper=due.paper)


def _settled(before: Case, case: Case, now: datetime, calendar: Calendar, profile: Profile) -> Case:
    """Put the regions in order after a step: ended clocks, requests that no longer apply, rungs, the C region."""
    if case.state in profile.ends:
        case = timers.stop(case, ("*",), now)
    if case.state != before.state:
        case = replace(case, approvals=tuple(
            replace(one, decision=False, decided_by=SYSTEM, decided_at=now, note="状态已变")
            if one.is_open and profile.row(case.state, one.kind) is None else one
            for one in case.approvals
        ))  # fmt: skip
    case = keep_up(case, profile, calendar)
    return replace(case, clock=timers.clock_of(case), number=before.number + 1)
