"""HTTP for a day of patrol: planned against delivered, as a page and as a workbook; its rounds; its tracks."""

from datetime import UTC, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from starlette.requests import HTTPConnection

from command_center.access.commands import audit
from command_center.access.guard import Who, in_area, require
from command_center.errors import BadInput
from command_center.patrol.days import queries
from command_center.patrol.days.parts import RoundPart, ground_of, part_of, places_in, stops_in, whole
from command_center.patrol.days.queries import CodesOf
from command_center.patrol.days.rounds import published, rounds_of
from command_center.patrol.days.sheet import workbook
from command_center.patrol.days.tracks import LONGEST, events, tracks
from command_center.patrol.days.views import DayReport, DayRound, TracksView, round_view
from command_center.patrol.door import Onlooker
from command_center.patrol.duties.queries import duties
from command_center.patrol.plans.desk import DeskDep
from command_center.patrol.windows import day_bounds
from command_center.registry.door import TownDep
from command_center.timeline.asked import Day, Moment
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
    day: Day, who: Onlooker, timeline: TimelineDep, town: TownDep, codes_of: CodesDep, area: Area = None
) -> DayReport:
    """What was due on a local day, what is proved of it, by team and by place, and when every place was seen."""
    with timeline.reading() as db:
        found = queries.read_day(db, day=day, area=_area(who, area), now=timeline.now(), codes_of=codes_of)
        return queries.report(db, found, town)


@router.get("/{day}/report.xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def get_workbook(
    day: Day, who: Onlooker, timeline: TimelineDep, town: TownDep, codes_of: CodesDep, area: Area = None
) -> Response:
    """The same numbers as a workbook; it names duties and teams, no person."""
    report = get_day(day, who, timeline, town, codes_of, area)
    name = f"patrol-day-{day.isoformat()}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(workbook(report), media_type=XLSX, headers=headers)


@router.get("/{day}/rounds")
def get_rounds(
    day: Day, who: Onlooker, timeline: TimelineDep, town: TownDep, desk: DeskDep, area: Area = None
) -> list[DayRound]:
    """The published rounds of a local day with their ways along the roads and the duties their stops are for.

    Of the plan of a wider area than the one asked for, only stops and pieces of way in it.
    """
    within = _area(who, area)
    with timeline.reading() as db:
        rows = published(db, area=within, day=day)
        # A round of the night before may stop for a duty that began before midnight.
        known = {
            (duty["point_id"] or duty["line_id"], duty["window_start"]): duty["id"]
            for one in (day - timedelta(days=1), day)
            for duty in duties(db, who, one)
        }
        places = places_in(db, within)
    found = list[RoundPart]()
    for row in rows:
        ways, rounds = desk.ways(row), rounds_of(row, day)
        if row.area.startswith(within):
            found += [whole(one, ways.get(one.team_id, [])) for one in rounds]
            continue
        here, ground = stops_in(places, town=town, area=within), ground_of(town, within)
        cut = (part_of(one, ways.get(one.team_id, []), here=here, ground=ground) for one in rounds)
        found += [part for part in cut if part is not None]
    return [round_view(one, day, known) for one in found]


@router.get("/{day}/tracks")
def get_tracks(
    day: Day,
    who: TrackReader,
    timeline: TimelineDep,
    town: TownDep,
    since: Annotated[Moment, Query(alias="from", description="with its offset from UTC")],
    until: Annotated[Moment, Query(description="at most three hours later")],
    area: Area = None,
) -> TracksView:
    """Positions of a stretch of a local day, to be played again. Where people went is personal: looks are written down.

    Raises:
        BadInput: the stretch is none, is longer than three hours, or leaves the day.
    """
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
