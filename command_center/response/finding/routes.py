"""HTTP of finding cases: a page of them, all of them as a workbook, and the searches that the caller keeps."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from command_center.access.commands import audit
from command_center.access.guard import Who, require
from command_center.registry.catalogue import categories
from command_center.registry.queries import unit_rows
from command_center.response.finding import commands
from command_center.response.finding.queries import FoundView, Wish, found, kept, newest
from command_center.response.finding.sheet import workbook
from command_center.response.finding.tables import KeptWishRow
from command_center.timeline.asked import Day, Seq
from command_center.timeline.door import CommandDep, TimelineDep

router = APIRouter(prefix="/cases/found")

Sees = Annotated[Who, Depends(require("case.see", "case.see_own"))]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
# A workbook of more is nothing that anybody reads.
MOST_ROWS = 10_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class WishQuery(BaseModel):
    """What is looked for; see `queries.Wish`."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, Field(max_length=100)] = ""
    state: Code | None = None
    category: Annotated[str, Field(pattern=r"^(\d{2}|\d{5})$")] | None = None
    unit: Code | None = None
    source: Code | None = None
    priority: Annotated[str, Field(pattern=r"^P[0-4]$")] | None = None
    level: Annotated[int, Field(ge=1, le=4)] | None = None
    profile: Code | None = None
    area: Annotated[str, Field(pattern=r"^\d{6}(\d{3}){0,3}$")] | None = None
    since: Day | None = None
    until: Day | None = None

    def wish(self) -> Wish:
        return Wish(**self.model_dump(include=set(WishQuery.model_fields)))


class PageQuery(WishQuery):
    before: Seq | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class KeptBody(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=40)]
    wish: WishQuery


class KeptView(TypedDict):
    id: str
    name: str
    wish: dict[str, Any]


@router.get("")
def get_found(timeline: TimelineDep, who: Sees, asked: Annotated[PageQuery, Query()]) -> FoundView:
    """Cases that the caller sees, the newest first; with `next` of an answer as `before` those that follow."""
    with timeline.reading() as session:
        return found(session, who, asked.wish(), before=asked.before, limit=asked.limit)


@router.get(".xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def get_workbook(timeline: TimelineDep, who: Sees, asked: Annotated[WishQuery, Query()]) -> Response:
    """The newest ten thousand of a search. Who takes them out of the hall is written down before they go."""
    with timeline.reading() as session:
        cases = newest(session, who, asked.wish(), most=MOST_ROWS)
        units = {unit.id: unit.name for unit in unit_rows(session)}
    with timeline.transaction() as tx:
        said = asked.model_dump_json(exclude_defaults=True)
        audit(tx, who=who, what="cases.exported", object_id=f"{len(cases)}", purpose=said[:200])
    file = workbook(cases, units=units, categories={one.code: one.name for one in categories()})
    headers = {"Content-Disposition": 'attachment; filename="cases.xlsx"', "Cache-Control": "no-store"}
    return Response(file, media_type=XLSX, headers=headers)


@router.get("/kept")
def get_kept(timeline: TimelineDep, who: Sees) -> list[KeptView]:
    """The searches that the caller keeps, by name."""
    with timeline.reading() as session:
        return [_kept(row) for row in kept(session, who)]


@router.put("/kept")
def put_kept(body: KeptBody, command: CommandDep, who: Sees) -> KeptView:
    """Keep a search; one of the same name takes its place."""
    wish = body.wish.model_dump(mode="json", exclude_defaults=True)
    view: KeptView = command.run(lambda tx: _kept(commands.keep(tx, name=body.name.strip(), wish=wish, who=who)))
    return view


@router.delete("/kept/{id}", status_code=204)
def delete_kept(id: str, command: CommandDep, who: Sees) -> None:
    command.run(lambda tx: commands.forget(tx, id=id, who=who))


def _kept(row: KeptWishRow) -> KeptView:
    return {"id": row.id, "name": row.name, "wish": dict(row.wish)}
