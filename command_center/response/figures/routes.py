"""HTTP of the figures: of a period, as a page and as a workbook, and the cases behind each number."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import Response

from command_center.access.guard import Who, in_area, require
from command_center.errors import language_of
from command_center.registry.door import TownDep
from command_center.response.figures import queries
from command_center.response.figures.counting import period
from command_center.response.figures.queries import Asked, Side
from command_center.response.figures.sheet import workbook
from command_center.response.figures.views import BehindView, FiguresView
from command_center.timeline.asked import Day
from command_center.timeline.door import TimelineDep

router = APIRouter(prefix="/cases/figures")

SeesFigures = Annotated[Who, Depends(require("figure.see"))]
AskedDay = Annotated[Day | None, Query(description="a local day, included")]
Area = Annotated[str | None, Query(pattern=r"^\d{6}(\d{3}){0,3}$", description="an area within the caller's own")]
Way = Annotated[str | None, Query(max_length=32, description="id of a way of working")]
Language = Annotated[str | None, Header(alias="accept-language")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def asked_of(
    timeline: TimelineDep,
    who: SeesFigures,
    since: AskedDay = None,
    until: AskedDay = None,
    area: Area = None,
    way: Way = None,
) -> Asked:
    """What is asked about, if it is the caller's; somebody of a department has his unit's cases, wherever they lie.

    Raises:
        BadInput: the days are none.
        NotFound: the area is not the caller's.
    """
    days = period(since, until, now=timeline.now())
    if not who.may("case.see"):
        return Asked(who, days, area or "", way)
    in_area(who, area or who.area)
    return Asked(who, days, area or who.area, way)


AskedDep = Annotated[Asked, Depends(asked_of)]


@router.get("")
def get_figures(timeline: TimelineDep, town: TownDep, asked: AskedDep, accept_language: Language = None) -> FiguresView:
    """The figures of the cases that came in on these days; of this month if no day is given."""
    language = language_of(accept_language)
    with timeline.reading() as session:
        return queries.figures(session, town, asked, now=timeline.now(), language=language)


@router.get("/report.xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def get_workbook(timeline: TimelineDep, town: TownDep, asked: AskedDep) -> Response:
    """The same numbers as a workbook; it names units, no person."""
    report = get_figures(timeline, town, asked)
    name = f"case-figures-{report['since']}-{report['until']}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(workbook(report), media_type=XLSX, headers=headers)


@router.get("/{name}/cases")
def get_behind(
    name: str,
    timeline: TimelineDep,
    asked: AskedDep,
    side: Side = "over",
    part: Annotated[str | None, Query(max_length=12)] = None,
    key: Annotated[str, Query(max_length=40)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    skip: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> BehindView:
    """The cases behind a number of the figures, a page at a time."""
    with timeline.reading() as session:
        return queries.behind(
            session, asked, name, side=side, part=part, key=key, now=timeline.now(), limit=limit, skip=skip
        )
