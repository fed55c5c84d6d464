"""督办 ladder: when which rung is due by itself, and what taking one means. Never downward, each once a round. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from command_center.registry.clocks import LOCAL
from command_center.response.engine.calendar import Calendar
from command_center.response.engine.case import SYSTEM, Case, Effect, Supervision, Timer
from command_center.response.engine.description import Profile, Rung
from command_center.response.engine.timers import allowed_s, main_timer, spanned, with_timer

PREFIX = "L-"
REPEATABLE = "urge"
NO_DEADLINE_LEFT = ("RESOLVED", "CALLBACK", "RATED", "ARCHIVED")

CONDITIONS: Mapping[str, Callable[[Case], bool]] = {
    "not_started": lambda case: not case.started,
    "high_risk": lambda case: case.risk == "高",
    "extended_twice": lambda case: case.extensions >= 2,
    "rebounded": lambda case: case.rebounds >= 1 or case.repeats >= 2,
    "worsened": lambda case: len(case.level_moves) > 0 and _went_up(case),
}


def _went_up(case: Case) -> bool:
    order = ("grid", "village", "town", "county")
    last = case.level_moves[-1]
    return order.index(last.target) > order.index(last.source)


def rank_now(case: Case, profile: Profile) -> int:
    """How high the case stands on the ladder in this round; 0 if nothing was taken."""
    taken = (one for one in case.supervisions if one.round == case.round and one.step in profile.ladder)
    return max((profile.ladder[one.step].rank for one in taken), default=0)


def instants(case: Case, profile: Profile, calendar: Calendar) -> Iterator[tuple[Rung, datetime]]:
    """Rungs that may still be taken in this round by themselves, each with the instant at which it is due."""
    main = main_timer(case)
    if main is None or not main.runs or case.state in (*profile.ends, *NO_DEADLINE_LEFT):
        return
    taken = [one for one in case.supervisions if one.round == case.round]
    rank = rank_now(case, profile)
    for rung in profile.rungs:
        again = any(one.rung == rung.id or (one.step == rung.step and one.step != REPEATABLE) for one in taken)
        if again or profile.ladder[rung.step].rank < rank:
            continue
        if rung.condition is not None and not CONDITIONS[rung.condition](case):
            continue
        at = _at(rung, case, taken, main, calendar)
        if at is not None:
            yield rung, at


def _at(rung: Rung, case: Case, taken: list[Supervision], main: Timer, calendar: Calendar) -> datetime | None:
    if rung.share is not None:
        if rung.share <= 0:
            return main.started_at
        left = round((1 - rung.share) * allowed_s(main, calendar))
        return max(main.started_at, calendar.before(main.unit, main.due_at, left)) if left else main.due_at
    if rung.overdue_days is not None:
        # A deadline at midnight belongs to the day that ends then.
        day = (main.due_at - timedelta(seconds=1)).astimezone(LOCAL).date() + timedelta(days=rung.overdue_days)
        return datetime.combine(day, time(0), LOCAL).astimezone(UTC)
    if rung.after is not None and rung.span is not None:
        before = next((one for one in taken if one.rung == rung.after), None)
        return None if before is None else calendar.due(before.at, rung.span).at
    waiting = next((one for one in taken if one.step == rung.unanswered and one.is_open), None)
    answer = case.timer("T-ANSWER", waiting.id) if waiting is not None else None
    return None if answer is None else answer.due_at


def keep_up(case: Case, profile: Profile, calendar: Calendar) -> Case:
    """The case with a timer for every rung that may still be taken; rungs that were taken keep theirs."""
    done = tuple(one for one in case.timers if not one.name.startswith(PREFIX) or one.fired_at is not None)
    fired = {(one.name, one.of) for one in done}
    due = tuple(
        Timer(PREFIX + rung.id, at, at, at, "m", "ladder", str(case.round))
        for rung, at in instants(case, profile, calendar)
        if (PREFIX + rung.id, str(case.round)) not in fired
    )
    return replace(case, timers=(*done, *due))


def climb(
    case: Case, profile: Profile, step: str, *, rung: str, by: str, now: datetime, calendar: Calendar, reason: str = "",
    paper: str | None = None,
) -> tuple[Case, tuple[Effect, ...]]:  # fmt: skip
    """Take a rung: it is recorded, who is concerned is told, the paper goes out, and the clock to answer starts."""
    rule = profile.ladder[step]
    id = f"s{len(case.supervisions) + 1}"
    made = Supervision(id, rung, step, case.round, now, by, answer_due=rule.answer is not None)
    supervisors = case.supervisors if by == SYSTEM else case.supervisors | {by}
    case = replace(case, supervisions=(*case.supervisions, made), supervisors=supervisors)
    if rule.answer is not None:
        case = with_timer(case, spanned("T-ANSWER", now, rule.answer, calendar, of=id))
    name = profile.labels.get(step) or rule.names["zh"]
    effects = [Effect("tell", {"seat": rule.to, "about": step, "label": name, "org": case.lead, "reason": reason})]
    if paper or rule.paper:
        effects.append(Effect("paper", {"paper": paper or rule.paper, "supervision": id}))
    return case, tuple(effects)
