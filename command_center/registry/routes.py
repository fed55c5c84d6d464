"""HTTP of the registry: the town, once per page and then only when it has changed."""

import hashlib
from collections import OrderedDict
from collections.abc import Collection
from threading import Lock
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from typing_extensions import TypedDict

from command_center.access.guard import SignedIn
from command_center.registry.basemap.ground import Basemap, BasemapView
from command_center.registry.door import TownDep
from command_center.registry.town_index import TownIndex
from command_center.registry.views import town_view
from command_center.timeline.door import TimelineDep

router = APIRouter(prefix="/api/v1", tags=["registry"])

KEPT = 32
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "as the tag in if-none-match says"}}


class CenterView(TypedDict):
    code: str
    name: str
    county: str
    model: bool


class _Bodies:
    """The newest bodies of /town, so that a hundred pages of one area cost one of them."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[tuple[str, str, frozenset[str], bytes], tuple[bytes, str]] = OrderedDict()
        self._lock = Lock()

    def get(
        self, town: TownIndex, area: str, with_feed: Collection[str], basemap: BasemapView | None
    ) -> tuple[bytes, str]:
        """Body and its tag."""
        key = (town.digest, area, frozenset(with_feed), orjson.dumps(basemap))
        with self._lock:
            if key not in self._bodies:
                body = orjson.dumps(town_view(town, area=area, with_feed=key[2], basemap=basemap))
                self._bodies[key] = body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'
                if len(self._bodies) > KEPT:
                    self._bodies.popitem(last=False)
            return self._bodies[key]


_bodies = _Bodies()


@router.get("/center")
def read_center(town: TownDep) -> CenterView:
    """Whose pages these are, for whoever has not signed in: a sign-in page must say that its data is a model."""
    center = town.center
    return {"code": center.code, "name": center.name, "county": center.county, "model": center.model}


@router.get("/town", response_class=Response, responses={200: {"content": {"application/json": {}}}, **UNCHANGED})
def read_town(request: Request, who: SignedIn, town: TownDep, timeline: TimelineDep) -> Response:
    """The town within the caller's area. `app.state.camera_feeds` holds the ids of the cameras that have a picture."""
    ground: Basemap | None = getattr(request.app.state, "basemap", None)
    basemap = None
    if ground is not None:
        with timeline.reading() as session:
            basemap = ground.view(session)
    body, tag = _bodies.get(town, who.area, getattr(request.app.state, "camera_feeds", ()), basemap)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
