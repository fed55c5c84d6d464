"""The model town 示范镇: generated from a seed inside the real outline of 灌南县; the same seed gives the same town."""

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import Polygon

from gis import town_model as model
from gis import town_plan as plan
from gis.county import county_outline
from gis.grid import AreaIndex
from gis.metric import LocalFrame, distances_m
from gis.town_cameras import Lens, make_lenses
from gis.town_land import Land, LandGrid, make_land
from gis.town_network import Network, cut, drawn
from gis.town_people import UNITS, Staff, make_staff
from gis.town_points import Duty, make_duties
from gis.town_recorders import hang
from gis.town_roads import draw_roads
from gis.town_sites import Roadside, Site, make_sites

Floats = NDArray[np.float64]

SEED = 20261122
CAMERAS = 1447
DIGITS = 6
FRAME = LocalFrame(*plan.CENTER_LONLAT)


class BadTown(ValueError):
    """The seed leads to a town that leaves its county."""


def generate_town(seed: int = SEED, cameras: int = CAMERAS) -> model.Town:
    """Make the whole town.

    Args:
        seed: any non-negative number.
        cameras: how many cameras; the first of them are the same for any number >= 600, except for their order.

    Raises:
        BadTown: this seed gives land that leaves the county.
        BadLand: this seed gives land that does not hold together.
    """
    rng = np.random.default_rng(seed)
    land = make_land(rng)
    sketches, hamlets = draw_roads(rng, land)
    network = cut(sketches)
    roadside = Roadside(network)
    sites = make_sites(land, roadside, hamlets)
    staff = make_staff(rng, roadside, sites, hamlets)
    lenses = make_lenses(rng, roadside, sites, hamlets, cameras)
    return _Writer(seed, land, network).write(sites, staff, make_duties(sites, staff), lenses)


class _Writer:
    """Turns metres into rounded lon/lat and numbers into ids and codes."""

    def __init__(self, seed: int, land: Land, network: Network) -> None:
        self.seed, self.land, self.network = seed, land, network
        self.village_codes = _village_codes()
        self.grid_codes = [f"{self.village_codes[grid.village]}{grid.sequence:03d}" for grid in land.grids]
        self.outline = self.ring(land.outline)
        if not county_outline().contains(Polygon(self.outline)):
            raise BadTown("the town leaves its county")
        self.areas = AreaIndex(self.grid_codes, [Polygon(self.ring(grid.shape)) for grid in land.grids])

    def write(self, sites: list[Site], staff: list[Staff], duties: list[Duty], lenses: list[Lens]) -> model.Town:
        places = tuple(self.place(i, site) for i, site in enumerate(sites))
        by_name = {place.name: place for place in places}
        return model.Town(
            seed=self.seed,
            center=self.center(by_name["示范镇综治中心"]),
            outline=self.outline,
            villages=tuple(self.village(i) for i in range(len(plan.VILLAGES))),
            grids=tuple(self.grid(i, grid) for i, grid in enumerate(self.land.grids)),
            roads=tuple(
                model.Road(f"W{i + 1:04d}", kind, name, self.line(line))
                for i, (kind, name, line) in enumerate(drawn(self.network))
            ),
            network=self.travelled(),
            waters=tuple(
                model.Water(
                    f"A{i + 1:02d}",
                    water.kind,
                    water.name,
                    self.ring(water.shape),
                    tuple(self.line(np.asarray(hole.coords)) for hole in water.shape.interiors),
                )
                for i, water in enumerate(self.land.waters)
            ),
            places=places,
            units=tuple(
                model.Unit(f"U{i + 1:02d}", kind, name, by_name[seat].lonlat, by_name[seat].area)
                for i, (kind, name, seat) in enumerate(UNITS)
            ),
            persons=tuple(self.person(i, one) for i, one in enumerate(staff)),
            cameras=self.cameras(lenses),
            points=tuple(self.point(i, duty, places) for i, duty in enumerate(duties)),
        )

    def line(self, xy: ArrayLike) -> model.Line:
        rounded = np.round(FRAME.to_lonlat(np.asarray(xy, dtype=np.float64)), DIGITS)
        return tuple((float(lon), float(lat)) for lon, lat in rounded)

    def ring(self, shape: Polygon) -> model.Line:
        return self.line(np.asarray(shape.exterior.coords))

    def lonlat(self, xy: tuple[float, float]) -> model.Lonlat:
        return self.line([xy])[0]

    def area(self, lonlat: model.Lonlat) -> str:
        """The grid at a point, or the nearest one for what stands just outside the town."""
        return self.areas.find(lonlat) or self.areas.nearest(lonlat)

    def center(self, place: model.Place) -> model.Center:
        return model.Center(plan.TOWN_CODE, f"{plan.TOWN_NAME}综治中心", plan.COUNTY_NAME, True, place.lonlat)

    def village(self, i: int) -> model.Village:
        name, kind, _, _, _ = plan.VILLAGES[i]
        middle = shapely.point_on_surface(self.land.villages[i].buffer(-250.0))
        return model.Village(
            self.village_codes[i], name, kind, self.lonlat((middle.x, middle.y)), self.ring(self.land.villages[i])
        )

    def grid(self, i: int, grid: LandGrid) -> model.Grid:
        households = 300 + (i * 37 + int(grid.shape.area) // 1000) % 200
        return model.Grid(
            self.grid_codes[i],
            grid.name,
            self.village_codes[grid.village],
            grid.kind,
            households,
            self.ring(grid.shape),
        )

    def travelled(self) -> model.RoadNetwork:
        nodes, edges = self.line(self.network.node_xy), self.network.edges
        both = np.concatenate([edges, edges[:, ::-1]])
        at = np.array(nodes)
        speed = np.array([plan.SPEED_MPS[kind] for kind in plan.ROAD_KINDS])[self.network.kind]
        length = np.maximum(np.round(distances_m(at[edges[:, 0]], at[edges[:, 1]]), 1), 0.1)
        return model.RoadNetwork(
            node_lonlat=nodes,
            arc_from=tuple(both[:, 0].tolist()),
            arc_to=tuple(both[:, 1].tolist()),
            length_m=tuple(np.tile(length, 2).tolist()),
            speed_mps=tuple(np.tile(speed, 2).tolist()),
            road_class=tuple(np.tile(self.network.kind, 2).tolist()),
        )

    def place(self, i: int, site: Site) -> model.Place:
        lonlat = self.lonlat(site.xy)
        return model.Place(f"L{i + 1:03d}", site.kind, site.name, lonlat, self.area(lonlat))

    def person(self, i: int, one: Staff) -> model.Person:
        base = self.lonlat(one.xy)
        grid = self.area(base)
        area = plan.TOWN_CODE if one.home is None else self.village_codes[one.home]
        return model.Person(
            f"R{i + 1:03d}",
            one.name,
            one.call_sign,
            one.force,
            f"U{one.unit + 1:02d}",
            grid if grid.startswith(area) and one.home is not None else area,
            base,
            one.travel,
        )

    def cameras(self, lenses: list[Lens]) -> tuple[model.Camera, ...]:
        standing = [self.camera(i + 1, lens) for i, lens in enumerate(lenses)]
        hung = hang([(one.lonlat, one.area) for one in standing])
        return tuple(
            replace(one, recorder=recorder, switch=switch)
            for one, (recorder, switch) in zip(standing, hung, strict=True)
        )

    def camera(self, number: int, lens: Lens) -> model.Camera:
        lonlat = self.lonlat(lens.xy)
        return model.Camera(
            id=lens.gb_id(number),
            number=f"{number:04d}",
            name=lens.name,
            lonlat=lonlat,
            heading_deg=lens.heading_deg,
            fov_deg=lens.fov_deg,
            range_m=lens.range_m,
            area=self.area(lonlat),
            place=lens.place,
            kind=lens.kind,
            point_class=lens.point_class,
        )

    def point(self, i: int, duty: Duty, places: tuple[model.Place, ...]) -> model.PatrolPoint:
        place = places[duty.site]
        return model.PatrolPoint(
            id=f"D{i + 1:03d}",
            name=place.name,
            kind=place.kind,
            area=place.area,
            lonlat=place.lonlat,
            radius_m=duty.radius_m,
            dwell_s=duty.dwell_s,
            windows=tuple(model.Window(start, end) for start, end in duty.windows),
            person_id=f"R{duty.person + 1:03d}",
        )


def _village_codes() -> list[str]:
    """Communities from 001, villages from 200, in the order of the plan."""
    codes, next_number = [], {"community": 1, "village": 200}
    for _, kind, _, _, _ in plan.VILLAGES:
        codes.append(f"{plan.TOWN_CODE}{next_number[kind]:03d}")
        next_number[kind] += 1
    return codes
