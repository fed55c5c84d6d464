"""The town in memory: everything of it that never changes while the hall runs, indexed for the stages that ask all day.

Built once from the database at start; immutable, so safe to share between threads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from command_center.errors import NotFound
from command_center.registry.catalogue import Category
from gis.grid import AreaIndex
from gis.metric import distances_m
from gis.roads import Network, RoadGraph, Stretches, Travel
from gis.roads.profiles import BICYCLE, CAR, FOOT
from gis.sight import Sight, footprint, sight
from gis.town_model import Camera, Center, Grid, Line, Lonlat, Person, Place, Road, RoadNetwork, Unit, Village, Water

# How those who do not drive move, for travel times; drivers take the speed of the road.
TRAVEL_MPS: Mapping[str, float] = MappingProxyType({"scooter": 6.5, "foot": 1.4})
# The profile of the roads by which each of them travels.
PROFILES: Mapping[str, str] = MappingProxyType({"car": CAR, "scooter": BICYCLE, "foot": FOOT})


@dataclass(frozen=True, slots=True)
class NearCamera:
    """A camera near a place and how the place lies to it."""

    camera: Camera
    sight: Sight


@dataclass(frozen=True)
class TownIndex:
    """One town. The mappings are keyed by id or code and keep the order of the list they came from."""

    center: Center
    digest: str
    outline: Line
    villages: Mapping[str, Village]
    grids: Mapping[str, Grid]
    roads: Sequence[Road]
    network: RoadNetwork | Network
    waters: Sequence[Water]
    places: Mapping[str, Place]
    units: Mapping[str, Unit]
    persons: Mapping[str, Person]
    cameras: Mapping[str, Camera]
    categories: Mapping[str, Category]
    graph: RoadGraph = field(init=False, repr=False)
    travel: Travel = field(init=False, repr=False)
    areas: AreaIndex = field(init=False, repr=False)
    _camera_list: tuple[Camera, ...] = field(init=False, repr=False)
    _camera_lonlat: NDArray[np.float64] = field(init=False, repr=False)
    _place_list: tuple[Place, ...] = field(init=False, repr=False)
    _place_lonlat: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        def keep(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        if isinstance(self.network, Network):
            keep("travel", Travel.on(self.network))
            keep("graph", self.travel.graphs[CAR])
        else:
            keep("graph", road_graph(self.network))
            keep("travel", town_travel(self.graph))
        keep("areas", AreaIndex(list(self.grids), [Polygon(grid.outline) for grid in self.grids.values()]))
        keep("_camera_list", tuple(self.cameras.values()))
        keep("_camera_lonlat", np.array([one.lonlat for one in self.cameras.values()]).reshape(-1, 2))
        keep("_place_list", tuple(self.places.values()))
        keep("_place_lonlat", np.array([one.lonlat for one in self.places.values()]).reshape(-1, 2))

    def camera(self, id: str) -> Camera:
        """The camera under a GB/T 28181 id.

        Raises:
            NotFound: there is none.
        """
        if id not in self.cameras:
            raise NotFound("camera_not_found", id=id)
        return self.cameras[id]

    def person(self, id: str) -> Person:
        """One of the forces.

        Raises:
            NotFound: there is nobody with this id.
        """
        if id not in self.persons:
            raise NotFound("person_not_found", id=id)
        return self.persons[id]

    def category(self, code: str) -> Category:
        """A category of cases.

        Raises:
            NotFound: the catalogue does not have it.
        """
        if code not in self.categories:
            raise NotFound("category_not_found", code=code)
        return self.categories[code]

    def grid_of(self, lonlat: Lonlat) -> str | None:
        """The 15-digit code of the grid at a point; None outside the town."""
        return self.areas.find(lonlat)

    def area_of(self, lonlat: Lonlat) -> str:
        """The grid at a point, or the town's own code outside of all grids."""
        return self.areas.find(lonlat) or self.center.code

    def place_near(self, lonlat: Lonlat, within_m: float = 400.0) -> Place | None:
        """The nearest place with a name, to say where a point is."""
        if not self._place_list:
            return None
        away = distances_m(self._place_lonlat, lonlat)
        best = int(np.argmin(away))
        return self._place_list[best] if away[best] <= within_m else None

    def cameras_near(self, lonlat: Lonlat, radius_m: float = 200.0, limit: int = 12) -> list[NearCamera]:
        """Cameras around a place: those that see it first, then the nearer ones."""
        away = distances_m(self._camera_lonlat, lonlat)
        near = [
            NearCamera(self._camera_list[i], self.sight(self._camera_list[i], lonlat))
            for i in self._within(away, radius_m)
        ]
        near.sort(key=lambda one: (not one.sight.sees, one.sight.distance_m, one.camera.id))
        return near[:limit]

    @staticmethod
    def _within(away: NDArray[np.float64], radius_m: float) -> list[int]:
        inside: list[int] = np.flatnonzero(away <= radius_m).tolist()
        return inside

    @staticmethod
    def sight(camera: Camera, lonlat: Lonlat) -> Sight:
        """How a place lies to a camera."""
        return sight(camera.lonlat, camera.heading_deg, camera.fov_deg, camera.range_m, lonlat)

    @staticmethod
    def footprint(camera: Camera) -> list[Lonlat]:
        """The ground a camera sees, as a closed ring."""
        ring = footprint(camera.lonlat, camera.heading_deg, camera.fov_deg, camera.range_m)
        return [(float(lon), float(lat)) for lon, lat in np.round(ring, 6)]


def road_graph(network: RoadNetwork) -> RoadGraph:
    """The road network, ready to be asked for travel times."""
    return RoadGraph(
        np.array(network.node_lonlat),
        np.array(network.arc_from),
        np.array(network.arc_to),
        np.array(network.length_m),
        np.array(network.speed_mps),
        np.array(network.road_class),
    )


def town_travel(graph: RoadGraph) -> Travel:
    """The roads of the town for drivers, riders and walkers, who may all go wherever there is an arc."""
    there_s, back_s = graph.inwards.there, graph.inwards.back
    stretches: Stretches = graph.stretches
    steady = {PROFILES[travel]: mps for travel, mps in TRAVEL_MPS.items()}
    speeds = {CAR: (stretches.length_m / there_s, stretches.length_m / back_s)}
    for profile, mps in steady.items():
        speeds[profile] = np.where(np.isfinite(there_s), mps, 0.0), np.where(np.isfinite(back_s), mps, 0.0)
    return Travel.with_speeds(stretches, speeds)


def profile_of(person: Person) -> str:
    """By which profile somebody travels; drivers unless the registry says otherwise."""
    return PROFILES.get(person.travel, CAR)


def speed_of(person: Person) -> float:
    """Steady speed of somebody who does not drive, nan for a driver: what `RoadGraph.nearest` wants to know."""
    return TRAVEL_MPS.get(person.travel, float("nan"))
