"""Plan in a process of its own, so that a search of seconds takes no time from the hall.

The parent writes one job to the child's standard input and reads messages from its standard output until the last: a
Progress, then an Outcome or a Failure. A child whose parent is gone fails at its next word.
"""

import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from gis.planning.needs import Lonlat, Needs, Visit, visits_of
from gis.planning.predictability import Day
from gis.planning.relax import Proposal, proposals
from gis.planning.replan import replan
from gis.planning.rounds import Plan, plan
from gis.planning.solver import Progress
from gis.planning.timetable import Round
from gis.planning.travel import travel_of
from gis.roads import RoadGraph

# The share of the progress that the search for rounds takes; the rest is the search for relaxations.
SOLVING = 0.7
# Not `-m`: what is pickled must belong to this module by its name, not to __main__.
COMMAND = "from gis.planning.child import main; main()"


class PlanningFailed(ValueError):
    """The child ended without a plan."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to plan.

    Attributes:
        rounds: as they stand, where a plan is made anew with few changes; empty: from nothing.
        now_s: what was begun before stays; only with rounds.
        gone: teams that dropped out.
    """

    needs: Needs
    graph: RoadGraph
    former: Sequence[Day] = ()
    seed: int = 0
    limit_s: float = 20.0
    relax_s: float = 20.0
    rounds: tuple[Round, ...] = ()
    now_s: int = 0
    gone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    plan: Plan
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    text: str


def solve_job(job: Job, tell: Callable[[Progress], None]) -> Outcome:
    """Do a job in this process."""
    kept = [stop.visit for one in job.rounds for stop in one.stops if stop.visit.kind == "standby"]
    extra: list[Lonlat] = [cover.lonlat for cover in job.needs.covers]
    travel = travel_of(job.graph, job.needs, [*visits_of(job.needs), *kept], extra)

    def part(one: Progress) -> None:
        tell(replace(one, share=SOLVING * one.share))

    if job.rounds:
        made = replan(
            job.needs,
            travel,
            job.rounds,
            now_s=job.now_s,
            gone=job.gone,
            former=job.former,
            limit_s=job.limit_s,
            seed=job.seed,
            tell=part,
            extra=kept,
        )
    else:
        made = plan(job.needs, travel, former=job.former, seed=job.seed, limit_s=job.limit_s, tell=part)
    left = len(made.unmet)

    def relaxing(share: float) -> None:
        tell(Progress(SOLVING + (1.0 - SOLVING) * share, left, made.travel_s))

    there = replace(job.needs, teams=tuple(team for team in job.needs.teams if team.id not in job.gone))
    # A plan that is under way is not made again from the morning on: what it lacks is only named.
    offers = [] if job.now_s > 0 else proposals(there, travel, made, limit_s=job.relax_s, tell=relaxing)
    return Outcome(made, tuple(offers))


def in_child(job: Job, tell: Callable[[Progress], None], started: Callable[[subprocess.Popen[bytes]], None]) -> Outcome:
    """Do a job in a process of its own.

    Args:
        tell: hears of the progress.
        started: gets the process, so that it can be ended.

    Raises:
        PlanningFailed: the child ended without a plan.
    """
    with subprocess.Popen([sys.executable, "-c", COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        started(child)
        assert child.stdin is not None and child.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            pickle.dump(job, child.stdin)
            child.stdin.close()
        for message in _messages(child.stdout):
            if isinstance(message, Progress):
                tell(message)
            elif isinstance(message, Outcome):
                return message
            elif isinstance(message, Failure):
                raise PlanningFailed(message.text)
    raise PlanningFailed(f"the planning process ended with {child.returncode}")


def _messages(stream: BinaryIO | object) -> Iterator[object]:
    with contextlib.suppress(EOFError, pickle.UnpicklingError):
        while True:
            yield pickle.load(stream)  # type: ignore[arg-type]


def standbys_of(rounds: Sequence[Round]) -> list[Visit]:
    """Stays on standby that a plan took in beside its needs."""
    return [stop.visit for one in rounds for stop in one.stops if stop.visit.kind == "standby"]


def main() -> None:
    """Read a job, do it, tell."""
    out = os.fdopen(os.dup(1), "wb")
    # Whatever else prints must not come between the messages.
    os.dup2(2, 1)

    def say(message: object) -> None:
        pickle.dump(message, out)
        out.flush()

    job: Job = pickle.load(sys.stdin.buffer)
    os.nice(5)
    try:
        say(solve_job(job, say))
    except Exception as error:
        # The parent shows it to whoever asked for the plan.
        say(Failure(f"{type(error).__name__}: {error}"))
        raise
