"""HTTP for a day of patrol: planned against delivered, as a page and as a workbook; its rounds; its tracks."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from starlette.requests import HTTPConnection

from command_center.access.commands import audit
from command_center.access.guard import Who, in_area, require
from command_center.errors import BadInput
from command_center.patrol.days import queries
from command_center.patrol.days.queries import CodesOf
from command_center.patrol.days.rounds import published, rounds_of
from command_center.patrol.days.sheet import workbook
from command_center.patrol.days.tracks import LONGEST, events, tracks
from command_center.patrol.days.views import DayReport, DayRound, DayStop, TracksView
from command_center.patrol.door import Onlooker
from command_center.patrol.duties.queries import duties
from command_center.patrol.plans.desk import DeskDep
from command_center.patrol.plans.needs import instant
from command_center.patrol.windows import day_bounds
from command_center.registry.door import TownDep
from command_center.timeline.door import TimelineDep
from command_center.timeline.facts import iso

router = APIRouter(prefix="/api/v1/patrol/days", tags=["patrol days"])

# Where people were is shown to those who may see positions, and each look at it is written down.
TrackReader = Annotated[Who, Depends(require("position.see"))]
Area = Annotated[str | None, Query(pattern=r"^\d{6}(\d{3}){0,3}$", description="an area within the caller's own")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def get_codes_of(connection: HTTPConnection) -> CodesOf:
    """Who knows the codes of cases; without anybody they stay empty."""
    found: CodesOf | None = getattr(connection.app.state, "case_codes", None)
    return found or (lambda _session, _ids: {})


CodesDep = Annotated[CodesOf, Depends(get_codes_of)]


@router.get("/{day}")
def get_day(
    day: date, who: Onlooker, timeline: TimelineDep, town: TownDep, codes_of: CodesDep, area: Area = None
) -> DayReport:
    """What was due on a local day, what is proved of it, by team and by place, and when every place was seen."""
    with timeline.reading() as db:
        found = queries.read_day(db, day=day, area=_area(who, area), now=timeline.now(), codes_of=codes_of)
        return queries.report(db, found, town)


@router.get("/{day}/report.xlsx")
def get_workbook(
    day: date, who: Onlooker, timeline: TimelineDep, town: TownDep, codes_of: CodesDep, area: Area = None
) -> Response:
    """The same numbers as a workbook; it names duties and teams, no person."""
    report = get_day(day, who, timeline, town, codes_of, area)
    name = f"patrol-day-{day.isoformat()}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(workbook(report), media_type=XLSX, headers=headers)


@router.get("/{day}/rounds")
def get_rounds(day: date, who: Onlooker, timeline: TimelineDep, desk: DeskDep, area: Area = None) -> list[DayRound]:
    """The published rounds of a local day with their ways along the roads and the duties their stops are for."""
    with timeline.reading() as db:
        rows = published(db, area=_area(who, area), day=day)
        known = {
            (duty["point_id"] or duty["line_id"], duty["window_start"]): duty["id"] for duty in duties(db, who, day)
        }
        found = [(row, one) for row in rows for one in rounds_of(row, day)]
    views = []
    for row, one in found:
        stops = [
            DayStop(
                need_id=stop.need_id,
                kind=stop.kind,
                name=stop.name,
                lonlat=stop.lonlat,
                at=iso(instant(day, round(stop.arrive_s))),
                leave_at=iso(instant(day, round(stop.leave_s))),
                duty_id=known.get((stop.need_id, iso(stop.window_start))) if stop.window_start else None,
            )
            for stop in one.stops
        ]
        views.append(
            DayRound(
                plan_id=row.id,
                team_id=one.team_id,
                team=one.team,
                force=one.force,
                travel=one.travel,  # type: ignore[typeddict-item]
                persons=list(one.persons),
                depart_at=iso(instant(day, round(one.depart_s))),
                back_at=iso(instant(day, round(one.back_s))),
                stops=stops,
                legs=desk.ways(row).get(one.team_id, []),
            )
        )
    return views


@router.get("/{day}/tracks")
def get_tracks(
    day: date,
    who: TrackReader,
    timeline: TimelineDep,
    town: TownDep,
    since: Annotated[datetime, Query(alias="from", description="with its offset from UTC")],
    until: Annotated[datetime, Query(description="at most three hours later")],
    area: Area = None,
) -> TracksView:
    """Positions of a stretch of a local day, to be played again. Where people went is personal: looks are written down.

    Raises:
        BadInput: the stretch is none, is longer than three hours, or leaves the day.
    """
    if since.tzinfo is None or until.tzinfo is None:
        raise BadInput("day_stretch_bad")
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    start, end = day_bounds(day)
    if not start <= since < until <= end or until - since > LONGEST:
        raise BadInput("day_stretch_bad")
    within = _area(who, area)
    with timeline.reading() as db:
        found, step_s = tracks(db, town, area=within, since=since, until=until)
        happened = events(db, who, area=within, since=since, until=until)
    with timeline.transaction() as tx:
        span = f"{iso(since)} {iso(until)}"
        audit(tx, who=who, what="patrol.tracks_seen", object_id=span[:64], purpose=f"{within} {len(found)}")
    return TracksView(since=iso(since), until=iso(until), step_s=step_s, tracks=found, events=happened)


def _area(who: Who, area: str | None) -> str:
    """The area asked for, if it is the caller's.

    Raises:
        NotFound: it is not.
    """
    in_area(who, area or who.area)
    return area or who.area
