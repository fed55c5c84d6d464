"""Set partitioning: the cheapest of many tours that together visit everything once.

The search for whole numbers minds no clock while it looks at its first node, which took over a minute for two thousand
long tours. With a deadline it therefore runs in a process of its own, which is ended when its time is over.
"""

import math
import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_matrix

# Without a clock the nodes are limited, so that the choice is the same each time.
NODES = 200
MOST_TOURS = 20_000
# Beyond the deadline: for what comes to an end by itself and has only to say so.
PATIENCE_S = 0.1


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be chosen among.

    Attributes:
        costs: of each tour.
        covered: for each tour the numbers of what it visits, from 0.
        things: how many there are to visit.
        most: tours that may be chosen.
        below: only a choice cheaper than this is of use.
    """

    costs: tuple[int, ...]
    covered: tuple[tuple[int, ...], ...]
    things: int
    most: int
    below: float = math.inf


def choose(choice: Choice, until: float | None) -> list[int] | None:
    """Indices of the cheapest tours that visit everything once.

    The linear programme bounds how much dearer a plan gets by each tour; what cannot be part of a plan below the limit
    is left out before whole numbers are asked for.

    Args:
        until: time.monotonic() at which to end; what ignores it is not ended here, see `Chooser`.

    Returns:
        None when there is no choice below the limit, or none was found until then.
    """
    if not choice.costs or (until is not None and time.monotonic() >= until):
        return None
    cost = np.array(choice.costs, dtype=np.float64)
    once, fleet = _incidence(choice.covered, choice.things), np.ones((1, len(cost)))
    relaxed = linprog(  # type: ignore[call-overload]
        cost, A_eq=once, b_eq=np.ones(choice.things), A_ub=fleet, b_ub=[choice.most], method="highs",
        options=_limits(until),
    )  # fmt: skip
    if relaxed.status != 0:
        return None
    dearer = cost - once.T @ relaxed.eqlin.marginals - relaxed.ineqlin.marginals[0]
    keep = np.flatnonzero(dearer <= choice.below - 1 - relaxed.fun + 1e-6)
    keep = keep[np.argsort(dearer[keep], kind="stable")][:MOST_TOURS]
    if len(keep) == 0:
        return None
    limits: Any = _limits(until) if until is not None else {"node_limit": NODES}
    whole = milp(
        cost[keep], integrality=np.ones(len(keep), dtype=np.int64), bounds=Bounds(0, 1), options=limits,
        constraints=[LinearConstraint(once[:, keep], 1, 1), LinearConstraint(fleet[:, keep], 0, choice.most)],
    )  # fmt: skip
    return None if whole.x is None else [int(keep[i]) for i in np.flatnonzero(whole.x > 0.5)]


def _limits(until: float | None) -> Any:
    return {} if until is None else {"time_limit": max(0.05, until - time.monotonic())}


def _incidence(covered: Sequence[Sequence[int]], things: int) -> csc_matrix:
    """(things, tours) with 1 where the tour visits the thing."""
    rows: NDArray[np.int64] = np.array([thing for tour in covered for thing in tour], dtype=np.int64)
    columns = np.repeat(np.arange(len(covered)), [len(tour) for tour in covered])
    return csc_matrix((np.ones(len(rows)), (rows, columns)), shape=(things, len(covered)))


class Chooser:
    """Chooses in a process of its own, which is ended when it minds no clock. Use as a context."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def __enter__(self) -> "Chooser":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def choose(self, choice: Choice, until: float) -> list[int] | None:
        """As `choose`; the answer comes at `until` at the latest, but for a tenth of a second."""
        try:
            self._line.send((choice, until))
            if self._line.poll(max(0.0, until + PATIENCE_S - time.monotonic())):
                answer: list[int] | None = self._line.recv()
                return answer
        except (EOFError, BrokenPipeError, ConnectionResetError):
            pass  # The process ended: out of memory, perhaps. The search goes on with the plan it has.
        self._end()
        self._start()
        return None

    def _start(self) -> None:
        self._line, other = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(other,), daemon=True)
        self._process.start()
        other.close()

    def _end(self) -> None:
        self._line.close()
        self._process.kill()
        self._process.join()


def _serve(line: Connection) -> None:
    while True:
        try:
            choice, until = line.recv()
        except EOFError:
            return
        line.send(choose(choice, until))
