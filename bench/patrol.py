"""Patrol plans on public instances: how far from the best known, in how many seconds, beside PyVRP untuned."""

import csv
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pyvrp
from pyvrp.stop import MaxRuntime
from rich.console import Console
from rich.table import Table

from bench.plan_check import check_streets, check_visits
from bench.report import Figure, Report
from gis.planning.instances import BadInstance, read_instance
from gis.planning.streets import StreetProblem, plan_streets, street_data
from gis.planning.vrp import Effort, NoPlan, VisitProblem, plan_visits, visit_data

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "routing"
SETS = {
    "gdb": ("carp", "gdb*.dat"),
    "kshs": ("carp", "kshs*.dat"),
    "val": ("carp", "val*.dat"),
    "solomon": ("vrptw-solomon", "*.txt"),
}
BEST_KNOWN = "best-known.csv"
# What is promised on average over a set, in percent over the best known; None: every single one at the optimum.
PROMISED_PERCENT = {"gdb": None, "kshs": None, "val": 0.2, "solomon": 0.5}
OTHERS = "own files"


@dataclass(frozen=True, slots=True)
class Instance:
    """A problem and what the literature reached; None where nothing is known."""

    set: str
    name: str
    problem: StreetProblem | VisitProblem
    best_known: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was reached; costs are None where no plan was found, `peer_cost` also where the peer was not asked."""

    instance: Instance
    cost: int | None
    seconds: float
    tours: int
    peer_cost: int | None = None

    @property
    def gap_percent(self) -> float | None:
        return _gap(self.cost, self.instance.best_known)

    @property
    def peer_gap_percent(self) -> float | None:
        return _gap(self.peer_cost, self.instance.best_known)


def _gap(cost: int | None, best_known: int | None) -> float | None:
    return None if cost is None or not best_known else 100.0 * (cost - best_known) / best_known


def of_set(name: str, data: Path = DATA) -> list[Instance]:
    """All instances of a public set, in the order of their names.

    Raises:
        BadInstance: a file is damaged or there is none.
    """
    folder, pattern = SETS[name]
    paths = sorted((data / folder).glob(pattern), key=lambda path: (len(path.stem), path.stem))
    if not paths:
        raise BadInstance(data / folder, 0, f"no file {pattern} here")
    return [of_file(path, name) for path in paths]


def of_file(path: Path, set_name: str = OTHERS) -> Instance:
    """One file; the best known cost is looked up by its name in `best-known.csv` beside it."""
    return Instance(set_name, path.stem, read_instance(path), best_known(path))


def best_known(path: Path) -> int | None:
    table = path.with_name(BEST_KNOWN)
    if not table.is_file():
        return None
    with table.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["instance"].lower() == path.stem.lower():
                return round(float(row.get("ub") or row["bks"]))
    return None


def run(instances: Sequence[Instance], seconds: float, *, peers: int, workers: int, seed: int, as_json: bool) -> None:
    """Plan one after the other and print the figures; progress goes to standard error."""
    asked = _spread(instances, peers)
    with _standard_output_kept() as out:
        outcomes = []
        for number, instance in enumerate(instances, 1):
            outcome = _solve(instance, Effort(seconds=seconds, workers=workers, seed=seed), number - 1 in asked)
            outcomes.append(outcome)
            print(f"[{number}/{len(instances)}] {_line(outcome)}", file=sys.stderr, flush=True)
        report = Report("patrol", [*_sums(outcomes), *_singles(outcomes)] if as_json else _sums(outcomes))
        if as_json:
            print(report.json(), file=out)
        else:
            console = Console(file=out, width=None if out.isatty() else 160)
            console.print(_table(outcomes, seconds))
            console.print(report.table())


def _spread(instances: Sequence[Instance], count: int) -> set[int]:
    """Indices of as many instances as the peer is asked for, evenly over the whole."""
    count = min(count, len(instances))
    return {(2 * i + 1) * len(instances) // (2 * count) for i in range(count)}


def _solve(instance: Instance, effort: Effort, with_peer: bool) -> Outcome:
    begin = time.monotonic()
    cost, tours = None, 0
    try:
        if isinstance(instance.problem, StreetProblem):
            streets = plan_streets(instance.problem, effort)
            check_streets(instance.problem, streets)
            cost, tours = streets.cost, len(streets.tours)
        else:
            visits = plan_visits(instance.problem, effort)
            check_visits(instance.problem, visits)
            cost, tours = visits.cost, len(visits.tours)
    except NoPlan:
        pass
    seconds = time.monotonic() - begin
    return Outcome(instance, cost, seconds, tours, _peer(instance, effort) if with_peer else None)


def _peer(instance: Instance, effort: Effort) -> int | None:
    """PyVRP as it comes, on the same model for the same seconds."""
    problem = instance.problem
    data = street_data(problem) if isinstance(problem, StreetProblem) else visit_data(problem)
    result = pyvrp.solve(data, MaxRuntime(effort.seconds or 0.0), seed=effort.seed, collect_stats=False)
    return int(result.cost()) if result.is_feasible() else None


def _line(outcome: Outcome) -> str:
    instance = outcome.instance
    parts = [f"{instance.set} {instance.name}: {_shown(outcome.cost)}"]
    if instance.best_known is not None:
        parts.append(f"best known {instance.best_known}, {_percent(outcome.gap_percent)}")
    parts.append(f"{outcome.seconds:.1f} s")
    if outcome.peer_cost is not None:
        parts.append(f"PyVRP untuned {outcome.peer_cost}")
    return ", ".join(parts)


def _shown(cost: int | None) -> str:
    return "no plan" if cost is None else str(cost)


def _percent(gap: float | None) -> str:
    return "" if gap is None else f"{gap:+.2f} %"


def _table(outcomes: Sequence[Outcome], seconds: float) -> Table:
    table = Table(title=f"patrol · {seconds:g} s for each instance")
    for name in ("set", "instance", "ours", "tours", "best known", "gap", "seconds", "PyVRP untuned", "its gap"):
        table.add_column(name, justify="left" if name in ("set", "instance") else "right")
    for one in outcomes:
        known, peer = one.instance.best_known, one.peer_cost
        table.add_row(
            one.instance.set, one.instance.name, _shown(one.cost), str(one.tours), "" if known is None else str(known),
            _percent(one.gap_percent), f"{one.seconds:.1f}", "" if peer is None else str(peer),
            _percent(one.peer_gap_percent),
        )  # fmt: skip
    return table


def _sums(outcomes: Sequence[Outcome]) -> list[Figure]:
    figures: list[Figure] = []
    for name in dict.fromkeys(one.instance.set for one in outcomes):
        figures += _sums_of_set(name, [one for one in outcomes if one.instance.set == name])
    figures.append(Figure("instances without a plan", sum(one.cost is None for one in outcomes), "", 0))
    figures.append(Figure("slowest instance", max(one.seconds for one in outcomes), "s"))
    return figures


def _sums_of_set(name: str, outcomes: Sequence[Outcome]) -> list[Figure]:
    gaps = [one.gap_percent for one in outcomes if one.gap_percent is not None]
    if not gaps:
        return []
    promised = PROMISED_PERCENT.get(name)
    reached = Figure(
        f"{name}: at the best known", sum(gap <= 0 for gap in gaps), f"of {len(outcomes)}",
        len(outcomes) if name in PROMISED_PERCENT and promised is None else None, "higher",
    )  # fmt: skip
    mean = Figure(f"{name}: over best known, mean", sum(gaps) / len(gaps), "%", promised)
    figures = [reached, mean, Figure(f"{name}: over best known, worst", max(gaps), "%")]
    beside = [one for one in outcomes if one.peer_gap_percent is not None and one.gap_percent is not None]
    if beside:
        ours = sum(one.gap_percent or 0.0 for one in beside) / len(beside)
        peer = sum(one.peer_gap_percent or 0.0 for one in beside) / len(beside)
        what = f"PyVRP untuned on the same {len(beside)}"
        figures.append(Figure(f"{name}: … mean of {len(beside)} beside the peer", ours, "%", None, "lower", what, peer))
    return figures


def _singles(outcomes: Sequence[Outcome]) -> list[Figure]:
    """Cost, gap and time of every instance."""
    figures: list[Figure] = []
    for one in outcomes:
        name = f"{one.instance.set}/{one.instance.name}"
        known = one.instance.best_known
        if one.cost is not None:
            peer = None if known is None else "best known"
            figures.append(Figure(f"{name} cost", one.cost, "cost", None, "lower", peer, known))
        if one.gap_percent is not None:
            peer = None if one.peer_gap_percent is None else "PyVRP untuned"
            figures.append(Figure(f"{name} gap", one.gap_percent, "%", None, "lower", peer, one.peer_gap_percent))
        figures.append(Figure(f"{name} time", one.seconds, "s"))
    return figures


@contextmanager
def _standard_output_kept() -> Iterator[TextIO]:
    """Standard output for the report alone: the solver of whole-number programmes now and then prints a line there."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with os.fdopen(os.dup(kept), "w", encoding="utf-8") as out:
            yield out
    finally:
        os.dup2(kept, 1)
        os.close(kept)
