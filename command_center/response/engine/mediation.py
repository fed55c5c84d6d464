"""Mediation inside a case: levels with windows and attempts, the agreement and its performance. Pure.

A session that did not take place (改期, 缺席) is no attempt. A level whose attempts are used goes up at once; one
whose window ends first goes up with a flag. History stays.
"""

from dataclasses import replace
from datetime import datetime

from command_center.response.engine.calendar import Calendar
from command_center.response.engine.case import Case, Effect, Mediation, Session
from command_center.response.engine.description import MediationLevel, Profile
from command_center.response.engine.timers import begin, stop

Outcome = tuple[Case, tuple[Effect, ...]]
ATTEMPTS = ("成功", "未成")
ADVICE = "未化解，已引导：可申请诉讼、仲裁、行政裁决或法律援助"
GUIDED = "未化解，已引导：{advice}"
RESULT = "未化解,已引导"
TIMERS = ("T-LEVEL", "T-OVERALL")


def begin_mediation(case: Case, profile: Profile, now: datetime, calendar: Calendar) -> Case:
    """Enter the first level."""
    case = replace(case, mediation=Mediation(0, now, now))
    case = begin(case, profile, "T-OVERALL", now, calendar)
    return begin(case, profile, "T-LEVEL", now, calendar)


def level_of(case: Case, profile: Profile) -> MediationLevel | None:
    """The level at which a case is mediated."""
    if case.mediation is None or profile.mediation is None:
        return None
    return profile.mediation.levels[case.mediation.level]


def attempts_at(said: Mediation, level: int) -> int:
    """How often it was really tried at a level since it was entered last."""
    return sum(
        one.level == level and one.result in ATTEMPTS and one.at >= said.level_started_at for one in said.sessions
    )


def catch_up(case: Case, profile: Profile, now: datetime, calendar: Calendar) -> Outcome:
    """Leave levels whose window is over, at the instant at which it was over, however late one looks."""
    effects: tuple[Effect, ...] = ()
    while (timer := case.timer("T-LEVEL")) is not None and timer.pending and timer.due_at <= now:
        case, more = next_level(case, profile, timer.due_at, calendar, window_over=True)
        effects += more
    return case, effects


def hold_session(case: Case, profile: Profile, session: Session, now: datetime, calendar: Calendar) -> Outcome:
    """Note a session; success is an agreement, a last attempt in vain goes up at once."""
    said = case.mediation
    assert said is not None
    number = sum(one.level == said.level for one in said.sessions) + 1
    said = replace(said, sessions=(*said.sessions, replace(session, level=said.level, number=number)))
    case = replace(case, mediation=said, evidence=case.evidence + 1, papers=case.papers | {"调解记录"}, started=True)
    level = level_of(case, profile)
    used = level is not None and level.attempts is not None and attempts_at(said, said.level) >= level.attempts
    if session.result == "未成" and used:
        return next_level(case, profile, now, calendar, window_over=False)
    return case, ()


def agree(
    case: Case, profile: Profile, now: datetime, calendar: Calendar, *, form: str, by: datetime | None
) -> Outcome:
    """成功: the agreement, until when it is to be performed, and the window in which a court may confirm it."""
    assert case.mediation is not None
    case = replace(case, mediation=replace(case.mediation, agreed_at=now, form=form, perform_by=by), result="调解成功")
    case = stop(case, TIMERS, now)
    case = begin(case, profile, "T-PERFORM", now, calendar, dates={"perform_by": by})
    if form == "书面":
        case = replace(case, papers=case.papers | {"调解协议书"})
        case = begin(case, profile, "T-CONFIRM", now, calendar)
    return case, (Effect("agreed", {"form": form, "perform_by": by}),)


def next_level(case: Case, profile: Profile, at: datetime, calendar: Calendar, *, window_over: bool) -> Outcome:
    """提级, or after the last level the end of mediation with advice where to turn."""
    said, rule = case.mediation, profile.mediation
    assert said is not None and rule is not None
    level = rule.levels[said.level]
    too_few = window_over and level.attempts is not None and attempts_at(said, said.level) < level.attempts
    flags = (*said.flags, (said.level, "too_few")) if too_few else said.flags
    case = stop(case, ("T-LEVEL",), at)
    told = Effect("level", {"from": level.name, "too_few": too_few, "at": at})
    if said.level + 1 == len(rule.levels):
        case, effects = _failed(replace(case, mediation=replace(said, flags=flags)), at, advice="")
        return case, (told, *effects)
    case = replace(case, mediation=replace(said, level=said.level + 1, level_started_at=at, flags=flags))
    return begin(case, profile, "T-LEVEL", at, calendar), (told,)


def end(case: Case, now: datetime, *, advice: str) -> Outcome:
    """终止调解: it is tried no further, and the parties are told where to turn."""
    return _failed(case, now, advice=advice)


def _failed(case: Case, at: datetime, *, advice: str) -> Outcome:
    assert case.mediation is not None
    said = replace(case.mediation, failed_round=case.round, advice=advice)
    answer = GUIDED.format(advice=advice) if advice else ADVICE
    case = replace(case, mediation=said, result=RESULT, answer=case.answer or answer, evidence=case.evidence + 1)
    return stop(case, TIMERS, at), (Effect("flag", {"flag": "unresolved_risk"}),)


def perform(case: Case, now: datetime) -> Outcome:
    """The agreement was performed."""
    assert case.mediation is not None
    case = replace(case, mediation=replace(case.mediation, performed_at=now))
    return stop(case, ("T-CONFIRM",), now), (Effect("performed"),)


def break_agreement(case: Case, now: datetime) -> Outcome:
    """The agreement was not performed: what is left is the court."""
    assert case.mediation is not None
    case = replace(case, mediation=replace(case.mediation, broken_at=now))
    return case, (
        Effect("flag", {"flag": "agreement_broken"}),
        Effect("tell", {"seat": "unit", "about": "court_advice"}),
    )
