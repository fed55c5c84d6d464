"""HTTP for video patrol."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from command_center.access.guard import Who, require
from command_center.errors import BadInput, NotFound
from command_center.patrol.door import Planner, Windows
from command_center.patrol.video_patrol import commands, queries
from command_center.patrol.video_patrol.facts import (
    Finding,
    MarkResult,
    VideoMarkView,
    VideoPlanView,
    VideoRoundView,
    mark_view,
    plan_view,
    round_view,
)
from command_center.patrol.windows import local_day
from command_center.registry.door import TownDep
from command_center.registry.town_index import TownIndex
from command_center.timeline import Transaction
from command_center.timeline.asked import Day, Version
from command_center.timeline.door import CommandDep, TimelineDep

router = APIRouter(prefix="/api/v1/patrol/video", tags=["patrol"])

Onlooker = Annotated[Who, Depends(require("patrol.see"))]
Watcher = Annotated[Who, Depends(require("patrol.watch"))]
Cameras = Annotated[list[str], Field(min_length=1, max_length=commands.MOST_CAMERAS)]
Every = Annotated[int, Field(ge=commands.EVERY_MIN[0], le=commands.EVERY_MIN[1])]
Show = Annotated[int, Field(ge=commands.SHOW_S[0], le=commands.SHOW_S[1])]
Name = Annotated[str, Field(min_length=1, max_length=64)]
AtOnce = Literal[1, 4, 9]


class NewVideoPlan(BaseModel):
    name: Name
    cameras: Cameras
    windows: Windows
    every_min: Every
    at_once: AtOnce = 4
    show_s: Show = 10


class VideoPlanChanges(BaseModel):
    """What is left out stays. `version` is the one the caller saw."""

    version: Version | None = None
    name: Name | None = None
    cameras: Cameras | None = None
    windows: Windows | None = None
    every_min: Every | None = None
    at_once: AtOnce | None = None
    show_s: Show | None = None
    active: bool | None = None


class MarkBody(BaseModel):
    camera_id: Annotated[str, Field(max_length=20)]
    result: MarkResult
    looked_s: Annotated[int, Field(ge=0, le=86_400)]
    finding: Finding | None = None
    note: Annotated[str, Field(max_length=500)] = ""


class MarksBody(BaseModel):
    """The pictures of one screen: all of them are marked, or none."""

    marks: Annotated[list[MarkBody], Field(min_length=1, max_length=max(commands.AT_ONCE))]


class RoundDetail(TypedDict):
    """A round with its plan and all that was said in it."""

    round: VideoRoundView
    plan: VideoPlanView
    marks: list[VideoMarkView]


class Marked(TypedDict):
    """Marks, and the round as it stands with them."""

    marks: list[VideoMarkView]
    round: VideoRoundView


@router.get("/plans")
def get_video_plans(who: Onlooker, timeline: TimelineDep) -> list[VideoPlanView]:
    with timeline.reading() as db:
        return queries.plans(db, who)


@router.post("/plans", status_code=201)
def post_video_plan(body: NewVideoPlan, who: Planner, command: CommandDep, town: TownDep) -> VideoPlanView:
    values = body.model_dump()
    values["cameras"] = _areas(town, body.cameras, who)
    view: VideoPlanView = command.run(lambda tx: plan_view(commands.add_video_plan(tx, **values, by=who)))
    return view


@router.patch("/plans/{id}")
def patch_video_plan(
    id: str, body: VideoPlanChanges, who: Planner, command: CommandDep, town: TownDep
) -> VideoPlanView:
    changes: dict[str, Any] = body.model_dump(exclude_unset=True)
    version = changes.pop("version", None)
    if any(value is None for value in changes.values()):
        raise BadInput("video_plan_value_missing")
    if "cameras" in changes:
        changes["cameras"] = _areas(town, changes["cameras"], who)
    view: VideoPlanView = command.run(
        lambda tx: plan_view(commands.change_video_plan(tx, id=id, changes=changes, by=who, version=version))
    )
    return view


@router.get("/rounds")
def get_video_rounds(
    who: Onlooker,
    timeline: TimelineDep,
    day: Annotated[Day | None, Query(alias="date", description="local date; today if left out")] = None,
) -> list[VideoRoundView]:
    with timeline.reading() as db:
        return queries.rounds(db, who, day or local_day(timeline.now()))


@router.get("/rounds/{id}")
def get_video_round(id: str, who: Onlooker, timeline: TimelineDep) -> RoundDetail:
    with timeline.reading() as db:
        row = queries.round_row(db, id=id, who=who)
        plan = next(one for one in queries.plans(db, who) if one["id"] == row.plan_id)
        return RoundDetail(round=round_view(row), plan=plan, marks=queries.marks(db, id))


@router.post("/rounds/{id}/begin")
def post_video_round_begin(id: str, who: Watcher, command: CommandDep) -> VideoRoundView:
    view: VideoRoundView = command.run(lambda tx: round_view(commands.begin_round(tx, id=id, by=who)))
    return view


@router.post("/rounds/{id}/marks", status_code=201)
def post_video_marks(id: str, body: MarksBody, who: Watcher, command: CommandDep, town: TownDep) -> Marked:
    areas = {mark.camera_id: town.camera(mark.camera_id).area for mark in body.marks}

    def mark(tx: Transaction) -> Marked:
        rows = [
            commands.mark_picture(tx, round_id=id, camera_area=areas[one.camera_id], by=who, **one.model_dump())
            for one in body.marks
        ]
        row = queries.round_row(tx.session, id=id, who=who)
        return Marked(marks=[mark_view(one) for one in rows], round=round_view(row))

    answer: Marked = command.run(mark)
    return answer


def _areas(town: TownIndex, cameras: Sequence[str], who: Who) -> dict[str, str]:
    """Where each camera stands; one outside the caller's area does not exist for him."""
    areas = {id: town.camera(id).area for id in cameras}
    for id, area in areas.items():
        if not who.sees(area):
            raise NotFound("camera_not_found", id=id)
    return areas
