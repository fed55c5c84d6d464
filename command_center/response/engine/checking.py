"""Looks whether a profile can be worked by: no dead end, no way around the answer, no clock to nowhere. Pure."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import orjson

from command_center.response.engine.changes import CHANGES
from command_center.response.engine.description import HERE, Profile, Row, TimerRule, machine_table
from command_center.response.engine.expiry import EXPIRY
from command_center.response.engine.guards import GUARDS
from command_center.response.engine.reading import Table, read_profile
from command_center.response.engine.words import BadProfile, Problem


def check_profile(table: Any, known: dict[str, Table] | None = None) -> Profile:
    """Read a profile and refuse one that cannot be worked by.

    Raises:
        BadProfile: with everything that is wrong with it.
    """
    profile = read_profile(table, shipped_tables() if known is None else known)
    problems = faults(profile)
    if problems:
        raise BadProfile(profile.id, problems)
    return profile


def faults(profile: Profile) -> list[Problem]:
    """Why a profile whose words are all known could still not be worked by; empty if it could."""
    return [
        *_bad_path(profile), *_dead_ends(profile), *_ways_around(profile), *_lost_timers(profile),
        *_bad_steps(profile), *_lost_rungs(profile),
    ]  # fmt: skip


@cache
def shipped_tables() -> dict[str, Table]:
    """The profiles that come with the product, as their files have them."""
    files = sorted((HERE / "profiles").glob("*.json"))
    return {table["id"]: table for table in (orjson.loads(file.read_bytes()) for file in files)}


@cache
def shipped_profiles() -> dict[str, Profile]:
    """The profiles that come with the product, checked."""
    return {id: check_profile(table) for id, table in shipped_tables().items() if not table.get("abstract")}


def start_of(profile: Profile) -> str:
    """The earliest state of a case under a profile."""
    return "DRAFT" if "DRAFT" in profile.states and profile.start == "SUBMITTED" else profile.start


def _bad_path(profile: Profile) -> Iterable[Problem]:
    if profile.start not in ("SUBMITTED", "ACCEPTED"):
        yield Problem("profile_start_bad", "path", {"state": profile.start})
    for state in ("ASSIGNED", "HANDLING", "RESOLVED", "ARCHIVED"):
        if state not in profile.path:
            yield Problem("profile_state_needed", "path", {"state": state})
    order = list(machine_table()["states"])
    if sorted(profile.path, key=order.index) != list(profile.path):
        yield Problem("profile_path_order", "path")


def _dead_ends(profile: Profile) -> Iterable[Problem]:
    begin = start_of(profile)
    sides = set(profile.states) - {*profile.path, begin}
    reached, straight = profile.reachable(begin), profile.reachable(begin, without=sides)
    for state in profile.states:
        # A matter that nobody doubts and that never rests has to get through as well.
        if state not in reached or (state in profile.path and state not in straight):
            yield Problem("profile_unreachable", state)
        if state in profile.ends:
            continue
        if not profile.allowed(state) and not _driven(profile, state):
            yield Problem("profile_nobody", state)
        if not profile.ends & profile.reachable(state):
            yield Problem("profile_dead_end", state)
        elif "ARCHIVED" not in profile.reachable(state):
            yield Problem("profile_no_archive", state)


def _driven(profile: Profile, state: str) -> bool:
    """Whether orders to persons lead on from a state."""
    return any(row.source == state and row.order and row.target != state for row in profile.rows.values())


def _ways_around(profile: Profile) -> Iterable[Problem]:
    if "ARCHIVED" in profile.reachable(start_of(profile), without=["RESOLVED"]):
        yield Problem("profile_around_answer", "RESOLVED")
    if "RESOLVED" in profile.reachable(start_of(profile), without=["HANDLING"]):
        yield Problem("profile_around_handling", "HANDLING")
    for row in profile.rows.values():
        if row.target == "RESOLVED" != row.source and not {"answer_given", "evidence_kept"} <= set(row.guards):
            yield Problem("profile_around_answer", row.action)


def _lost_timers(profile: Profile) -> Iterable[Problem]:
    started = {name for row in profile.rows.values() for name in row.starts}
    stopped = {name for row in profile.rows.values() for name in row.stops}
    table = machine_table()["timers"]
    for name, rule in profile.timers.items():
        if name not in started and "of" not in table[name] and name != "T-ACCEPT":
            continue
        for word in rule.on_expiry:
            if not _leads_on(profile, word):
                yield Problem("profile_timer_no_way", f"timers.{name}", {"word": word})
        if name in started and not rule.on_expiry and name not in stopped:
            yield Problem("profile_timer_endless", f"timers.{name}")
        if not _has_term(rule):
            yield Problem("profile_timer_no_term", f"timers.{name}")
    if "T-RESOLVE" not in started & stopped:
        yield Problem("profile_timer_endless", "timers.T-RESOLVE")


def _leads_on(profile: Profile, word: str) -> bool:
    kind, _, what = word.partition(":")
    if kind not in EXPIRY:
        return False
    if kind == "do":
        return any(row.action == what and "system" in row.by for row in profile.rows.values())
    if kind == "tell":
        return what in machine_table()["seats"]
    return what in profile.ladder if kind == "step" else True


def _has_term(rule: TimerRule) -> bool:
    looked_up = {"date", "mediation", "category"} & set(rule.term)
    return "*" in rule.term or bool(looked_up)


def _bad_steps(profile: Profile) -> Iterable[Problem]:
    order, last, seen = list(machine_table()["states"]), -1, set()
    for step in profile.shown:
        for state in step.states:
            if state not in profile.states:
                yield Problem("profile_word_unknown", f"steps.{step.name}", {"word": state})
            elif state in seen:
                yield Problem("profile_word_twice", f"steps.{step.name}", {"word": state})
            seen.add(state)
        places = [order.index(state) for state in step.states if state in order]
        if not places or min(places) <= last:
            yield Problem("profile_step_order", f"steps.{step.name}")
        last = max([last, *places])


def _lost_rungs(profile: Profile) -> Iterable[Problem]:
    ids = {rung.id for rung in profile.rungs}
    for rung in profile.rungs:
        if rung.after is not None and rung.after not in ids:
            yield Problem("profile_rung_lost", f"rungs.{rung.id}", {"word": rung.after})


def lost_words(rows: Iterable[Row]) -> set[str]:
    """Guards and changes named by rows that nobody wrote; empty, or the machine's file is wrong."""
    named = {("guard", name) for row in rows for name in row.guards} | {("does", n) for row in rows for n in row.does}
    return {name for kind, name in named if name not in (GUARDS if kind == "guard" else CHANGES)}
