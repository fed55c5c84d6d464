"""Every shipped way of working can be worked by, and a description that cannot be is refused with all its faults."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command_center.errors import TEXTS
from command_center.response.engine.checking import (
    check_profile,
    lost_words,
    shipped_profiles,
    shipped_tables,
    start_of,
)
from command_center.response.engine.description import machine_table
from command_center.response.engine.reading import KEYS
from command_center.response.engine.words import BadProfile

WORDS = ["category", "date", "mediation", "term", "on_expiry", "levels", "T-RESOLVE", "T-RECV", "dispatch", "*", "name"]
TWELVE = {"xpy", "bz", "tp", "gn", "hz", "ls_lxb", "ls_jd", "ha", "emergency", "petition", "hotline", "city"}


def made(**more: Any) -> dict[str, Any]:
    return {"id": "mine", "version": 1, "extends": "base", "name": {"zh": "本镇", "en": "Ours"}, **more}


def problems(**more: Any) -> set[tuple[str, str]]:
    with pytest.raises(BadProfile) as refused:
        check_profile(made(**more))
    for problem in refused.value.problems:
        assert problem.text("zh") != problem.text("en")
    return {(problem.key, problem.where) for problem in refused.value.problems}


def test_all_twelve_ways_of_working_and_the_halls_own_are_there() -> None:
    assert set(shipped_profiles()) == TWELVE | {"hall"}


@pytest.mark.parametrize("id", sorted(TWELVE | {"hall"}))
def test_a_shipped_profile_names_only_what_exists_and_each_state_leads_to_an_end(id: str) -> None:
    profile = shipped_profiles()[id]
    assert lost_words(profile.rows.values()) == set()
    assert "ARCHIVED" not in profile.reachable(start_of(profile), without=["RESOLVED"])
    shown = [state for step in profile.shown for state in step.states]
    assert max(Counter(shown).values()) == 1


def test_the_machine_has_one_row_for_a_state_an_action_and_a_shape_of_path() -> None:
    rows = [
        (source, step["action"], tuple(step.get("without", ())), tuple(step.get("with", ())))
        for step in machine_table()["steps"]
        for name in step["from"]
        for source in machine_table()["groups"].get(name, [name])
    ]
    assert [row for row, count in Counter(rows).items() if count > 1] == []
    assert {step["row"] for step in machine_table()["steps"]} >= set(range(1, 35))


def test_what_a_profile_does_not_say_it_has_from_the_one_it_extends() -> None:
    profile = check_profile(made(max_returns=1, labels={"dispatch": "交办"}))
    assert (profile.limits.max_returns, profile.limits.max_pauses) == (1, 2)
    assert (profile.action_name("dispatch"), profile.action_name("accept")) == ("交办", "受理")


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"path": ["SUBMITTED", "ASSIGNED", "RESOLVED", "ARCHIVED"]}, ("profile_state_needed", "path")),
        ({"path": ["TRIAGE", "ASSIGNED", "HANDLING", "RESOLVED", "ARCHIVED"]}, ("profile_start_bad", "path")),
        ({"only": ["accept", "triage", "dispatch", "receive", "start"]}, ("profile_dead_end", "HANDLING")),
        ({"sides": ["DRAFT", "SUSPENDED"], "only": ["suspend"]}, ("profile_nobody", "SUSPENDED")),
        ({"path": ["SUBMITTED", "ASSIGNED", "HANDLING", "RESOLVED", "ARCHIVED"]}, ("profile_unreachable", "HANDLING")),
        ({"path": ["ACCEPTED", "SUBMITTED", "ASSIGNED", "RECEIVED", "HANDLING", "RESOLVED", "ARCHIVED"]},
         ("profile_path_order", "path")),
        ({"path": ["SUBMITTED", "LIMBO"]}, ("profile_word_unknown", "path")),
        ({"separation": ["emperor"]}, ("profile_word_unknown", "separation")),
        ({"labels": {"fly": "飞"}}, ("profile_word_unknown", "labels")),
        ({"rungs": ["still_urged"]}, ("profile_rung_lost", "rungs.still_urged")),
        ({"timers": {"T-RESOLVE": {"term": {"*": "5 天"}}}}, ("profile_span_bad", "timers.T-RESOLVE")),
        ({"timers": {"T-RESOLVE": {"term": {"P0": "1h"}}}}, ("profile_timer_no_term", "timers.T-RESOLVE")),
        ({"timers": {"T-CALLBACK": {"on_expiry": ["do:vanish"]}}}, ("profile_timer_no_way", "timers.T-CALLBACK")),
        ({"timers": {"T-RETURN": {"on_expiry": ["tell:emperor"]}}}, ("profile_timer_no_way", "timers.T-RETURN")),
        ({"mediation": {"levels": [["村", None, None], ["镇", "1mo", 3]]}}, ("profile_level_bad", "mediation.levels")),
        ({"steps": [{"name": "办", "states": ["HANDLING"]}, {"name": "收", "states": ["SUBMITTED"]}]},
         ("profile_step_order", "steps.收")),
        ({"steps": [{"name": "办", "states": ["HANDLING"]}, {"name": "再办", "states": ["HANDLING"]}]},
         ("profile_word_twice", "steps.再办")),
        ({"extends": "nothing"}, ("profile_extends_unknown", "extends")),
        ({"max_returns": -1}, ("profile_value_bad", "max_returns")),
        ({"colour": "red"}, ("profile_key_unknown", "colour")),
    ],
)  # fmt: skip
def test_a_description_that_leads_nowhere_is_refused(more: dict[str, Any], found: tuple[str, str]) -> None:
    assert found in problems(**more)


def test_a_center_says_which_seats_take_an_action_and_whether_a_request_is_decided() -> None:
    plain = check_profile(made())
    ours = check_profile(made(may={"accept": ["head"], "rate": []}, approvals={"suspend": [], "return": ["leader"]}))
    assert ours.rows["SUBMITTED", "accept"].by == {"head"} != plain.rows["SUBMITTED", "accept"].by
    # Nobody takes from people that they rate what was done for them.
    assert ours.rows["CALLBACK", "rate"].by == {"citizen"}
    assert (ours.rows["HANDLING", "suspend"].approvers, ours.rows["ASSIGNED", "return"].approvers) == (
        set(),
        {"leader"},
    )
    assert set(plain.rows) == set(ours.rows)
    assert ("profile_unreachable", "ACCEPTED") in problems(may={"accept": []})
    assert problems(may={"accept": ["system"], "triage": ["head"]}, approvals={"suspend": ["unit"], "accept": []}) == {
        ("profile_word_unknown", "may.accept"), ("profile_word_unknown", "may"),
        ("profile_word_unknown", "approvals.suspend"), ("profile_word_unknown", "approvals"),
    }  # fmt: skip


def test_all_faults_are_told_at_once() -> None:
    assert {key for key, _ in problems(colour="red", max_returns="two", version=0)} == {
        "profile_key_unknown",
        "profile_value_bad",
    }


@pytest.mark.parametrize("table", [None, [], "xpy", {"id": 5}, {1: 2}, {"extends": {}}, {"timers": 5}])
def test_what_is_no_profile_at_all_is_refused_too(table: Any) -> None:
    with pytest.raises(BadProfile):
        check_profile(table)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["P0", "15d", "HANDLING", "", "tell:head"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(KEYS)), JSON, min_size=1, max_size=3))
def test_whatever_is_written_is_a_profile_or_is_refused_in_words(change: dict[str, Any]) -> None:
    try:
        profile = check_profile({**made(), **change})
    except BadProfile as bad:
        assert all(problem.text("zh") and problem.text("en") for problem in bad.problems)
    else:
        assert "ARCHIVED" not in profile.reachable(start_of(profile), without=["RESOLVED"])


def test_a_profile_that_extends_itself_is_refused() -> None:
    with pytest.raises(BadProfile):
        check_profile(made(extends="mine"), {**shipped_tables(), "mine": made(extends="mine")})


def test_every_text_says_the_same_in_both_languages() -> None:
    for key in (key for key in TEXTS["zh"] if key.startswith(("engine_", "profile_"))):
        holes = [sorted(part.split("}")[0] for part in TEXTS[lang][key].split("{")[1:]) for lang in ("zh", "en")]
        # A Chinese name of an action stands where English has its key.
        assert [hole.removesuffix("_zh") for hole in holes[0]] == holes[1], key
