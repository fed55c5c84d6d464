"""A hall without doors: the real stages on a real database, with officers, a small town and a movable clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from command_center.access.guard import Who
from command_center.ingest.commands import take_signal
from command_center.prewarning import commands as prewarning
from command_center.prewarning import queries as alerts
from command_center.prewarning.raising import FOLLOWED_KINDS, AlertRaiser
from command_center.registry.tables import CategoryRow, UnitRow
from command_center.registry.town_index import TownIndex
from command_center.response import commands, orders, queries
from command_center.response.responders import muster
from command_center.response.terms import Terms
from command_center.timeline import Fact, Follower, Timeline, Transaction, open_timeline
from command_center.timeline.tables import Base

from .small_town import POINT, TOWN, small_town

CAMERA = "32072400111326000001"
SECOND_CAMERA = "32072400111326000002"
FAR_CAMERA = "32072400111326000003"


def officer(id: str, role: str = "duty_officer", *, area: str = TOWN, person_id: str | None = None) -> Who:
    return Who(id, id, f"{id}先生", role, area, person_id)


WANG, LI, HEAD = officer("wang"), officer("li"), officer("head", "shift_head")


def responder(person_id: str) -> Who:
    return officer(f"user-{person_id}", "responder", person_id=person_id)


@dataclass
class Clock:
    moment: datetime = field(default_factory=lambda: datetime(2026, 8, 24, 1, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.moment

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Seen:
    """A signal as the video engine reports it."""

    id: str
    feed_id: str
    kind: str
    started_at: datetime
    ended_at: datetime | None = None
    score: float = 0.9
    box: tuple[float, float, float, float] | None = (0.1, 0.2, 0.3, 0.4)
    detail: Any = field(default_factory=dict)


@dataclass(frozen=True)
class Spots:
    town: TownIndex

    def camera(self, _tx: Transaction, camera_id: str) -> Any:
        return self.town.cameras.get(camera_id)

    def point(self, _tx: Transaction, point_id: str) -> Any:
        return POINT if point_id == POINT.id else None

    def line(self, _tx: Transaction, line_id: str) -> None:
        return None

    def caller(self, person_id: str | None, device: str, lonlat: tuple[float, float] | None) -> Any:
        return None


class Hall:
    def __init__(self, url: str) -> None:
        self.clock = Clock()
        self.timeline: Timeline = open_timeline(url, clock=self.clock)
        Base.metadata.create_all(self.timeline.engine)
        self.town: TownIndex = small_town()
        self.terms = Terms(self.town.categories.values())
        raiser = AlertRaiser(Spots(self.town))
        self.follower = Follower(self.timeline, name="prewarning", handle=raiser.on_fact, kinds=FOLLOWED_KINDS)
        self._signals = 0
        with self.timeline.transaction() as tx:
            muster(tx, self.town.persons.values())
            for unit in self.town.units.values():
                row = {"id": unit.id, "kind": unit.kind, "name": unit.name, "area": unit.area}
                tx.session.merge(UnitRow(**row, lon=unit.lonlat[0], lat=unit.lonlat[1]))
            for category in self.town.categories.values():
                tx.session.merge(CategoryRow(**asdict(category)))

    @contextmanager
    def tx(self) -> Iterator[Transaction]:
        with self.timeline.transaction() as tx:
            yield tx

    def follow(self) -> None:
        while self.follower.step():
            pass

    def see(self, kind: str = "intrusion", camera_id: str = CAMERA) -> Seen:
        """A signal starts, and the stage follows."""
        self._signals += 1
        seen = Seen(f"signal-{self._signals}", camera_id, kind, self.clock())
        self.report(seen)
        return seen

    def end(self, seen: Seen) -> None:
        self.report(Seen(seen.id, seen.feed_id, seen.kind, seen.started_at, self.clock()))

    def report(self, seen: Seen) -> None:
        camera = self.town.cameras[seen.feed_id]
        with self.tx() as tx:
            take_signal(tx, seen, lambda _id: camera.area)
        self.follow()

    def duty(self, kind: str, *, id: str = "duty-1", state: str = "missed") -> None:
        """The patrol stage says something about a duty."""
        duty = {"id": id, "point_id": POINT.id, "state": state, "cause": "not_visited", "person_id": POINT.person_id,
                "window_start": "2026-08-24T00:20:00.000Z", "window_end": "2026-08-24T00:50:00.000Z"}  # fmt: skip
        with self.tx() as tx:
            tx.emit(Fact(kind, id, {"duty": duty}, POINT.area))
        self.follow()

    def spot(self, finding: str, *, id: str = "mark-1", note: str = "") -> None:
        """An eye on video patrol found something."""
        mark = {"id": id, "round_id": "round-1", "camera_id": CAMERA, "result": "finding", "finding": finding,
                "note": note, "by": {"id": "wang", "name": "王"}}  # fmt: skip
        with self.tx() as tx:
            tx.emit(Fact("patrol.video_found", id, {"video_mark": mark}, self.town.cameras[CAMERA].area))
        self.follow()

    def alerts(self, who: Who = WANG) -> list[Any]:
        with self.timeline.reading() as session:
            return list(alerts.alerts(session, who))

    def alert(self) -> Any:
        (alert,) = self.alerts()
        return alert

    def take(self, alert_id: str, who: Who = WANG) -> Any:
        with self.tx() as tx:
            return prewarning.take(tx, id=alert_id, who=who)

    def dismiss(self, alert_id: str, who: Who = WANG, reason: str = "animal", note: str | None = None) -> Any:
        with self.tx() as tx:
            return prewarning.dismiss(tx, id=alert_id, who=who, reason=reason, note=note)

    def confirm(self, alert_id: str, who: Who = WANG, category: str = "02998", **more: Any) -> Any:
        with self.tx() as tx:
            return commands.open_case(tx, alert_id=alert_id, who=who, terms=self.terms, category=category, **more)

    def open_case(self, camera_id: str = CAMERA, kind: str = "intrusion") -> Any:
        """From a signal to a case."""
        self.see(kind, camera_id)
        alert = self.alerts()[0]
        self.take(alert["id"])
        return self.confirm(alert["id"])

    def dispatch(self, case_id: str, *person_ids: str, who: Who = WANG, **more: Any) -> list[Any]:
        with self.tx() as tx:
            return list(commands.dispatch(tx, id=case_id, who=who, terms=self.terms, person_ids=person_ids, **more))

    def act(self, verb: str, order: Any, **more: Any) -> Any:
        """The person of an order does something with it."""
        with self.tx() as tx:
            return getattr(orders, verb)(tx, id=order["id"], who=responder(order["person_id"]), **more)

    def manage(self, verb: str, case_id: str, who: Who = LI, **more: Any) -> Any:
        """An officer does something with a case."""
        with self.tx() as tx:
            return getattr(commands, verb)(tx, id=case_id, who=who, **more)

    def handle(self, case_id: str, person_id: str = "R002") -> Any:
        """Send one person, who goes there and reports; returns the order."""
        (order,) = self.dispatch(case_id, person_id)
        self.act("accept", order)
        self.act("depart", order)
        self.act("arrive", order, note="步行到场")
        return self.act("feedback", order, text="已劝离")

    def detail(self, case_id: str, who: Who = WANG) -> Any:
        with self.timeline.reading() as session:
            return queries.case_detail(session, id=case_id, who=who)

    def find(self, who: Who = WANG, **how: Any) -> list[str]:
        with self.timeline.reading() as session:
            return [case["id"] for case in queries.cases(session, who, **how)]

    def snapshot(self, who: Who = WANG) -> dict[str, list[Any]]:
        with self.timeline.reading() as session:
            now = self.clock()
            return {**alerts.snapshot(session, who, now=now), **queries.snapshot(session, who, now=now)}

    def status(self, person_id: str) -> str:
        found = {one["id"]: one["status"] for one in self.snapshot()["responders"]}
        return str(found[person_id])

    def kinds(self) -> list[str]:
        return [fact.kind for fact in self.timeline.since(0, 10_000) if fact.kind != "response.mustered"]

    def folded(self) -> dict[str, dict[str, Any]]:
        """What a page gets that upserts the entities of every fact."""
        plural = {"alert": "alerts", "case": "cases", "order": "orders", "responder": "responders"}
        state: dict[str, dict[str, Any]] = {name: {} for name in plural.values()}
        for fact in self.timeline.since(0, 100_000):
            for name, view in fact.data.items():
                if name in plural:
                    state[plural[name]][view["id"]] = view
        return state
