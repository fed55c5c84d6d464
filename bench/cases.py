"""`yiping bench cases`: a million cases in the hall's own store, asked for as its people do; two who claim at once.

The cases are laid straight into the tables, with the words and the units they would have; a search by LIKE over the
same table is the peer. Claims go through the commands, from two threads that are let go at the same moment.
"""

import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import insert, or_, select, text
from sqlalchemy.orm import Session

from bench.report import Figure, Report, quantile
from command_center.access.guard import Who
from command_center.errors import Conflict, NotFound
from command_center.registry.catalogue import categories
from command_center.response.finding.index import number_of, words_for
from command_center.response.finding.queries import Wish, found
from command_center.response.finding.tables import FoundRow
from command_center.response.intake.commands import Matter, take_down
from command_center.response.parties.keys import Keyring
from command_center.response.profiles import keep
from command_center.response.steps.commands import take_step
from command_center.response.steps.queries import working
from command_center.response.steps.queues import counts, queue
from command_center.response.tables import CaseRow, CaseUnitRow, ClockRow
from command_center.timeline import Timeline
from tests.postgres import missing, private_cluster
from tests.response.hall import CAMERA, Hall

NOW = datetime(2026, 8, 24, 1, 0, tzinfo=UTC)
TOWN = "320724199"
CHUNK = 20_000
LIMIT_MS = 50
UNITS = tuple(f"U{number:02}" for number in range(1, 41))
OPEN_STATES = ("SUBMITTED", "ACCEPTED", "TRIAGE", "ASSIGNED", "RECEIVED", "IN_PROGRESS", "REVIEW", "CALLBACK")
# Of a hundred cases so many are not over.
OPEN_SHARE = 0.01
SUBJECTS = (
    "路灯 井盖 树枝 噪音 油烟 垃圾 积水 欠薪 停车 违建 养犬 飞线充电 占道经营 管道漏水 电梯 "
    "围墙 宅基地 水渠 农机 化肥 秸秆 河道 校车 医保 低保 养老金 物业费 借款 合同 彩礼"
).split()
TROUBLES = (
    "不亮 损坏 影响出行 长期无人管理 多次反映 存在隐患 引发争执 要求赔偿 请求核实 拖延不办 扰民严重 反复发生"
).split()
CHANNELS = ("window", "hotline", "app")
NAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
HEAD = Who("h", "h", "班长", "shift_head", TOWN)
CLERK = Who("c", "c", "受理员", "intake", TOWN)
VILLAGE = Who("v", "v", "村里", "duty_officer", f"{TOWN}003")
OFFICE = Who("d", "d", "所里", "department", "320724", unit_id="U07")


def run(count: int = 1_000_000, asks: int = 200, claims: int = 1_000, postgres: bool = True) -> Report:
    """All figures.

    Args:
        count: cases in the store.
        asks: questions of each kind.
        claims: cases that two departments claim at once.
        postgres: whether PostgreSQL is measured as well.
    """
    figures = list[Figure]()
    for name, url in stores(postgres):
        with url as where:
            hall = Hall(where)
            try:
                figures += _claims(hall, name, claims)
                figures += _laid(hall.timeline, name, count)
                figures += _asked(hall, name, count, asks)
            finally:
                hall.timeline.close()
    return Report("cases", figures)


def stores(postgres: bool) -> Iterator[tuple[str, Any]]:
    """By name, blocks that give the address of an empty store."""
    yield "SQLite", _sqlite()
    if postgres and missing() is None:
        yield "PostgreSQL", private_cluster()


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/hall.db"


@dataclass(frozen=True)
class Made:
    """A case and what belongs to it, as columns."""

    case: dict[str, Any]
    found: dict[str, Any]
    units: list[dict[str, Any]]
    clocks: list[dict[str, Any]]


def _laid(timeline: Timeline, name: str, count: int) -> list[Figure]:
    """Fill the store, oldest first."""
    rng, started = random.Random(5), time.perf_counter()
    with timeline.transaction() as tx:
        version = keep(tx, "gn").version
    first = NOW - timedelta(minutes=count)
    for begin in range(0, count, CHUNK):
        many = [_made(i, first, version, count, rng) for i in range(begin, min(begin + CHUNK, count))]
        with timeline.transaction() as tx:
            tx.session.connection().execute(insert(CaseRow), [one.case for one in many])
            tx.session.connection().execute(insert(FoundRow), [one.found for one in many])
            tx.session.connection().execute(insert(CaseUnitRow), [unit for one in many for unit in one.units])
            if clocks := [clock for one in many for clock in one.clocks]:
                tx.session.connection().execute(insert(ClockRow), clocks)
    laid_s = time.perf_counter() - started
    with timeline.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    return [Figure(f"{name}: {count:,} cases laid and indexed in", laid_s, "s")]


def _made(i: int, first: datetime, version: int, count: int, rng: random.Random) -> Made:
    at = first + timedelta(minutes=i, seconds=rng.random() * 60)
    is_open = i > count * 0.9 and rng.random() < OPEN_SHARE * 10
    state = rng.choice(OPEN_STATES) if is_open else "ARCHIVED"
    category, subject = rng.choice(categories()), rng.choice(SUBJECTS)
    village, door = rng.randint(1, 12), rng.randint(1, 400)
    unit, helper = rng.sample(UNITS, 2)
    case: dict[str, Any] = {
        "id": f"{i:026}", "code": f"{TOWN}-{at:%Y%m%d}-{i:07}", "query_code": f"{i:08}", "state": state,
        "title": f"{subject}{rng.choice(TROUBLES)}", "asks": False, "category": category.code,
        "text": f"{rng.choice(NAMES)}某反映第{village}村{door}号{subject}{rng.choice(TROUBLES)}，"
                f"{rng.choice(SUBJECTS)}{rng.choice(TROUBLES)}，电话1380000{i % 10_000:04}",
        "priority": f"P{rng.randint(1, 4)}", "level": rng.randint(1, 4), "source": rng.choice(CHANNELS),
        "area": f"{TOWN}{village:03}{door % 9 + 1:03}", "lon": 119.3, "lat": 34.1, "place": f"第{village}村{door}号",
        "alert_id": None, "opened_at": at, "opened_by": {}, "answer": None if is_open else "已到现场核实处理",
        "ended_at": None if is_open else at + timedelta(days=3),
        "profile": "gn", "profile_version": version, "value": None, "version": 1,
    }  # fmt: skip
    # A row that the session need not know of: a million of them would take minutes longer.
    words = words_for(cast(CaseRow, SimpleNamespace(**case)), (unit, helper))
    units = [
        {"case_id": case["id"], "unit_id": unit, "part": "lead", "waits": is_open},
        {"case_id": case["id"], "unit_id": helper, "part": "helper", "waits": False},
    ]
    clock = {
        "id": case["id"], "case_id": case["id"], "name": "T-RESOLVE", "of": "", "fires": is_open, "started_at": at,
        "due_at": at + timedelta(days=15), "stopped_at": None if is_open else at + timedelta(days=3),
        "paused_since": None, "fired_at": None, "basis": "15 days",
    }  # fmt: skip
    return Made(case, {"number": number_of(at) + i % 7, "case_id": case["id"], "words": words}, units, [clock])


def _asked(hall: Hall, name: str, count: int, asks: int) -> list[Figure]:
    """Every kind of question, each with other words every time."""
    rng = random.Random(9)

    def look(who: Who, make: Callable[[], Wish], **more: Any) -> Callable[[Session], object]:
        return lambda session: found(session, who, make(), **more)

    def deep() -> int:
        return number_of(NOW - timedelta(minutes=rng.randint(0, count)))

    def pair() -> str:
        return rng.choice(SUBJECTS)

    kinds: dict[str, Callable[[Session], object]] = {
        "the newest": look(HEAD, Wish),
        "a page somewhere": lambda session: found(session, HEAD, Wish(), before=deep()),
        "those of a village": look(VILLAGE, Wish),
        "those of a department": look(OFFICE, Wish),
        "by state and category": look(HEAD, lambda: Wish(state="open", category=rng.choice(categories()).code)),
        "by unit, level, source and month": lambda session: found(session, HEAD, _of_month(rng, deep())),
        "by a word": look(HEAD, lambda: Wish(q=pair())),
        "by two words": look(HEAD, lambda: Wish(q=f"{pair()} {rng.choice(TROUBLES)}")),
        "by a door": look(HEAD, lambda: Wish(q=f"第{rng.randint(1, 12)}村{rng.randint(1, 400)}号")),
        "by a code": look(HEAD, lambda: Wish(q=f"{rng.randrange(count):07}")),
        "by a word and a unit": look(HEAD, lambda: Wish(q=pair(), unit=rng.choice(UNITS), state="ARCHIVED")),
        "by what nobody wrote": look(HEAD, lambda: Wish(q="飞碟降落")),
        "by a word, of a department": look(OFFICE, lambda: Wish(q=pair())),
        "what waits for the counter": lambda session: queue(session, CLERK, "todo", now=NOW),
        "what waits for the head": lambda session: queue(session, HEAD, "todo", now=NOW),
        "what waits for a department": lambda session: queue(session, OFFICE, "todo", now=NOW),
        "what is overdue": lambda session: queue(session, HEAD, "overdue", now=NOW),
        "how much waits, all queues": lambda session: counts(session, HEAD, now=NOW),
        "one case opened": lambda session: working(
            session, hall.town, HEAD, id=f"{rng.randrange(count):026}", now=NOW, language="zh"
        ),
    }
    figures = list[Figure]()
    for kind, ask in kinds.items():
        took = _times(hall.timeline, ask, asks)
        figures.append(Figure(f"{name}: {kind}, p50", quantile(took, 0.5), "ms"))
        figures.append(Figure("… p95", quantile(took, 0.95), "ms", LIMIT_MS))
    peer = _times(hall.timeline, lambda session: _by_like(session, "飞碟"), 3)
    before = figures[-1]
    return [*figures[:-1], replace(before, peer="a word by LIKE, p50", peer_value=quantile(peer, 0.5))]


def _of_month(rng: random.Random, number: int) -> Wish:
    day = datetime.fromtimestamp(number / 1e6, UTC).date()
    return Wish(
        unit=rng.choice(UNITS), level=rng.randint(1, 4), source="hotline", since=day - timedelta(days=30), until=day
    )


def _by_like(session: Session, word: str) -> Sequence[str]:
    columns = (CaseRow.title, CaseRow.place, CaseRow.text)
    query = select(CaseRow.id).where(or_(*(column.contains(word) for column in columns)))
    return session.scalars(query.order_by(CaseRow.opened_at.desc()).limit(51)).all()


def _times(timeline: Timeline, ask: Callable[[Session], object], asks: int) -> list[float]:
    took = list[float]()
    for _ in range(asks):
        started = time.perf_counter()
        with timeline.reading() as session:
            ask(session)
        took.append((time.perf_counter() - started) * 1e3)
    return took


def _claims(hall: Hall, name: str, claims: int) -> list[Figure]:
    """How often exactly one of two got a case, and how long a pair of claims took."""
    matter = Matter(
        "window", "01008", "工地欠薪", "砚河工地", hall.town.cameras[CAMERA].lonlat, f"{TOWN}001", way="ls_jd"
    )
    with tempfile.TemporaryDirectory() as folder:
        keys = Keyring(Path(folder) / "names.key")
        keys.add_key(NOW)
        lead = Who("l", "l", "街道", "shift_head", TOWN)
        once, took = 0, list[float]()
        for _ in range(claims):
            with hall.tx() as tx:
                id = take_down(tx, matter, who=lead, terms=hall.terms)["id"]
            with hall.tx() as tx:
                take_step(tx, id=id, who=lead, action="accept", said={}, keys=keys)
            won, ms = _race(hall.timeline, id, keys)
            once += won == 1
            took.append(ms)
    return [
        Figure(f"{name}: claims by two at once, exactly one wins", once, f"of {claims}", claims, "higher"),
        Figure("… both answered, p50", quantile(took, 0.5), "ms"),
        Figure("… p95", quantile(took, 0.95), "ms"),
    ]


def _race(timeline: Timeline, id: str, keys: Keyring) -> tuple[int, float]:
    gate, won = threading.Barrier(3), list[str]()

    def claim(unit: str) -> None:
        who = Who(unit, unit, unit, "department", "320724", unit_id=unit)
        gate.wait()
        try:
            with timeline.transaction() as tx:
                take_step(tx, id=id, who=who, action="claim", said={}, keys=keys, competent=True)
        except (Conflict, NotFound):
            return
        won.append(unit)

    threads = [threading.Thread(target=claim, args=(unit,)) for unit in ("U02", "U03")]
    for one in threads:
        one.start()
    gate.wait()
    started = time.perf_counter()
    for one in threads:
        one.join()
    return len(won), (time.perf_counter() - started) * 1e3
