"""Readers of public benchmark instances: streets to be covered (CARP) and visits with time windows (Solomon).

Three formats are told apart by their content: the plain `.dat` (counts, one street a line, fleet), the older
CARPLIB `.dat` with Spanish key words, and Solomon's text. They give the problems which the planner solves.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gis.planning.streets import BadStreets, Street, StreetProblem
from gis.planning.vrp import BadVisits, Stop, VisitProblem

# Solomon's distances are cut off after the first decimal and counted in tenths, as in the 12th DIMACS challenge.
SOLOMON_SCALE = 10
LARGEST = 10**9


class BadInstance(ValueError):
    """A file is no instance; says file, line and reason."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path, self.line, self.reason = path, line, reason


@dataclass(frozen=True, slots=True)
class _Line:
    path: Path
    number: int
    text: str

    def bad(self, reason: str) -> BadInstance:
        return BadInstance(self.path, self.number, reason)

    def whole_numbers(self, *names: str) -> list[int]:
        """Exactly one whole number >= 0 for each name."""
        words = self.text.split()
        if len(words) != len(names):
            raise self.bad(f"{len(names)} numbers expected ({', '.join(names)}), found {len(words)}: {self.text!r}")
        return [self.whole_number(name, word) for name, word in zip(names, words, strict=True)]

    def whole_number(self, name: str, word: str) -> int:
        if not re.fullmatch(r"\d+(\.0*)?", word, re.ASCII):
            raise self.bad(f"{name} is no whole number from 0 up: {word!r}")
        value = int(word.partition(".")[0])
        if value > LARGEST:
            raise self.bad(f"{name} is above {LARGEST}: {word}")
        return value


def read_instance(path: Path) -> StreetProblem | VisitProblem:
    """Read an instance of either kind.

    Raises:
        BadInstance: what is wrong with the file, and in which line; also for a file that cannot be read.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadInstance(path, 0, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise BadInstance(path, 0, "not a text file") from error
    lines = [_Line(path, number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise BadInstance(path, 1, "the file is empty")
    if lines[0].text.upper().startswith("NOMBRE"):
        return _carplib(lines)
    if any(line.text.upper().startswith("CUSTOMER") for line in lines):
        return _solomon(lines)
    if re.match(r"[\d.+-]", lines[0].text):
        return _plain_streets(lines)
    raise lines[0].bad("neither streets to be covered (CARP .dat) nor visits with time windows (Solomon)")


def _plain_streets(lines: list[_Line]) -> StreetProblem:
    """Number of nodes, number of streets, a street a line (two ends, cost, demand), vehicles, capacity."""
    rest = iter(lines)
    nodes_line = _next(rest, lines[-1], "the number of nodes")
    [nodes] = nodes_line.whole_numbers("number of nodes")
    [count] = _next(rest, lines[-1], "the number of streets").whole_numbers("number of streets")
    streets, where = [], []
    for number in range(count):
        line = _next(rest, lines[-1], f"street {number + 1} of {count}")
        start, end, cost, demand = line.whole_numbers("from", "to", "cost", "demand")
        streets.append(_street(line, start, end, cost, demand, nodes))
        where.append(line)
    [vehicles] = _next(rest, lines[-1], "the number of vehicles").whole_numbers("number of vehicles")
    [capacity] = _next(rest, lines[-1], "the capacity").whole_numbers("capacity")
    return _street_problem(nodes_line, where, nodes, streets, depot=0, vehicles=vehicles, capacity=capacity)


def _street(line: _Line, start: int, end: int, cost: int, demand: int, nodes: int) -> Street:
    if max(start, end) >= nodes:
        raise line.bad(f"node {max(start, end)} is beyond the {nodes} nodes, which are counted from 0")
    return Street(start, end, cost, demand=demand, required=demand > 0)


def _street_problem(
    head: _Line, where: list[_Line], nodes: int, streets: list[Street], *, depot: int, vehicles: int, capacity: int
) -> StreetProblem:
    try:
        return StreetProblem(nodes, tuple(streets), depot=depot, vehicles=vehicles, capacity=capacity)
    except BadStreets as error:
        line = head if error.street is None else where[error.street]
        raise line.bad(str(error)) from error


_EDGE = re.compile(r"\(\s*(\d+)\s*,\s*(\d+)\s*\)\s*coste\s+(\d+)(?:\s+demanda\s+(\d+))?$", re.IGNORECASE)


def _carplib(lines: list[_Line]) -> StreetProblem:
    """CARPLIB of Belenguer and Benavent: `KEY : value` lines and two lists of streets; nodes are counted from 1."""
    values: dict[str, tuple[_Line, str]] = {}
    streets, where = [], []
    for line in lines:
        if line.text.startswith("("):
            found = _EDGE.match(line.text)
            if not found:
                raise line.bad(f"no street: {line.text!r}")
            start, end, cost, demand = (line.whole_number("number", word or "0") for word in found.groups())
            if min(start, end) < 1:
                raise line.bad("nodes are counted from 1")
            streets.append(Street(start - 1, end - 1, cost, demand=demand, required=demand > 0))
            where.append(line)
        else:
            key, colon, word = line.text.partition(":")
            if not colon:
                raise line.bad(f"neither a street nor `KEY : value`: {line.text!r}")
            values[key.strip().upper()] = (line, word.strip())

    def value(key: str) -> int:
        if key not in values:
            raise lines[-1].bad(f"{key} is missing")
        line, word = values[key]
        return line.whole_number(key, word)

    nodes = value("VERTICES")
    for street, line in zip(streets, where, strict=True):
        if max(street.start, street.end) >= nodes:
            raise line.bad(f"node {max(street.start, street.end) + 1} is beyond the {nodes} nodes")
    required = sum(street.required for street in streets)
    if value("ARISTAS_REQ") != required:
        raise values["ARISTAS_REQ"][0].bad(f"ARISTAS_REQ says {value('ARISTAS_REQ')}, the list has {required}")
    fleet = {"depot": value("DEPOSITO") - 1, "vehicles": value("VEHICULOS"), "capacity": value("CAPACIDAD")}
    return _street_problem(lines[0], where, nodes, streets, **fleet)


def _solomon(lines: list[_Line]) -> VisitProblem:
    """Name, VEHICLE with number and capacity, CUSTOMER with one line each; the first is the depot."""
    rest = iter(lines)
    vehicles, capacity = _after(rest, "NUMBER", lines[-1]).whole_numbers("number of vehicles", "capacity")
    names = ("number", "x", "y", "demand", "ready time", "due date", "service time")
    first = _after(rest, "CUST NO", lines[-1])
    stops, xy, where = [], [], [first, *rest]
    for expected, line in enumerate(where):
        number, x, y, demand, ready, due, service = line.whole_numbers(*names)
        if number != expected:
            raise line.bad(f"customer {expected} expected, found {number}")
        if due < ready:
            raise line.bad(f"due date {due} is before ready time {ready}")
        scaled = {"service": service * SOLOMON_SCALE, "opens": ready * SOLOMON_SCALE, "closes": due * SOLOMON_SCALE}
        stops.append(Stop(demand=demand, **scaled))
        xy.append((x, y))
    place = np.array(xy, dtype=np.float64)
    away = np.hypot(*(place[:, None, :] - place[None, :, :]).transpose(2, 0, 1))
    tenths = np.floor(away * SOLOMON_SCALE + 1e-9).astype(np.int64)
    try:
        return VisitProblem(tuple(stops), tenths, tenths, vehicles=vehicles, capacity=capacity)
    except BadVisits as error:
        line = first if error.stop is None else where[error.stop]
        raise line.bad(str(error)) from error


def _next(lines: Iterator[_Line], last: _Line, what: str) -> _Line:
    line = next(lines, None)
    if line is None:
        raise last.bad(f"the file ends before {what}")
    return line


def _after(lines: Iterator[_Line], heading: str, last: _Line) -> _Line:
    """The first line behind the heading."""
    for line in lines:
        if line.text.upper().startswith(heading):
            return _next(lines, last, f"what belongs under {heading}")
    raise last.bad(f"there is no line that begins with {heading}")
