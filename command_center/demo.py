"""The model town with simulated cameras and people: what `make run` shows."""

import json
import os
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from command_center import children
from command_center.access.commands import add_user, register_device, reset_password
from command_center.access.queries import user_named
from command_center.ingest.feeds import set_feeds
from command_center.patrol.plans.commands import add_team
from command_center.patrol.points.commands import add_point
from command_center.patrol.video_patrol.commands import add_video_plan
from command_center.registry.commands import hang_cameras, load_town
from command_center.registry.queries import town_index
from command_center.registry.town_index import TownIndex
from command_center.response.responders import muster
from command_center.settings import Settings
from command_center.timeline import Timeline, Transaction, open_timeline
from gis.town import generate_town
from gis.town_model import Camera, PatrolPoint, Town
from gis.town_teams import PatrolTeam, make_teams
from video.model import FeedSpec, Zone

# Rounds through cameras: name, kinds of cameras, first and last hour, minutes between two rounds.
VIDEO_PLANS = (
    ("人员密集场所", {"bus_station", "market", "night_market", "square", "park", "supermarket"}, "00:00", "00:00", 120),
    ("校园周边", {"school", "kindergarten"}, "06:30", "18:30", 60),
)
SIGN_INS = "demo.json"
FLEET_TOKEN = "YIPING_FLEET_TOKEN"


@dataclass(frozen=True, slots=True)
class Seat:
    """A sign-in of the demonstration."""

    name: str
    display_name: str
    role: str
    area: str
    what: str
    call_sign: str | None = None
    unit: str | None = None


TOWN = "320724199"
SEATS = (
    Seat("duty", "王建国", "duty_officer", TOWN, "值班员 · 指挥调度"),
    Seat("head", "李志强", "shift_head", TOWN, "值班长 · 指挥调度"),
    Seat("dispatch", "陈晓梅", "dispatcher", TOWN, "指挥调度员 · 指挥调度"),
    Seat("patrol", "周海燕", "coordinator", TOWN, "巡防调度 · 巡防勤务"),
    Seat("village", "孙立军", "duty_officer", TOWN + "201", "村值班员 · 只看本村"),
    Seat("jing01", "警01", "responder", TOWN, "处置人员 · 手机页", "警01"),
    Seat("fu01", "辅01", "responder", TOWN, "处置人员 · 手机页", "辅01"),
    Seat("intake", "赵敏", "intake", TOWN, "受理员 · 办件登记"),
    Seat("police", "派出所", "department", TOWN, "部门 · 本单位办件", unit="police"),
    Seat("justice", "司法所", "department", TOWN, "部门 · 本单位办件", unit="justice"),
    Seat("labour", "人社所", "department", TOWN, "部门 · 本单位办件", unit="labour"),
    Seat("super", "督办员", "supervisor", TOWN, "督办员 · 超期督办"),
    Seat("leader", "分管领导", "leader", TOWN, "分管领导 · 审批"),
    Seat("admin", "系统管理员", "administrator", TOWN, "系统管理"),
    Seat("wall", "大屏", "wall_display", TOWN, "一屏统览 · 只看"),
)


@dataclass(frozen=True, slots=True)
class Demo:
    """What a demonstration needs to know again at its next start."""

    passwords: Mapping[str, str]
    fleet_token: str


def prepare(data: Path) -> tuple[Settings, Demo]:
    """Make the data folder, the model town and its sign-ins; a second time finds everything there.

    Passwords are random for each data folder and kept in it, readable by its owner alone.
    """
    data.mkdir(parents=True, exist_ok=True)
    settings = Settings(data_dir=data)
    with _open(settings) as timeline:
        known = _read(data / SIGN_INS)
        if known is None:
            return settings, _first_time(timeline, data / SIGN_INS)
        with timeline.transaction() as tx:
            # A folder from before cameras had recorders.
            hang_cameras(tx, generate_town)
        return settings, known


@contextmanager
def cameras(settings: Settings, *, feeds: int, trouble: bool) -> Iterator[None]:
    """Let the first `feeds` cameras of the town play, as long as the block lasts.

    The first time this fetches and encodes footage, which takes a minute or two and says so.

    Raises:
        RuntimeError: the simulator did not start.
    """
    hung = playing(settings, feeds)
    if not hung:
        _point_feeds(settings, [], [])
        yield
        return
    cache = os.environ.get("YIPING_CACHE_DIR", ".cache")
    arguments = ["simulate", "cameras", "--count", str(len(hung)), "--port", "0", "--cache", cache, "--as-json"]
    sizes = Counter(camera.recorder for camera in hung)
    arguments += ["--recorders", ",".join(map(str, sizes.values())), *(["--auto"] if trouble else [])]
    child = children.spawn(arguments, talks=True)
    try:
        line = child.stdout.readline() if child.stdout else b""
        if not line:
            raise RuntimeError("the camera simulator did not start")
        _point_feeds(settings, hung, json.loads(line)["cameras"])
        yield
    finally:
        children.end([child])


def playing(settings: Settings, feeds: int) -> list[Camera]:
    """The town's first cameras, those of one recorder in a row: each is simulated by a recorder of its own."""
    with _open(settings) as timeline, timeline.reading() as session:
        first = islice(town_index(session).cameras.values(), feeds)
        return sorted(first, key=lambda camera: (camera.recorder, camera.number))


@contextmanager
def people(settings: Settings, demo: Demo, *, obey: bool) -> Iterator[None]:
    """Let the town's people walk, as long as the block lasts."""
    url = f"http://127.0.0.1:{settings.port}"
    arguments = ["simulate", "people", "--url", url, *(["--obey"] if obey else [])]
    child = children.spawn(arguments, secrets={FLEET_TOKEN: demo.fleet_token})
    try:
        yield
    finally:
        children.end([child])


def welcome(settings: Settings, demo: Demo) -> None:
    """Print the address and the sign-ins."""
    console = Console()
    table = Table(title="演示账号 demo sign-ins", title_justify="left")
    for column in ("用户 name", "密码 password", "岗位 seat"):
        table.add_column(column)
    for seat in SEATS:
        table.add_row(seat.name, demo.passwords[seat.name], f"{seat.display_name} · {seat.what}")
    console.print(table)
    console.print(f"[bold]一屏 Yiping[/bold]  http://{settings.host}:{settings.port}  （模型数据 model data）")


def load(timeline: Timeline, town: Town) -> TownIndex:
    """Bring a town in: what it consists of, its people at their posts, points and teams. Twice changes nothing."""
    with timeline.transaction() as tx:
        fresh = load_town(tx, town)
        muster(tx, town.persons)
        if fresh:
            for point in town.points:
                _add_point(tx, point)
            _add_video_plans(tx, town)
            for team in make_teams(town):
                _add_team(tx, team)
    with timeline.reading() as session:
        return town_index(session)


def _add_point(tx: Transaction, point: PatrolPoint) -> None:
    add_point(
        tx,
        id=point.id,
        name=point.name,
        kind=point.kind,
        area=point.area,
        lonlat=point.lonlat,
        radius_m=point.radius_m,
        dwell_s=point.dwell_s,
        windows=[{"start": window.start, "end": window.end} for window in point.windows],
        person_id=point.person_id,
    )


def _add_video_plans(tx: Transaction, town: Town) -> None:
    for name, kinds, start, end, every_min in VIDEO_PLANS:
        cameras = {one.id: one.area for one in town.cameras if one.kind in kinds}
        add_video_plan(tx, name=name, cameras=cameras, windows=[{"start": start, "end": end}], every_min=every_min)


def _add_team(tx: Transaction, team: PatrolTeam) -> None:
    add_team(
        tx,
        id=team.id,
        name=team.name,
        force=team.force,
        travel=team.travel,
        area=team.area,
        lonlat=team.base,
        shift_start=team.shift[0],
        shift_end=team.shift[1],
        rest_s=team.rest_s,
        persons=team.persons,
    )


def _first_time(timeline: Timeline, file: Path) -> Demo:
    town = load(timeline, generate_town())
    passwords = {seat.name: _password() for seat in SEATS}
    people = {person.call_sign: person.id for person in town.persons.values()}
    units = {unit.kind: unit.id for unit in town.units.values()}
    with timeline.transaction() as tx:
        for seat in SEATS:
            _seat(tx, seat, passwords[seat.name], people.get(seat.call_sign or ""), units.get(seat.unit or ""))
        # Whoever has a seat acts for himself: the simulation must not take the phone out of his hand.
        seated = {seat.call_sign for seat in SEATS}
        acts_for = [id for call_sign, id in people.items() if call_sign not in seated]
        _, token = register_device(tx, name="模拟力量", area=TOWN, acts_for=acts_for)
    demo = Demo(passwords, token)
    _save(file, demo)
    return demo


def _seat(tx: Transaction, seat: Seat, password: str, person_id: str | None, unit_id: str | None) -> None:
    row = user_named(tx.session, seat.name)
    if row is not None:
        # A first start that was cut off before its passwords were written down.
        reset_password(tx, id=row.id, password=password)
        return
    add_user(
        tx,
        name=seat.name,
        display_name=seat.display_name,
        role=seat.role,
        area=seat.area,
        password=password,
        person_id=person_id,
        unit_id=unit_id,
    )


def _point_feeds(settings: Settings, cameras: Sequence[Camera], simulated: Sequence[dict[str, Any]]) -> None:
    with _open(settings) as timeline, timeline.transaction() as tx:
        set_feeds(tx, (_feed(camera.id, one) for camera, one in zip(cameras, simulated, strict=True)))


def _feed(camera_id: str, simulated: dict[str, Any]) -> FeedSpec:
    corners = tuple((float(x), float(y)) for x, y in simulated["zone"])
    zones = (Zone("禁入区", "intrusion", corners),) if corners else ()
    return FeedSpec(camera_id, simulated["url"], zones)


@contextmanager
def _open(settings: Settings) -> Iterator[Timeline]:
    timeline = open_timeline(settings.timeline_url)
    try:
        yield timeline
    finally:
        timeline.close()


def _read(file: Path) -> Demo | None:
    if not file.exists():
        return None
    body: dict[str, Any] = json.loads(file.read_text())
    return Demo(body["passwords"], body["fleet_token"])


def _save(file: Path, demo: Demo) -> None:
    new = file.with_suffix(".new")
    new.touch(mode=0o600)
    body = {"passwords": dict(demo.passwords), "fleet_token": demo.fleet_token}
    new.write_text(json.dumps(body, ensure_ascii=False, indent=2))
    new.replace(file)


def _password() -> str:
    """Easy to type from a screen, hard to guess, and within the rules for passwords."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    groups = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))
    return "-".join(groups).capitalize() + str(secrets.randbelow(90) + 10)
