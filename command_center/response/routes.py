"""HTTP of cases. Confirming an alert lives here, because it opens a case in the same transaction."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from command_center.access.guard import Who, require
from command_center.errors import NotFound
from command_center.registry.door import TownDep
from command_center.registry.views import camera_view
from command_center.response import commands, queries
from command_center.response.advice_views import CandidatesView, candidates_view
from command_center.response.facts import CaseView, OrderView, case_view
from command_center.response.figures.routes import router as figure_router
from command_center.response.finding.routes import router as finding_router
from command_center.response.handover.routes import router as handover_router
from command_center.response.intake.routes import router as intake_router
from command_center.response.mode.routes import router as mode_router
from command_center.response.order_routes import router as order_router
from command_center.response.parties.routes import router as party_router
from command_center.response.parts import AdviserDep, TermsDep
from command_center.response.profile_routes import router as profile_router
from command_center.response.public import router as public_router
from command_center.response.steps.routes import router as step_router
from command_center.response.ways.routes import router as way_router
from command_center.timeline import Transaction
from command_center.timeline.door import CommandDep, TimelineDep
from command_center.timeline.facts import iso

router = APIRouter(prefix="/api/v1", tags=["response"])
router.include_router(order_router)
router.include_router(intake_router)
router.include_router(handover_router)
router.include_router(mode_router)
# Before /cases/{id}, which would take "queue", "found" and "figures" for cases.
router.include_router(figure_router)
router.include_router(step_router)
router.include_router(finding_router)
router.include_router(public_router)
router.include_router(profile_router)
router.include_router(way_router)
router.include_router(party_router)

SeesCases = Annotated[Who, Depends(require("case.see", "case.see_own"))]
SeesArea = Annotated[Who, Depends(require("case.see"))]
Dispatcher = Annotated[Who, Depends(require("case.dispatch"))]


class Confirmation(BaseModel):
    category: Annotated[str, Field(max_length=8)]
    title: Annotated[str | None, Field(max_length=200)] = None
    level: Annotated[int | None, Field(ge=1, le=4)] = None
    note: Annotated[str | None, Field(max_length=1000)] = None


class Dispatch(BaseModel):
    person_ids: Annotated[list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=20)]
    text: Annotated[str, Field(max_length=1000)] = ""


class Resolution(BaseModel):
    answer: Annotated[str, Field(max_length=2000)]


class Callback(BaseModel):
    rating: Annotated[int, Field(ge=1, le=5)]
    solved: bool
    note: Annotated[str, Field(max_length=1000)] = ""


class Dispatched(TypedDict):
    case: CaseView
    orders: list[OrderView]


class NearCameraView(TypedDict):
    camera: dict[str, Any]
    distance_m: float
    sees: bool
    bearing_off_deg: float


class CameraLink(BaseModel):
    camera_id: Annotated[str, Field(max_length=20)]
    why: Annotated[str, Field(max_length=500)]


@router.post("/alerts/{id}/confirm")
def confirm(
    id: str,
    body: Confirmation,
    command: CommandDep,
    terms: TermsDep,
    who: Annotated[Who, Depends(require("alert.confirm"))],
) -> CaseView:
    case: CaseView = command.run(
        lambda tx: commands.open_case(tx, alert_id=id, who=who, terms=terms, **body.model_dump())
    )
    return case


@router.get("/cases")
def list_cases(
    timeline: TimelineDep,
    who: SeesCases,
    state: Annotated[list[str] | None, Query(max_length=10)] = None,
    q: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[CaseView]:
    states = [name for item in state or () for name in item.split(",") if name]
    with timeline.reading() as session:
        return queries.cases(session, who, states=states, q=q, limit=limit)


@router.get("/cases/{id}")
def get_case(id: str, timeline: TimelineDep, who: SeesCases) -> queries.CaseDetail:
    with timeline.reading() as session:
        return queries.case_detail(session, id=id, who=who)


@router.get("/cases/{id}/candidates")
def get_candidates(
    id: str,
    timeline: TimelineDep,
    adviser: AdviserDep,
    who: Dispatcher,
    limit: Annotated[int, Query(ge=1, le=50)] = 3,
) -> CandidatesView:
    """Who should go, best first, and the nearest of those who should not, with the reasons for and against."""
    now = timeline.now()
    with timeline.reading() as session:
        case = queries.case_row(session, id=id, who=who)
        ranking = adviser.ranking(session, case, who=who, now=now, limit=limit)
    return candidates_view(ranking, adviser, (case.lon, case.lat), limit=limit, at=iso(now))


@router.post("/cases/{id}/dispatch")
def dispatch(
    id: str,
    body: Dispatch,
    timeline: TimelineDep,
    command: CommandDep,
    adviser: AdviserDep,
    terms: TermsDep,
    who: Dispatcher,
) -> Dispatched:
    """Send an order to each person, to all or to none; what the ranking said about them is kept with the orders."""
    with timeline.reading() as session:
        case = queries.case_row(session, id=id, who=who)
        advice = adviser.advice(session, case, body.person_ids, who=who, now=timeline.now())

    def send(tx: Transaction) -> Dispatched:
        orders = commands.dispatch(tx, id=id, who=who, terms=terms, advice=advice, **body.model_dump())
        return {"case": case_view(tx.session, commands.find(tx, id=id, who=who)), "orders": orders}

    answer: Dispatched = command.run(send)
    return answer


@router.post("/cases/{id}/resolve")
def resolve(
    id: str, body: Resolution, command: CommandDep, who: Annotated[Who, Depends(require("case.resolve"))]
) -> CaseView:
    case: CaseView = command.run(lambda tx: commands.resolve(tx, id=id, who=who, answer=body.answer))
    return case


@router.post("/cases/{id}/call-back")
def call_back(
    id: str, body: Callback, command: CommandDep, who: Annotated[Who, Depends(require("case.call_back"))]
) -> CaseView:
    case: CaseView = command.run(lambda tx: commands.call_back(tx, id=id, who=who, **body.model_dump()))
    return case


@router.post("/cases/{id}/archive")
def archive(id: str, command: CommandDep, who: Annotated[Who, Depends(require("case.archive"))]) -> CaseView:
    case: CaseView = command.run(lambda tx: commands.archive(tx, id=id, who=who))
    return case


@router.get("/cases/{id}/cameras/near")
def near_cameras(
    id: str,
    request: Request,
    timeline: TimelineDep,
    town: TownDep,
    who: SeesArea,
    radius_m: Annotated[float, Query(gt=0, le=2000)] = 300.0,
) -> list[NearCameraView]:
    """Cameras around the place of a case: those that see it first, then the nearer ones."""
    with timeline.reading() as session:
        case = queries.case_row(session, id=id, who=who)
    live = getattr(request.app.state, "camera_feeds", ())
    return [
        {
            "camera": camera_view(near.camera, near.camera.id in live),
            "distance_m": round(near.sight.distance_m, 1),
            "sees": near.sight.sees,
            "bearing_off_deg": round(near.sight.bearing_off_deg, 1),
        }
        for near in town.cameras_near((case.lon, case.lat), radius_m)
        if who.sees(near.camera.area)
    ]


@router.post("/cases/{id}/cameras")
def link_camera(
    id: str,
    body: CameraLink,
    command: CommandDep,
    town: TownDep,
    who: Annotated[Who, Depends(require("case.link_camera"))],
) -> CaseView:
    if not who.sees(town.camera(body.camera_id).area):
        raise NotFound("camera_not_found", id=body.camera_id)
    case: CaseView = command.run(lambda tx: commands.link_camera(tx, id=id, who=who, **body.model_dump()))
    return case
