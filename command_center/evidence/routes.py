"""HTTP of clips, stills and photos. Every look at a clip is written down."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from command_center.access.guard import Who, require
from command_center.errors import NotFound
from command_center.evidence import queries
from command_center.evidence.commands import clip_key, photo_key, record_view, still_key
from command_center.evidence.media import MediaStore
from command_center.evidence.ranges import BadRange, parse_range
from command_center.evidence.tables import ClipRow
from command_center.evidence.views import ClipView, CustodyView, clip_view, custody_view
from command_center.timeline.door import TimelineDep

router = APIRouter(prefix="/api/v1", tags=["evidence"])

PRIVATE = {"Cache-Control": "private, max-age=3600"}
Viewer = Annotated[Who, Depends(require("clip.see"))]


def get_media(request: Request) -> MediaStore:
    media: MediaStore = request.app.state.media
    return media


MediaDep = Annotated[MediaStore, Depends(get_media)]


@router.get("/clips/{id}")
def get_clip(id: str, timeline: TimelineDep, who: Viewer) -> ClipView:
    with timeline.reading() as session:
        return clip_view(_clip(session, id, who))


@router.get(
    "/clips/{id}/media",
    response_class=Response,
    responses={
        200: {"content": {"video/mp4": {}}},
        206: {"description": "the range asked for", "content": {"video/mp4": {}}},
        416: {"description": "there is no such range"},
    },
)
def get_clip_media(
    id: str,
    timeline: TimelineDep,
    media: MediaDep,
    who: Viewer,
    range: Annotated[str | None, Header(max_length=200)] = None,
    why: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The clip as mp4; answers one byte range. The first look in 10 minutes is written into its custody."""
    with timeline.transaction() as tx:
        clip = _clip(tx.session, id, who)
        record_view(tx, clip.id, who=who.json(), why=why)
    size = media.size(clip_key(id))
    headers = {**PRIVATE, "Accept-Ranges": "bytes", "ETag": f'"{clip.sha256}"'}
    try:
        part = parse_range(range, size)
    except BadRange:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    if part is None:
        return Response(media.read(clip_key(id)), media_type="video/mp4", headers=headers)
    headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{size}"
    content = media.read(clip_key(id), part.start, part.end)
    return Response(content, status_code=206, media_type="video/mp4", headers=headers)


@router.get("/clips/{id}/stills/{number}", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
def get_still(
    id: str, number: Annotated[int, Path(ge=0, le=600)], timeline: TimelineDep, media: MediaDep, who: Viewer
) -> Response:
    """One picture per second of the clip, from 0."""
    with timeline.reading() as session:
        clip = _clip(session, id, who)
    if number >= clip.stills:
        raise NotFound("media_not_found")
    return Response(media.read(still_key(id, number)), media_type="image/jpeg", headers=PRIVATE)


@router.get("/clips/{id}/custody")
def get_custody(id: str, timeline: TimelineDep, who: Viewer) -> list[CustodyView]:
    """Who saved and looked at the clip."""
    with timeline.reading() as session:
        clip = _clip(session, id, who)
        return [custody_view(row) for row in queries.custody(session, [clip.id])]


@router.get("/photos/{id}", response_class=Response, responses={200: {"content": {"image/*": {}}}})
def get_photo(
    id: str,
    timeline: TimelineDep,
    media: MediaDep,
    who: Annotated[Who, Depends(require("case.see", "order.see_own"))],
) -> Response:
    """A photo of an order: for seats whose area it lies in, and for the person who took it."""
    with timeline.reading() as session:
        row = queries.photo(session, id)
    if row is None:
        raise NotFound("media_not_found")
    own = who.person_id is not None and who.person_id == row.person_id
    if not own and (who.own_only or not who.sees(row.area)):
        raise NotFound("media_not_found")
    headers = {**PRIVATE, "ETag": f'"{row.sha256}"', "X-Content-Type-Options": "nosniff"}
    return Response(media.read(photo_key(row.sha256, row.mime)), media_type=row.mime, headers=headers)


def _clip(session: Session, id: str, who: Who) -> ClipRow:
    row = session.get(ClipRow, id)
    if row is None or row.going_at is not None or not who.sees(row.area):
        raise NotFound("media_not_found")
    return row
