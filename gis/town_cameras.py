"""The cameras of the model town: at places, crossings, hamlets and along highways, each looking along its road."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis import town_plan as plan
from gis.town_roads import Hamlet
from gis.town_sites import Roadside, Site

Floats = NDArray[np.float64]

SPREAD = 64
CENTER_CODE = "32072400"
IPC = "132"
GOVERNMENT_NETWORK = "6"

# kind: industry code of GB/T 28181, point class of 雪亮工程, weight when the first cameras are chosen, spots
KINDS: dict[str, tuple[str, int, float, tuple[str, ...]]] = {
    "school": ("11", 2, 3.0, ("门口", "接送区", "东侧路口", "西侧路口", "后门", "围墙外人行道")),
    "kindergarten": ("11", 2, 2.6, ("门口", "接送区", "南侧路口", "北侧路口")),
    "night_market": ("45", 1, 3.0, ("东口", "西口", "中段", "南通道", "北通道", "停车区")),
    "market": ("45", 1, 2.6, ("东门", "西门", "南侧路口", "卸货区", "停车场入口", "北侧路口")),
    "bus_station": ("07", 1, 2.8, ("进站口", "出站口", "广场东侧", "广场西侧", "公交站台", "南侧路口")),
    "hospital": ("09", 2, 2.4, ("门口", "急诊通道", "停车场入口", "东侧路口")),
    "government": ("58", 2, 2.2, ("门口", "东侧路口", "西侧路口", "信访接待区外")),
    "governance_center": ("58", 2, 1.8, ("门口", "停车区", "南侧路口")),
    "police_station": ("02", 1, 1.6, ("门口", "西侧路口", "东侧路口")),
    "fire_station": ("02", 2, 2.0, ("车库门前", "东侧路口")),
    "sluice": ("53", 2, 4.0, ("北岸", "南岸", "闸面", "管理房", "上游", "下游")),
    "pumping_station": ("53", 2, 2.4, ("泵房外", "进水口")),
    "reservoir": ("53", 2, 2.8, ("入口", "坝顶", "亲水平台", "停车场", "环湖步道")),
    "bridge": ("04", 1, 2.8, ("北端", "南端", "桥面")),
    "industrial": ("42", 2, 2.4, ("大门", "东侧道路", "西侧道路", "仓库外")),
    "petrol_station": ("03", 2, 2.2, ("入口", "出口")),
    "police_box": ("00", 1, 2.2, ("门前", "路口")),
    "park": ("08", 1, 2.2, ("东入口", "西入口", "步道", "码头")),
    "square": ("08", 1, 2.2, ("东侧", "西侧", "舞台")),
    "village_office": ("01", 3, 2.2, ("门前", "文化广场", "停车场")),
    "residential": ("01", 3, 1.6, ("南门", "北门", "东侧路口")),
    "highway": ("04", 1, 1.2, ()),
    "crossing": ("00", 1, 1.0, ()),
    "street": ("00", 1, 1.0, ()),
    "hamlet": ("01", 3, 1.3, ()),
}
OTHER = ("03", 2, 1.4, ("门前", "路口"))
HAMLET_SPOTS = ("路口", "东头", "西头", "南头", "北头", "村口", "晒场", "健身点", "小桥")
CORNERS = ("东北角", "西南角", "东南角", "西北角")


@dataclass(frozen=True, slots=True)
class Lens:
    """A camera in metres, before it has its number."""

    name: str
    kind: str
    place: str
    xy: tuple[float, float]
    heading_deg: float
    fov_deg: float
    range_m: float
    first: bool

    @property
    def industry(self) -> str:
        """行业编码."""
        return KINDS.get(self.kind, OTHER)[0]

    @property
    def point_class(self) -> int:
        """1 public security, 2 departments, 3 villages and shops."""
        return KINDS.get(self.kind, OTHER)[1]

    def gb_id(self, sequence: int) -> str:
        """The 20 digits of GB/T 28181-2022."""
        return f"{CENTER_CODE}{self.industry}{IPC}{GOVERNMENT_NETWORK}{sequence:06d}"


def make_lenses(
    rng: np.random.Generator, roadside: Roadside, sites: list[Site], hamlets: list[Hamlet], count: int
) -> list[Lens]:
    """`count` cameras with unique names; the first 64 are spread best over the town's important places."""
    chosen: dict[str, Lens] = {}
    for lens in _all(rng, roadside, sites, hamlets):
        chosen.setdefault(lens.name, lens)
        if len(chosen) == count:
            break
    return _spread_first(list(chosen.values()))


def _all(rng: np.random.Generator, roadside: Roadside, sites: list[Site], hamlets: list[Hamlet]) -> Iterator[Lens]:
    for site in sites:
        yield from _at_site(rng, roadside, site)
    yield from _at_highways(rng, roadside)
    yield from _at_crossings(rng, roadside, corners=1)
    for hamlet in hamlets:
        yield from _at_hamlet(rng, roadside, hamlet)
    yield from _at_crossings(rng, roadside, corners=4)
    yield from _on_poles(rng, roadside)


def _lens(
    rng: np.random.Generator, roadside: Roadside, wished: Floats, name: str, kind: str, place: str, first: bool = False
) -> Lens:
    xy, edge = roadside.beside(wished, 5.0 if kind in ("hamlet", "crossing", "street") else 8.0)
    along = float(roadside.along_deg[edge]) + (180.0 if rng.random() < 0.5 else 0.0)
    far = 150.0 if kind in ("highway", "bridge", "reservoir") else float(rng.choice([50.0, 60.0, 80.0]))
    heading = round((along + float(rng.normal(0.0, 9.0))) % 360.0, 1) % 360.0
    return Lens(name, kind, place, xy, heading, float(rng.choice([54.0, 68.0, 86.0, 102.0])), far, first)


def _at_site(rng: np.random.Generator, roadside: Roadside, site: Site) -> Iterator[Lens]:
    angle = np.radians(site.along_deg)
    along = np.array([np.sin(angle), np.cos(angle)])
    for i, spot in enumerate(KINDS.get(site.kind, OTHER)[3]):
        step = (0, 34, -34, 62, -62, 90)[i] + float(rng.normal(0, 4))
        yield _lens(rng, roadside, np.array(site.xy) + along * step, site.name + spot, site.kind, site.name, i == 0)


def _at_highways(rng: np.random.Generator, roadside: Roadside) -> Iterator[Lens]:
    network = roadside.network
    lengths = network.lengths_m()
    for _, name, points in plan.HIGHWAYS:
        edges = [i for i, own in enumerate(network.name) if own == name]
        start = np.array(points[0], dtype=np.float64)
        edges.sort(key=lambda i: float(np.hypot(*(network.middle_of_edges()[i] - start))))
        metres, due = 0.0, 0.0
        for edge in edges:
            metres += float(lengths[edge])
            if metres >= due:
                due = metres + 330.0
                post = f"K{int(metres) // 1000}+{int(metres) % 1000 // 10 * 10:03d}"
                yield _lens(rng, roadside, network.middle_of_edges()[edge], f"{name}{post}", "highway", name, True)


def _at_crossings(rng: np.random.Generator, roadside: Roadside, *, corners: int) -> Iterator[Lens]:
    network = roadside.network
    names: dict[int, list[str]] = {}
    for (a, b), name in zip(network.edges.tolist(), network.name, strict=True):
        for node in (a, b):
            if name and name not in names.setdefault(node, []):
                names[node].append(name)
    for node in sorted(node for node, own in names.items() if len(own) > 1):
        title = f"{names[node][0]}与{names[node][1]}路口"
        for i, corner in enumerate(CORNERS[:corners]):
            away = np.array([(8, 8), (-8, -8), (8, -8), (-8, 8)][i], dtype=np.float64)
            yield _lens(rng, roadside, network.node_xy[node] + away, title + corner, "crossing", title)


def _at_hamlet(rng: np.random.Generator, roadside: Roadside, hamlet: Hamlet) -> Iterator[Lens]:
    offsets = ((0, 0), (150, 0), (-150, 0), (0, -90), (0, 90), (220, 40), (-70, 40), (70, -40), (-220, -40))
    for spot, offset in zip(HAMLET_SPOTS, offsets, strict=True):
        wished = np.array(hamlet.xy) + offset + rng.normal(0.0, 12.0, 2)
        yield _lens(rng, roadside, wished, hamlet.name + spot, "hamlet", hamlet.name, spot == "路口")


def _on_poles(rng: np.random.Generator, roadside: Roadside) -> Iterator[Lens]:
    """Without end: poles on named roads, more of them in the middle of the town."""
    network = roadside.network
    middles = network.middle_of_edges()
    named = np.array([bool(name) for name in network.name])
    weight = named * np.exp(-np.hypot(*middles.T) / 1800.0) * network.lengths_m()
    poles: Counter[str] = Counter()
    while True:
        edge = int(rng.choice(len(weight), p=weight / weight.sum()))
        name = network.name[edge]
        poles[name] += 1
        wished = middles[edge] + rng.normal(0.0, 15.0, 2)
        yield _lens(rng, roadside, wished, f"{name}{poles[name]:02d}号杆", "street", name)


def _spread_first(lenses: list[Lens]) -> list[Lens]:
    """Put 64 cameras in front, each time the one farthest from those chosen, important places counting more."""
    weight = np.array([KINDS.get(lens.kind, OTHER)[2] * (1.0 if lens.first else 0.0) for lens in lenses])
    spots = np.array([lens.xy for lens in lenses])
    away = np.full(len(lenses), 1e4)
    front: list[int] = []
    while len(front) < min(SPREAD, int((weight > 0).sum())):
        best = int(np.argmax(np.minimum(away, 1200.0) * weight))
        front.append(best)
        away = np.minimum(away, np.hypot(*(spots - spots[best]).T))
        weight[best] = 0.0
    rest = sorted(set(range(len(lenses))) - set(front))
    return [lenses[i] for i in [*front, *rest]]
