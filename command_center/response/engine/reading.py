"""Reads a profile: merges it over what it extends, looks at every word of it, and compiles its rows. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from command_center.response.engine.calendar import BadSpan, Span, parse_span
from command_center.response.engine.description import (
    LadderStep,
    Limits,
    MediationLevel,
    MediationRule,
    Profile,
    Row,
    Rung,
    ShownStep,
    TimerRule,
    machine_table,
)
from command_center.response.engine.words import BadProfile, Problem

Table = Mapping[str, Any]
FEATURES = frozenset({"claim", "self_close", "orders_drive", "lenient_rating", "supervise_every_case", "joint"})
# Terms of a timer that are not spans: what they stand for is looked up when the timer starts.
LOOKED_UP = {"category": {"accept", "arrive", "resolve"}, "date": {"resume_at", "perform_by", "arrives_at"},
             "mediation": {"level", "general_limit"}}  # fmt: skip
CONDITIONS = ("P0", "P1", "P2", "P3", "*")
CONDITION_KINDS = ("kind:", "channel:", "colour:", "try:", "whistle:")
MERGED = ("labels", "seats", "timers", "may", "approvals", "center")
# Seats that no center gives away or takes: the hall acts by itself, and people rate what was done for them.
KEPT_SEATS = frozenset({"system", "citizen"})
# Who can be asked to decide on a request.
DECIDING_SEATS = frozenset({"dispatcher", "head", "leader"})


def _text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 64


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(_text(one) for one in value)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1000


def _names(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"zh", "en"} and all(_text(one) for one in value.values())


def _mapping(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)


def _label_map(value: Any) -> bool:
    return _mapping(value) and all(_text(one) for one in value.values())


def _seat_map(value: Any) -> bool:
    return _mapping(value) and all(_texts(one) and one for one in value.values())


def _seats_of_action(value: Any) -> bool:
    return _mapping(value) and all(_texts(one) for one in value.values())


def _steps(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and set(one) == {"name", "states"} and _text(one["name"]) and _texts(one["states"])
        for one in value
    )


def _maybe(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


KEYS: Mapping[str, Callable[[Any], bool]] = {
    "id": lambda value: _text(value) and len(value) <= 32 and value.replace("_", "").isalnum(),
    "extends": _text, "abstract": lambda value: isinstance(value, bool), "version": lambda v: _count(v) and v > 0,
    "name": _names, "path": _texts, "sides": _texts, "steps": _steps, "only": _texts, "features": _texts,
    "verify_channels": _texts, "verify_required": _texts, "simple_matters": _texts, "taskforce_on": _texts,
    "separation": _texts, "approver_triage": _maybe(_text), "max_returns": _count, "max_pauses": _count,
    "max_pause_days": _count, "max_extensions": _count, "extend_max": _maybe(_text), "max_rounds": _count,
    "max_tries": _count, "rungs": _texts, "papers": _texts, "labels": _label_map, "seats": _seat_map,
    "timers": _mapping, "mediation": _maybe(_mapping), "center": _mapping, "may": _seats_of_action,
    "approvals": _seats_of_action,
}  # fmt: skip
NEEDED = ("id", "version", "name", "path", "sides", "steps", "separation", "max_returns", "max_pauses",
          "max_pause_days", "max_extensions", "max_rounds", "max_tries", "rungs")  # fmt: skip


def merged(table: Table, known: Mapping[str, Table]) -> dict[str, Any]:
    """A profile with what it inherits.

    Raises:
        BadProfile: it extends what does not exist, or itself.
    """
    chain, name = [dict(table)], table.get("extends")
    while name is not None:
        parent = known.get(name) if isinstance(name, str) else None
        if parent is None or len(chain) > 8:
            raise BadProfile(str(table.get("id")), [Problem("profile_extends_unknown", "extends", {"name": name})])
        chain.append(dict(parent))
        name = parent.get("extends")
    result: dict[str, Any] = {}
    for one in reversed(chain):
        for key, value in one.items():
            both = key in MERGED and isinstance(value, dict) and isinstance(result.get(key), dict)
            result[key] = {**result[key], **value} if both else value
    result.pop("abstract", None)
    result.pop("extends", None)
    return result


def read_profile(table: Any, known: Mapping[str, Table]) -> Profile:
    """A profile as it is worked by, its words looked at; whether it leads anywhere is said by `checking`.

    Raises:
        BadProfile: with every word that is wrong.
    """
    if not _mapping(table):
        raise BadProfile("?", [Problem("profile_malformed", "-")])
    whole = merged(table, known)
    problems = [Problem("profile_key_unknown", key) for key in whole if key not in KEYS]
    problems += [Problem("profile_key_missing", key) for key in NEEDED if key not in whole]
    problems += [Problem("profile_value_bad", key) for key in whole if key in KEYS and not KEYS[key](whole[key])]
    if not problems:
        problems = [*_unknown_words(whole), *_bad_timers(whole), *_bad_mediation(whole)]
    if problems:
        raise BadProfile(str(table.get("id")), problems)
    return _compiled(whole)


def _unknown_words(whole: Table) -> Iterable[Problem]:
    machine = machine_table()
    actions, ladder = set(machine["actions"]), set(machine["ladder"])
    lists = {
        "path": set(machine["states"]) - set(machine["sides"]) | {"ARCHIVED"}, "sides": set(machine["sides"]),
        "only": actions, "features": FEATURES, "separation": set(machine["seats"]), "rungs": set(machine["rungs"]),
        "labels": actions | ladder | set(machine["states"]), "seats": set(machine["seats"]),
        "timers": set(machine["timers"]), "may": by_hand(), "approvals": decided(),
    }  # fmt: skip
    for key, words in lists.items():
        for word in whole.get(key, ()):
            if word not in words:
                yield Problem("profile_word_unknown", key, {"word": word})
    for key, seats in (("may", set(machine["seats"]) - KEPT_SEATS), ("approvals", DECIDING_SEATS)):
        for action, named in whole.get(key, {}).items():
            for word in named:
                if word not in seats:
                    yield Problem("profile_word_unknown", f"{key}.{action}", {"word": word})
    for key in ("path", "sides"):
        for word in {one for one in whole[key] if whole[key].count(one) > 1}:
            yield Problem("profile_word_twice", key, {"word": word})


def by_hand() -> frozenset[str]:
    """Actions that somebody takes, and whose seats a center may choose."""
    return frozenset(step["action"] for step in machine_table()["steps"] if set(step["by"]) - KEPT_SEATS)


def decided() -> frozenset[str]:
    """Actions that wait for a decision unless a center says otherwise; of a dispatch `approver_triage` says it."""
    steps = machine_table()["steps"]
    return frozenset(step["action"] for step in steps if "by" in step.get("approval", {}))


def _bad_timers(whole: Table) -> Iterable[Problem]:
    for name, change in whole.get("timers", {}).items():
        where = f"timers.{name}"
        if change is None:
            continue
        if not isinstance(change, dict) or set(change) - {"term", "rolls", "on_expiry", "once"}:
            yield Problem("profile_value_bad", where)
            continue
        if not all(isinstance(change.get(key, False), bool) for key in ("rolls", "once")) or not _texts(
            change.get("on_expiry", [])
        ):
            yield Problem("profile_value_bad", where)
        term = change.get("term", {})
        if not isinstance(term, dict):
            yield Problem("profile_value_bad", where)
            continue
        for condition, span in term.items():
            if condition in LOOKED_UP:
                good = isinstance(span, str) and span in LOOKED_UP[condition]
            else:
                good = _is_span(span) and (condition in CONDITIONS or condition.startswith(CONDITION_KINDS))
            if not good:
                yield Problem("profile_span_bad", where, {"condition": condition, "span": span})
    limit = whole.get("extend_max")
    if limit is not None and not _is_span(limit):
        yield Problem("profile_span_bad", "extend_max", {"condition": "*", "span": limit})


def _bad_mediation(whole: Table) -> Iterable[Problem]:
    rule = whole.get("mediation")
    if rule is None:
        return
    levels, basis, limit = rule.get("levels"), rule.get("clock_basis", "per_level"), rule.get("general_limit")
    if set(rule) - {"levels", "clock_basis", "general_limit"} or basis not in ("per_level", "overall"):
        yield Problem("profile_value_bad", "mediation")
    if limit is not None and not _is_span(limit):
        yield Problem("profile_span_bad", "mediation.general_limit", {"condition": "*", "span": limit})
    if not isinstance(levels, list) or not levels:
        yield Problem("profile_value_bad", "mediation.levels")
        return
    for number, level in enumerate(levels, 1):
        good = isinstance(level, list) and len(level) == 3 and _text(level[0])
        good = (
            good and (level[1] is None or _is_span(level[1])) and (level[2] is None or (_count(level[2]) and level[2]))
        )
        last = number == len(levels)
        if not good or (not last and level[1] is None and level[2] is None):
            yield Problem("profile_level_bad", "mediation.levels", {"number": number})


def _is_span(text: Any) -> bool:
    try:
        return isinstance(text, str) and parse_span(text) is not None
    except BadSpan:
        return False


def _span(text: str | None) -> Span | None:
    return parse_span(text) if text else None


def _compiled(whole: Table) -> Profile:
    machine = machine_table()
    states = [name for name in machine["states"] if name in {*whole["path"], *whole["sides"]}]
    features = frozenset(whole.get("features", ())) | ({"mediation"} if whole.get("mediation") else set())
    path = tuple(whole["path"])
    timers = _timers(whole, features)
    return Profile(
        id=whole["id"],
        version=whole["version"],
        names=whole["name"],
        start=path[0] if path else "",
        path=path,
        states={name: _own_word(whole, name) or machine["states"][name] for name in states},
        ends=frozenset(machine["ends"]) & set(states),
        rows=_rows(whole, states, features, timers),
        timers=timers,
        ladder={
            id: LadderStep(id, step, step["rank"], step["to"], step.get("paper"), _span(step.get("answer")))
            for id, step in machine["ladder"].items()
        },
        rungs=tuple(_rung(id, machine["rungs"][id]) for id in machine["rungs"] if id in whole["rungs"]),
        limits=Limits(
            whole["max_returns"], whole["max_pauses"], whole["max_pause_days"], whole["max_extensions"],
            _span(whole.get("extend_max")), whole["max_rounds"], whole["max_tries"],
        ),
        shown=tuple(ShownStep(step["name"], tuple(step["states"])) for step in whole["steps"]),
        features=features,
        verify_channels=frozenset(whole.get("verify_channels", ())),
        verify_required=frozenset(whole.get("verify_required", ())),
        simple_matters=frozenset(whole.get("simple_matters", ())),
        separation=frozenset(whole["separation"]),
        approver_triage=whole.get("approver_triage"),
        mediation=_mediation(whole.get("mediation")),
        papers=tuple(whole.get("papers", ())),
        labels=whole.get("labels", {}),
        seat_names={seat: tuple(names) for seat, names in whole.get("seats", {}).items()},
        action_names=machine["actions"],
        center={**whole.get("center", {}), "taskforce_on": whole.get("taskforce_on", [])},
    )  # fmt: skip


def _own_word(whole: Table, word: str) -> dict[str, str] | None:
    label = whole.get("labels", {}).get(word)
    return {"zh": label, "en": label} if label else None


def _timers(whole: Table, features: frozenset[str]) -> dict[str, TimerRule]:
    made = {}
    for name, rule in machine_table()["timers"].items():
        change = whole.get("timers", {}).get(name, {})
        if change is None or (rule.get("of") == "mediation" and "mediation" not in features):
            continue
        merged_rule = {**rule, **change}
        made[name] = TimerRule(
            name, {"zh": rule["zh"], "en": rule["en"]}, merged_rule["term"], merged_rule.get("once", False),
            rule.get("pauses", False), merged_rule.get("rolls", False), tuple(merged_rule["on_expiry"]),
        )  # fmt: skip
    return made


def _rows(
    whole: Table, states: list[str], features: frozenset[str], timers: Mapping[str, TimerRule]
) -> dict[tuple[str, str], Row]:
    machine = machine_table()
    rows: dict[tuple[str, str], Row] = {}
    for step in machine["steps"]:
        wanted = step["action"] in whole.get("only", machine["actions"])
        fits = not (set(step.get("without", ())) & set(states)) and set(step.get("with", ())) <= set(states)
        if not wanted or not fits or (step.get("feature") and step["feature"] not in features):
            continue
        for source in (state for name in step["from"] for state in machine["groups"].get(name, [name])):
            target = step["to"] or source
            if source in states and target in states:
                rows.setdefault((source, step["action"]), _row(step, source, target, whole, features, timers))
    return {key: row for key, row in rows.items() if row.by}


def _row(
    step: Table, source: str, target: str, whole: Table, features: frozenset[str], timers: Mapping[str, TimerRule]
) -> Row:
    approval = step.get("approval", {})
    approvers = frozenset(approval.get("by", ()))
    if approvers:
        approvers = frozenset(whole.get("approvals", {}).get(step["action"], approvers))
    if approval.get("of") == "approver_triage" and whole.get("approver_triage"):
        approvers = frozenset({"leader"})
    order = step.get("order", False)
    by = frozenset(step["by"])
    if order and "orders_drive" in features:
        by = frozenset({"system"})
    elif step["action"] in whole.get("may", {}) and by - KEPT_SEATS:
        by = frozenset(whole["may"][step["action"]]) | (by & KEPT_SEATS)
    known = [name for name in step.get("stops", ()) if name == "*" or name in timers]
    return Row(
        number=step["row"],
        source=source,
        action=step["action"],
        target=target,
        by=by,
        guards=tuple(step.get("guards", ())),
        does=tuple(step.get("does", ())),
        starts=tuple(name for name in step.get("starts", ()) if name in timers),
        stops=tuple(known),
        runs_on=tuple(name for name in step.get("runs_on", ()) if name in timers),
        approvers=approvers,
        unless=approval.get("unless"),
        auto=step.get("auto", False),
        order=order,
    )


def _rung(id: str, rung: Table) -> Rung:
    at = rung.get("at", {})
    return Rung(
        id, rung["step"], at.get("share"), at.get("overdue_days"), rung.get("after"), _span(rung.get("span")),
        rung.get("unanswered"), rung.get("if"), rung.get("paper"),
    )  # fmt: skip


def _mediation(rule: Table | None) -> MediationRule | None:
    if rule is None:
        return None
    levels = tuple(MediationLevel(name, _span(window), attempts) for name, window, attempts in rule["levels"])
    return MediationRule(levels, rule.get("clock_basis", "per_level") == "per_level", _span(rule.get("general_limit")))
