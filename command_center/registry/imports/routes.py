"""HTTP of imports: a file is sent, looked at, tried, and then imported as it was tried; layers leave again."""

import hashlib
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask
from typing_extensions import TypedDict

from command_center.access.commands import audit
from command_center.access.guard import Who, require
from command_center.errors import TEXTS, Conflict, Forbidden, YipingError, language_of
from command_center.registry.imports.commands import apply_plan
from command_center.registry.imports.export import write_layer
from command_center.registry.imports.files import is_osm
from command_center.registry.imports.kinds import kind_of
from command_center.registry.imports.links import Links, get_links
from command_center.registry.imports.looking import LookView, look
from command_center.registry.imports.plan import Plan, Wish, make_plan
from command_center.registry.imports.queries import ImportView, import_view, newest_imports, stored_faults
from command_center.registry.imports.uploads import Upload, Uploads
from command_center.registry.imports.views import FaultView, ImportPlanView, fault_views, import_plan_view
from command_center.timeline.door import CommandDep, TimelineDep
from command_center.timeline.store import Timeline, Transaction

router = APIRouter(prefix="/api/v1/registry", tags=["imports"])

Importer = Annotated[Who, Depends(require("registry.import"))]
Exporter = Annotated[Who, Depends(require("registry.export"))]
LinksDep = Annotated[Links, Depends(get_links)]
Language = Annotated[str | None, Header(alias="accept-language")]
Short = Annotated[str, Field(max_length=200)]
MEDIA = {"gpkg": "application/geopackage+sqlite3", "geojson": "application/geo+json"}


class WishBody(BaseModel):
    """How a file is to be imported: see plan.Wish."""

    model_config = ConfigDict(extra="forbid")

    kind: Short
    crs: Short = ""
    encoding: Short = ""
    columns: Annotated[dict[Short, Short], Field(max_length=50)] = {}
    fixed: Annotated[dict[Short, Short], Field(max_length=50)] = {}
    layer: Short = ""
    only: Short = ""
    replace: bool = False
    renumber: bool = False
    issue_ids: bool = False

    def wish(self) -> Wish:
        return Wish(**self.model_dump(exclude={"token"}))


class ApplyBody(WishBody):
    """The same wish as it was tried, with the token of the trial."""

    token: Short


class UploadView(TypedDict):
    id: str
    name: str
    bytes: int
    sha256: str


def get_uploads(request: Request) -> Uploads:
    return Uploads(request.app.state.settings.data_dir / "imports")


UploadsDep = Annotated[Uploads, Depends(get_uploads)]


@router.post("/imports/uploads")
async def post_upload(
    request: Request, who: Importer, uploads: UploadsDep, name: Annotated[str, Query(min_length=1, max_length=200)]
) -> UploadView:
    """Take a file as the body of the request; it waits for an hour."""
    getattr(request.app.state, "check_room", _room)()
    found = await uploads.take(name, who.id, request.stream())
    return {"id": found.id, "name": found.name, "bytes": found.bytes, "sha256": found.sha256}


@router.post("/imports/uploads/{id}/look")
def post_look(id: str, body: WishBody, who: Importer, uploads: UploadsDep, language: Language = None) -> LookView:
    """What the file seems to be."""
    return look(uploads.find(id, who.id).path, body.wish(), language_of(language))


@router.post("/imports/uploads/{id}/try")
def post_try(
    id: str,
    body: WishBody,
    who: Importer,
    uploads: UploadsDep,
    timeline: TimelineDep,
    links: LinksDep,
    language: Language = None,
) -> ImportPlanView:
    """What importing it would change; nothing is changed."""
    upload, wish = uploads.find(id, who.id), body.wish()
    with timeline.reading() as session:
        plan = _plan(session, upload, wish, who, links)
    return import_plan_view(plan, language_of(language), _token(plan, wish))


@router.post("/imports/uploads/{id}/apply")
def post_apply(
    id: str,
    body: ApplyBody,
    who: Importer,
    uploads: UploadsDep,
    timeline: TimelineDep,
    command: CommandDep,
    links: LinksDep,
    language: Language = None,
) -> ImportView:
    """Import it exactly as it was tried.

    Raises:
        Conflict: it was not tried so, or the town has changed since.
    """
    note_key = kind_of(body.kind).follows_at_start
    note = TEXTS[language_of(language)][note_key] if note_key else ""
    # Read and compared before the transaction, which is short; a repeat of a command that was done needs neither.
    tried = _tried(id, body, who, uploads, timeline, links)

    def verb(tx: Transaction) -> Any:
        if isinstance(tried, YipingError):
            raise tried
        row = apply_plan(tx, tried, actor=who.json())
        links.follow(tx, tried)
        return import_view(row, note)

    answer: ImportView = command.run(verb)
    links.refresh()
    if isinstance(tried, Plan) and tried.kind.name == "roads":
        upload = uploads.find(id, who.id)
        if is_osm(upload.path):
            links.ground(upload.path, upload.name)
    uploads.drop(id)
    return answer


def _tried(
    id: str, body: ApplyBody, who: Who, uploads: Uploads, timeline: Timeline, links: Links
) -> Plan | YipingError:
    """The plan as it was tried, or why it cannot be carried out."""
    try:
        upload, wish = uploads.find(id, who.id), body.wish()
        with timeline.reading() as session:
            plan = _plan(session, upload, wish, who, links)
    except YipingError as problem:
        return problem
    if body.token != _token(plan, wish):
        return Conflict("import_trial_first" if plan.base == body.token[64:] else "import_town_changed")
    return plan if plan.changes_anything else Conflict("import_nothing")


@router.get("/imports")
def get_imports(who: Importer, timeline: TimelineDep) -> list[ImportView]:
    """The newest imports."""
    with timeline.reading() as session:
        return newest_imports(session)


@router.get("/grids/faults")
def get_faults(who: Exporter, timeline: TimelineDep) -> list[FaultView]:
    """Gaps, overlaps and slivers of the grids, those within the caller's area."""
    with timeline.reading() as session:
        faults = stored_faults(session)
    return fault_views([one for one in faults if not one.codes or any(who.sees(code) for code in one.codes)])


@router.get(
    "/layers/{kind}", response_class=FileResponse, responses={200: {"content": {kind: {} for kind in MEDIA.values()}}}
)
def get_layer(
    kind: str,
    who: Exporter,
    timeline: TimelineDep,
    format: Annotated[str, Query(pattern="^(gpkg|geojson)$")] = "geojson",
) -> FileResponse:
    """A layer within the caller's area. People leave for those who import them only, and that is written down."""
    found, keeps = kind_of(kind), who.may("registry.import")
    if found.name == "people" and not keeps:
        raise Forbidden("role_may_not")
    folder = tempfile.TemporaryDirectory(prefix="yiping-export-")
    path = Path(folder.name) / f"{found.name}.{format}"
    with timeline.reading() as session:
        write_layer(session, found, path, area=who.area, whole=keeps)
    if found.name == "people":
        with timeline.transaction() as tx:
            audit(tx, who=who, what="registry.people_exported", object_id=who.area)
    return FileResponse(path, media_type=MEDIA[format], filename=path.name, background=BackgroundTask(folder.cleanup))


def _plan(session: Any, upload: Upload, wish: Wish, who: Who, links: Links) -> Plan:
    return make_plan(session, upload.path, wish, file=upload.name, scope=who.area, in_use=links.in_use)


def _token(plan: Plan, wish: Wish) -> str:
    """Of this file, this wish and this town together."""
    return hashlib.sha256(f"{plan.sha256}{wish.digest()}{plan.base}".encode()).hexdigest() + plan.base


def _room() -> None:
    """Where no composition root says otherwise, there is room."""
