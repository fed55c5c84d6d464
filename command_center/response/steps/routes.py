"""HTTP of working on cases: lists, one case with what the caller may do, steps, decisions, photos."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response, UploadFile
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from command_center.access.guard import Who, require
from command_center.errors import NotFound, language_of
from command_center.evidence.commands import add_photo, photo_key, store_photo
from command_center.evidence.pictures import PHOTO_LIMIT_BYTES
from command_center.evidence.queries import photo as photo_row
from command_center.evidence.routes import PRIVATE, MediaDep
from command_center.registry.door import TownDep
from command_center.response.commands import find
from command_center.response.facts import CaseView
from command_center.response.intake.suggesting import is_competent
from command_center.response.parties.routes import KeysDep
from command_center.response.queries import case_row
from command_center.response.steps import commands, queries, queues
from command_center.timeline import Transaction
from command_center.timeline.door import CommandDep, TimelineDep

router = APIRouter(prefix="/cases")

SEES = ("case.see", "case.see_own")
WORKS = (
    "case.take_in", "case.verify", "case.dispatch", "case.handle", "case.resolve", "case.call_back", "case.archive",
    "case.head", "case.lead", "case.supervise",
)  # fmt: skip
Sees = Annotated[Who, Depends(require(*SEES))]
Works = Annotated[Who, Depends(require(*WORKS))]
Language = Annotated[str | None, Header(alias="accept-language")]


Word = (
    Annotated[str, Field(max_length=4000)]
    | bool
    | int
    | Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)]
    | None
)


class Step(BaseModel):
    action: Annotated[str, Field(max_length=24)]
    said: Annotated[dict[str, Word], Field(max_length=20)] = {}


class Decision(BaseModel):
    yes: bool
    note: Annotated[str, Field(max_length=1000)] = ""


class PhotoKept(TypedDict):
    id: str


@router.get("/queue")
def get_queue(
    timeline: TimelineDep,
    who: Sees,
    name: queues.Queue = "todo",
    q: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    skip: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> queues.QueueView:
    with timeline.reading() as session:
        return queues.queue(session, who, name, now=timeline.now(), q=q, limit=limit, skip=skip)


@router.get("/queue/counts")
def get_counts(timeline: TimelineDep, who: Sees) -> dict[str, int]:
    with timeline.reading() as session:
        return queues.counts(session, who, now=timeline.now())


@router.get("/{id}/work")
def get_work(
    id: str, timeline: TimelineDep, town: TownDep, who: Sees, accept_language: Language = None
) -> queries.Working:
    with timeline.reading() as session:
        language = language_of(accept_language)
        return queries.working(session, town, who, id=id, now=timeline.now(), language=language)


@router.post("/{id}/steps")
def post_step(id: str, body: Step, command: CommandDep, town: TownDep, keys: KeysDep, who: Works) -> CaseView:
    """Take a step, or put it before those who decide on it; the answer's `asks` tells which."""

    def step(tx: Transaction) -> CaseView:
        category, unit = town.categories.get(find(tx, id=id, who=who).category), town.units.get(who.unit_id or "")
        competent = category is not None and unit is not None and is_competent(category, unit)
        return commands.take_step(
            tx, id=id, who=who, action=body.action, said=body.said, keys=keys, competent=competent
        )

    case: CaseView = command.run(step)
    return case


@router.post("/{id}/approvals/{approval}")
def post_decision(id: str, approval: str, body: Decision, command: CommandDep, who: Works) -> CaseView:
    case: CaseView = command.run(
        lambda tx: commands.decide(tx, id=id, who=who, approval=approval, yes=body.yes, note=body.note)
    )
    return case


@router.post("/{id}/approvals/{approval}/take-back")
def post_take_back(id: str, approval: str, command: CommandDep, who: Works) -> CaseView:
    case: CaseView = command.run(lambda tx: commands.take_back(tx, id=id, who=who, approval=approval))
    return case


@router.post("/{id}/photos", status_code=201)
def post_photo(
    id: str, photo: UploadFile, command: CommandDep, media: MediaDep, timeline: TimelineDep, who: Works
) -> PhotoKept:
    """A photo that a step is going to name (JPEG, PNG or WebP, at most 8 MB)."""
    with timeline.reading() as session:
        case_row(session, id=id, who=who)
    stored = store_photo(media, photo.file.read(PHOTO_LIMIT_BYTES + 1))

    def keep(tx: Transaction) -> PhotoKept:
        row = find(tx, id=id, who=who)
        add_photo(tx, stored, case_id=id, order_id="", person_id=who.party or "", area=row.area, who=who.json())
        return {"id": stored.id}

    kept: PhotoKept = command.run(keep)
    return kept


@router.get("/{id}/photos/{photo_id}", response_class=Response, responses={200: {"content": {"image/*": {}}}})
def get_photo(id: str, photo_id: str, timeline: TimelineDep, media: MediaDep, who: Sees) -> Response:
    with timeline.reading() as session:
        case_row(session, id=id, who=who)
        row = photo_row(session, photo_id)
    if row is None or row.case_id != id:
        raise NotFound("media_not_found")
    headers = {**PRIVATE, "ETag": f'"{row.sha256}"', "X-Content-Type-Options": "nosniff"}
    return Response(media.read(photo_key(row.sha256, row.mime)), media_type=row.mime, headers=headers)
