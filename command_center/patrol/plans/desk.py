"""The desk at which plans are solved: one search at a time, in a process of its own, outside of any transaction."""

import subprocess
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, TypeVar

import structlog
from fastapi import Depends
from sqlalchemy import select
from starlette.requests import HTTPConnection

from command_center.errors import Unavailable
from command_center.patrol.plans.commands import fail_plan, finish_plan
from command_center.patrol.plans.packing import Json, all_visits, read_needs, read_rounds
from command_center.patrol.plans.tables import PlanRow
from command_center.registry.town_index import TownIndex
from command_center.timeline import Timeline
from gis.planning.child import Job, PlanningFailed, in_child
from gis.planning.needs import Lonlat
from gis.planning.solver import Progress
from gis.planning.travel import Travel, travel_of
from gis.roads import NoWay, RoadGraph

log = structlog.get_logger()
K = TypeVar("K")
V = TypeVar("V")
KEPT = 8
INTERRUPTED = "interrupted"

# The ways of one team, from its base over its stops and back.
Ways = dict[str, list[list[Lonlat]]]


class PlanDesk:
    """One per hall; its methods may be called from any thread."""

    def __init__(self, timeline: Timeline, town: TownIndex) -> None:
        self._timeline = timeline
        self._town = town
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="plan")
        self._lock = threading.Lock()
        self._progress: dict[str, Progress] = {}
        self._child: subprocess.Popen[bytes] | None = None
        self._ended = False
        self._travels: OrderedDict[str, Travel] = OrderedDict()
        self._ways: OrderedDict[tuple[str, int], Ways] = OrderedDict()

    def move(self, town: TownIndex) -> None:
        """Plan on other roads from now on."""
        self._town = town
        self._travels.clear()
        self._ways.clear()

    @property
    def graph(self) -> RoadGraph:
        return self._town.graph

    def take_up(self) -> None:
        """Say of plans that were being solved when the last process stopped that they will not come."""
        with self._timeline.transaction() as tx:
            for id in list(tx.session.scalars(select(PlanRow.id).where(PlanRow.state == "solving"))):
                fail_plan(tx, id=id, problem=INTERRUPTED)

    def end(self) -> None:
        """Stop the search at hand; its plan is told to be interrupted at the next start."""
        self._ended = True
        with self._lock:
            child = self._child
        if child is not None:
            child.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, plan_id: str, job: Job) -> None:
        """Solve in the background; the plan's row is written when it is done."""
        self._progress[plan_id] = Progress(0.0, 0, 0)
        self._pool.submit(self._solve, plan_id, job)

    def progress(self, plan_id: str) -> Progress | None:
        """How far a search is; None when it is over."""
        return self._progress.get(plan_id)

    def _solve(self, plan_id: str, job: Job) -> None:
        def tell(one: Progress) -> None:
            self._progress[plan_id] = one

        try:
            outcome = in_child(job, tell, self._started)
            with self._timeline.transaction() as tx:
                finish_plan(tx, id=plan_id, plan=outcome.plan, proposals=outcome.proposals)
        except Exception as error:
            # Whatever went wrong, the page that waits for the plan must hear that it will not come.
            if self._ended:
                return
            problem = str(error) if isinstance(error, PlanningFailed) else f"{type(error).__name__}: {error}"
            log.warning("planning_failed", plan=plan_id, problem=problem)
            with self._timeline.transaction() as tx:
                fail_plan(tx, id=plan_id, problem=problem)
        finally:
            self._progress.pop(plan_id, None)

    def _started(self, child: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._child = child

    def travel(self, plan_id: str, body: Json) -> Travel:
        """Travel times between all places of a plan."""
        return _kept(self._travels, plan_id, lambda: self._ask(body))

    def _ask(self, body: Json) -> Travel:
        needs = read_needs(body["needs"])
        return travel_of(self.graph, needs, all_visits(body).values(), [cover.lonlat for cover in needs.covers])

    def ways(self, row: PlanRow) -> Ways:
        """The ways of all rounds along the roads, leg by leg."""
        return _kept(self._ways, (row.id, row.version), lambda: self._draw(row.body))

    def _draw(self, body: Json) -> Ways:
        teams = {team.id: team for team in read_needs(body["needs"]).teams}
        drawn: Ways = {}
        for one in read_rounds(body.get("rounds", []), all_visits(body)):
            team = teams[one.team_id]
            entries = [*(stop.step.entry for stop in one.stops), team.base]
            exits = [team.base, *(stop.step.exit for stop in one.stops)]
            drawn[team.id] = (
                [self._way(a, b, team.speed_mps) for a, b in zip(exits, entries, strict=True)] if one.stops else []
            )
        return drawn

    def _way(self, start: Lonlat, end: Lonlat, speed_mps: float | None) -> list[Lonlat]:
        if start == end:
            return [start]
        try:
            line = self.graph.route(start, end, speed_mps=speed_mps).line_lonlat
        except NoWay:
            return [start, end]
        return [(round(float(lon), 6), round(float(lat), 6)) for lon, lat in line]


def _kept(store: OrderedDict[K, V], key: K, make: Callable[[], V]) -> V:
    """What was made lately under a key, or make it."""
    found = store.get(key)
    if found is None:
        found = store[key] = make()
        while len(store) > KEPT:
            store.popitem(last=False)
    return found


def get_desk(connection: HTTPConnection) -> PlanDesk:
    """The desk.

    Raises:
        Unavailable: this hall has none.
    """
    desk: PlanDesk | None = getattr(connection.app.state, "plan_desk", None)
    if desk is None:
        raise Unavailable("plan_no_desk")
    return desk


DeskDep = Annotated[PlanDesk, Depends(get_desk)]
