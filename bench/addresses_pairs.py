"""Addresses whose place is known: everything of a town in twelve ways of writing, and real names from public data."""

import csv
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import osmium
from shapely.geometry import box

from gis.addresses import Ground, Spot
from gis.addresses.sound import alike
from gis.town_model import Grid, Lonlat, Road, Town, Village

FRONT = "江苏省连云港市灌南县示范镇"
GROUP_NUMERALS = "一二三四五六七八九"
# What an OpenStreetMap object is a place by.
PLACE_KEYS = ("amenity", "shop", "office", "tourism", "leisure", "healthcare", "building")


@dataclass(frozen=True, slots=True)
class Pair:
    """A text and where it is.

    Attributes:
        way: how it was written.
        kind: of the thing.
        id: of the registry; "" if only the place counts.
    """

    way: str
    kind: str
    text: str
    id: str
    lonlat: Lonlat
    within_m: float


@cache
def common_characters() -> tuple[str, ...]:
    """The 3,755 most used characters: level 1 of GB 2312, in the order of their sounds."""
    codes = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return tuple(code.decode("gb2312", "ignore") for code in codes if code < bytes((0xD7, 0xFA)))


def spoiled(name: str, rng: random.Random, *, by_sound: bool) -> str:
    """The name with one character replaced by one that sounds alike, or by any other."""
    places = [i for i, one in enumerate(name) if "\u4e00" <= one <= "\u9fff"]
    for i in rng.sample(places, len(places)):
        others = [one for one in common_characters() if one != name[i] and (not by_sound or alike(one, name[i]))]
        if others:
            return name[:i] + rng.choice(others) + name[i + 1 :]
    return name


def twelve_ways(name: str, village: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    """(way, text) of one name; `village` is the one it lies in, "" for a village itself."""
    yield "name", name
    yield "whole address", FRONT + (village or "") + name
    yield "with the town", f"示范镇{name}"
    yield "with the village" if village else "with a house", f"{village}{name}" if village else f"{name}26号"
    yield "spaces between", " ".join(name)
    yield "commas, wide", f"灌南县，示范镇，{village}，{name}　"
    yield "parts reversed", f"{name}，{village}，示范镇，灌南县，江苏省"
    yield "one like-sounding", spoiled(name, rng, by_sound=True)
    yield "one wrong", spoiled(name, rng, by_sound=False)
    left_out = rng.randrange(len(name))
    yield "one missing", name[:left_out] + name[left_out + 1 :]
    yield "across from it", f"{name}对面"
    yield "in a complaint", f"您好，我要反映一下，{name}附近夜里一直有人施工，影响老人休息，请尽快处理"


def of_town(town: Town, rng: random.Random) -> Iterator[Pair]:
    """Places, villages and grids of a town in twelve ways each, its groups and crossings in four."""
    names = {one.code: one.name for one in town.villages}
    for place in town.places:
        for way, text in twelve_ways(place.name, names[place.area[:12]], rng):
            yield Pair(way, "place", text, place.id, place.lonlat, 100.0)
    for village in town.villages:
        for way, text in twelve_ways(village.name, "", rng):
            yield Pair(way, "village", text, village.code, village.center, 0.0)
    for grid in town.grids:
        for way, text in twelve_ways(grid.name, "", rng):
            yield Pair(way, "grid", text, grid.code, grid.outline[0], 0.0)
    yield from _of_groups(town)
    yield from _of_posts(town)


def _of_groups(town: Town) -> Iterator[Pair]:
    """By the cameras that carry a group's name: each stands within 300 m of its group's middle."""
    seen: set[str] = set()
    for camera in town.cameras:
        if camera.kind != "hamlet" or camera.place in seen or not camera.name.endswith("路口"):
            continue
        seen.add(camera.place)
        village, numeral = camera.place[:-2], camera.place[-2]
        number = GROUP_NUMERALS.index(numeral) + 1
        for way, text in (
            ("numeral", camera.place),
            ("digit", f"{village}{number}组"),
            ("wide digit, apart", f"{village}　第{chr(0xFF10 + number)}村民小组"),
            ("whole address", f"{FRONT}{village}{numeral}组{number * 3}号"),
        ):
            yield Pair(way, "group", text, "", camera.lonlat, 300.0)


def _of_posts(town: Town) -> Iterator[Pair]:
    for camera in town.cameras:
        if camera.kind == "highway":
            post = camera.name.removeprefix(camera.place).removeprefix("K")
            kilometres = int(post.split("+")[0]) + int(post.split("+")[1]) / 1000
            yield Pair("K3+200", "post", camera.name, "", camera.lonlat, 120.0)
            yield Pair("3.2公里处", "post", f"{camera.place}{kilometres:g}公里处", "", camera.lonlat, 120.0)


def real_towns(folder: Path, most: int) -> Iterator[tuple[Ground, list[Pair], list[str]]]:
    """Towns with the names of real villages, on squares of a kilometre: ground, pairs, and villages of other towns.

    Args:
        folder: of `areas.csv`, `streets.csv` and `villages_5counties.csv` of China's statistics.
    """
    counties = {row["code"]: row["name"] for row in _rows(folder / "areas.csv")}
    towns = {row["code"]: row["name"] for row in _rows(folder / "streets.csv")}
    by_town: dict[str, list[tuple[str, str]]] = {}
    for row in _rows(folder / "villages_5counties.csv"):
        by_town.setdefault(row["streetCode"], []).append((row["code"], row["name"]))
    rng = random.Random(7)
    chosen = [code for code in sorted(by_town) if code in towns and len(by_town[code]) > 4]
    for code in rng.sample(chosen, min(most, len(chosen))):
        county, town = counties.get(code[:6], ""), towns[code]
        own = {name for _, name in by_town[code]}
        others = [name for other in rng.sample(chosen, 8) if other != code for _, name in by_town[other]]
        ground = squares(code, town, county, by_town[code])
        pairs = list(_of_villages(ground, county, town, rng))
        yield ground, pairs, [name for name in others if name not in own]


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def _of_villages(ground: Ground, county: str, town: str, rng: random.Random) -> Iterator[Pair]:
    for village in ground.villages:
        bare = village.name.removesuffix("委会").removesuffix("居")
        for way, text in (
            ("statistical name", village.name),
            ("as said", bare),
            ("whole address", f"{county}{town}{village.name}"),
            ("with group and house", f"{town}{bare}三组15号"),
            ("spaces between", " ".join(bare)),
            ("one like-sounding", spoiled(village.name, rng, by_sound=True)),
            ("in a complaint", f"我是{bare}的，门口的路灯坏了半个月没人修"),
        ):
            yield Pair(way, "village", text, village.code, village.center, 0.0)


def squares(code: str, town: str, county: str, named: Sequence[tuple[str, str]]) -> Ground:
    """A town whose villages are squares: matching needs names, not borders."""
    villages, grids = [], []
    for i, (own, name) in enumerate(named):
        west, south = 119.0 + 0.01 * (i % 20), 34.0 + 0.01 * (i // 20)
        ring = tuple((float(x), float(y)) for x, y in box(west, south, west + 0.01, south + 0.01).exterior.coords)
        kind = "community" if "社区" in name or "居委" in name else "village"
        villages.append(Village(own, name, kind, (west + 0.005, south + 0.005), ring))
        grids.append(Grid(f"{own}001", f"{name}第1网格", own, "base", 300, ring))
    return Ground(code, town, county, (119.1, 34.05), villages[0].outline, villages, grids, (), ())


def real_places(path: Path) -> tuple[Ground, list[Pair]] | None:
    """Named places and roads of an OpenStreetMap file, and the addresses their mappers wrote beside them; None if it
    has no such places."""
    spots: list[Spot] = []
    roads: list[Road] = []
    pairs: list[Pair] = []
    for one in osmium.FileProcessor(str(path)).with_locations():
        tags, name = one.tags, one.tags.get("name", "")
        at = _position(one)
        if at is None or not name or "highway" in tags:
            if name and "highway" in tags and len(at or ()) == 2 and hasattr(one, "nodes"):
                line = tuple((node.lon, node.lat) for node in one.nodes if node.location.valid())
                roads.append(Road(f"W{one.id}", tags["highway"], name, line))
            continue
        if any(key in tags for key in PLACE_KEYS) and any("\u4e00" <= letter <= "\u9fff" for letter in name):
            spots.append(Spot("place", f"{one.type_str()}{one.id}", name, at, "310113000001001", 50.0))
            pairs += _of_mapped(spots[-1], tags)
    if not spots:
        return None
    points = np.array([spot.lonlat for spot in spots] + [point for road in roads for point in road.line])
    (west, south), (east, north) = points.min(axis=0) - 0.01, points.max(axis=0) + 0.01
    ring = tuple((float(x), float(y)) for x, y in box(west, south, east, north).exterior.coords)
    middle = (float(west + east) / 2, float(south + north) / 2)
    area = Village("310113000001", "图内社区", "community", middle, ring)
    grid = Grid("310113000001001", "图内社区第1网格", area.code, "base", 0, ring)
    return Ground("310113000", "图内镇", "", middle, ring, (area,), (grid,), roads, spots), pairs


def _position(one: object) -> Lonlat | None:
    nodes = getattr(one, "nodes", None)
    if nodes is None:
        location = getattr(one, "location", None)
        return (location.lon, location.lat) if location is not None and location.valid() else None
    valid = [(node.lon, node.lat) for node in nodes if node.location.valid()]
    return (sum(x for x, _ in valid) / len(valid), sum(y for _, y in valid) / len(valid)) if valid else None


def _of_mapped(spot: Spot, tags: "osmium.osm.TagList") -> Iterator[Pair]:
    yield Pair("real name", "place", spot.name, "", spot.lonlat, 150.0)
    street = tags.get("addr:street")
    if street:
        front = "".join(tags.get(f"addr:{level}") or "" for level in ("province", "city", "district"))
        number = (tags.get("addr:housenumber") or "").removesuffix("号")
        text = f"{front}{street}{number}{'号' if number else ''}{spot.name}"
        yield Pair("real address and name", "place", text, "", spot.lonlat, 150.0)
