"""The `yiping` command: one small function per verb, each handing over to the room that does it."""

import asyncio
import contextlib
import getpass
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from command_center import demo as demonstration
from command_center import grounding, importing, serving
from command_center.access.commands import DATUMS, DEVICE_KINDS, add_user, register_device, reset_password
from command_center.access.queries import user_named
from command_center.access.roles import USER_ROLES
from command_center.app import describe
from command_center.children import end_with_parent
from command_center.errors import BadInput, NotFound, YipingError, language_of
from command_center.ingest.simulate import run_people
from command_center.registry.imports.console import print_json, print_plan
from command_center.registry.imports.files import is_osm
from command_center.registry.imports.plan import Wish
from command_center.registry.imports.views import fault_views
from command_center.registry.queries import town_index
from command_center.registry.town_index import TownIndex
from command_center.response.parties.keys import open_keyring
from command_center.response.parties.rotation import rotate, rows_by_key
from command_center.response.past.console import print_json as print_past_json
from command_center.response.past.console import print_plan as print_past
from command_center.response.past.plan import Wish as PastWish
from command_center.settings import Settings
from command_center.timeline import open_timeline
from gis.town import SEED, generate_town
from video import cli as video_verbs
from video.simulator import EVEN, PLANNED_KINDS, Mix, Plan
from video.simulator.kinds import kind_named
from video.sources.cli import channels as platform_channels

app = typer.Typer(no_args_is_help=True, add_completion=False, help="一屏 Yiping: a town's command center on one screen")
simulate = typer.Typer(no_args_is_help=True, help="stand-ins for what a real town brings")
video = typer.Typer(no_args_is_help=True, help="the video engine by itself")
user = typer.Typer(no_args_is_help=True, help="who may sign in")
device = typer.Typer(no_args_is_help=True, help="what sends positions")
keys = typer.Typer(no_args_is_help=True, help="what the names of the people of cases are locked with")
town = typer.Typer(no_args_is_help=True, help="the town that the hall looks after")
basemap = typer.Typer(no_args_is_help=True, help="the ground under the map")
app.add_typer(simulate, name="simulate")
app.add_typer(video, name="video")
app.add_typer(user, name="user")
app.add_typer(device, name="device")
app.add_typer(keys, name="keys")
app.add_typer(town, name="town")
app.add_typer(basemap, name="basemap")

CHECKOUT = Path(__file__).parent.parent
DataDir = Annotated[
    Path, typer.Option("--data", envvar="YIPING_DATA_DIR", help="folder of the database, clips and photos")
]
Share = Annotated[float, typer.Option(min=0, max=1, help="share of the cameras")]
Port = Annotated[int, typer.Option(help="port to listen on")]


@app.callback()
def main() -> None:
    """Children of a hall end with it."""
    end_with_parent()


@app.command()
def serve(
    data: DataDir = Path("data"),
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on")] = None,
) -> None:
    """The hall on your own data. Further settings are YIPING_ variables: docs/5-operate.md."""
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = Settings(data_dir=data).model_copy(update=changes)
    with _plainly():
        serving.run(settings)


@app.command()
def demo(
    feeds: Annotated[int, typer.Option(min=0, max=1447, help="how many cameras play")] = 1447,
    port: Port = 8080,
    data: DataDir = Path("data"),
    trouble: Annotated[bool, typer.Option(help="let something happen now and then")] = True,
    people: Annotated[bool, typer.Option(help="let the simulated people walk")] = True,
    obey: Annotated[bool, typer.Option(help="let simulated responders carry out their orders by themselves")] = True,
) -> None:
    """The model town with simulated cameras and people."""
    with _plainly():
        settings, found = demonstration.prepare(data)
        settings = settings.model_copy(update={"port": port})
        with contextlib.ExitStack() as beside:
            beside.enter_context(demonstration.cameras(settings, feeds=feeds, trouble=trouble))
            beside.enter_context(grounding.model_ground(settings))
            if people:
                beside.enter_context(demonstration.people(settings, found, obey=obey))
            serving.run(settings, demo=True, ready=lambda: demonstration.welcome(settings, found))


@app.command("import")
def import_file(
    kind: Annotated[str, typer.Argument(help="center villages grids roads water places units people cameras")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="csv xlsx json geojson gpkg zip osm pbf")],
    crs: Annotated[str, typer.Option(help="wgs84 cgcs2000 gcj02 bd09 or EPSG:number; the file's own by default")] = "",
    encoding: Annotated[str, typer.Option(help="of the text; found by itself by default")] = "",
    columns: Annotated[list[str] | None, typer.Option("--map", help="field=column, as lon=经度; repeatable")] = None,
    fixed: Annotated[list[str] | None, typer.Option("--set", help="field=value for all; repeatable")] = None,
    layer: Annotated[str, typer.Option(help="map layer or sheet; the first by default")] = "",
    only: Annotated[str, typer.Option(help="take only the row with this code or name")] = "",
    replace: Annotated[bool, typer.Option(help="remove what the file does not name")] = False,
    renumber: Annotated[bool, typer.Option(help="number grids anew: west to east, north to south")] = False,
    issue_ids: Annotated[bool, typer.Option(help="give ids to cameras that have none of GB/T 28181")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="store it; without this nothing is changed")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
    data: DataDir = Path("data"),
) -> None:
    """Bring a layer of the town in. A dry run by default: it prints what would change and every bad row."""
    with _plainly(), contextlib.closing(open_timeline(Settings(data_dir=data).timeline_url)) as timeline:
        mapped, constants = _pairs(columns), _pairs(fixed)
        wish = Wish(kind, crs, encoding, mapped, constants, layer, only, replace, renumber, issue_ids)
        plan = importing.run(timeline, file, wish, apply=apply)
        applied = apply and plan.changes_anything
        (print_json if as_json else print_plan)(plan, _language(), applied=applied)
        if applied and plan.kind.name == "roads" and is_osm(file):
            report = grounding.build(timeline, data, file)
            if not as_json:
                Console().print(grounding.sentence(report, _language()), highlight=False)


@app.command()
def history(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="csv tsv xlsx json")],
    system: Annotated[str, typer.Option(help="whose numbers they are")] = "12345",
    otherwise: Annotated[str, typer.Option(help="code of the category for what belongs to none")] = "",
    crs: Annotated[str, typer.Option(help="wgs84 cgcs2000 gcj02 bd09 or EPSG:number")] = "",
    encoding: Annotated[str, typer.Option(help="of the text; found by itself by default")] = "",
    columns: Annotated[list[str] | None, typer.Option("--map", help="field=column, as at=来电时间; repeatable")] = None,
    layer: Annotated[str, typer.Option(help="sheet; the first by default")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="store it; without this nothing is changed")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
    data: DataDir = Path("data"),
) -> None:
    """Bring in the requests of another system: what is closed as ended cases, what is open for the counter."""
    settings = Settings(data_dir=data)
    wish = PastWish(crs, encoding, _pairs(columns), layer, otherwise, system)
    with _plainly(), contextlib.closing(open_timeline(settings.timeline_url)) as timeline:
        plan = importing.bring_past(timeline, file, wish, keys=open_keyring(settings), apply=apply)
        (print_past_json if as_json else print_past)(plan, _language(), otherwise=otherwise, applied=apply)


@app.command("export")
def export_file(
    kind: Annotated[str, typer.Argument(help="center villages grids roads water places units people cameras")],
    file: Annotated[Path, typer.Argument(help="a new file, .gpkg or .geojson")],
    data: DataDir = Path("data"),
) -> None:
    """Write a layer of the town to a GeoPackage or GeoJSON file."""
    with _plainly(), contextlib.closing(open_timeline(Settings(data_dir=data).timeline_url)) as timeline:
        if file.exists():
            raise BadInput("export_file_exists", file=str(file))
        count = importing.export(timeline, kind, file)
        Console().print(f"{file}  {kind} {count}", highlight=False)


@app.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    sys.stdout.write(orjson.dumps(describe().openapi(), option=orjson.OPT_INDENT_2).decode() + "\n")


@app.command(
    "bench", context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False
)
def bench(context: typer.Context) -> None:
    """The published figures, run again on this machine: `yiping bench wall [--json]`. Needs a checkout."""
    if not (CHECKOUT / "bench").is_dir():
        raise typer.BadParameter("the benches are not part of the installed package; run this in a checkout")
    raise typer.Exit(subprocess.call([sys.executable, "-m", "bench", *context.args], cwd=CHECKOUT))


@simulate.command("cameras")
def simulate_cameras(
    count: Annotated[int, typer.Option(min=1, help="how many cameras")] = 64,
    port: Annotated[int, typer.Option(help="where to listen, 0 for free ports; recorders take the next")] = 8554,
    clips: Annotated[Path | None, typer.Option(help="folder of your own clips")] = None,
    cache: Annotated[Path, typer.Option(help="folder in which footage is kept")] = Path(".cache"),
    script: Annotated[Path | None, typer.Option(help="JSON lines of scripted trouble")] = None,
    auto: Annotated[bool, typer.Option(help="let something happen every 30 to 60 seconds")] = False,
    seed: Annotated[int, typer.Option(help="decides what happens by itself")] = 1,
    truth: Annotated[Path | None, typer.Option(help="file that gets the ground truth")] = None,
    as_json: Annotated[bool, typer.Option(help="one JSON line with addresses, zones and recorders when ready")] = False,
    plain: Annotated[bool, typer.Option(help="all alike: H.264, a key frame every 2 s, honest")] = False,
    h265: Share = Mix.h265,
    jpeg: Share = Mix.jpeg,
    short: Annotated[float, typer.Option(min=0, max=1, help="share with a key frame every second")] = Mix.short,
    long: Annotated[float, typer.Option(min=0, max=1, help="share with a key frame every 4 s")] = Mix.long,
    flaky: Share = Mix.flaky,
    lying: Annotated[float, typer.Option(min=0, max=1, help="share with untrue timestamps")] = Mix.lying,
    trouble: Annotated[int, typer.Option(min=0, help="so many cameras get into trouble once, others never")] = 0,
    trouble_seed: Annotated[int, typer.Option(help="decides which, when and what")] = 1,
    trouble_kinds: Annotated[str, typer.Option(help="separated by commas")] = ",".join(PLANNED_KINDS),
    trouble_first: Annotated[float, typer.Option(min=0, help="seconds from the start to the first")] = Plan.first_s,
    trouble_window: Annotated[float, typer.Option(min=0, help="seconds within which all begin")] = Plan.window_s,
    recorders: Annotated[str, typer.Option(help="cameras behind the first recorders, as 32,30; 32 by default")] = "",
) -> None:
    """RTSP cameras that play real clips in a loop, each at its own phase: rtsp://127.0.0.1:PORT/camera/0001 …"""
    try:
        mix = EVEN if plain else Mix(h265, jpeg, short, long, flaky, lying)
        names = tuple(kind_named(name) for name in trouble_kinds.split(",") if name)
        plan = Plan(trouble, trouble_seed, names, trouble_first, trouble_window) if trouble else None
        sizes = tuple(int(part) for part in recorders.split(",") if part)
        video_verbs.simulate_cameras(
            count,
            port,
            clips,
            cache,
            script,
            auto,
            seed,
            truth=truth,
            as_json=as_json,
            mix=mix,
            plan=plan,
            recorders=sizes,
        )
    except ValueError as error:
        Console(stderr=True).print(f"[red]{error}[/red]")
        raise typer.Exit(1) from error


@video.command("scan")
def video_scan(
    target: Annotated[str, typer.Argument(help="a file or an address")],
    zones: Annotated[Path | None, typer.Option(help="JSON file of zones")] = None,
    sensitivity: Annotated[float, typer.Option(min=0, max=1, help="0: only the plainest events, 1: all")] = 0.5,
    model: Annotated[Path | None, typer.Option(help="ONNX file of an object detector, to confirm events")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
) -> None:
    """Run the detectors over a clip or a stream."""
    try:
        video_verbs.scan(target, zones, as_json=as_json, sensitivity=sensitivity, model=model)
    except ValueError as error:
        Console(stderr=True).print(f"[red]{error}[/red]")
        raise typer.Exit(1) from error


@video.command("channels")
def video_channels(
    url: Annotated[str, typer.Argument(help="address of a GB/T 28181 platform, as http://127.0.0.1:18080")],
    key: Annotated[str, typer.Option(help="API key of the platform")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
) -> None:
    """List the channels of a GB/T 28181 platform, each with the address it can be watched under."""
    try:
        platform_channels(url, key, as_json=as_json)
    except ValueError as error:
        Console(stderr=True).print(f"[red]{error}[/red]")
        raise typer.Exit(1) from error


@simulate.command("people")
def simulate_people(
    url: Annotated[str, typer.Option(help="address of the hall")] = "http://127.0.0.1:8080",
    seed: Annotated[int, typer.Option(help="same seed, same rounds")] = SEED,
    obey: Annotated[bool, typer.Option(help="carry out orders by themselves")] = False,
) -> None:
    """The town's 120 people moving along its roads, reporting positions with the token in YIPING_FLEET_TOKEN."""
    token = os.environ.get(demonstration.FLEET_TOKEN, "")
    asyncio.run(run_people(url, token, generate_town(), seed=seed, obey=obey))


@town.command("model")
def town_model(data: DataDir = Path("data"), seed: Annotated[int, typer.Option()] = SEED) -> None:
    """Load the model town 示范镇."""
    timeline = open_timeline(Settings(data_dir=data).timeline_url)
    with _plainly():
        demonstration.load(timeline, generate_town(seed))
    timeline.close()


@town.command("check")
def town_check(
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
    data: DataDir = Path("data"),
) -> None:
    """Look for gaps, overlaps and slivers between grids, and for grids beyond their village or the town."""
    with _plainly(), contextlib.closing(open_timeline(Settings(data_dir=data).timeline_url)) as timeline:
        faults = fault_views(importing.check(timeline))
    for fault in faults:
        plain = f"{fault['kind']:8} {fault['area_m2']:>12} m²  {' '.join(fault['codes'])}"
        sys.stdout.write((orjson.dumps(fault).decode() if as_json else plain) + "\n")
    if faults:
        raise typer.Exit(1)
    if not as_json:
        Console().print("网格无缝无叠 / the grids tile the town")


@basemap.command("build")
def basemap_build(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="an OpenStreetMap extract: .osm.pbf .osm")],
    name: Annotated[str, typer.Option(help="its name in the list of imports; the file's by default")] = "",
    data: DataDir = Path("data"),
) -> None:
    """Make an OpenStreetMap extract the ground under the map; a running hall and its pages follow."""
    with _plainly(), contextlib.closing(open_timeline(Settings(data_dir=data).timeline_url)) as timeline:
        report = grounding.build(timeline, data, file, name=name)
        Console().print(grounding.sentence(report, _language()), highlight=False)


@basemap.command("model")
def basemap_model(data: DataDir = Path("data")) -> None:
    """Draw the ground of the model town, unless there is a basemap already."""
    with _plainly(), contextlib.closing(open_timeline(Settings(data_dir=data).timeline_url)) as timeline:
        grounding.build_model(timeline, data)


@user.command("add")
def user_add(
    name: str,
    role: Annotated[str, typer.Option(help=" ".join(USER_ROLES))] = "administrator",
    area: Annotated[str, typer.Option(help="area code: county 6, town 9, village 12 or grid 15 digits")] = "",
    display_name: Annotated[str, typer.Option(help="how others see the name")] = "",
    person: Annotated[str | None, typer.Option(help="call sign of the person that a responder is")] = None,
    unit: Annotated[str | None, typer.Option(help="name of the unit that somebody of a department acts for")] = None,
    data: DataDir = Path("data"),
) -> None:
    """Make a sign-in; the password is asked for and never shown. The first administrator is made like this."""
    timeline = open_timeline(Settings(data_dir=data).timeline_url)
    with _plainly(), timeline.transaction() as tx:
        found = town_index(tx.session)
        add_user(
            tx,
            name=name,
            display_name=display_name or person or unit or name,
            role=role,
            area=area or found.center.code,
            password=_ask_password(),
            person_id=_person_called(found, person),
            unit_id=_unit_called(found, unit),
        )
    timeline.close()


@user.command("password")
def user_password(name: str, data: DataDir = Path("data")) -> None:
    """Set a new password and end the user's sessions."""
    timeline = open_timeline(Settings(data_dir=data).timeline_url)
    with _plainly(), timeline.transaction() as tx:
        row = user_named(tx.session, name)
        if row is None:
            raise typer.BadParameter(name)
        reset_password(tx, id=row.id, password=_ask_password())
    timeline.close()


@device.command("add")
def device_add(
    name: str,
    kind: Annotated[str, typer.Option(help=" ".join(DEVICE_KINDS))] = "osmand",
    id: Annotated[str | None, typer.Option(help="how it names itself: identifier, SIM number, MQTT device")] = None,
    person: Annotated[
        str | None, typer.Option(help="call sign of whoever carries it; none for a shared vehicle")
    ] = None,
    area: Annotated[str, typer.Option(help="area code that it belongs to; empty: the whole town")] = "",
    datum: Annotated[str, typer.Option(help="of its coordinates: " + " ".join(DATUMS))] = "wgs84",
    secret: Annotated[bool, typer.Option(help="refuse it unless its token comes with its identifier")] = False,
    data: DataDir = Path("data"),
) -> None:
    """Register a device; its token is printed this once."""
    timeline = open_timeline(Settings(data_dir=data).timeline_url)
    with _plainly(), timeline.transaction() as tx:
        found = town_index(tx.session)
        row, token = register_device(
            tx,
            name=name,
            area=area or found.center.code,
            person_id=_person_called(found, person),
            kind=kind,
            external_id=id,
            datum=datum,
            secret_required=secret,
        )
        print(f"{row.id} {token}")
    timeline.close()


def _unit_called(found: TownIndex, name: str | None) -> str | None:
    by_name = {one.name: one.id for one in found.units.values()}
    if name is not None and name not in by_name:
        raise NotFound("unit_not_found", id=name)
    return by_name[name] if name else None


@keys.command("show")
def keys_show(data: DataDir = Path("data")) -> None:
    """The keys by number and fingerprint, and how many persons each locks; never the keys themselves."""
    settings = Settings(data_dir=data)
    with _plainly(), contextlib.closing(open_timeline(settings.timeline_url)) as timeline:
        ring, locked = open_keyring(settings), rows_by_key(timeline)
        print(ring.path if ring.is_file else "YIPING_NAMES_KEY")
        for number in sorted({*ring.keys, *locked}):
            key = ring.keys.get(number)
            print(f"{number:4}  {key.fingerprint if key else '缺 missing':10}  {locked.get(number, 0)}")
        if set(locked) - set(ring.keys):
            raise typer.Exit(1)


@keys.command("rotate")
def keys_rotate(data: DataDir = Path("data")) -> None:
    """Lock every name under a new key. May be cut and run again; the hall goes on meanwhile."""
    settings = Settings(data_dir=data)
    with _plainly(), contextlib.closing(open_timeline(settings.timeline_url)) as timeline:
        ring = open_keyring(settings)
        number, count = rotate(timeline, ring, told=lambda done: print(done, file=sys.stderr))
        print(f"密钥 key {number}  {count}  {ring.path if ring.is_file else 'YIPING_NAMES_KEY'}")


def _person_called(found: TownIndex, call_sign: str | None) -> str | None:
    by_call_sign = {one.call_sign: one.id for one in found.persons.values()}
    if call_sign is not None and call_sign not in by_call_sign:
        raise NotFound("person_not_found", id=call_sign)
    return by_call_sign.get(call_sign or "")


def _pairs(texts: list[str] | None) -> dict[str, str]:
    """`field=column` options as a mapping."""
    pairs = dict(text.partition("=")[::2] for text in texts or ())
    if "" in pairs:
        raise typer.BadParameter("field=column")
    return pairs


def _language() -> str:
    return language_of(os.environ.get("LANG", "").replace("_", "-"))


def _ask_password() -> str:
    """From the terminal, twice; or one line from a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("密码 password: ")
    if getpass.getpass("再输一次 again: ") != password:
        raise typer.BadParameter("两次输入不一致 / the two do not match")
    return password


@contextlib.contextmanager
def _plainly() -> Iterator[None]:
    """Say what is wrong in one line, in the reader's language, instead of a traceback."""
    try:
        yield
    except YipingError as error:
        Console(stderr=True).print(f"[red]{error.text(_language())}[/red]")
        raise typer.Exit(1) from error
