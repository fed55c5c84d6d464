"""HTTP of the basemap: tiles under their version, which never change and are kept by browsers; the whole file."""

import gzip
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Response
from fastapi.responses import FileResponse

from command_center.access.guard import SignedIn
from command_center.errors import NotFound
from command_center.registry.basemap.ground import Basemap, get_basemap
from command_center.registry.basemap.queries import stored_basemap
from command_center.timeline.door import TimelineDep

router = APIRouter(prefix="/api/v1", tags=["basemap"])

FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
A_DAY = {"Cache-Control": "private, max-age=86400"}
VECTOR, ARCHIVE = "application/vnd.mapbox-vector-tile", "application/vnd.pmtiles"
BasemapDep = Annotated[Basemap, Depends(get_basemap)]
Zoom = Annotated[int, Path(ge=0, le=22)]
Number = Annotated[int, Path(ge=0, lt=1 << 22)]
Tag = Annotated[str | None, Header(alias="if-none-match", max_length=200)]
Encodings = Annotated[str, Header(alias="accept-encoding", max_length=200)]


@router.get(
    "/basemap/tiles/{version}/{z}/{x}/{y}",
    response_class=Response,
    responses={200: {"content": {VECTOR: {}}}, 304: {"description": "as the tag in if-none-match says"}},
)
def get_tile(
    version: str,
    z: Zoom,
    x: Number,
    y: Number,
    who: SignedIn,
    basemap: BasemapDep,
    known: Tag = None,
    encodings: Encodings = "",
) -> Response:
    """A vector tile; where the ground is empty, one without layers."""
    headers = {**FOR_EVER, "ETag": f'"{version}-{z}-{x}-{y}"', "Vary": "Accept-Encoding"}
    archive = basemap.shelf.archive(version)
    if known == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    tile = archive.tile(z, x, y)
    if tile is None:
        return Response(b"", media_type=VECTOR, headers=headers)
    if "gzip" in encodings:
        headers["Content-Encoding"] = "gzip"
    else:
        tile = gzip.decompress(tile)
    return Response(tile, media_type=VECTOR, headers=headers)


@router.get(
    "/basemap/pictures/{version}/{z}/{x}/{y}",
    response_class=Response,
    responses={200: {"content": {"image/*": {}}}, 204: {"description": "the service has none here"}},
)
async def get_picture(version: str, z: Zoom, x: Number, y: Number, who: SignedIn, basemap: BasemapDep) -> Response:
    """A tile of the customer's own service, in our datum; 204 where it has none."""
    if basemap.pictures is None:
        raise NotFound("basemap_not_found")
    found = await basemap.pictures.tile(version, z, x, y)
    if found is None:
        return Response(status_code=204, headers=A_DAY)
    body, media = found
    return Response(body, media_type=media, headers=A_DAY)


@router.get(
    "/basemap.pmtiles",
    response_class=FileResponse,
    responses={
        200: {"content": {ARCHIVE: {}}},
        206: {"description": "the range asked for", "content": {ARCHIVE: {}}},
        416: {"description": "there is no such range", "content": {"text/plain": {}}},
    },
)
def get_file(who: SignedIn, basemap: BasemapDep, timeline: TimelineDep) -> FileResponse:
    """All vector tiles as one PMTiles file, whole or by ranges, for QGIS and for another hall."""
    with timeline.reading() as session:
        stored = stored_basemap(session)
    path = None if stored is None else basemap.shelf.path(stored["version"])
    if stored is None or path is None or not path.is_file():
        raise NotFound("basemap_not_found")
    headers = {"ETag": f'"{stored["version"]}"', "Cache-Control": "private, no-cache"}
    return FileResponse(path, media_type=ARCHIVE, headers=headers, filename="basemap.pmtiles")
