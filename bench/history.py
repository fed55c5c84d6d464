"""`yiping bench history`: a hotline's table of two years brought in whole, beside the same rows merely read and stored.

The peer reads the same file and stores each row as it stands into a bare table without an index: what any import costs.
"""

import csv
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from sqlalchemy import func, select

from bench.cases import SUBJECTS, TROUBLES, stores
from bench.report import Figure, Report
from command_center.access.guard import Who
from command_center.registry.clocks import LOCAL
from command_center.registry.commands import load_town
from command_center.registry.queries import town_index
from command_center.response.parties.keys import Keyring
from command_center.response.past.commands import bring
from command_center.response.past.plan import Wish, make_plan
from command_center.response.tables import CaseRow
from command_center.timeline import open_timeline
from gis.town import generate_town
from gis.town_model import Town

NOW = datetime(2026, 8, 24, 1, 0, tzinfo=UTC)
# Of 183,481 requests 182,197 were closed: the figures that a county published of its own hotline.
OPEN_SHARE = 1 - 182_197 / 183_481
COLUMNS = ("工单编号 来电时间 诉求人 联系电话 标题 诉求内容 诉求分类 事发地址 经度 纬度 承办单位 办理期限 办结时间 "
           "工单状态 办理结果 满意度 是否解决").split()  # fmt: skip
SORTS = ("矛盾纠纷/邻里纠纷", "劳动报酬/欠薪", "城乡管理/市容环卫", "物业服务纠纷", "农业农村/土地承包流转纠纷", "")
RATINGS = ("满意", "非常满意", "基本满意", "不满意", "")
ANSWER = "经核实情况属实，已安排人员到现场处理完毕并电话告知来电人，来电人表示认可。"


def run(count: int = 180_302, postgres: bool = True) -> Report:
    """All figures.

    Args:
        count: requests in the table.
        postgres: whether PostgreSQL is measured as well.
    """
    figures = list[Figure]()
    town = generate_town()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "12345.csv"
        _write(path, town, count)
        bare = _bare(path, Path(folder) / "bare.db")
        for name, store in stores(postgres):
            with store as url:
                figures += _brought(name, url, town, path, Path(folder), bare)
    return Report("history", figures)


def _brought(name: str, url: str, town: Town, path: Path, folder: Path, bare: float) -> list[Figure]:
    keys = Keyring(folder / f"{name}.key")
    keys.add_key(NOW)
    timeline = open_timeline(url, clock=lambda: NOW)
    try:
        with timeline.transaction() as tx:
            load_town(tx, town)
        with timeline.reading() as session:
            index = town_index(session)
        started = time.perf_counter()
        with timeline.reading() as session:
            plan = make_plan(session, index, path, Wish(otherwise="01002"), now=NOW)
        read_s = time.perf_counter() - started
        steps = [time.perf_counter()]
        who = Who("console", "console", "bench", "intake", index.center.code)
        bring(timeline, index, plan, who=who, keys=keys, tell=lambda _done: steps.append(time.perf_counter()))
        whole_s = time.perf_counter() - started
        with timeline.reading() as session:
            stored = session.scalar(select(func.count()).select_from(CaseRow)) or 0
    finally:
        timeline.close()
    # The first comes after another process has started, which nobody waits for.
    longest = max(later - earlier for earlier, later in pairwise(steps[1:]))
    many = sum(plan.counts.values())
    return [
        Figure(f"{name}: {many:,} requests brought in", whole_s, "s", 60, peer="read and stored bare", peer_value=bare),
        Figure("… of it reading and understanding", read_s, "s"),
        Figure("… cases that are there afterwards", stored, f"of {many}", many, "higher"),
        Figure("… of them open, taken down anew", len(plan.open), ""),
        Figure("… longest that the hall had to wait", longest * 1e3, "ms"),
    ]


def _write(path: Path, town: Town, count: int) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows(_rows(town, count))


def _rows(town: Town, count: int) -> Iterator[list[object]]:
    rng = random.Random(11)
    villages, units = [one.name for one in town.villages], [one.name for one in town.units]
    first, open_from = datetime(2024, 1, 1, tzinfo=LOCAL), count - count // 20
    step = (datetime(2026, 8, 20, tzinfo=LOCAL) - first) / count
    for i in range(count):
        at = first + step * i
        village, matter = rng.choice(villages), rng.choice(SUBJECTS) + rng.choice(TROUBLES)
        closed = None if i > open_from and rng.random() < OPEN_SHARE * 20 else at + timedelta(hours=rng.randint(1, 72))
        lonlat = rng.choice(town.grids).outline[0] if rng.random() < 0.7 else ("", "")
        yield [
            f"JB{at:%Y%m%d}{i:07}", f"{at:%Y-%m-%d %H:%M:%S}", rng.choice("王李张刘陈") + "某某", f"138{i:08}", matter,
            f"来电反映{village}{i % 400}号{matter}，{rng.choice(SUBJECTS)}{rng.choice(TROUBLES)}，"
            f"希望尽快处理并回复，已经等了{i % 30}天，请相关部门核实。",
            rng.choice(SORTS), f"{village}{i % 400}号", *lonlat, rng.choice(units),
            f"{at + timedelta(days=15):%Y/%m/%d %H:%M}", f"{closed:%Y-%m-%d %H:%M:%S}" if closed else "",
            "已办结" if closed else "办理中", ANSWER if closed else "", rng.choice(RATINGS) if closed else "", "",
        ]  # fmt: skip


def _bare(path: Path, store: Path) -> float:
    started = time.perf_counter()
    with path.open(encoding="gb18030", newline="") as file:
        rows = csv.reader(file)
        head = next(rows)
        with sqlite3.connect(store) as connection:
            connection.execute(f"CREATE TABLE bare ({', '.join(f'c{i}' for i in range(len(head)))})")
            connection.executemany(f"INSERT INTO bare VALUES ({', '.join('?' * len(head))})", rows)
    return time.perf_counter() - started
