"""Composition root: settings in, FastAPI out; with hall.py alone in knowing every room."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import FileResponse, PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.middleware.base import RequestResponseEndpoint
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from command_center import __version__, answers, condition, errors
from command_center.access.routes import router as access_router
from command_center.evidence.live import router as live_router
from command_center.evidence.routes import router as evidence_router
from command_center.hall import Hall
from command_center.ingest.camera_routes import router as camera_router
from command_center.ingest.device_routes import router as device_router
from command_center.ingest.osmand_routes import router as osmand_router
from command_center.ingest.routes import router as ingest_router
from command_center.ingest.sos import router as sos_router
from command_center.patrol.days.routes import router as days_router
from command_center.patrol.duties.routes import router as duties_router
from command_center.patrol.lines.routes import router as line_router
from command_center.patrol.plans.routes import router as plans_router
from command_center.patrol.points.routes import router as points_router
from command_center.patrol.video_patrol.routes import router as video_patrol_router
from command_center.prewarning.routes import router as prewarning_router
from command_center.prewarning.safety.routes import router as safety_router
from command_center.registry.addresses_routes import router as addresses_router
from command_center.registry.basemap.routes import router as basemap_router
from command_center.registry.closures.routes import router as closures_router
from command_center.registry.imports.routes import router as imports_router
from command_center.registry.routes import router as registry_router
from command_center.response.ring_routes import router as ring_router
from command_center.response.routes import router as response_router
from command_center.settings import Settings
from command_center.wall.routes import router as wall_router
from gis.metric import OutsideFrame

PAGES = Path(__file__).parent.parent / "frontend" / "dist"
# Everything comes from this very server: no script, style, font or picture of another.
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "worker-src 'self' blob:; connect-src 'self' ws: wss:; media-src 'self' blob:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
# What the geometry refuses, as what was wrong with the request: its rooms know nothing of HTTP.
GIS_PROBLEMS: dict[type[Exception], str] = {OutsideFrame: "place_outside"}
SMALLEST_GZIP_BYTES = 2048
YEAR = "public, max-age=31536000, immutable"


class Application(FastAPI):
    """FastAPI, whose document of the routes also says what they refuse."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            answers.add_refusals(super().openapi(), self.routes)
        assert self.openapi_schema is not None
        return self.openapi_schema


def create_app(settings: Settings, *, demo: bool = False) -> FastAPI:
    """Make the hall's web application; its parts start and end with it.

    Args:
        settings: of this hall.
        demo: simulated people may act for themselves.

    Raises:
        NoTown: the database holds no town yet.
    """
    hall = Hall(settings, report=condition.report)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with hall.running():
            yield

    app = describe(lifespan)
    app.state.demo = demo
    hall.hang_on(app)
    return app


def describe(lifespan: object = None) -> FastAPI:
    """The application with its routes and nothing behind them: enough for the OpenAPI document."""
    app = Application(
        title="一屏 Yiping",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,  # type: ignore[arg-type]
    )
    errors.install(app)
    for problem, key in GIS_PROBLEMS.items():
        app.add_exception_handler(problem, errors.as_bad_input(key))
    app.middleware("http")(_secure)
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST_GZIP_BYTES, compresslevel=5)
    for router in (
        condition.router,
        access_router,
        registry_router,
        addresses_router,
        closures_router,
        imports_router,
        basemap_router,
        ingest_router,
        device_router,
        osmand_router,
        sos_router,
        camera_router,
        points_router,
        duties_router,
        days_router,
        video_patrol_router,
        line_router,
        plans_router,
        prewarning_router,
        safety_router,
        response_router,
        ring_router,
        evidence_router,
        live_router,
        wall_router,
    ):
        app.include_router(router)
    _serve_pages(app)
    return app


async def _secure(request: Request, call_next: RequestResponseEndpoint) -> Response:
    response = await call_next(request)
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.url.path.startswith("/assets/") and response.status_code == 200:
        response.headers["Cache-Control"] = YEAR
    return response


def _serve_pages(app: FastAPI) -> None:
    app.mount("/assets", StaticFiles(directory=PAGES / "assets", check_dir=False), name="assets")

    @app.get("/{path:path}", include_in_schema=False)
    def page(path: str, request: Request) -> Response:
        """A file of the front end, or its one page, which knows what to show under this address."""
        if path.startswith("api/"):
            raise HTTPException(404)
        file = (PAGES / path).resolve()
        if path and file.is_file() and file.is_relative_to(PAGES.resolve()):
            return FileResponse(file)
        index = PAGES / "index.html"
        if not index.is_file():
            return PlainTextResponse("页面尚未构建：make install / the pages are not built yet", 503)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})
