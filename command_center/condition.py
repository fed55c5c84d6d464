"""How the hall is: for /healthz, for /metrics, and for the line on every page that says what is wrong."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import TypedDict

from command_center import __version__
from command_center.hall import Hall
from command_center.ingest.device_states import condition as device_condition
from video.model import HealthReport

router = APIRouter(tags=["condition"])


class FeedFigures(TypedDict):
    """How the fleet is watched; ages are seconds since a feed was last looked at.

    `skipped` key frames were looked at by nobody. Every feed is promised a look within `promise_s`; `stretched_s` is
    what the slowest wait instead when there is too much to do, else 0.
    """

    total: int
    online: int
    watched: int
    age_p50_s: float
    age_p99_s: float
    age_worst_s: float
    skipped: int
    promise_s: float
    stretched_s: float


class Condition(TypedDict):
    """The answer of /healthz; the names are relied on by scripts."""

    status: str
    version: str
    seq: int
    digest: str
    feeds: FeedFigures
    pages: int
    lag_s: float
    notes: list[dict[str, Any]]


def feed_figures(hall: Hall) -> FeedFigures:
    """How many feeds there are, deliver, and were looked at within ten seconds; and how old the last looks are."""
    health = hall.monitor.health() if hall.monitor is not None else HealthReport()
    return {
        "total": health.total,
        "online": health.online,
        "watched": health.watched,
        "age_p50_s": round(health.age_p50_s, 1),
        "age_p99_s": round(health.age_p99_s, 1),
        "age_worst_s": round(health.age_worst_s, 1),
        "skipped": health.skipped,
        "promise_s": round(health.promise_s, 1),
        "stretched_s": round(health.stretched_s, 1),
    }


def notes(hall: Hall) -> list[dict[str, Any]]:
    """What somebody should look after, worst first."""
    found: list[dict[str, Any]] = []
    free_mb = hall.media.free_mb()
    if free_mb is not None and free_mb < hall.settings.disk_low_mb:
        code = "disk_full" if free_mb < hall.settings.disk_stop_mb else "disk_low"
        found.append({"code": code, "params": {"free_mb": round(free_mb)}})
    if hall.doors.broker is not None and not hall.doors.broker.connected:
        found.append({"code": "mqtt_lost", "params": {}})
    for number in sorted(hall.names_locked - set(hall.names.keys)):
        found.append({"code": "names_key_missing", "params": {"number": number}})
    if not hall.town.roads:
        found.append({"code": "no_roads", "params": {}})
    for worker in (*hall.workers, *hall.doors.workers):
        if worker.failing:
            found.append({"code": "worker_failing", "params": {"worker": worker.name, "error": worker.failing}})
    if hall.grounder.refused:
        found.append({"code": "basemap_refused", "params": {"file": hall.grounder.refused}})
    if hall.basemap.pictures is not None and hall.basemap.pictures.failing:
        found.append({"code": "basemap_unreachable", "params": {"why": hall.basemap.pictures.failing}})
    if hall.monitor is not None:
        health = hall.monitor.health()
        if health.stretched_s > health.promise_s:
            params = {"promise_s": round(health.promise_s), "stretched_s": round(health.stretched_s)}
            found.append({"code": "looks_stretched", "params": params})
        for feed_id in health.quarantined:
            found.append({"code": "feed_quarantined", "params": {"camera": feed_id}})
    return found


def report(hall: Hall) -> dict[str, Any]:
    """What the health stream tells the pages."""
    return {
        "feeds": feed_figures(hall),
        "cameras": dict(hall.monitor.health().states) if hall.monitor else {},
        "notes": notes(hall),
        "rejected": dict(hall.intake.rejected),
    }


@router.get("/healthz")
def healthz(request: Request) -> Condition:
    """Whether this hall is well; `degraded` says in `notes` why."""
    hall: Hall = request.app.state.hall
    head = hall.timeline.head()
    figures = hall.wall.figures()
    wrong = notes(hall)
    return {
        "status": "degraded" if wrong else "ok",
        "version": __version__,
        "seq": head.seq,
        "digest": head.digest,
        "feeds": feed_figures(hall),
        "pages": figures["pages"],
        "lag_s": figures["seats"]["lag_s"],
        "notes": wrong,
    }


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(request: Request) -> Response:
    """The same and more for Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Figures(request.app.state.hall))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    def __init__(self, hall: Hall) -> None:
        self._hall = hall

    def collect(self) -> Iterator[Metric]:
        hall = self._hall
        yield _gauge("yiping_seq", "newest fact", hall.timeline.head().seq)
        yield from _watching(hall.monitor.health() if hall.monitor is not None else HealthReport())
        figures = hall.wall.figures()
        yield _gauge("yiping_pages", "connected pages", figures["pages"])
        yield _gauge(
            "yiping_pages_lag_seconds", "how far the slowest page in step is behind", figures["seats"]["lag_s"]
        )
        yield _counter("yiping_pages_cut", "pages that were told to resume", {(): figures["cut"]})
        dropped: dict[tuple[str, ...], float] = {(): figures["dropped_positions"]}
        yield _counter("yiping_positions_dropped", "positions left out for slow pages", dropped)
        skipped: dict[tuple[str, ...], float] = {(): figures["skipped_tiles"]}
        yield _counter("yiping_tiles_skipped", "pictures of the mosaic left out for slow pages", skipped)
        yield _counter("yiping_positions_accepted", "positions taken in", {(): hall.intake.accepted})
        rejected: dict[tuple[str, ...], float] = {(reason,): count for reason, count in hall.intake.rejected.items()}
        yield _counter("yiping_positions_rejected", "positions refused", rejected, labels=("reason",))
        yield from _devices(hall)
        lag = GaugeMetricFamily("yiping_follower_lag", "facts a stage has not yet passed", labels=("stage",))
        for follower in hall.followers:
            lag.add_metric((follower.name,), follower.lag())
        yield lag


def _devices(hall: Hall) -> Iterator[Metric]:
    """What devices are like that send positions, and how far they are believed."""
    states, now = hall.reception.states, hall.timeline.now()
    family = GaugeMetricFamily("yiping_devices_in_state", "devices by whether they are heard of", labels=("state",))
    for state, count in Counter(device_condition(one, now) for one in states.all()).items():
        family.add_metric((state,), count)
    yield family
    suspect = GaugeMetricFamily("yiping_devices_suspect", "devices that are not believed", labels=("reason",))
    for reason, count in states.suspects().items():
        suspect.add_metric((reason,), count)
    yield suspect
    flagged: dict[tuple[str, ...], float] = {(reason,): count for reason, count in states.flagged.items()}
    yield _counter("yiping_positions_flagged", "positions kept that prove nothing", flagged, labels=("reason",))
    for name, text, values in hall.doors.counts():
        labelled: dict[tuple[str, ...], float] = {(label,): count for label, count in values.items()}
        yield _counter(name, text, labelled, labels=("what",))


def _watching(health: HealthReport) -> Iterator[Metric]:
    """How feeds are watched: the promise, how it is kept, and what was left out."""
    for name in ("total", "online", "watched"):
        yield _gauge(f"yiping_feeds_{name}", f"camera feeds, {name}", getattr(health, name))
    for name in ("age_p50_s", "age_p99_s", "age_worst_s"):
        yield _gauge(f"yiping_feeds_{name}", "seconds since a feed was last looked at", getattr(health, name))
    yield _gauge("yiping_feeds_promise_s", "every feed is looked at within so many seconds", health.promise_s)
    yield _gauge("yiping_feeds_stretched_s", "what the slowest wait instead, 0 while kept", health.stretched_s)
    yield _gauge("yiping_feeds_quarantined", "feeds set aside because they kill decoders", len(health.quarantined))
    looks: dict[tuple[str, ...], float] = {(lane,): count for lane, count in health.lanes.items()}
    yield _counter("yiping_looks", "pictures judged; lane tile: only shown in the mosaic", looks, labels=("lane",))
    skipped: dict[tuple[str, ...], float] = {("patrol",): health.skipped, ("hot",): health.hot_skipped}
    yield _counter("yiping_looks_skipped", "pictures nobody had time for", skipped, labels=("lane",))
    yield _counter("yiping_lookers_restarted", "decoding processes started anew", {(): health.restarts})
    yield _gauge("yiping_look_ms", "mean cost of one look, decoding included", health.look_ms)
    yield _gauge("yiping_lookers_busy", "share of their time that lookers work", health.busy)
    states: dict[tuple[str, ...], float] = dict(Counter((state,) for state in health.states.values()))
    family = GaugeMetricFamily("yiping_feeds_in_state", "camera feeds by what is wrong with them", labels=("state",))
    for state, count in states.items():
        family.add_metric(state, count)
    yield family


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _counter(
    name: str, text: str, values: Mapping[tuple[str, ...], float], labels: tuple[str, ...] = ()
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=labels)
    for label, value in values.items():
        family.add_metric(label, value)
    return family
