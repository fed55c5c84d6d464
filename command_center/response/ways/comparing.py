"""What a way of working changes, against the one it is made of or the one in force. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from typing_extensions import TypedDict

from command_center.response.engine.description import machine_table
from command_center.response.engine.reading import KEPT_SEATS, by_hand, decided

# Said elsewhere, or not by whom it is written.
SKIPPED = frozenset({"id", "version", "abstract", "extends"})


class Change(TypedDict):
    """`where`: a key of the description with dots; `before`, `after`: JSON, null where there is nothing."""

    where: str
    before: Any
    after: Any


def spelled_out(whole: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A whole description with what it leaves to the machine: terms of clocks, words, seats, decisions.

    Args:
        whole: merged with what it extends, its words known.
        language: of the machine's own words.
    """
    machine = machine_table()
    clocks = whole.get("timers", {})
    words = {**machine["states"], **machine["actions"], **machine["ladder"]}
    labels, may, approvals = (whole.get(key, {}) for key in ("labels", "may", "approvals"))
    return {
        **whole,
        "timers": {name: _clock(rule, clocks.get(name, {})) for name, rule in machine["timers"].items()},
        "labels": {word: labels.get(word) or names[language] for word, names in words.items()},
        "may": {action: sorted(may.get(action, seats_of(action))) for action in sorted(by_hand())},
        "approvals": {action: sorted(approvals.get(action, deciders_of(action))) for action in sorted(decided())},
    }


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The leaves that differ, in the order of their keys; a list counts as one leaf."""
    return list(_changes("", before, after))


def _changes(path: str, before: Any, after: Any) -> Iterable[Change]:
    if before == after:
        return
    if path and "." not in path and {type(before), type(after)} == {type(None), dict}:
        # A whole part that only one of them has is told by its entries.
        before, after = before or {}, after or {}
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            if path or key not in SKIPPED:
                yield from _changes(f"{path}.{key}" if path else key, before.get(key), after.get(key))
        return
    yield {"where": path, "before": before, "after": after}


def _clock(rule: Mapping[str, Any], change: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if change is None:
        return None
    both = {**rule, **change}
    return {
        "term": both["term"], "once": both.get("once", False), "rolls": both.get("rolls", False),
        "on_expiry": both["on_expiry"],
    }  # fmt: skip


def seats_of(action: str) -> set[str]:
    """Seats that take an action where a center says nothing about it."""
    steps = machine_table()["steps"]
    return {seat for step in steps if step["action"] == action for seat in step["by"]} - KEPT_SEATS


def deciders_of(action: str) -> set[str]:
    """Who decides on an action where a center says nothing about it."""
    steps = machine_table()["steps"]
    return {seat for one in steps if one["action"] == action for seat in one.get("approval", {}).get("by", ())}
