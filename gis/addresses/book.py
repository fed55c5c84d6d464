"""The address book of one town: everything in its registry that people name, under all the names they use for it.

Built once per version of the town (a tenth of a second for the model town); immutable, safe to share between threads.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians, sin

import numpy as np
import shapely
from shapely.geometry import Polygon

from gis.addresses.model import Ground, Spot
from gis.addresses.names import QUALITY, SHORTEST, Named, Names, place_names
from gis.addresses.streets import Posts, Streets, Stretch, posts_of
from gis.addresses.text import plain
from gis.addresses.words import PROVINCES, ROAD_RANKS, VILLAGE_ENDS, short_province, split_village
from gis.grid import AreaIndex
from gis.metric import LocalFrame, distances_m
from gis.town_model import Lonlat

VILLAGE_DIGITS, GRID_DIGITS = 12, 15
GROUP = re.compile(r"(\d+)(?:组|队|屯)")
GRID = re.compile(r"(\d+)网格")
GROUP_SLACK_M, GROUP_LEAST_M = 60.0, 100.0


@dataclass(frozen=True, slots=True)
class Entry:
    """Something with names. `village` is the code of the village it lies in, "" for roads and divisions."""

    kind: str
    id: str
    label: str
    lonlat: Lonlat
    radius_m: float
    area: str
    village: str
    road: int = -1
    located_by: int = 0


class AddressBook:
    """One town, to be looked up by `gis.addresses.find`."""

    def __init__(self, ground: Ground) -> None:
        self.code, self.town, self.county = ground.code, ground.town, ground.county
        self.center = ground.lonlat
        self.frame = LocalFrame.around(ground.lonlat)
        x, y = self.frame.to_xy(np.array(ground.lonlat) + 0.01 * np.eye(2))
        self._lon_m, self._lat_m = float(x[0]) * 100, float(y[1]) * 100
        self.province = PROVINCES.get(ground.code[:2], "")
        self._polygons = {one.code: Polygon(one.outline) for one in ground.villages}
        self._polygons |= {one.code: Polygon(one.outline) for one in ground.grids}
        self.areas = AreaIndex([one.code for one in ground.grids], [self._polygons[one.code] for one in ground.grids])
        self.village_names: Mapping[str, str] = {one.code: one.name for one in ground.villages}
        self.grid_names: Mapping[str, str] = {one.code: one.name for one in ground.grids}
        self.streets = Streets(ground.roads, self.frame)
        self.stretches: Mapping[tuple[int, str], Stretch] = self.streets.within(
            list(self._polygons), self._polygons.values()
        )
        self._areas = self._areas_of_streets()
        self.entries: list[Entry] = []
        self._write(ground)

    def _write(self, ground: Ground) -> None:
        """Enter everything, divisions first."""
        named: dict[str, dict[int, str]] = defaultdict(dict)
        in_cameras: dict[str, dict[int, str]] = defaultdict(dict)

        def enter(entry: Entry, names: Iterable[tuple[str, str]]) -> int:
            number, book = len(self.entries), in_cameras if entry.kind == "camera" else named
            self.entries.append(entry)
            for name, how in names:
                if len(name) >= SHORTEST and QUALITY[how] > QUALITY.get(book[name].get(number, ""), 0.0):
                    book[name][number] = how
            return number

        for entry, names in (*self._divisions(ground), *self._villages(ground), *self._grids(ground)):
            enter(entry, names)
        roads = {number: enter(*self._road(number)) for number in range(len(self.streets.names))}
        self.road_names: Mapping[str, int] = {
            name: self.entries[number].road
            for name, own in named.items()
            for number, how in own.items()
            if self.entries[number].kind == "road" and how in ("full", "short")
        }
        self.road_entries: Mapping[int, int] = roads
        for spot in ground.spots:
            enter(_entry(spot), _spot_names(spot, plain(ground.town)))
        self.groups: Mapping[tuple[str, str], int] = {
            key: enter(entry, names) for key, entry, names in self._groups(ground.spots, named)
        }
        self.posts: Mapping[int, Posts] = posts_of(self.road_names, ((spot.name, spot.lonlat) for spot in ground.spots))
        self.grid_numbers: Mapping[tuple[str, str], int] = dict(self._grid_numbers())
        self.by_code: Mapping[str, int] = dict(self._codes(ground.spots))
        self.names = Names(_frozen(named))
        self.camera_names = Names(_frozen(in_cameras), forgiving=False)

    def _divisions(self, ground: Ground) -> Iterator[tuple[Entry, list[tuple[str, str]]]]:
        size_m = float(np.max(distances_m(np.array(ground.outline), ground.lonlat))) if ground.outline else 5000.0
        far = 1e6
        if self.province:
            names = [(self.province, "full"), (short_province(self.province), "stem")]
            yield Entry("province", "", self.province, ground.lonlat, far, "", ""), names
        county = plain(ground.county)
        if county:
            stem = county.rstrip("县区市旗")
            names = [(county, "full"), *([(stem, "stem")] if len(stem) > 1 else [])]
            yield Entry("county", ground.code[:6], ground.county, ground.lonlat, far, "", ""), names
        town = Entry("town", ground.code, ground.town, ground.lonlat, round(size_m), ground.code, "")
        yield town, [(plain(ground.town), "full")]

    def _villages(self, ground: Ground) -> Iterator[tuple[Entry, list[tuple[str, str]]]]:
        bare: dict[str, int] = defaultdict(int)
        for village in ground.villages:
            bare[split_village(plain(village.name))[0]] += 1
        for village in ground.villages:
            name = plain(village.name)
            stem, end = split_village(name)
            names = [
                (name, "full"),
                (f"{stem}{end}", "full"),
                (f"{stem}{end}委", "alias"),
                (f"{stem}{end}居委", "alias"),
            ]
            names += [(f"{stem}居委", "alias"), (f"{stem}村委", "alias")]
            names += [(stem, "stem")] if bare[stem] == 1 and stem else []
            names += [(f"{stem}{other}", "kind") for other in VILLAGE_ENDS if other != end]
            radius_m = self._size_m(village.code)
            yield (
                Entry("village", village.code, village.name, village.center, radius_m, village.code, village.code),
                names,
            )

    def _grids(self, ground: Ground) -> Iterator[tuple[Entry, list[tuple[str, str]]]]:
        for grid in ground.grids:
            middle = shapely.point_on_surface(self._polygons[grid.code])
            name = plain(grid.name)
            names = [(name, "full")]
            village = plain(self.village_names.get(grid.village, ""))
            number = GRID.search(name)
            if number is not None and village:
                stem, end = split_village(village)
                names += [(f"{stem}{end}{number[0]}", "alias"), (f"{stem}{number[0]}", "stem")]
            lonlat = (round(middle.x, 6), round(middle.y, 6))
            yield Entry("grid", grid.code, grid.name, lonlat, self._size_m(grid.code), grid.code, grid.village), names

    def _road(self, number: int) -> tuple[Entry, list[tuple[str, str]]]:
        label, whole = self.streets.names[number], self.streets.whole[number]
        name = plain(label)
        names = [(name, "full")]
        for rank in ROAD_RANKS:
            rest = name.removeprefix(rank)
            if rest != name and len(rest) >= SHORTEST:
                names += [(rest, "short"), (f"{rest.removesuffix('线')}公路", "alias")]
        if name[-1] in "路街" and len(name) > SHORTEST:
            names.append((name[:-1] + ("街" if name[-1] == "路" else "路"), "kind"))
        return Entry("road", "", label, whole.lonlat, whole.radius_m, "", "", number), names

    def _groups(
        self, spots: Sequence[Spot], named: Mapping[str, Mapping[int, str]]
    ) -> Iterator[tuple[tuple[str, str], Entry, list[tuple[str, str]]]]:
        """Groups 村民小组 are in no list: they are where the things that carry their name stand."""
        found: dict[tuple[str, str], list[Spot]] = defaultdict(list)
        for spot in spots:
            text = plain(spot.near or spot.name)
            group = GROUP.search(text)
            owners = named.get(text[: group.start()], {}) if group else {}
            for number, how in owners.items():
                if group and self.entries[number].kind == "village" and how in ("full", "kind", "stem"):
                    found[self.entries[number].id, group[1]].append(spot)
        for (village, group_number), own in found.items():
            middle = np.median(np.array([spot.lonlat for spot in own]), axis=0)
            lonlat = (round(float(middle[0]), 6), round(float(middle[1]), 6))
            away = distances_m(np.array([spot.lonlat for spot in own]), lonlat)
            radius_m = max(GROUP_LEAST_M, round(float(np.percentile(away, 90)) + GROUP_SLACK_M))
            label = own[0].near or f"{self.village_names[village]}{group_number}组"
            area = self.areas.find(lonlat) or village
            stem, end = split_village(plain(self.village_names[village]))
            names = [
                (f"{front}{group_number}{word}", how)
                for word in "组队屯"
                for front, how in ((f"{stem}{end}", "full"), (stem, "stem"))
            ]
            yield (
                (village, group_number),
                Entry("group", "", label, lonlat, radius_m, area, village, located_by=len(own)),
                names,
            )

    def _grid_numbers(self) -> Iterator[tuple[tuple[str, str], int]]:
        for number, entry in enumerate(self.entries):
            if entry.kind == "grid":
                said = GRID.search(plain(entry.label))
                yield (entry.village, said[1] if said else str(int(entry.id[-3:] or 0))), number

    def _codes(self, spots: Sequence[Spot]) -> Iterator[tuple[str, int]]:
        """Entries by code: areas and 20-digit cameras by theirs, cameras also by their short number as `#7`."""
        short = {spot.id: spot.code for spot in spots if spot.kind == "camera"}
        for number, entry in enumerate(self.entries):
            if entry.kind in ("town", "village", "grid", "camera") and entry.id:
                yield entry.id, number
            if entry.kind == "camera" and short[entry.id].isdecimal():
                yield f"#{int(short[entry.id])}", number

    def _size_m(self, code: str) -> float:
        """Radius of a disc as large as an area."""
        return round(float(np.sqrt(self._polygons[code].area * self._lon_m * self._lat_m / np.pi)))

    def metres_between(self, one: Lonlat, other: Lonlat) -> float:
        """Distance of two points of the town, good to some parts in a thousand, and quick."""
        return hypot((one[0] - other[0]) * self._lon_m, (one[1] - other[1]) * self._lat_m)

    def moved(self, lonlat: Lonlat, bearing_deg: float, metres: float) -> Lonlat:
        """The point so many metres away, as good as `metres_between`."""
        east_m, north_m = metres * sin(radians(bearing_deg)), metres * cos(radians(bearing_deg))
        return round(lonlat[0] + east_m / self._lon_m, 6), round(lonlat[1] + north_m / self._lat_m, 6)

    def area_name(self, code: str) -> str:
        """Of a grid, a village or the town."""
        return self.grid_names.get(code) or self.village_names.get(code, self.town)

    def area_of(self, lonlat: Lonlat) -> str:
        """The grid at a point, the village where there is none, or the town's own code."""
        return self._areas.get(lonlat) or self.areas.find(lonlat) or self.code

    def _areas_of_streets(self) -> dict[Lonlat, str]:
        """Areas of all the points that are not entries themselves, asked for at once instead of one by one."""
        streets = (*self.streets.whole, *self.stretches.values())
        points = [one.lonlat for one in streets]
        points += [lonlat for meetings in self.streets.crossings.values() for lonlat in meetings]
        found = self.areas.find_many(np.array(points).reshape(-1, 2))
        return {lonlat: area or self.code for lonlat, area in zip(points, found, strict=True)}


def _entry(spot: Spot) -> Entry:
    village = spot.area[:VILLAGE_DIGITS] if len(spot.area) >= VILLAGE_DIGITS else ""
    return Entry(spot.kind, spot.id, spot.name, spot.lonlat, spot.radius_m, spot.area, village)


def _spot_names(spot: Spot, town: str) -> Iterable[tuple[str, str]]:
    name = plain(spot.name)
    if not name:
        return ()
    return [(name, "full")] if spot.kind == "camera" else place_names(name, town)


def _frozen(named: Mapping[str, Mapping[int, str]]) -> dict[str, tuple[Named, ...]]:
    return {name: tuple(Named(number, how) for number, how in own.items()) for name, own in named.items()}
