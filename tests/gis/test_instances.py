"""Instances of public benchmarks: what is read, and what is said of a bad file."""

from pathlib import Path

import pytest

from gis.planning.instances import BadInstance, read_instance
from gis.planning.streets import Street, StreetProblem
from gis.planning.vrp import Stop, VisitProblem

ROUTING = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "routing"
REAL = pytest.mark.skipif(not ROUTING.exists(), reason="needs the public sets in ../shared/data/routing")

PLAIN = "3\n3\n0 1 4 2\n1 2 5 0\n2 0 6 3\n2\n4\n15\n15\n"
CARPLIB = """NOMBRE : small
COMENTARIO : 15
VERTICES : 3
ARISTAS_REQ : 2
ARISTAS_NOREQ : 1
VEHICULOS : 2
CAPACIDAD : 4
LISTA_ARISTAS_REQ :
( 1, 2)  coste 4  demanda 2
( 3, 1)  coste 6  demanda 3
LISTA_ARISTAS_NOREQ :
( 2, 3)  coste 5
DEPOSITO :  1
"""
SOLOMON = """small

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0    0     0     0   100     0
    1      1    1     4    10    20     5
    2      3    4     6     0    50     5
"""


def read(folder: Path, text: str) -> StreetProblem | VisitProblem:
    path = folder / "file.txt"
    path.write_text(text, encoding="utf-8")
    return read_instance(path)


def test_both_formats_of_streets_give_the_same_problem(tmp_path: Path) -> None:
    plain, older = read(tmp_path, PLAIN), read(tmp_path, CARPLIB)
    assert isinstance(plain, StreetProblem) and isinstance(older, StreetProblem)
    assert plain.streets == (Street(0, 1, 4, demand=2), Street(1, 2, 5, required=False), Street(2, 0, 6, demand=3))
    assert set(older.streets) == set(plain.streets)
    assert (older.nodes, older.depot, older.vehicles, older.capacity) == (3, 0, 2, 4)


def test_distances_of_solomon_are_cut_after_the_first_decimal_and_count_tenths(tmp_path: Path) -> None:
    problem = read(tmp_path, SOLOMON)
    assert isinstance(problem, VisitProblem)
    assert problem.distance.tolist() == [[0, 14, 50], [14, 0, 36], [50, 36, 0]]
    assert problem.stops[1] == Stop(demand=4, service=50, opens=100, closes=200)
    assert (problem.vehicles, problem.capacity) == (2, 10)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "empty"),
        ("hello\nworld\n", 1, "neither streets"),
        (PLAIN.replace("1 2 5 0", "1 2 5"), 4, "4 numbers expected"),
        (PLAIN.replace("1 2 5 0", "1 2 -5 0"), 4, "cost is no whole number"),
        (PLAIN.replace("1 2 5 0", "1 2 nan 0"), 4, "cost is no whole number"),
        (PLAIN.replace("1 2 5 0", "1 2 5000000000 0"), 4, "above"),
        (PLAIN.replace("1 2 5 0", "1 3 5 0"), 4, "node 3 is beyond"),
        (PLAIN.replace("2 0 6 3", "2 0 6 9"), 5, "above the capacity"),
        (PLAIN.replace("3\n3\n0", "5\n3\n0").replace("2 0 6 3", "3 4 6 3"), 5, "no way leads"),
        ("3\n3\n0 1 4 2\n", 3, "ends before street 2 of 3"),
        ("3\n3\n0 1 4 2\n1 2 5 0\n2 0 6 3\n1\n4\n", 1, "add up to 5"),
        ("3\n3\n0 1 4 2\n1 2 5 0\n2 0 6 3\n0\n4\n", 1, "there must be a vehicle"),
        (CARPLIB.replace("coste 6", "kostet 6"), 10, "no street"),
        (CARPLIB.replace("ARISTAS_REQ : 2", "ARISTAS_REQ : 3"), 4, "the list has 2"),
        (CARPLIB.replace("CAPACIDAD : 4\n", ""), 12, "CAPACIDAD is missing"),
        (CARPLIB.replace("( 3, 1)", "( 4, 1)"), 10, "node 4 is beyond"),
        (SOLOMON.replace("    2      3", "    3      3"), 12, "customer 2 expected, found 3"),
        (SOLOMON.replace("10    20", "30    20"), 11, "before ready time"),
        (SOLOMON.replace("6     0    50", "60    0    50"), 12, "above the capacity"),
        (SOLOMON.replace("0    50     5", "0     4     5"), 12, "closes before it can be reached"),
        (SOLOMON.replace("0   100     0", "0    12     0"), 11, "nobody is back"),
        (SOLOMON.replace("  2         10", "  2"), 5, "2 numbers expected"),
        (SOLOMON.replace("CUST NO.", "NO."), 12, "CUST NO"),
    ],
)
def test_a_bad_file_is_named_with_line_and_reason(tmp_path: Path, text: str, line: int, reason: str) -> None:
    with pytest.raises(BadInstance, match=reason) as caught:
        read(tmp_path, text)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"{tmp_path / 'file.txt'}:{line}: ")


def test_a_missing_and_a_binary_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInstance, match="No such file"):
        read_instance(tmp_path / "none.dat")
    (tmp_path / "picture.dat").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(BadInstance, match="not a text file"):
        read_instance(tmp_path / "picture.dat")


@REAL
def test_every_file_of_the_public_sets_is_read() -> None:
    streets = [read_instance(path) for path in sorted(ROUTING.glob("carp/*.dat"))]
    visits = [read_instance(path) for path in sorted(ROUTING.glob("vrptw-solomon/*.txt"))]
    assert len(streets) == 63 and all(isinstance(one, StreetProblem) for one in streets)
    assert len(visits) == 56 and all(isinstance(one, VisitProblem) and len(one.stops) == 101 for one in visits)
