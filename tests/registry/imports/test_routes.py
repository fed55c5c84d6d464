"""Imports over HTTP: a real server, a file that is sent, looked at, tried, imported; and who may do none of it."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyogrio
import pytest
from fastapi import FastAPI

from command_center import errors, importing
from command_center.access import routes as access_routes
from command_center.access.commands import add_user
from command_center.access.tables import AuditRow
from command_center.registry import tables
from command_center.registry.imports import routes
from command_center.registry.imports.links import Links
from command_center.registry.imports.uploads import KEPT_S, Uploads
from command_center.settings import Settings
from command_center.timeline import Timeline
from tests.access.serving import serving

from .land import TOWN, at, bring, stored, table

PASSWORD = "Correct-Horse-42"
USERS = (("coordinator", TOWN), ("administrator", TOWN), ("duty_officer", TOWN), ("shift_head", TOWN + "001"))


@pytest.fixture
def refreshed() -> list[bool]:
    """One entry for each time the hall was told to take its town up anew."""
    return []


@pytest.fixture
def host(land: Timeline, tmp_path: Path, refreshed: list[bool]) -> Iterator[str]:
    app = FastAPI()
    errors.install(app)
    app.state.timeline, app.state.settings = land, Settings(data_dir=tmp_path / "data")
    app.state.imports = Links(importing.in_use, importing.follow, lambda: refreshed.append(True) or False)
    app.include_router(access_routes.router)
    app.include_router(routes.router)
    with land.transaction() as tx:
        for role, area in (*USERS, ("coordinator", TOWN + "201")):
            name = f"{role}{len(area)}"
            add_user(tx, name=name, display_name=name, role=role, area=area, password=PASSWORD)
    with serving(app) as address:
        yield address


@contextlib.contextmanager
def signed_in(host: str, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://{host}/api/v1", timeout=60) as client:
        answer = client.post("/session", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["x-csrf-token"] = answer.json()["csrf"]
        yield client


def places(folder: Path, *rows: tuple[Any, ...]) -> bytes:
    return table(folder / "send.csv", [("名称", "经度", "纬度"), *rows], "gb18030").read_bytes()


def test_a_file_is_looked_at_tried_and_imported_once(
    host: str, land: Timeline, tmp_path: Path, refreshed: list[bool]
) -> None:
    body = places(tmp_path, ("桥", *at(0.2, 0.2)), ("零", 0, 0))
    wish = {"kind": "places"}
    with signed_in(host, "coordinator9") as client:
        sent = client.post("/registry/imports/uploads", params={"name": "地点.csv"}, content=body).json()
        look = client.post(f"/registry/imports/uploads/{sent['id']}/look", json=wish).json()
        assert (look["encoding"], look["mapped"]["lon"], look["sample"][0][0]) == ("gb18030", "经度", "桥")
        tried = client.post(f"/registry/imports/uploads/{sent['id']}/try", json=wish).json()
        assert (tried["counts"]["new"], [(one["line"], one["reason"]) for one in tried["bad"]]) == (
            1,
            [(3, "zero_coordinates")],
        )
        assert stored(land, tables.PlaceRow) == {}
        url = f"/registry/imports/uploads/{sent['id']}/apply"
        # With another wish than the one that was tried it is not carried out.
        other = client.post(url, json={**wish, "replace": True, "token": tried["token"]})
        assert (other.status_code, other.json()["code"]) == (409, "import_trial_first")
        key = {"Idempotency-Key": "import-once"}
        answers = [client.post(url, json={**wish, "token": tried["token"]}, headers=key) for _ in range(2)]
        assert [one.status_code for one in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
        assert len(client.get("/registry/imports").json()) == 4
    assert refreshed
    assert len(stored(land, tables.PlaceRow)) == 1
    fact = land.since(0)[-1]
    assert (fact.kind, fact.actor and fact.actor["name"]) == ("registry.imported", "coordinator9")


def test_a_trial_is_void_once_the_town_has_changed(host: str, land: Timeline, tmp_path: Path) -> None:
    with signed_in(host, "administrator9") as client:
        body = places(tmp_path, ("桥", *at(0.2, 0.2)))
        sent = client.post("/registry/imports/uploads", params={"name": "a.csv"}, content=body).json()
        tried = client.post(f"/registry/imports/uploads/{sent['id']}/try", json={"kind": "places"}).json()
        bring(land, "units", table(tmp_path / "u.csv", [("名称", "经度", "纬度"), ("站", *at(0.3, 0.3))]))
        answer = client.post(
            f"/registry/imports/uploads/{sent['id']}/apply", json={"kind": "places", "token": tried["token"]}
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "import_town_changed")


def test_who_keeps_a_village_imports_into_it_and_nothing_beside_it(host: str, tmp_path: Path) -> None:
    with signed_in(host, "coordinator12") as client:
        body = places(tmp_path, ("本村", *at(0.7, 0.2)), ("邻村", *at(0.2, 0.2)))
        sent = client.post("/registry/imports/uploads", params={"name": "a.csv"}, content=body).json()
        tried = client.post(f"/registry/imports/uploads/{sent['id']}/try", json={"kind": "places"}).json()
        assert [one["name"] for one in tried["new"]] == ["本村"]
        assert [one["reason"] for one in tried["bad"]] == ["out_of_scope"]
        refused = client.post(f"/registry/imports/uploads/{sent['id']}/try", json={"kind": "villages"})
        assert refused.status_code == 403


def test_uploads_belong_to_their_sender_and_end_as_they_should(host: str, tmp_path: Path) -> None:
    with signed_in(host, "coordinator9") as client, signed_in(host, "administrator9") as other:
        sent = client.post("/registry/imports/uploads", params={"name": "a.csv"}, content=b"a,b\n1,2\n").json()
        assert other.post(f"/registry/imports/uploads/{sent['id']}/look", json={"kind": "places"}).status_code == 404
        refused = client.post("/registry/imports/uploads", params={"name": "a.exe"}, content=b"MZ")
        assert (refused.status_code, refused.json()["code"]) == (400, "import_format")
    folder = tmp_path / "data" / "imports"
    note = folder / sent["id"]
    long_ago = time.time() - KEPT_S - 1
    os.utime(note, (long_ago, long_ago))
    Uploads(folder).sweep()
    assert list(folder.iterdir()) == []


def test_layers_leave_within_the_area_and_people_for_their_keepers_only(
    host: str, land: Timeline, tmp_path: Path
) -> None:
    bring(land, "units", table(tmp_path / "u.csv", [("名称", "经度", "纬度"), ("所", *at(0.2, 0.2))]))
    rows = [("姓名", "呼号", "队伍", "单位", "电话"), ("张三", "警01", "民警", "所", "13800138000")]
    bring(land, "people", table(tmp_path / "p.csv", rows))
    with signed_in(host, "duty_officer9") as client:
        assert client.get("/registry/layers/grids").status_code == 403
        assert client.post("/registry/imports/uploads", params={"name": "a.csv"}, content=b"").status_code == 403
    with signed_in(host, "shift_head12") as client:
        assert len(client.get("/registry/layers/grids").json()["features"]) == 2
        assert client.get("/registry/layers/people").status_code == 403
    with signed_in(host, "coordinator9") as client:
        answer = client.get("/registry/layers/people", params={"format": "gpkg"})
        (tmp_path / "people.gpkg").write_bytes(answer.content)
        assert client.get("/registry/grids/faults").json() == []
    assert pyogrio.read_dataframe(tmp_path / "people.gpkg")["phone"].tolist() == ["13800138000"]
    with land.reading() as session:
        seen = [row.what for row in session.query(AuditRow)]
    assert "registry.people_exported" in seen
