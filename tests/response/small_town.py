"""A town small enough to know by heart: one street of six corners 500 m apart, six persons, three cameras."""

from command_center.registry.catalogue import categories
from command_center.registry.town_index import TownIndex
from gis.metric import destination
from gis.town_model import Camera, Center, Grid, Lonlat, PatrolPoint, Person, RoadNetwork, Unit, Village, Window

TOWN = "320724199"
VILLAGE = "320724199001"
GRID = "320724199001001"
OTHER_VILLAGE = "320724199002"
ORIGIN: Lonlat = (119.40, 34.12)
STREET_MPS = 10.0
CORNERS: tuple[Lonlat, ...] = tuple(destination(ORIGIN, 90.0, 500.0 * i) for i in range(6))
FORCES = ("POL", "AUX", "GRD", "GRD", "FIR", "MED")


def corner(number: int, *, north_m: float = 0.0) -> Lonlat:
    """A place on the street, or so many metres north of it."""
    return destination(CORNERS[number], 0.0, north_m) if north_m else CORNERS[number]


def _network() -> RoadNetwork:
    there = [(i, i + 1) for i in range(5)]
    arcs = there + [(b, a) for a, b in there]
    return RoadNetwork(
        node_lonlat=CORNERS,
        arc_from=tuple(a for a, _ in arcs),
        arc_to=tuple(b for _, b in arcs),
        length_m=(500.0,) * len(arcs),
        speed_mps=(STREET_MPS,) * len(arcs),
        road_class=(1,) * len(arcs),
    )


def _persons() -> list[Person]:
    return [
        Person(f"R00{i}", f"人{i}", f"{force}{i}", force, "U01", TOWN, CORNERS[i], "car")
        for i, force in enumerate(FORCES)
    ]


def _camera(number: int, at: Lonlat, heading_deg: float, area: str = GRID) -> Camera:
    return Camera(
        f"3207240011132600{number:04d}", f"{number:04d}", f"街口{number}", at, heading_deg, 80.0, 120.0, area,
        f"街口{number}", "street", 2,
    )  # fmt: skip


def small_town() -> TownIndex:
    west, east = destination(ORIGIN, 270.0, 2000.0)[0], destination(CORNERS[5], 90.0, 2000.0)[0]
    south, north = destination(ORIGIN, 180.0, 2000.0)[1], destination(ORIGIN, 0.0, 2000.0)[1]
    outline = ((west, south), (east, south), (east, north), (west, north), (west, south))
    cameras = [
        _camera(1, corner(0), 0.0),
        _camera(2, corner(0, north_m=60.0), 180.0),
        _camera(3, corner(5), 0.0, OTHER_VILLAGE + "001"),
    ]
    return TownIndex(
        center=Center(TOWN, "示范镇", "灌南县", True, ORIGIN),
        digest="small",
        outline=outline,
        villages={VILLAGE: Village(VILLAGE, "一村", "village", ORIGIN, outline)},
        grids={GRID: Grid(GRID, "一格", VILLAGE, "base", 300, outline)},
        roads=(),
        network=_network(),
        waters=(),
        places={},
        units={
            "U01": Unit("U01", "police", "派出所", ORIGIN, TOWN),
            "U02": Unit("U02", "justice", "司法所", ORIGIN, TOWN),
            "U03": Unit("U03", "labour", "人社所", ORIGIN, TOWN),
        },
        persons={person.id: person for person in _persons()},
        cameras={camera.id: camera for camera in cameras},
        categories={category.code: category for category in categories()},
    )


POINT = PatrolPoint(
    "D001", "镇中心小学", "school", GRID, corner(1), 80.0, 60, (Window("07:20:00", "08:10:00"),), "R002"
)
