"""The basemap over HTTP: tiles, the whole file by ranges, a tile service behind the hall, and who is let in."""

import contextlib
import gzip
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from pmtiles.reader import Reader

from command_center import errors, grounding, importing
from command_center.access import routes as access_routes
from command_center.access.commands import add_user
from command_center.errors import BadInput
from command_center.registry import routes as registry_routes
from command_center.registry.basemap import routes
from command_center.registry.basemap.ground import Basemap, open_basemap
from command_center.registry.imports import routes as import_routes
from command_center.registry.imports.links import Links
from command_center.registry.queries import town_index
from command_center.settings import Settings
from command_center.timeline import Timeline
from gis.basemap.raster import TILE_PX, cut_of
from tests.access.serving import serving
from tests.gis.basemap.village import write_village
from tests.registry.imports.conftest import bare, ground, land
from tests.registry.imports.land import SIDE, SOUTH, TOWN, WEST

__all__ = ["bare", "ground", "land"]

PASSWORD = "Correct-Horse-42"


@contextlib.contextmanager
def hall(land: Timeline, settings: Settings) -> Iterator[tuple[str, Basemap]]:
    """The routes of town, basemap and imports on a real socket."""
    basemap = open_basemap(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with basemap.running():
            yield

    app = FastAPI(lifespan=lifespan)
    errors.install(app)
    app.state.timeline, app.state.settings, app.state.basemap = land, settings, basemap
    app.state.imports = Links(importing.in_use, importing.follow, ground=basemap.follow_import)
    with land.reading() as session:
        app.state.town = town_index(session)
    for one in (access_routes, registry_routes, routes, import_routes):
        app.include_router(one.router)
    with land.transaction() as tx:
        add_user(tx, name="chen", display_name="chen", role="coordinator", area=TOWN, password=PASSWORD)
    with serving(app) as address:
        yield address, basemap


@contextlib.contextmanager
def signed_in(host: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://{host}/api/v1", timeout=60) as client:
        answer = client.post("/session", json={"name": "chen", "password": PASSWORD})
        client.headers["x-csrf-token"] = answer.json()["csrf"]
        yield client


def tile_at(z: int, lon: float, lat: float) -> tuple[int, int]:
    radians = np.radians(lat)
    n = 2**z
    return int((lon + 180) / 360 * n), int((1 - np.arcsinh(np.tan(radians)) / np.pi) / 2 * n)


def test_tiles_are_served_under_their_version_and_the_file_by_ranges(land: Timeline, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    with hall(land, settings) as (host, _), signed_in(host) as client:
        assert client.get("/town").json()["basemap"] is None
        grounding.build(land, settings.data_dir, write_village(tmp_path / "village.osm"))
        fact = land.since(0)[-1]
        view = client.get("/town").json()["basemap"]
        assert (fact.kind, fact.data["basemap"]["version"]) == ("registry.basemap_built", view["version"])
        assert (view["kind"], view["attribution"]) == ("vector", "© OpenStreetMap 贡献者")
        assert client.get("/registry/imports").json()[0]["kind"] == "basemap"

        with httpx.Client(base_url=f"http://{host}/api/v1") as stranger:
            x, y = tile_at(14, 119.31, 34.12)
            path = f"/basemap/tiles/{view['version']}/14/{x}/{y}"
            assert [stranger.get(one).status_code for one in (path, "/basemap.pmtiles")] == [401, 401]

        tile = client.get(path)
        assert tile.headers["content-encoding"] == "gzip" and "immutable" in tile.headers["cache-control"]
        assert client.get(path, headers={"if-none-match": tile.headers["etag"]}).status_code == 304
        assert client.get(path, headers={"accept-encoding": "identity"}).content == tile.content
        assert client.get(f"/basemap/tiles/{view['version']}/14/0/0").content == b""
        assert client.get(f"/basemap/tiles/{'0' * 16}/14/{x}/{y}").status_code == 404
        assert client.get(f"/basemap/tiles/..%2f..%2fyiping/14/{x}/{y}").status_code == 404

        def by_ranges(offset: int, length: int) -> bytes:
            answer = client.get("/basemap.pmtiles", headers={"range": f"bytes={offset}-{offset + length - 1}"})
            assert answer.status_code == 206 and answer.headers["etag"] == f'"{view["version"]}"'
            return answer.content

        assert gzip.decompress(Reader(by_ranges).get(14, x, y)) == tile.content


def test_the_osm_file_of_roads_becomes_the_basemap_in_a_process_of_its_own(land: Timeline, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", database_url=str(land.engine.url))
    body = write_village(tmp_path / "village.osm").read_bytes()
    with hall(land, settings) as (host, basemap), signed_in(host) as client:
        sent = client.post("/registry/imports/uploads", params={"name": "全县.osm"}, content=body).json()
        wish = {"kind": "roads"}
        tried = client.post(f"/registry/imports/uploads/{sent['id']}/try", json=wish).json()
        done = client.post(f"/registry/imports/uploads/{sent['id']}/apply", json={**wish, "token": tried["token"]})
        assert done.status_code == 200, done.text
        grounder = grounding.Grounder(basemap)
        assert grounder.step() and not grounder.refused
        assert client.get("/town").json()["basemap"]["kind"] == "vector"
        assert client.get("/registry/imports").json()[0]["file"] == "全县.osm"
        before = client.get("/town").json()["basemap"]

        (tmp_path / "no.osm").write_text("no extract at all")
        basemap.follow_import(tmp_path / "no.osm", "no.osm")
        assert grounder.step() and grounder.refused == "no.osm" and not grounder.step()
        assert client.get("/town").json()["basemap"] == before


class TileService:
    """A real tile server: blue and green of a pixel tell its column and row, red that of its tile."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.says: int | bytes | None = None

    def answer(self, path: str) -> tuple[int, bytes]:
        self.asked.append(path)
        if isinstance(self.says, int):
            return self.says, b""
        if self.says is not None:
            return 200, self.says
        column, row = (int(part) for part in path.split("?")[0].removesuffix(".png").split("/")[-2:])
        across, down = np.meshgrid(np.arange(TILE_PX), np.arange(TILE_PX))
        tile = np.stack([across, down, np.full_like(across, (column * 7 + row) % 256)], axis=-1).astype(np.uint8)
        return 200, cv2.imencode(".png", tile)[1].tobytes()


@pytest.fixture
def service() -> Iterator[tuple[TileService, str]]:
    tiles = TileService()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = tiles.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tiles, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_pictures_in_gcj02_lie_where_they_belong_and_their_token_stays_in_the_hall(
    land: Timeline, tmp_path: Path, service: tuple[TileService, str]
) -> None:
    tiles, url = service
    settings = Settings(
        data_dir=tmp_path / "data", basemap_url=url + "/{z}/{x}/{y}.png?tk=sesame", basemap_datum="gcj02"
    )
    with hall(land, settings) as (host, _), signed_in(host) as client:
        town = client.get("/town")
        view = town.json()["basemap"]
        assert view["kind"] == "pictures" and "sesame" not in town.text and "127.0.0.1" not in town.text
        z, (x, y) = 18, tile_at(18, WEST + SIDE / 2, SOUTH + SIDE / 2)
        path = f"/basemap/pictures/{view['version']}/{z}/{x}/{y}"
        seen = cv2.imdecode(np.frombuffer(client.get(path).content, np.uint8), cv2.IMREAD_COLOR)
        cut = cut_of(z, x, y, "gcj02")
        middle = (cut.left_px + TILE_PX // 2, cut.top_px + TILE_PX // 2)
        column, row = cut.columns[middle[0] // TILE_PX], cut.rows[middle[1] // TILE_PX]
        wanted = (middle[0] % TILE_PX, middle[1] % TILE_PX, (column * 7 + row) % 256)
        assert tuple(seen[TILE_PX // 2, TILE_PX // 2]) == wanted
        assert all(one.endswith("?tk=sesame") for one in tiles.asked)

        count = len(tiles.asked)
        assert client.get(path).status_code == 200 and len(tiles.asked) == count
        with httpx.Client(base_url=f"http://{host}/api/v1") as stranger:
            assert stranger.get(path).status_code == 401
        assert client.get(path.replace(f"/{z}/", "/19/")).status_code == 404


def test_a_tile_service_that_fails_is_told_and_what_is_no_picture_never_reaches_a_page(
    land: Timeline, tmp_path: Path, service: tuple[TileService, str]
) -> None:
    tiles, url = service
    settings = Settings(data_dir=tmp_path / "data", basemap_url=url + "/{z}/{x}/{y}.png?tk=sesame")
    with hall(land, settings) as (host, basemap), signed_in(host) as client:
        version = client.get("/town").json()["basemap"]["version"]

        def get(x: int) -> httpx.Response:
            return client.get(f"/basemap/pictures/{version}/12/{x}/1600")

        tiles.says = 500
        answer = get(3400)
        assert answer.status_code == 503 and "sesame" not in answer.text
        tiles.says = b"<script>alert(1)</script>"
        assert get(3400).status_code == 503
        tiles.says = 404
        assert get(3401).status_code == 204
        tiles.says = None
        assert get(3400).headers["content-type"] == "image/png"

        assert basemap.pictures is not None
        kept = [one for one in (tmp_path / "data/basemap/pictures").rglob("*") if one.is_file() and one.stat().st_size]
        assert len(kept) == 1
    small = settings.model_copy(update={"basemap_cache_mb": 0})
    pictures = open_basemap(small).pictures
    assert pictures is not None
    pictures.sweep()
    assert not any(one.is_file() for one in (tmp_path / "data/basemap/pictures").rglob("*"))


def test_an_address_that_is_none_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as problem:
        open_basemap(Settings(data_dir=tmp_path, basemap_url="http://maps.lan/tiles"))
    assert problem.value.key == "basemap_address"
