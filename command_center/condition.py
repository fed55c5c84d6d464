"""How the hall is: for /healthz, for /metrics, and for the line on every page that says what is wrong."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import TypedDict

from command_center import __version__
from command_center.hall import Hall

router = APIRouter(tags=["condition"])


class FeedFigures(TypedDict):
    total: int
    online: int
    watched: int
    age_p99_s: float


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
    if hall.monitor is None:
        return {"total": 0, "online": 0, "watched": 0, "age_p99_s": 0.0}
    health = hall.monitor.health()
    return {
        "total": health.total,
        "online": health.online,
        "watched": health.watched,
        "age_p99_s": round(health.age_p99_s, 1),
    }


def notes(hall: Hall) -> list[dict[str, Any]]:
    """What somebody should look after, worst first."""
    found: list[dict[str, Any]] = []
    free_mb = hall.media.free_mb()
    if free_mb is not None and free_mb < hall.settings.disk_low_mb:
        code = "disk_full" if free_mb < hall.settings.disk_stop_mb else "disk_low"
        found.append({"code": code, "params": {"free_mb": round(free_mb)}})
    for worker in hall.workers:
        if worker.failing:
            found.append({"code": "worker_failing", "params": {"worker": worker.name, "error": worker.failing}})
    if hall.monitor is not None:
        for feed_id in hall.monitor.health().quarantined:
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


@router.get("/metrics", response_class=Response)
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
        for name, value in feed_figures(hall).items():
            yield _gauge(f"yiping_feeds_{name}", f"camera feeds, {name}", float(str(value)))
        figures = hall.wall.figures()
        yield _gauge("yiping_pages", "connected pages", figures["pages"])
        yield _gauge(
            "yiping_pages_lag_seconds", "how far the slowest page in step is behind", figures["seats"]["lag_s"]
        )
        yield _counter("yiping_pages_cut", "pages that were told to resume", {(): figures["cut"]})
        dropped: dict[tuple[str, ...], float] = {(): figures["dropped_positions"]}
        yield _counter("yiping_positions_dropped", "positions left out for slow pages", dropped)
        yield _counter("yiping_positions_accepted", "positions taken in", {(): hall.intake.accepted})
        rejected: dict[tuple[str, ...], float] = {(reason,): count for reason, count in hall.intake.rejected.items()}
        yield _counter("yiping_positions_rejected", "positions refused", rejected, labels=("reason",))
        lag = GaugeMetricFamily("yiping_follower_lag", "facts a stage has not yet passed", labels=("stage",))
        for follower in hall.followers:
            lag.add_metric((follower.name,), follower.lag())
        yield lag


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _counter(
    name: str, text: str, values: Mapping[tuple[str, ...], float], labels: tuple[str, ...] = ()
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=labels)
    for label, value in values.items():
        family.add_metric(label, value)
    return family
