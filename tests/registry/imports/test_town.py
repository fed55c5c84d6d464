"""A town comes in layer by layer, goes out again, and comes back unchanged; a hall can begin with it."""

import json
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import geopandas
import openpyxl
import pyogrio
import pytest

from command_center import importing
from command_center.errors import BadInput, Conflict
from command_center.registry import tables
from command_center.registry.commands import load_town
from command_center.registry.imports.commands import apply_plan
from command_center.registry.imports.files import read_file
from command_center.registry.imports.kinds import KINDS
from command_center.registry.imports.plan import Wish, make_plan
from command_center.registry.queries import missing_layers, town_index
from command_center.timeline import Timeline, open_timeline
from gis.town_model import Town

from .land import GRIDS, TOWN, at, box, bring, everything, geojson, settle, stored, table, trial


def test_layers_come_in_order_and_a_hall_can_begin_with_them(empty: Timeline, land: Timeline, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="import_needs_center"):
        trial(empty, "grids", geojson(tmp_path / "g.geojson", GRIDS))
    with empty.reading() as session:
        assert missing_layers(session) == ["center", "villages", "grids"]
    with land.reading() as session:
        assert missing_layers(session) == []
        town = town_index(session)
    assert (town.center.code, town.center.model, len(town.grids)) == (TOWN, False, 4)
    assert town.categories
    # Without roads, ways are straight lines between the villages.
    assert town.graph.route(at(0.2, 0.5), at(0.8, 0.5)).seconds > 60
    assert [fact.kind for fact in land.since(0)] == ["registry.imported"] * 3
    body = land.since(0)[-1].data["import"]
    assert (body["kind"], body["counts"]["new"], body["digest"]) == ("grids", 4, town.digest)


def test_a_trial_changes_nothing_and_a_plan_of_yesterday_is_refused(land: Timeline, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", [("名称", "经度", "纬度"), ("桥", *at(0.2, 0.2))])
    before = everything(land)
    trial(land, "places", path)
    assert everything(land) == before
    with land.reading() as session:
        plan = make_plan(session, path, Wish("places"))
    bring(land, "places", table(tmp_path / "q.csv", [("名称", "经度", "纬度"), ("闸", *at(0.2, 0.2))]))
    after = everything(land)
    with pytest.raises(Conflict, match="import_town_changed"), land.transaction() as tx:
        apply_plan(tx, plan)
    assert everything(land) == after


def test_rows_missing_from_the_second_file_stay_unless_it_replaces(land: Timeline, tmp_path: Path) -> None:
    heading = ("编号", "名称", "经度", "纬度")
    rows = [(f"A{i}", f"点{i}", *at(0.1 * i, 0.3)) for i in range(1, 5)]
    bring(land, "places", table(tmp_path / "p.csv", [heading, *rows]))
    second = table(tmp_path / "q.csv", [heading, ("A1", "新名", *at(0.1, 0.3)), ("A2", "点2", 0, 0)])
    plan = bring(land, "places", second)
    assert plan.changed == {"A1": {"name": ("点1", "新名")}}
    assert set(stored(land, tables.PlaceRow)) == {"A1", "A2", "A3", "A4"}
    # A row that is bad today is no reason to remove what it names.
    assert bring(land, "places", second, replace=True).removed == ["A3", "A4"]
    assert set(stored(land, tables.PlaceRow)) == {"A1", "A2"}


def test_units_with_people_and_villages_with_grids_are_not_removed(land: Timeline, tmp_path: Path) -> None:
    plan = trial(
        land,
        "villages",
        geojson(tmp_path / "v.geojson", [({"code": f"{TOWN}001", "name": "东街"}, box(0, 0, 1, 1))]),
        replace=True,
    )
    assert plan.removed == []
    assert [(one.key, one.reason) for one in plan.held] == [(f"{TOWN}201", "in_use")]


def test_new_grids_take_cameras_and_places_with_them(land: Timeline, tmp_path: Path) -> None:
    bring(land, "places", table(tmp_path / "p.csv", [("名称", "经度", "纬度"), ("桥", *at(0.3, 0.3))]))
    halves = [({"code": f"{TOWN}001002"}, box(0, 0, 0.25, 0.5)), ({"code": f"{TOWN}001003"}, box(0.25, 0, 0.5, 0.5))]
    assert bring(land, "grids", geojson(tmp_path / "h.geojson", halves)).moved == 1
    (place,) = stored(land, tables.PlaceRow).values()
    assert place["area"] == f"{TOWN}001003"


def test_faults_of_grids_are_shapes_with_their_size(land: Timeline, tmp_path: Path) -> None:
    assert importing.check(land) == []
    moved = [({"code": f"{TOWN}001001"}, box(-0.1, 0.4, 0.45, 1))]
    found = Counter(fault.kind for fault in trial(land, "grids", geojson(tmp_path / "m.geojson", moved)).faults)
    assert found == {"gap": 1, "overlap": 1, "outside": 1}
    area = next(
        fault.area_m2 for fault in trial(land, "grids", tmp_path / "m.geojson").faults if fault.kind == "overlap"
    )
    # 0.45 by 0.1 of 0.02 degrees: 830 m by 222 m.
    assert area == pytest.approx(830.3 * 221.9, rel=0.01)


def test_grids_are_numbered_from_west_to_east_row_by_row(land: Timeline, tmp_path: Path) -> None:
    shapes = [box(0.25, 0, 0.5, 0.5), box(0, 0.5, 0.25, 1), box(0, 0, 0.25, 0.5), box(0.25, 0.5, 0.5, 1)]
    path = geojson(tmp_path / "n.geojson", [({"code": f"旧{i}"}, shape) for i, shape in enumerate(shapes)])
    plan = bring(land, "grids", path, renumber=True, replace=True)
    numbers = {old: code[-3:] for old, code in plan.renumbered.items()}
    assert numbers == {"旧1": "001", "旧3": "002", "旧2": "003", "旧0": "004"}
    assert not [fault for fault in plan.faults if fault.kind == "overlap"]


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson"])
def test_what_goes_out_comes_in_unchanged_and_others_can_read_it(
    land: Timeline, model_town: Town, tmp_path: Path, suffix: str
) -> None:
    with land.transaction() as tx:
        for row in reversed(tables.Base.metadata.sorted_tables):
            if row.name.startswith("registry_") and row.name not in ("registry_category", "registry_calendar_day"):
                tx.session.execute(row.delete())
        load_town(tx, replace(model_town, cameras=model_town.cameras[:200]))
    before = everything(land)
    for kind in KINDS if suffix == ".gpkg" else ("center", "grids", "cameras"):
        path = tmp_path / f"{kind}{suffix}"
        count = importing.export(land, kind, path)
        assert pyogrio.read_info(path)["features"] == count == len(stored(land, KINDS[kind].table))
        plan = bring(land, kind, path)
        assert (kind, plan.new, plan.changed, plan.removed, plan.bad) == (kind, {}, {}, [], [])
    assert everything(land) == before
    cameras = geopandas.read_file(tmp_path / f"cameras{suffix}")
    assert (cameras.crs.to_epsg(), len(cameras), cameras["id"].iloc[0]) == (4326, 200, model_town.cameras[0].id)


def test_a_projected_layer_a_workbook_and_a_zipped_shapefile_lie_where_they_should(
    land: Timeline, tmp_path: Path
) -> None:
    frame = geopandas.GeoDataFrame(
        {"名称": ["东街社区服务中心", "西村文化广场"]},
        geometry=geopandas.points_from_xy([at(0.2, 0)[0], at(0.7, 0)[0]], [at(0, 0.2)[1], at(0, 0.7)[1]]),
        crs=4326,
    )
    frame.to_crs(4549).to_file(tmp_path / "p.gpkg")
    assert not trial(land, "places", tmp_path / "p.gpkg").bad
    frame.to_crs(4549).to_file(tmp_path / "p.shp", encoding="gbk")
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for suffix in ("shp", "shx", "dbf", "prj"):
            archive.write(tmp_path / f"p.{suffix}", f"图层/p.{suffix}")
        archive.writestr("图层/p.cpg", "UTF-8")
    layer = read_file(tmp_path / "p.zip")
    assert layer.doubt == ("import_cpg_doubted", {"said": "UTF-8", "found": "gb18030"})
    plan = trial(land, "places", tmp_path / "p.zip")
    assert [(row["name"], row["lon"], row["lat"]) for row in plan.new.values()] == [
        ("东街社区服务中心", *at(0.2, 0.2)),
        ("西村文化广场", *at(0.7, 0.7)),
    ]
    book = openpyxl.Workbook()
    flat = frame.to_crs(4549)
    book.active.append(("名称", "X坐标", "Y坐标"))
    for name, point in zip(flat["名称"], flat.geometry, strict=True):
        book.active.append((name, point.x, point.y))
    book.save(tmp_path / "p.xlsx")
    plan = trial(land, "places", tmp_path / "p.xlsx", crs="EPSG:4549")
    assert [(row["lon"], row["lat"]) for row in plan.new.values()] == [at(0.2, 0.2), at(0.7, 0.7)]
    # Named as degrees they cannot be any, and it is said so.
    assert {one.reason for one in trial(land, "places", tmp_path / "p.xlsx").bad} == {"not_degrees"}


def test_an_archive_that_would_burst_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in ("shp", "shx", "dbf"):
            archive.writestr(f"b.{suffix}", b"\0" * 20_000_000)
    with pytest.raises(BadInput, match="import_archive_bursts"):
        read_file(tmp_path / "b.zip")


def test_a_catalogue_of_a_platform_comes_in_by_its_fields(land: Timeline, tmp_path: Path) -> None:
    lon, lat = at(0.2, 0.2)
    item = {"DeviceID": "32072400011326000001", "Name": "桥头", "Longitude": str(lon), "Latitude": str(lat),
            "ParentID": "32072400011186000001", "DirectionType": "6", "Status": "ON", "PTZType": "3"}  # fmt: skip
    group = {"DeviceID": "32072400002160000001", "Name": "目录"}
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps({"CmdType": "Catalog", "DeviceList": [item, group]}, ensure_ascii=False), "utf-8")
    plan = bring(land, "cameras", path)
    assert [(one.line, one.reason) for one in plan.bad] == [(2, "not_a_camera")]
    (camera,) = stored(land, tables.CameraRow).values()
    assert (camera["heading_deg"], camera["fov_deg"], camera["recorder"], camera["number"]) == (
        45.0,
        90.0,
        item["ParentID"],
        "0001",
    )


@pytest.mark.postgres
def test_on_postgresql_call_signs_change_hands_and_a_second_import_changes_nothing(
    hall_postgres_url: str, tmp_path: Path
) -> None:
    timeline = open_timeline(hall_postgres_url)
    settle(timeline, tmp_path)
    bring(timeline, "units", table(tmp_path / "u.csv", [("名称", "经度", "纬度"), ("所", *at(0.2, 0.2))]))
    heading = ("编号", "姓名", "呼号", "队伍", "单位")
    for signs in (("警01", "警02"), ("警02", "警01")):
        rows = [(f"R{i}", f"人{i}", sign, "民警", "所") for i, sign in enumerate(signs)]
        path = table(tmp_path / "p.csv", [heading, *rows])
        bring(timeline, "people", path)
        assert [row["call_sign"] for row in stored(timeline, tables.PersonRow).values()] == list(signs)
        assert not trial(timeline, "people", path).changes_anything
    # One whose own row is bad keeps the sign, and whoever wanted it is refused.
    rows = [("R0", "人0", "警01", "民警", "所"), ("R1", "人1", "警03", "不存在", "所")]
    plan = bring(timeline, "people", table(tmp_path / "p.csv", [heading, *rows]))
    assert [(one.key, one.reason) for one in plan.bad] == [("R0", "taken"), ("R1", "unknown_force")]
    timeline.close()
