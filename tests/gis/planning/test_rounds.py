"""Plans keep what they promise, say truly what cannot be met, and name the least that would do."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.planning.coverage import covers
from gis.planning.needs import CoverNeed, Needs, PointNeed, StreetNeed, Team, begun, visits_of
from gis.planning.relax import DWELL_GRAIN_S, GRAIN_S, Relaxation, proposals, relaxed
from gis.planning.replan import Move, changes, moved, replan
from gis.planning.rounds import plan
from gis.planning.timetable import overlaps, troubles_of

from .small import can_be_met, faults, plain

HOUR = 3_600
places = st.tuples(st.integers(-900, 900), st.integers(-900, 900)).map(lambda p: (float(p[0]), float(p[1])))
spans = st.tuples(st.integers(8 * 60, 14 * 60), st.integers(20, 180)).map(lambda w: (w[0] * 60, (w[0] + w[1]) * 60))


@st.composite
def points(draw: st.DrawFn, number: int) -> PointNeed:
    return PointNeed(
        id=f"P{number}",
        name=f"P{number}",
        lonlat=draw(places),
        windows=(draw(spans),),
        dwell_s=draw(st.integers(0, 20)) * 60,
        visits=draw(st.integers(1, 2)),
        gap_s=draw(st.none() | st.integers(30, 90).map(lambda m: m * 60)),
        weight=draw(st.integers(1, 4)),
        teams=draw(st.none() | st.just(frozenset({"T0"}))),
    )


@st.composite
def days(draw: st.DrawFn) -> Needs:
    teams = [
        Team(f"T{n}", f"T{n}", "AUX", None, draw(places), start * 60, (start + 480) * 60, rest * 60)
        for n, (start, rest) in enumerate(
            draw(st.lists(st.tuples(st.integers(420, 600), st.sampled_from([0, 30])), min_size=1, max_size=3))
        )
    ]
    needed = [draw(points(n)) for n in range(draw(st.integers(1, 5)))]
    line = (draw(places), draw(places))
    street = StreetNeed("S0", "S0", line, 400.0, (draw(spans),), passes=draw(st.integers(1, 2)), pace_mps=1.4)
    return Needs(tuple(teams), tuple(needed), (street,), (), draw(st.sampled_from([0.2, 1.0])))


@settings(max_examples=25, deadline=None)
@given(days(), st.integers(0, 5))
def test_every_plan_keeps_what_it_does_not_name_as_left_out(needs: Needs, seed: int) -> None:
    travel = plain(needs)
    first = plan(needs, travel, seed=seed, limit_s=0.04)
    assert faults(needs, first) == []
    second = plan(needs, travel, seed=seed, limit_s=0.04, former=[first.day])
    assert faults(needs, second) == []
    of = {team.id: team for team in needs.teams}
    assert [trouble for one in second.rounds for trouble in troubles_of(of[one.team_id], one)] == []


@settings(max_examples=15, deadline=None)
@given(days(), st.integers(9 * 60, 15 * 60))
def test_when_a_team_drops_out_what_is_walked_stays_and_the_rest_is_still_a_plan(needs: Needs, now_min: int) -> None:
    travel = plain(needs)
    now_s = now_min * 60
    before = plan(needs, travel, limit_s=0.04)
    after = replan(needs, travel, before.rounds, now_s=now_s, gone={"T0"}, limit_s=0.04)
    walked = {
        s.visit.id: s.arrive_s for one in before.rounds for s in one.stops if s.arrive_s + s.visit.stay_s <= now_s
    }
    assert {id: after.day.get(id) for id in walked} == walked
    left = [one for one in after.rounds if one.team_id == "T0"]
    assert all(stop.arrive_s + stop.visit.stay_s <= now_s for one in left for stop in one.stops)
    away = replace(needs, points=tuple(replace(p, gap_s=None) for p in needs.points))
    assert [fault for fault in faults(away, after) if "neither" not in fault] == []


def day_of_two(**more: object) -> Needs:
    """Two points a quarter of an hour apart that want the one team at the same time."""
    team = Team("T0", "甲组", "AUX", None, (0.0, 0.0), 8 * HOUR, 12 * HOUR)
    near = PointNeed("near", "near", (0.0, 0.0), ((9 * HOUR, 9 * HOUR + 1200),), 900, weight=3)
    far = PointNeed("far", "far", (900.0, 0.0), ((9 * HOUR, 9 * HOUR + 1200),), 900, weight=2)
    return replace(Needs((team,), (near, far)), **more)  # type: ignore[arg-type]


def test_what_cannot_be_met_is_the_less_important_and_comes_with_the_least_that_would_do() -> None:
    needs = day_of_two()
    made = plan(needs, plain(needs), limit_s=0.3)
    assert [(one.visit.need_id, one.cause) for one in made.unmet] == [("far", "busy")]
    (offer,) = proposals(needs, plain(needs), made, try_s=0.1)
    assert {one.kind for one in offer.relaxations} == {"later", "team"} or {"later", "dwell", "team"} == {
        one.kind for one in offer.relaxations
    }
    for way in offer.relaxations:
        assert can_be_met(relaxed(needs, way))
        grain = DWELL_GRAIN_S if way.kind == "dwell" else GRAIN_S
        if way.kind in ("later", "earlier", "dwell"):
            assert not can_be_met(relaxed(needs, replace(way, amount=way.amount - grain)))


@settings(max_examples=5, deadline=None)
@given(st.lists(st.tuples(places, st.integers(0, 12), st.integers(5, 20)), min_size=2, max_size=4))
def test_relaxations_are_the_smallest_on_their_grid(wanted: list[tuple[tuple[float, float], int, int]]) -> None:
    needed = tuple(
        PointNeed(f"P{n}", f"P{n}", place, ((9 * HOUR + start * 60, 9 * HOUR + (start + stay + 2) * 60),), stay * 60)
        for n, (place, start, stay) in enumerate(wanted)
    )
    team = Team("T0", "甲组", "AUX", None, (0.0, 0.0), 8 * HOUR, 12 * HOUR)
    needs = Needs((team,), needed)
    made = plan(needs, plain(needs), limit_s=0.1)
    assert made.met == can_be_met(needs)
    for offer in proposals(needs, plain(needs), made, try_s=0.08):
        kept = [p for p in needed if p.id == offer.need_id or p.id not in {one.visit.need_id for one in made.unmet}]
        for way in offer.relaxations:
            assert can_be_met(relaxed(replace(needs, points=tuple(kept)), way))
            grain = {"dwell": DWELL_GRAIN_S, "later": GRAIN_S, "earlier": GRAIN_S}.get(way.kind, way.amount)
            less = replace(way, amount=way.amount - grain)
            if less.amount > 0:
                assert not can_be_met(relaxed(replace(needs, points=tuple(kept)), less))


def test_nobody_on_duty_is_told_apart_and_a_team_on_another_shift_proposed() -> None:
    needs = day_of_two(points=(PointNeed("night", "night", (10.0, 0.0), ((22 * HOUR, 23 * HOUR),), 300, teams=None),))
    made = plan(needs, plain(needs), limit_s=0.1)
    assert [one.cause for one in made.unmet] == ["nobody"]
    (offer,) = proposals(needs, plain(needs), made, try_s=0.1)
    (way,) = [one for one in offer.relaxations if one.kind == "team"]
    assert way.shift is not None and can_be_met(relaxed(needs, way))


def test_both_sides_of_a_street_are_walked_and_one_left_out_side_is_named() -> None:
    street = StreetNeed("S", "街", ((0.0, 0.0), (560.0, 0.0)), 560.0, ((9 * HOUR, 10 * HOUR),), passes=2, pace_mps=1.4)
    needs = replace(day_of_two(points=()), streets=(street,))
    made = plan(needs, plain(needs), limit_s=0.2)
    (one,) = made.rounds
    assert [stop.step.forward for stop in one.stops] in ([True, False], [False, True]) and made.met
    short = replace(needs, streets=(replace(street, windows=((9 * HOUR, 9 * HOUR + 600),)),))
    (left,) = plan(short, plain(short), limit_s=0.2).unmet
    assert left.visit.need_id == "S"
    assert (
        Relaxation("later", "S", 0, GRAIN_S)
        in proposals(short, plain(short), plan(short, plain(short), limit_s=0.2), try_s=0.1)[0].relaxations
    )


def test_a_place_that_must_be_near_a_team_gets_a_stay_on_standby() -> None:
    team = Team("T0", "甲组", "AUX", None, (0.0, 0.0), 8 * HOUR, 12 * HOUR)
    need = CoverNeed("school", "school", (1_200.0, 0.0), 3, 0.5)
    bare = Needs((team,))
    travel = plain(bare, (need.lonlat,))
    empty = plan(bare, travel, limit_s=0.1)
    (now,) = covers([need], [team], {one.team_id: one for one in empty.rounds}, travel)
    assert now.share == 0.0 and not now.met
    made = plan(replace(bare, covers=(need,)), travel, limit_s=0.5)
    assert made.covers[0].met and made.covers[0].share >= 0.5


def test_a_move_by_hand_says_what_it_breaks() -> None:
    needs = day_of_two()
    two = replace(needs, teams=(*needs.teams, replace(needs.teams[0], id="T1", name="乙组")))
    travel = plain(two)
    made = plan(two, travel, limit_s=0.2)
    assert made.met
    visits = visits_of(two)
    team_of = {stop.visit.need_id: one.team_id for one in made.rounds for stop in one.stops}
    after = moved(two, travel, made.rounds, visits, Move("far@0.0", team_of["near"]))
    of = {team.id: team for team in two.teams}
    assert {t.code for one in after for t in troubles_of(of[one.team_id], one)} == {"late"}
    late = moved(two, travel, made.rounds, visits, Move("far@0.0", team_of["far"], at_s=11 * HOUR))
    assert {t.code for one in late for t in troubles_of(of[one.team_id], one)} == {"late"}
    gone = moved(two, travel, made.rounds, visits, Move("far@0.0", None))
    assert all(stop.visit.id != "far@0.0" for one in gone for stop in one.stops)
    assert changes(made.rounds, after).moved == ("far@0.0",)
    assert overlaps(after) == []


@pytest.mark.parametrize("visits", [1, 3])
def test_a_longest_gap_makes_as_many_visits_as_it_needs(visits: int) -> None:
    point = PointNeed("P", "P", (0.0, 0.0), ((8 * HOUR, 12 * HOUR),), 60, visits=visits, gap_s=HOUR)
    found = visits_of(Needs((), (point,)))
    assert len(found) >= max(visits, 4)
    for a, b in pairwise(found):
        assert b.latest_s - a.earliest_s <= HOUR


def test_a_day_that_has_begun_asks_for_what_is_left_of_it() -> None:
    point = PointNeed("P", "P", (0.0, 0.0), ((8 * HOUR, 9 * HOUR), (9 * HOUR, 12 * HOUR), (14 * HOUR, 15 * HOUR)), 60)
    never = PointNeed("N", "N", (0.0, 0.0), ((8 * HOUR, 8 * HOUR + 30),), 60)
    teams = tuple(
        Team(name, name, "POL", 1.0, (0.0, 0.0), start * HOUR, end * HOUR, rest_s=1800)
        for name, start, end in (("over", 2, 10), ("tired", 3, 11), ("fresh", 9, 17), ("later", 12, 20))
    )
    left = begun(Needs(teams, (point, never)), 10 * HOUR)
    assert [(one.id, one.start_s // HOUR, one.rest_s) for one in left.teams] == [
        ("tired", 10, 0), ("fresh", 10, 1800), ("later", 12, 1800),
    ]  # fmt: skip
    spans = {visit.id: visit.earliest_s for visit in visits_of(left) if visit.kind == "point"}
    # What no team could ever keep is named still.
    assert spans == {"P@1.0": 10 * HOUR, "P@2.0": 14 * HOUR, "N@0.0": 8 * HOUR}
