"""Video patrol: rounds open and close by the clock, pictures are marked, findings are told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_center.access.guard import Who
from command_center.errors import BadInput, Conflict, NotFound
from command_center.patrol.video_patrol import queries
from command_center.patrol.video_patrol.commands import (
    add_video_plan,
    begin_round,
    change_video_plan,
    close_rounds,
    due_now,
    mark_picture,
    open_rounds,
)
from command_center.patrol.video_patrol.facts import VideoRoundView
from command_center.patrol.video_patrol.keeper import RoundKeeper
from command_center.patrol.video_patrol.tables import VideoPlanRow

from .conftest import MORNING, PLANNER, Patrol

CAMERAS = {"cam-1": "320724199001001", "cam-2": "320724199001002", "cam-3": "320724199001002"}
WATCHER = Who("u2", "duty", "王建国", "duty_officer", "320724199")
SCHOOL: dict[str, Any] = {
    "name": "校园周边",
    "cameras": CAMERAS,
    "windows": [{"start": "07:00:00", "end": "09:30:00"}],
    "every_min": 60,
}


class Watch:
    """One plan in a hall whose clock stands at 08:00 at first."""

    def __init__(self, patrol: Patrol) -> None:
        self.patrol, self.keeper = patrol, RoundKeeper(patrol.timeline)
        with patrol.timeline.transaction() as tx:
            self.plan_id = add_video_plan(tx, **SCHOOL, by=PLANNER).id

    def at(self, minutes: float) -> "Watch":
        """So many minutes after 08:00, with what the clock asks for done."""
        self.patrol.clock.moment = MORNING + timedelta(minutes=minutes)
        self.keeper.step()
        return self

    def rounds(self, who: Who = WATCHER) -> list[VideoRoundView]:
        with self.patrol.timeline.reading() as db:
            return queries.rounds(db, who, self.patrol.clock.moment.date())

    def mark(self, camera: str, result: str = "normal", *, by: Who = WATCHER, **more: Any) -> str:
        with self.patrol.timeline.transaction() as tx:
            mark = mark_picture(
                tx,
                round_id=self.rounds()[-1]["id"],
                camera_id=camera,
                camera_area=CAMERAS.get(camera, ""),
                result=result,  # type: ignore[arg-type]
                looked_s=6,
                by=by,
                **more,
            )
            return mark.result


@pytest.fixture
def watch(patrol: Patrol) -> Iterator[Watch]:
    yield Watch(patrol)


def test_a_round_opens_when_it_is_due_and_once_only(watch: Watch) -> None:
    watch.at(0).at(1)
    (first,) = watch.rounds()
    assert (first["state"], first["due_from"], first["due_until"], first["area"]) == (
        "open",
        "2026-08-23T00:00:00.000Z",
        "2026-08-23T01:00:00.000Z",
        "320724199001",
    )
    watch.at(60)
    assert [one["state"] for one in watch.rounds()] == ["missed", "open"]
    assert watch.rounds()[1]["due_until"] == "2026-08-23T01:30:00.000Z"
    watch.at(91)
    assert [one["state"] for one in watch.rounds()] == ["missed", "missed"]


def test_the_last_mark_ends_the_round_and_a_finding_is_told_under_its_camera(watch: Watch) -> None:
    watch.at(0).mark("cam-1")
    watch.mark("cam-2", "finding", finding="fight", note=" 两人推搡 ")
    assert watch.mark("cam-2") == "finding"
    watch.mark("cam-3", "blind")
    (done,) = watch.rounds()
    assert (done["state"], done["seen"], done["findings"], done["blind"]) == ("done", 3, 1, 1)
    assert done["watcher"] == {"id": "u2", "name": "王建国"}
    found = [fact for fact in watch.patrol.timeline.since(0) if fact.kind == "patrol.video_found"]
    assert [(fact.area, fact.data["video_mark"]["note"]) for fact in found] == [(CAMERAS["cam-2"], "两人推搡")]
    with pytest.raises(Conflict):
        watch.mark("cam-1")
    assert [one["state"] for one in watch.at(70).rounds()] == ["done", "open"]


def test_who_takes_over_goes_on_where_the_other_stopped(watch: Watch) -> None:
    watch.at(0).mark("cam-1")
    other = replace(WATCHER, id="u3", display_name="李志强")
    with watch.patrol.timeline.transaction() as tx:
        begin_round(tx, id=watch.rounds()[0]["id"], by=other)
    (running,) = watch.rounds()
    assert (running["state"], running["seen"], running["watcher"]) == ("running", 1, {"id": "u3", "name": "李志强"})


def test_nobody_outside_the_area_sees_or_marks_a_round(watch: Watch) -> None:
    watch.at(0)
    stranger = replace(WATCHER, area="320724199002")
    assert watch.rounds(stranger) == []
    with pytest.raises(NotFound):
        watch.mark("cam-1", by=stranger)
    with pytest.raises(NotFound):
        watch.mark("cam-9")
    with pytest.raises(BadInput):
        watch.mark("cam-1", "finding")


@pytest.mark.parametrize(
    "wrong",
    [
        {"cameras": {}},
        {"cameras": {"cam-1": "320724199001001", "cam-8": "451302103001001"}},
        {"every_min": 4},
        {"at_once": 3},
        {"windows": []},
        {"name": " "},
        {"every_min": 5, "show_s": 120, "at_once": 1},
    ],
)
def test_an_impossible_plan_is_refused(patrol: Patrol, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput), patrol.timeline.transaction() as tx:
        add_video_plan(tx, **(SCHOOL | wrong), by=PLANNER)


def test_a_changed_plan_leaves_the_open_round_as_it_is(watch: Watch) -> None:
    watch.at(0)
    with watch.patrol.timeline.transaction() as tx:
        change_video_plan(tx, id=watch.plan_id, changes={"cameras": {"cam-1": CAMERAS["cam-1"]}}, by=PLANNER, version=1)
    with pytest.raises(Conflict), watch.patrol.timeline.transaction() as tx:
        change_video_plan(tx, id=watch.plan_id, changes={"every_min": 30}, by=PLANNER, version=1)
    assert [len(one["cameras"]) for one in watch.at(60).rounds()] == [3, 1]


@given(
    minutes=st.integers(0, 3 * 24 * 60),
    every=st.integers(5, 300),
    hours=st.tuples(st.integers(0, 23), st.integers(0, 23)),
)
def test_at_any_moment_at_most_one_round_is_due_and_it_holds_the_moment(
    minutes: int, every: int, hours: tuple[int, int]
) -> None:
    start, end = hours
    plan = VideoPlanRow(windows=[{"start": f"{start:02}:00:00", "end": f"{end:02}:30:00"}], every_min=every)
    now = datetime.fromisoformat("2026-08-23T00:00:00+08:00") + timedelta(minutes=minutes)
    due = due_now(plan, now)
    clock = now.hour * 60 + now.minute
    first, last = start * 60, end * 60 + 30
    assert (due is not None) == (first <= clock < last if first < last else clock >= first or clock < last)
    if due is not None:
        assert due[0] <= now < due[1] and (due[1] - due[0]).total_seconds() <= every * 60
        assert due_now(plan, due[0]) == due


def test_opening_and_closing_twice_changes_nothing(watch: Watch) -> None:
    watch.at(0)
    head = watch.patrol.timeline.head()
    with watch.patrol.timeline.transaction() as tx:
        assert (open_rounds(tx), close_rounds(tx)) == (0, 0)
    assert watch.patrol.timeline.head() == head
