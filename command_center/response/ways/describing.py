"""A way of working as its page draws it: states in their order, what leads from each, who may, which clocks. Pure."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import TypedDict

from command_center.response.engine.checking import faults
from command_center.response.engine.description import Profile, Row, machine_table
from command_center.response.engine.reading import (
    DECIDING_SEATS,
    KEPT_SEATS,
    Table,
    by_hand,
    decided,
    merged,
    read_profile,
)
from command_center.response.engine.words import BadProfile, Problem
from command_center.response.ways.comparing import Change, changes, deciders_of, seats_of, spelled_out
from command_center.response.ways.faults import ProblemView, problem_views


class RowView(TypedDict):
    """One way on. `by`, `approvers`: seats; `system` in `by` means that the hall may do it; `starts`, `stops`: clocks,
    "*" for all of them; `auto`: the hall does it as soon as it can; `order`: the order to a person drives it."""

    action: str
    name: str
    to: str
    by: list[str]
    approvers: list[str]
    starts: list[str]
    stops: list[str]
    auto: bool
    order: bool


class StateView(TypedDict):
    id: str
    name: str
    kind: str
    step: str | None
    rows: list[RowView]


class LookedView(TypedDict):
    """`states` is empty where the description cannot be read; `whole` holds all that is in force by it.

    `changes` against what it extends, `since` against the version in force, None if there is none.
    """

    ok: bool
    problems: list[ProblemView]
    name: dict[str, str]
    states: list[StateView]
    whole: dict[str, Any] | None
    changes: list[Change]
    since: list[Change] | None


class MachineClock(TypedDict):
    name: str
    term: dict[str, str]


class MachineView(TypedDict):
    """What descriptions are made of, in the reader's language, with what holds where they say nothing.

    `by_hand`: seats by action that a center may choose for; `decided`: who decides by action that waits for it.
    """

    states: dict[str, str]
    ends: list[str]
    sides: list[str]
    actions: dict[str, str]
    seats: dict[str, str]
    clocks: dict[str, MachineClock]
    ladder: dict[str, str]
    chosen_seats: list[str]
    deciding_seats: list[str]
    by_hand: dict[str, list[str]]
    decided: dict[str, list[str]]


def machine_view(language: str) -> MachineView:
    machine = machine_table()

    def named(key: str) -> dict[str, str]:
        return {id: names[language] for id, names in machine[key].items()}

    seats = list(machine["seats"])
    clocks: dict[str, MachineClock] = {
        name: {"name": rule[language], "term": dict(rule["term"])} for name, rule in machine["timers"].items()
    }
    return {
        "states": named("states"), "ends": list(machine["ends"]), "sides": list(machine["sides"]),
        "actions": named("actions"), "seats": named("seats"), "clocks": clocks, "ladder": named("ladder"),
        "chosen_seats": [seat for seat in seats if seat not in KEPT_SEATS],
        "deciding_seats": [seat for seat in seats if seat in DECIDING_SEATS],
        "by_hand": {one: sorted(seats_of(one), key=seats.index) for one in machine["actions"] if one in by_hand()},
        "decided": {one: sorted(deciders_of(one), key=seats.index) for one in machine["actions"] if one in decided()},
    }  # fmt: skip


def look(table: Any, known: Mapping[str, Table], *, in_force: Mapping[str, Any] | None, language: str) -> LookedView:
    """Everything that can be said about a description, whether or not it could be worked by.

    Args:
        table: as written.
        known: what it may extend, by id.
        in_force: the whole description that cases are opened under now.
    """
    try:
        profile = read_profile(table, known)
    except BadProfile as bad:
        return _unread(bad.problems, language)
    problems = faults(profile)
    whole = spelled_out(merged(table, known), language)
    base = known.get(table.get("extends", ""))
    return {
        "ok": not problems,
        "problems": problem_views(problems, language),
        "name": dict(profile.names),
        "states": [_state(profile, state, language) for state in profile.states],
        "whole": whole,
        "changes": changes(spelled_out(merged(base, known), language), whole) if base else [],
        "since": None if in_force is None else changes(spelled_out(in_force, language), whole),
    }


def problems_of(table: Any, known: Mapping[str, Table]) -> list[Problem]:
    """All that is wrong with a description; empty if it can be worked by."""
    try:
        return faults(read_profile(table, known))
    except BadProfile as bad:
        return bad.problems


def _unread(problems: list[Problem], language: str) -> LookedView:
    return {
        "ok": False, "problems": problem_views(problems, language), "name": {}, "states": [], "whole": None,
        "changes": [], "since": None,
    }  # fmt: skip


def _state(profile: Profile, state: str, language: str) -> StateView:
    kind = "end" if state in profile.ends else "path" if state in profile.path else "side"
    rows = [_row(profile, row, language) for row in profile.rows.values() if row.source == state]
    return {
        "id": state, "name": profile.states[state][language], "kind": kind, "step": profile.shown_step(state),
        "rows": rows,
    }  # fmt: skip


def _row(profile: Profile, row: Row, language: str) -> RowView:
    seats = list(machine_table()["seats"])
    return {
        "action": row.action, "name": profile.action_name(row.action, language), "to": row.target,
        "by": sorted(row.by, key=seats.index), "approvers": sorted(row.approvers, key=seats.index),
        "starts": list(row.starts), "stops": list(row.stops), "auto": row.auto, "order": row.order,
    }  # fmt: skip
