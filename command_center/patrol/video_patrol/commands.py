"""Plans come and change, rounds open and close by the clock, and an eye marks picture after picture."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from command_center.access.guard import Who
from command_center.errors import BadInput, Conflict, NotFound
from command_center.patrol.editing import change_row
from command_center.patrol.video_patrol.facts import (
    Finding,
    MarkResult,
    finding_fact,
    plan_fact,
    round_fact,
)
from command_center.patrol.video_patrol.tables import VideoMarkRow, VideoPlanRow, VideoRoundRow
from command_center.patrol.windows import local_day, plain_windows, read_windows
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id

MOST_CAMERAS = 500
EVERY_MIN = (5, 24 * 60)
SHOW_S = (3, 120)
AT_ONCE = (1, 4, 9)
UNFINISHED = ("open", "running")
# Of grid, village, town and county.
AREA_DIGITS = (15, 12, 9, 6)


def add_video_plan(
    tx: Transaction,
    *,
    name: str,
    cameras: Mapping[str, str],
    windows: Sequence[Mapping[str, str]],
    every_min: int,
    at_once: int = 4,
    show_s: int = 10,
    by: Who | None = None,
) -> VideoPlanRow:
    """Add a plan; its rounds open from the next due time on.

    Args:
        tx: the transaction.
        name: e.g. 校园周边.
        cameras: area code by camera id, in the order in which they are shown; 1 to 500.
        windows: `{"start", "end"}` local times of day between which rounds begin.
        every_min: minutes from the beginning of a round to that of the next, 5 to 1,440.
        at_once: pictures on the screen together: 1, 4 or 9.
        show_s: seconds for which they stay before the watcher is asked to go on, 3 to 120.
        by: who does it; None for an import.

    Raises:
        BadInput: a value is impossible.
    """
    row = VideoPlanRow(
        id=new_id(),
        name=name.strip(),
        area=_common_area(cameras),
        cameras=list(cameras),
        windows=plain_windows(windows),
        every_min=every_min,
        at_once=at_once,
        show_s=show_s,
        active=True,
        version=1,
    )
    _check(row)
    tx.session.add(row)
    tx.session.flush()
    tx.emit(plan_fact("patrol.video_plan_added", row, actor=by.json() if by else None))
    return row


def change_video_plan(
    tx: Transaction, *, id: str, changes: Mapping[str, Any], by: Who, version: int | None = None
) -> VideoPlanRow:
    """Change a plan; rounds that are open already stay as they are.

    Args:
        tx: the transaction.
        id: of the plan.
        changes: new values by name: name, cameras (area code by id), windows, every_min, at_once, show_s, active.
        by: who does it.
        version: refuse if the plan is no longer the one the caller saw.

    Raises:
        NotFound: there is no such plan in the caller's area.
        Conflict: somebody changed it in between.
        BadInput: a value is impossible.
    """
    return change_row(
        tx,
        VideoPlanRow,
        id,
        changes=changes,
        version=version,
        by=by,
        unknown="video_plan_unknown",
        changed="video_plan_changed",
        put={"cameras": _put_cameras},
        check=_check,
        tell=lambda row: plan_fact("patrol.video_plan_changed", row, actor=by.json()),
    )


def _put_cameras(row: VideoPlanRow, cameras: Mapping[str, str]) -> None:
    row.cameras, row.area = list(cameras), _common_area(cameras)


def open_rounds(tx: Transaction) -> int:
    """Open what is due now and is not open yet; repeating it changes nothing. Returns how many were opened.

    A round whose time is over already is not opened: nobody was told of it.
    """
    opened = 0
    for plan in tx.session.scalars(select(VideoPlanRow).where(VideoPlanRow.active).order_by(VideoPlanRow.id)):
        due = due_now(plan, tx.now)
        if due is None or _is_open(tx, plan.id, due[0]):
            continue
        row = VideoRoundRow(
            id=new_id(),
            plan_id=plan.id,
            area=plan.area,
            due_from=due[0],
            due_until=due[1],
            cameras=list(plan.cameras),
            state="open",
            watcher=None,
            seen=0,
            findings=0,
            blind=0,
            version=1,
        )
        tx.session.add(row)
        tx.emit(round_fact("patrol.video_round_opened", row))
        opened += 1
    return opened


def close_rounds(tx: Transaction) -> int:
    """Close rounds whose time is over: whatever was not marked was not looked at. Returns how many were closed."""
    over = select(VideoRoundRow).where(VideoRoundRow.state.in_(UNFINISHED), VideoRoundRow.due_until <= tx.now)
    rows = list(tx.session.scalars(over.order_by(VideoRoundRow.id).with_for_update()))
    for row in rows:
        row.state, row.ended_at = "missed", row.due_until
        row.version += 1
        tx.emit(round_fact("patrol.video_round_missed", row, happened_at=row.due_until))
    return len(rows)


def begin_round(tx: Transaction, *, id: str, by: Who) -> VideoRoundRow:
    """Sit down at the screen for a round; who takes over from somebody else goes on where that one stopped.

    Raises:
        NotFound: there is no such round in the caller's area.
        Conflict: it is over.
    """
    row = _round(tx, id, by)
    if row.watcher == by.json() and row.state == "running":
        return row
    row.state, row.watcher, row.begun_at = "running", by.json(), row.begun_at or tx.now
    row.version += 1
    tx.emit(round_fact("patrol.video_round_begun", row, actor=by.json()))
    return row


def mark_picture(
    tx: Transaction,
    *,
    round_id: str,
    camera_id: str,
    camera_area: str,
    result: MarkResult,
    looked_s: int,
    by: Who,
    finding: Finding | None = None,
    note: str = "",
) -> VideoMarkRow:
    """Say what is to be seen in one picture. The last mark of a round ends it; a finding is told at once.

    Marking a picture again replaces what was said, except that a finding stays one: it was told.

    Args:
        tx: the transaction.
        round_id: of a round that is not over.
        camera_id: one of its cameras.
        camera_area: where that camera stands.
        result: `normal`, `finding`, or `blind` where no picture could be judged.
        looked_s: seconds for which the picture was on the screen.
        by: who looked.
        finding: what was found, needed for a finding.
        note: in the watcher's words.

    Raises:
        NotFound: there is no such round, or the camera is none of its.
        Conflict: the round is over.
        BadInput: a finding without its kind.
    """
    row = _round(tx, round_id, by)
    if camera_id not in row.cameras:
        raise NotFound("camera_not_found", id=camera_id)
    if (result == "finding") != (finding is not None):
        raise BadInput("finding_kind_missing")
    mark = tx.session.scalar(
        select(VideoMarkRow).where(VideoMarkRow.round_id == round_id, VideoMarkRow.camera_id == camera_id)
    )
    if mark is not None and mark.result == "finding":
        return mark
    if mark is None:
        mark = VideoMarkRow(id=new_id(), round_id=round_id, camera_id=camera_id)
        tx.session.add(mark)
    mark.at, mark.result, mark.finding, mark.note = tx.now, result, finding, note.strip()
    mark.looked_s, mark.by = looked_s, by.json()
    tx.session.flush()
    _count(tx, row, by)
    if result == "finding":
        tx.emit(finding_fact(row, mark, area=camera_area, actor=by.json()))
    return mark


def _count(tx: Transaction, row: VideoRoundRow, by: Who) -> None:
    """Bring the round's sums up to date; it is told where it begins and ends, not for every picture."""
    results = list(tx.session.scalars(select(VideoMarkRow.result).where(VideoMarkRow.round_id == row.id)))
    row.seen, row.findings, row.blind = len(results), results.count("finding"), results.count("blind")
    row.version += 1
    if row.state == "open":
        row.state, row.watcher, row.begun_at = "running", by.json(), tx.now
        tx.emit(round_fact("patrol.video_round_begun", row, actor=by.json()))
    if row.seen == len(row.cameras):
        row.state, row.ended_at = "done", tx.now
        tx.emit(round_fact("patrol.video_round_done", row, actor=by.json()))


def due_now(plan: VideoPlanRow, now: datetime) -> tuple[datetime, datetime] | None:
    """When the round that is due now began to be due, and until when it is; None between the plan's windows.

    A round may last until the next one is due, the last one of a window until the window ends.
    """
    step = timedelta(minutes=plan.every_min)
    today = local_day(now)
    for day in (today - timedelta(days=1), today):
        for start, end in _spans(plan, day):
            if start <= now < end:
                begin = start + step * ((now - start) // step)
                return begin, min(begin + step, end)
    return None


def _spans(plan: VideoPlanRow, day: date) -> list[tuple[datetime, datetime]]:
    return [window.on(day) for window in read_windows(plan.windows)]


def _is_open(tx: Transaction, plan_id: str, due_from: datetime) -> bool:
    known = select(VideoRoundRow.id).where(VideoRoundRow.plan_id == plan_id, VideoRoundRow.due_from == due_from)
    return tx.session.scalar(known) is not None


def _round(tx: Transaction, id: str, by: Who) -> VideoRoundRow:
    row = tx.session.get(VideoRoundRow, id, with_for_update=True, populate_existing=True)
    if row is None or not by.sees(row.area):
        raise NotFound("video_round_unknown")
    if row.state not in UNFINISHED:
        raise Conflict("video_round_over")
    return row


def _common_area(cameras: Mapping[str, str]) -> str:
    """The smallest area of town, village or grid that holds all cameras: who sees it sees every picture."""
    areas = list(cameras.values())
    for digits in AREA_DIGITS:
        common = {area[:digits] for area in areas}
        if len(common) == 1 and min(map(len, areas)) >= digits:
            return common.pop()
    return ""


def _check(row: VideoPlanRow) -> None:
    if not row.name:
        raise BadInput("video_plan_nameless")
    if not 1 <= len(row.cameras) <= MOST_CAMERAS or not row.area:
        raise BadInput("video_plan_cameras", most=MOST_CAMERAS)
    if not row.windows:
        raise BadInput("windows_bad")
    if not EVERY_MIN[0] <= row.every_min <= EVERY_MIN[1]:
        raise BadInput("video_plan_every", least=EVERY_MIN[0], most=EVERY_MIN[1])
    if row.at_once not in AT_ONCE or not SHOW_S[0] <= row.show_s <= SHOW_S[1]:
        raise BadInput("video_plan_show", least=SHOW_S[0], most=SHOW_S[1])
    screens = -(-len(row.cameras) // row.at_once)
    if screens * row.show_s > row.every_min * 60:
        raise BadInput("video_plan_too_long", minutes=-(-screens * row.show_s // 60))
