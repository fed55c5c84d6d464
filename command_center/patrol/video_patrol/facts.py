"""How plans, rounds and findings of video patrol are told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from typing_extensions import TypedDict

from command_center.patrol.video_patrol.tables import VideoMarkRow, VideoPlanRow, VideoRoundRow
from command_center.patrol.windows import WindowView
from command_center.timeline import Fact
from command_center.timeline.facts import iso

RoundState = Literal["open", "running", "done", "missed"]
MarkResult = Literal["normal", "finding", "blind"]
# What a watcher may find; prewarning has a rule for each.
Finding = Literal["fire", "fight", "crowd", "fall", "trespass", "suspicious", "hazard", "order", "other"]


class Seat(TypedDict):
    """Who sat at the screen."""

    id: str
    name: str


class VideoPlanView(TypedDict):
    """`every_min` minutes lie between the beginnings of rounds; each screen of `at_once` pictures stays `show_s` s."""

    id: str
    name: str
    area: str
    cameras: list[str]
    windows: list[WindowView]
    every_min: int
    at_once: int
    show_s: int
    active: bool
    version: int


class VideoRoundView(TypedDict):
    """`seen` pictures of all `cameras` were marked, `findings` and `blind` among them."""

    id: str
    plan_id: str
    area: str
    due_from: str
    due_until: str
    cameras: list[str]
    state: RoundState
    watcher: Seat | None
    begun_at: str | None
    ended_at: str | None
    seen: int
    findings: int
    blind: int
    version: int


class VideoMarkView(TypedDict):
    id: str
    round_id: str
    camera_id: str
    at: str
    result: MarkResult
    finding: Finding | None
    note: str
    looked_s: int
    by: Seat


def plan_view(row: VideoPlanRow) -> VideoPlanView:
    return VideoPlanView(
        id=row.id,
        name=row.name,
        area=row.area,
        cameras=row.cameras,
        windows=row.windows,
        every_min=row.every_min,
        at_once=row.at_once,
        show_s=row.show_s,
        active=row.active,
        version=row.version,
    )


def round_view(row: VideoRoundRow) -> VideoRoundView:
    return {
        "id": row.id,
        "plan_id": row.plan_id,
        "area": row.area,
        "due_from": iso(row.due_from),
        "due_until": iso(row.due_until),
        "cameras": row.cameras,
        "state": row.state,  # type: ignore[typeddict-item]
        "watcher": row.watcher,
        "begun_at": iso(row.begun_at) if row.begun_at else None,
        "ended_at": iso(row.ended_at) if row.ended_at else None,
        "seen": row.seen,
        "findings": row.findings,
        "blind": row.blind,
        "version": row.version,
    }


def mark_view(row: VideoMarkRow) -> VideoMarkView:
    return {
        "id": row.id,
        "round_id": row.round_id,
        "camera_id": row.camera_id,
        "at": iso(row.at),
        "result": row.result,  # type: ignore[typeddict-item]
        "finding": row.finding,  # type: ignore[typeddict-item]
        "note": row.note,
        "looked_s": row.looked_s,
        "by": row.by,
    }


def plan_fact(kind: str, row: VideoPlanRow, *, actor: Mapping[str, str] | None) -> Fact:
    return Fact(kind, row.id, {"video_plan": plan_view(row)}, row.area, actor=actor)


def round_fact(
    kind: str, row: VideoRoundRow, *, actor: Mapping[str, str] | None = None, happened_at: datetime | None = None
) -> Fact:
    return Fact(kind, row.id, {"video_round": round_view(row)}, row.area, actor=actor, happened_at=happened_at)


def finding_fact(row: VideoRoundRow, mark: VideoMarkRow, *, area: str, actor: Mapping[str, str]) -> Fact:
    """A finding is told under the area of its camera, with the round as it stands now."""
    data: dict[str, Any] = {"video_mark": mark_view(mark), "video_round": round_view(row)}
    return Fact("patrol.video_found", mark.id, data, area, actor=actor, happened_at=mark.at)
