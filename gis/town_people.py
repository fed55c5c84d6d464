"""The people of the model town: 21 units and 120 persons of the ten forces, all of them invented."""

from dataclasses import dataclass

import numpy as np

from gis import town_plan as plan
from gis.town_roads import Hamlet
from gis.town_sites import Roadside, Site

# kind, name, the place where it sits
UNITS: tuple[tuple[str, str, str], ...] = (
    ("governance", "示范镇综治中心", "示范镇综治中心"),
    ("police", "示范镇派出所", "示范镇派出所"),
    ("traffic", "交警中队", "交警中队"),
    ("justice", "司法所", "示范镇司法所"),
    ("emergency", "应急管理所", "示范镇人民政府"),
    ("enforcement", "综合执法局", "便民服务中心"),
    ("fire", "消防救援站", "示范镇消防救援站"),
    ("health", "卫生院", "示范镇卫生院"),
    ("labour", "人社所", "便民服务中心"),
    ("land", "自然资源所", "便民服务中心"),
    ("housing", "村镇建设办", "示范镇人民政府"),
    ("water", "水利站", "新河闸"),
    ("farming", "农业农村办", "示范镇人民政府"),
    ("civil_affairs", "民政办", "便民服务中心"),
    ("petition", "信访办", "示范镇综治中心"),
    ("market", "市场监管所", "砚河农贸市场"),
    ("sanitation", "环卫所", "示范镇垃圾转运站"),
    ("veterans", "退役军人服务站", "便民服务中心"),
    ("power", "供电所", "示范变电站"),
    ("court", "示范人民法庭", "示范人民法庭"),
    ("women", "妇联", "示范镇人民政府"),
)
# force, call sign, first number, how many, unit kind, how they move
FORCES: tuple[tuple[str, str, int, int, str, str], ...] = (
    ("POL", "警", 1, 12, "police", "car"),
    ("AUX", "辅", 1, 14, "police", "scooter"),
    ("GRD", "网", 201, 48, "governance", "scooter"),
    ("ENF", "执", 1, 8, "enforcement", "car"),
    ("FIR", "消", 1, 8, "fire", "car"),
    ("MED", "医", 1, 6, "health", "car"),
    ("EMR", "应", 1, 6, "emergency", "car"),
    ("MDT", "调", 1, 6, "justice", "car"),
    ("VOL", "志", 31, 8, "governance", "foot"),
)
DEPARTMENTS = (("住建", "housing"), ("人社", "labour"), ("资源", "land"), ("水利", "water"))
# patrol cars and watch posts: where those forces that do not wait at their unit begin
POSTS = {
    "POL": ("示范镇派出所", "老街警务站", "客运站警务站", "砚湖警务站", "工业园警务站", "北郊加油站"),
    "AUX": ("镇中心小学", "老街夜市", "示范镇客运站", "砚河农贸市场", "示范镇文化广场", "砚湖警务站", "工业园警务站"),
    "ENF": ("砚河农贸市场", "老街夜市", "便民服务中心", "示范镇工业园"),
    "VOL": ("栖云广场", "示范镇文化广场", "砚河新村小区", "栖云花园小区"),
}
SURNAMES = "赵钱孙周吴郑冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛范彭鲁韦马苗方任袁柳"
GIVEN = (
    "明远 志强 建平 海涛 立新 永康 德顺 文彬 晓峰 国栋 卫东 长林 子轩 浩然 宏伟 春生 玉兰 秀梅 雅琴 慧敏 "
    "晓燕 丽华 思雨 婷婷 雪莲 桂英 静怡 欣然 佳宁 红霞"
).split()


@dataclass(frozen=True, slots=True)
class Staff:
    """A person in metres. `home` is the number of the village they look after, None for the whole town."""

    name: str
    call_sign: str
    force: str
    unit: int
    xy: tuple[float, float]
    travel: str
    home: int | None


def make_staff(rng: np.random.Generator, roadside: Roadside, sites: list[Site], hamlets: list[Hamlet]) -> list[Staff]:
    """120 persons, force by force, with names that no two of them share."""
    where = {site.name: site.xy for site in sites}
    unit_number = {kind: i for i, (kind, _, _) in enumerate(UNITS)}
    names = iter(_names(rng))
    staff: list[Staff] = []
    for force, sign, first, count, unit, travel in FORCES:
        for i in range(count):
            home = i // 4 if force == "GRD" else None
            wished = _post(force, i, unit_number[unit], where, hamlets, home)
            xy = roadside.beside(np.array(wished) + rng.normal(0.0, 30.0, 2), 3.0)[0]
            staff.append(Staff(next(names), f"{sign}{first + i:02d}", force, unit_number[unit], xy, travel, home))
    for sign, unit in DEPARTMENTS:
        xy = roadside.beside(where[UNITS[unit_number[unit]][2]], 3.0)[0]
        staff.append(Staff(next(names), f"{sign}01", "DEP", unit_number[unit], xy, "car", None))
    return staff


def _names(rng: np.random.Generator) -> list[str]:
    every = [surname + given for surname in SURNAMES for given in GIVEN]
    return [every[i] for i in rng.permutation(len(every))]


def _post(
    force: str, i: int, unit: int, where: dict[str, tuple[float, float]], hamlets: list[Hamlet], home: int | None
) -> tuple[float, float]:
    """Grid workers begin in a hamlet of their village, others at a post of their force or at their unit."""
    if home is not None:
        own = [hamlet.xy for hamlet in hamlets if hamlet.village == home]
        middle = plan.VILLAGES[home][2]
        around = ((-260.0, 160.0), (240.0, 200.0), (-200.0, -240.0), (260.0, -200.0))[i % 4]
        return own[i % len(own)] if own else (middle[0] + around[0], middle[1] + around[1])
    posts = POSTS.get(force, (UNITS[unit][2],))
    return where[posts[i % len(posts)]]
