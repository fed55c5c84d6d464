"""Streets to be covered: which vehicle passes along which street, in which direction and order (CARP).

A required street becomes two visits that exclude each other, one per direction, with the shortest ways between the ends
of streets as distances. PyVRP's search moves them; the directions of a tour are then chosen all at once, which single
moves seldom manage: along the tour the cheapest way to be at either end of a street follows from the one before.

Sources: B. Golden, R. Wong, Capacitated arc routing problems, Networks 11 (1981); P. Lacomme, C. Prins, W.
Ramdane-Chérif, Competitive memetic algorithms for arc routing problems, Ann. Oper. Res. 131 (2004).
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyvrp import Client, ClientGroup, Depot, Location, ProblemData, VehicleType
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from gis.planning.vrp import Effort, search

Ints = NDArray[np.int64]


# Passes near a pass that are tried beside it. Fewer than visits need: the two directions of a street are both near.
NEIGHBOURS = 20


class BadStreets(ValueError):
    """No such set of streets can be covered; `street` says which one is to blame, None for the whole."""

    def __init__(self, reason: str, street: int | None = None) -> None:
        super().__init__(reason)
        self.street = street


@dataclass(frozen=True, slots=True)
class Street:
    """A street between two nodes, in whole units of the caller (metres, seconds).

    Attributes:
        cost: of passing along it without covering it.
        cover_cost: of covering it, None when that costs the same.
        demand: what covering it takes of a vehicle's capacity, once for each direction that is required.
        oneway: it may be passed from start to end only.
        both_directions: it is to be covered once in either direction rather than once in any.
    """

    start: int
    end: int
    cost: int
    demand: int = 0
    required: bool = True
    cover_cost: int | None = None
    oneway: bool = False
    both_directions: bool = False

    @property
    def covering(self) -> int:
        return self.cost if self.cover_cost is None else self.cover_cost


@dataclass(frozen=True, slots=True)
class Pass:
    """A street that is covered: its index, and whether from its start to its end."""

    street: int
    forward: bool


@dataclass(frozen=True, slots=True)
class StreetProblem:
    """Streets to be covered by equal vehicles that start from and return to one node; least total cost is sought.

    Raises:
        BadStreets: negative numbers, nodes out of range, demands above the capacity or of all above the fleet's, or a
            required street that cannot be driven to and back from.
    """

    nodes: int
    streets: tuple[Street, ...]
    depot: int
    vehicles: int
    capacity: int
    ways: "Ways" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.depot < self.nodes:
            raise BadStreets(f"the depot, node {self.depot}, is not among the {self.nodes} nodes")
        if self.vehicles < 1:
            raise BadStreets("there must be a vehicle")
        for number, street in enumerate(self.streets):
            self._check(number, street)
        if (total := sum(self.streets[task[0].street].demand for task in self.tasks())) > self.vehicles * self.capacity:
            raise BadStreets(
                f"the demands add up to {total}, above the {self.vehicles * self.capacity} of all vehicles"
            )
        object.__setattr__(self, "ways", Ways.of(self))
        for task in self.tasks():
            start, end = self.ends(task[0])
            if not (self.ways.reaches(self.depot, start) and self.ways.reaches(end, self.depot)):
                raise BadStreets("no way leads from the depot to the street and back", task[0].street)

    def _check(self, number: int, street: Street) -> None:
        if not (0 <= street.start < self.nodes and 0 <= street.end < self.nodes):
            raise BadStreets(f"the street's ends {street.start} and {street.end} are not both nodes", number)
        if min(street.cost, street.demand, street.covering) < 0:
            raise BadStreets("a cost or demand is below zero", number)
        if street.oneway and street.both_directions:
            raise BadStreets("a one-way street cannot be covered in both directions", number)
        if street.required and street.demand > self.capacity:
            raise BadStreets(f"the street demands {street.demand}, above the capacity {self.capacity}", number)

    def tasks(self) -> list[tuple[Pass, ...]]:
        """What is to be done, each as the passes of which any one does it."""
        tasks: list[tuple[Pass, ...]] = []
        for number, street in enumerate(self.streets):
            there, back = Pass(number, True), Pass(number, False)
            if not street.required:
                continue
            if street.both_directions:
                tasks += [(there,), (back,)]
            else:
                tasks.append((there,) if street.oneway else (there, back))
        return tasks

    def ends(self, of: Pass) -> tuple[int, int]:
        """Nodes at which a pass begins and ends."""
        street = self.streets[of.street]
        return (street.start, street.end) if of.forward else (street.end, street.start)


@dataclass(frozen=True, slots=True)
class Ways:
    """Shortest ways between all nodes that matter: the depot and the ends of required streets."""

    row: dict[int, int]  # of the arrays, by node
    cost: NDArray[np.float64]  # (rows, nodes), inf where no way leads
    before: NDArray[np.int32]  # (rows, nodes), the node before on the way from the row's node

    @classmethod
    def of(cls, problem: StreetProblem) -> "Ways":
        graph = _graph(problem)
        matter = sorted({problem.depot} | {node for task in problem.tasks() for node in problem.ends(task[0])})
        cost, before = dijkstra(graph, indices=matter, return_predecessors=True)
        return cls({node: row for row, node in enumerate(matter)}, cost, before)

    def reaches(self, start: int, end: int) -> bool:
        return bool(np.isfinite(self.cost[self.row[start], end]))

    def between(self, start: int, end: int) -> tuple[int, ...]:
        """Nodes of the shortest way, both ends among them."""
        row, node, nodes = self.row[start], end, [end]
        while node != start:
            node = int(self.before[row, node])
            nodes.append(node)
        return tuple(reversed(nodes))


def _graph(problem: StreetProblem) -> csr_matrix:
    """(nodes, nodes) cost of the cheapest street from row to column; a street that costs nothing is kept as a zero."""
    cheapest: dict[tuple[int, int], int] = {}
    for street in problem.streets:
        directions = [(street.start, street.end), (street.end, street.start)]
        for ends in directions[: 1 if street.oneway else 2]:
            cheapest[ends] = min(cheapest.get(ends, street.cost), street.cost)
    rows, columns = [start for start, _ in cheapest], [end for _, end in cheapest]
    costs = np.array(list(cheapest.values()), dtype=np.float64)
    return csr_matrix((costs, (rows, columns)), shape=(problem.nodes, problem.nodes))


@dataclass(frozen=True, slots=True)
class StreetPlan:
    """Passes of every tour in order, and the cost of it all with the ways between and those from and to the depot."""

    cost: int
    tours: tuple[tuple[Pass, ...], ...]


def plan_streets(problem: StreetProblem, effort: Effort) -> StreetPlan:
    """Find tours of small total cost that cover every required street.

    Raises:
        NoPlan: none was found that keeps the capacities and the number of vehicles.
    """
    tasks = problem.tasks()
    if not tasks:
        return StreetPlan(0, ())
    passes = [one for task in tasks for one in task]
    covers = [number for number, task in enumerate(tasks) for _ in task]
    data = street_data(problem)
    straighten = _straighten(np.asarray(data.distance_matrix(0)), covers)
    found = search(data, effort, covers=covers, straighten=straighten, neighbours=NEIGHBOURS)
    return StreetPlan(found.cost, tuple(tuple(passes[client] for client in tour) for tour in found.tours))


def tour_nodes(problem: StreetProblem, tour: tuple[Pass, ...]) -> list[int]:
    """Every node that a tour passes, from depot to depot."""
    nodes = [problem.depot]
    for one in tour:
        start, end = problem.ends(one)
        nodes += [*problem.ways.between(nodes[-1], start)[1:], end]
    return nodes + list(problem.ways.between(nodes[-1], problem.depot)[1:])


def _distances(problem: StreetProblem, passes: list[Pass]) -> Ints:
    """(1 + passes, 1 + passes) cost from the end of one to the end of the other; the first is the depot."""
    ends = np.array([(problem.depot, problem.depot), *(problem.ends(one) for one in passes)])
    rows = np.array([problem.ways.row[node] for node in ends[:, 1]])
    covering = [0, *(problem.streets[one.street].covering for one in passes)]
    matrix: Ints = np.rint(problem.ways.cost[np.ix_(rows, ends[:, 0])]).astype(np.int64) + covering
    np.fill_diagonal(matrix, 0)
    return matrix


def street_data(problem: StreetProblem) -> ProblemData:
    """The problem in PyVRP's terms.

    Each a client, those of one task in a group that exclude each other; client i is the i-th of all passes.
    """
    tasks = problem.tasks()
    matrix = _distances(problem, [one for task in tasks for one in task])
    clients: list[Client] = []
    groups: list[ClientGroup] = []
    for task in tasks:
        alone = len(task) == 1
        demand = [problem.streets[task[0].street].demand]
        numbers = range(len(clients), len(clients) + len(task))
        group = None if alone else len(groups)
        clients += [Client(number + 1, delivery=demand, required=alone, group=group) for number in numbers]
        if not alone:
            groups.append(ClientGroup(list(numbers)))
    fleet = VehicleType(problem.vehicles, [problem.capacity])
    places = [Location(0, 0)] * len(matrix)
    distance: Any = matrix  # PyVRP's stubs know no arrays of ours
    duration: Any = np.zeros_like(matrix)
    return ProblemData(places, clients, [Depot(0)], [fleet], [distance], [duration], groups)


def _straighten(matrix: Ints, covers: list[int]) -> "partial[tuple[int, tuple[int, ...]]]":
    doors: dict[int, tuple[int, ...]] = {}
    for client, task in enumerate(covers):
        doors[task] = (*doors.get(task, ()), client)
    return partial(best_directions, matrix.tolist(), [doors[task] for task in covers])


def best_directions(
    cost: list[list[int]], choices: list[tuple[int, ...]], tour: tuple[int, ...]
) -> tuple[int, tuple[int, ...]]:
    """Choose the directions of a tour in its order: a shortest path with as many states per street as directions.

    Args:
        cost: from place to place, the depot first; client i is at i + 1.
        choices: for each client all that do the same, itself among them.

    Returns:
        The cost with the ways from and to the depot, and the clients chosen.
    """
    froms: list[list[int]] = []  # for each street and direction, the direction of the street before
    places, spent = [0], [0]
    for client in tour:
        here = [choice + 1 for choice in choices[client]]
        came: list[int] = []
        now: list[int] = []
        for place in here:
            reach = [done + cost[last][place] for done, last in zip(spent, places, strict=True)]
            least = min(reach)
            now.append(least)
            came.append(reach.index(least))
        froms.append(came)
        places, spent = here, now
    back = [done + cost[last][0] for done, last in zip(spent, places, strict=True)]
    total = min(back)
    state = back.index(total)
    chosen = []
    for client, came in zip(reversed(tour), reversed(froms), strict=True):
        chosen.append(choices[client][state])
        state = came[state]
    return total, tuple(reversed(chosen))
