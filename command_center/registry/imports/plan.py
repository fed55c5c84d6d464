"""What an import would change, worked out before anything is touched: new, changed, removed, and every bad row."""

import hashlib
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely
from shapely.geometry import Polygon
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.errors import BadInput, Forbidden
from command_center.registry.imports.cells import Cells
from command_center.registry.imports.columns import guess_columns
from command_center.registry.imports.files import is_osm, read_file
from command_center.registry.imports.kinds import Kind, kind_of
from command_center.registry.imports.known import Known, read_known, same
from command_center.registry.imports.layer import BadRow, Layer, Problem
from command_center.registry.imports.lines import drawn, roads_of
from command_center.registry.imports.where import Placed, frame_of, place_rows
from gis.datum_guess import Verdict, guess_datum, guess_datum_of_outlines
from gis.grid_faults import Fault, grid_faults, page_numbers
from gis.roads import BadRoadFile, BadRoads, Drawn, Network, ReadReport, read_lines, read_osm

InUse = Callable[[Session, str, Sequence[str]], Mapping[str, str]]
ROADS_BEYOND_DEG = 0.02  # about 2 km: who is called may come from the next town


def nothing_in_use(_session: Session, _kind: str, _ids: Sequence[str]) -> Mapping[str, str]:
    """Where no composition root says otherwise, nothing holds on to a row."""
    return {}


@dataclass(frozen=True)
class Wish:
    """How a file is to be imported.

    Attributes:
        kind: see kinds.KINDS.
        crs: wgs84, cgcs2000, gcj02, bd09 or EPSG:number; "" for what the file says, else WGS84.
        encoding: "" to find it.
        columns: column by field, beyond or against what the names say; "" for no column.
        fixed: a value by field that holds for every row.
        layer: map layer or sheet.
        only: take only the row with this code or name.
        replace: remove what the file does not name.
        renumber: number grids anew, like a page.
        issue_ids: give ids to cameras that have none of GB/T 28181.
    """

    kind: str
    crs: str = ""
    encoding: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    layer: str = ""
    only: str = ""
    replace: bool = False
    renumber: bool = False
    issue_ids: bool = False

    def digest(self) -> str:
        return hashlib.sha256(orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass
class Plan:
    """What an import would do.

    Attributes:
        base: digest of the town it was worked out against.
        new, changed: columns by id; of a changed row those that change, as (before, after).
        left: ids that the file does not name and that stay.
        removed: ids that go.
        held: problems that keep a row from being removed.
        keys: ids issued, by the row's own key.
        verdict: what the fit says about the datum, None where it can say nothing.
        network: roads as travelled, None if they stay as they are.
        roads_read: what became of every road of the file, None where the file holds none.
        moved: how many cameras, places and units change their grid.
        renumbered: new code by the code in the file.
        faults: what would be wrong with the grids.
    """

    kind: Kind
    file: str
    sha256: str
    base: str
    datum: str
    encoding: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    new: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: dict[str, dict[str, tuple[Any, Any]]] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    bad: list[Problem] = field(default_factory=list)
    held: list[Problem] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    verdict: Verdict | None = None
    network: Network | None = None
    roads_read: ReadReport | None = None
    moved: int = 0
    renumbered: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    placed: list[tuple[int, Any, bool]] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": len(self.unchanged),
            "left": len(self.left),
            "removed": len(self.removed),
            "bad": len(self.bad),
        }

    @property
    def last(self) -> str:
        """Id of the record made last."""
        return next(reversed(self.new))

    @property
    def changes_anything(self) -> bool:
        return bool(self.new or self.changed or self.removed or self.network is not None)


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def columns_for(kind: Kind, layer: Layer, wish: Wish) -> dict[str, str]:
    """The column of each field: guessed, then as it was wished.

    Raises:
        BadInput: a wish names a field or a column that is not there.
    """
    for name, column in wish.columns.items():
        if name not in kind.fields or (column and column not in layer.columns):
            raise BadInput("import_map_unknown", field=name, column=column, fields=", ".join(kind.fields))
    unknown = [name for name in wish.fixed if name not in kind.fields]
    if unknown:
        raise BadInput("import_map_unknown", field=unknown[0], column="", fields=", ".join(kind.fields))
    free = [name for name in kind.fields if name not in wish.columns]
    # A layer with shapes has its positions there; its x and y columns are somebody's notes.
    free = [name for name in free if not (layer.has_shapes and name in ("lon", "lat"))]
    taken = set(wish.columns.values())
    guessed = guess_columns([column for column in layer.columns if column not in taken], free)
    return {**guessed, **{name: column for name, column in wish.columns.items() if column}}


def make_plan(
    session: Session, path: Path, wish: Wish, *, file: str = "", scope: str = "", in_use: InUse = nothing_in_use
) -> Plan:
    """Read a file and work out what importing it would change.

    Args:
        session: to read the town in.
        path: of the file, with the suffix of its format.
        wish: how to import it.
        file: its name as people know it.
        scope: area code of whoever imports: rows outside of it are bad.
        in_use: what holds on to rows that would be removed.

    Raises:
        BadInput: the file cannot be read so, or another layer has to come first.
        Forbidden: this kind is for those who may see the whole town.
    """
    kind = kind_of(wish.kind)
    known = read_known(session, kind.table, kind.key, kind.name)
    _check_order(kind, known)
    if kind.whole_town and not (known.code or scope).startswith(scope):
        raise Forbidden("import_whole_town")
    if is_osm(path):
        plan = _plan_of_osm(kind, path, known, file)
    else:
        plan = _plan_of_rows(kind, path, known, wish, file, scope)
    _compare(plan, known, replace=wish.replace or kind.name == "roads", scope=scope)
    _spare(plan, in_use(session, kind.name, plan.removed))
    if kind.name == "roads" and not (plan.new or plan.changed or plan.removed):
        plan.network = None
    if kind.name in ("center", "villages", "grids"):
        _look_at_areas(plan, session, known)
    return plan


def _check_order(kind: Kind, known: Known) -> None:
    """The town's outline first, then its villages, then what lies in them."""
    if kind.name != "center" and not known.code:
        raise BadInput("import_needs_center")
    if kind.name in ("grids", "people") and not known.villages:
        raise BadInput("import_needs_villages")
    if kind.name == "people" and not known.units:
        raise BadInput("import_needs_units")


def _plan_of_osm(kind: Kind, path: Path, known: Known, file: str) -> Plan:
    if kind.name != "roads":
        raise BadInput("import_osm_roads_only", kind=kind.name)
    try:
        near = known.outline.buffer(ROADS_BEYOND_DEG) if known.outline is not None else None
        found = read_osm(path, within=near)
    except (BadRoadFile, BadRoads) as problem:
        raise BadInput("import_no_roads", why=str(problem)[:200]) from problem
    plan = Plan(kind, file or path.name, file_digest(path), known.digest, "wgs84")
    plan.new = roads_of(found)
    plan.network, plan.roads_read = found, found.report
    plan.placed = [(0, shapely.LineString(row["line"]), True) for row in plan.new.values()]
    return plan


def _plan_of_rows(kind: Kind, path: Path, known: Known, wish: Wish, file: str, scope: str) -> Plan:
    layer = read_file(path, layer=wish.layer, encoding=wish.encoding)
    columns = columns_for(kind, layer, wish)
    frame = frame_of(layer, wish.crs)
    placed = place_rows(layer, columns, frame)
    plan = Plan(kind, file or path.name, file_digest(path), known.digest, frame.datum, layer.encoding, columns)
    plan.bad = list(layer.bad)
    plan.verdict = verdict_of(kind, placed, known, frame.datum)
    known.claimed = {one.row.cells.get(columns.get("id", ""), "") for one in placed}
    taking = _Taking(plan, known, wish, scope)
    for one in placed:
        taking.take(one)
    taking.finish()
    plan.bad.sort(key=lambda problem: problem.line)
    return plan


def verdict_of(kind: Kind, placed: Sequence[Placed], known: Known, datum: str) -> Verdict | None:
    """Lay the layer over what is known to be right: points and lines over roads, outlines over outlines."""
    shapes = [one.shape for one in placed if one.shape is not None]
    if kind.shape == "polygon" and shapes and shapes[0].geom_type != "Point":
        rings = [shapely.get_coordinates(part.exterior) for shape in shapes for part in shapely.get_parts(shape)
                 if part.geom_type == "Polygon"]  # fmt: skip
        return guess_datum_of_outlines(rings, known.outlines, declared=datum)
    if not shapes or not known.roads:
        return None
    return guess_datum(shapely.get_coordinates(np.array(shapes, dtype=object)), known.roads, declared=datum)


class _Taking:
    """Rows of a file becoming records, each good or named as bad."""

    def __init__(self, plan: Plan, known: Known, wish: Wish, scope: str) -> None:
        self.plan, self.known, self.wish, self.scope = plan, known, wish, scope
        self.kind = plan.kind
        self.line_of: dict[str, int] = {}
        self.position_of: dict[tuple[Any, ...], str] = {}
        # Texts nobody else may have: a camera's number, a person's call sign.
        self.unique = {"cameras": "number", "people": "call_sign"}.get(self.kind.name, "")
        self.holder = self._holders(known.claimed) if self.unique else {}
        self.old_codes: dict[str, str] = {}
        self.pending: list[tuple[Cells, dict[str, Any]]] = []
        self.lines: list[Drawn] = []
        if self.kind.name == "cameras":
            # What is stored counts as a position taken, so that a list without our ids does not double it.
            self.position_of = {(row["lon"], row["lat"], row["name"]): id for id, row in known.stored.items()}

    def _holders(self, but: Container[str]) -> dict[str, str]:
        """Who is stored with which of these texts; rows that the file names itself may hand theirs on."""
        return {row[self.unique]: id for id, row in self.known.stored.items() if id not in but}

    def take(self, one: Placed) -> None:
        texts = {name: one.row.cells.get(column, "").strip() for name, column in self.plan.columns.items()}
        texts = {name: text for name, text in {**texts, **self.wish.fixed}.items() if text}
        if self.wish.only and self.wish.only not in (texts.get("code"), texts.get("name")):
            return
        cells = Cells(one.row.line, texts, one.wgs84, self.plan.columns, self.kind.table)
        try:
            if one.bad is not None and not self._needs_no_place(one.bad):
                self._check_id_first(cells)
                raise one.bad
            self._take(cells)
            self.plan.placed.append((cells.line, one.wgs84, True))
        except BadRow as problem:
            self.refuse(cells, problem)

    def _needs_no_place(self, bad: BadRow) -> bool:
        """People may begin at their unit; a list of names and codes may change areas whose outlines are known."""
        return bad.reason == "no_coordinates" and self.kind.name in ("people", "center", "villages", "grids")

    def _check_id_first(self, cells: Cells) -> None:
        """A catalogue's groups and platforms have no place: what they are not is said before what they lack."""
        if self.kind.name == "cameras" and "id" in cells.texts:
            self.kind.identify(cells, self.known, self.wish.issue_ids)

    def refuse(self, cells: Cells, problem: BadRow) -> None:
        key = next((cells.texts[name] for name in ("id", "code", "name", "call_sign") if name in cells.texts), "")
        self.plan.bad.append(Problem(cells.line, key[:60], problem.reason, problem.params))
        if cells.shape is not None:
            self.plan.placed.append((cells.line, cells.shape, False))

    def _take(self, cells: Cells) -> None:
        kind, known = self.kind, self.known
        if self.wish.renumber and kind.name == "grids":
            self._keep_for_numbers(cells)
            return
        id, key = kind.identify(cells, known, self.wish.issue_ids)
        if id is None:
            id = known.keys.get(key or "") or self.plan.keys.get(key or "")
        named = id or f"key {key}"
        if named in self.line_of:
            raise BadRow("double_key", key=(key or named)[:40], line=self.line_of[named])
        columns = kind.build(cells, known)
        self._check_scope(id or "", columns)
        if id not in known.stored:
            self._check_position(columns, named)
        self._record(cells, id or kind.issue(known), columns)
        # Only now that it is good does it stand in the way of others.
        new = self.plan.last
        self.line_of |= {named: cells.line, new: cells.line}
        if self._place_of(columns):
            self.position_of.setdefault(self._place_of(columns), new)
        if id is None:
            self.plan.keys[key or ""] = new

    def _record(self, cells: Cells, id: str, columns: dict[str, Any]) -> None:
        kind = self.kind
        columns = {kind.key: id, **columns}
        if id not in self.known.stored:
            if kind.name == "center" and self.plan.new:
                raise BadRow("one_center", code=next(iter(self.plan.new)))
            columns = kind.complete(columns, cells.line, self.known)
        line = drawn(id, columns, cells) if kind.name == "roads" else None
        self._check_unique(columns, id)
        if line is not None:
            self.lines.append(line)
        self.plan.new[id] = columns

    def _check_scope(self, id: str, columns: Mapping[str, Any]) -> None:
        area = id if self.kind.name == "grids" else columns.get("area")
        before = self.known.stored.get(id, {}).get("area", area)
        if not all(str(one).startswith(self.scope) for one in (area, before) if one is not None):
            raise BadRow("out_of_scope", area=self.scope)

    def _place_of(self, columns: Mapping[str, Any]) -> tuple[Any, ...]:
        """What two rows that mean the same thing share; () where sharing it means nothing."""
        if self.kind.shape != "point" or "lon" not in columns or self.kind.name == "people":
            return ()
        return columns["lon"], columns["lat"], columns.get("name", "")

    def _check_position(self, columns: Mapping[str, Any], id: str) -> None:
        """A new row may not say what another says already under the same name at the same place."""
        other = self.position_of.get(self._place_of(columns))
        if other is not None:
            raise BadRow("double_position", other=self.line_of.get(other, other))

    def _check_unique(self, columns: Mapping[str, Any], id: str) -> None:
        value = columns.get(self.unique) if self.unique else None
        if value is not None and self.holder.setdefault(value, id) != id:
            field = self.plan.columns.get(self.unique, self.unique)
            raise BadRow("taken", field=field, value=value, id=self.holder[value])

    def _keep_for_numbers(self, cells: Cells) -> None:
        columns = self.kind.build(cells, self.known)
        if "outline" not in columns:
            raise BadRow("no_outline")
        at = Polygon(columns["outline"]).representative_point()
        village = columns.get("village") or self.known.village_at((at.x, at.y))
        if village is None:
            raise BadRow("unknown_village", village="")
        self.pending.append((cells, {**columns, "village": village}))

    def finish(self) -> None:
        """What can only be done when all rows are read: numbers of grids, of cameras, roads joined."""
        if self.pending:
            self._number_grids()
        while self.unique and self._refuse_taken():
            pass
        if self.kind.name == "cameras":
            self._number_cameras()
        if self.lines:
            self._join_roads()

    def _join_roads(self) -> None:
        """Make the network, and forget the lines that nobody travels on."""
        plan = self.plan
        try:
            plan.network = read_lines(self.lines)
        except BadRoads as problem:
            raise BadInput("import_no_roads", why=str(problem)) from problem
        plan.roads_read = plan.network.report
        for ways in plan.roads_read.left_out_ids.values():
            for way in ways:
                del plan.new[self.lines[way].id]

    def _refuse_taken(self) -> bool:
        """Refuse rows that want what a row keeps after all, its own being bad; whether there were any."""
        changing = {id for id, columns in self.plan.new.items() if self.unique in columns}
        kept = self._holders(changing)
        clashes = [id for id in changing if kept.get(self.plan.new[id][self.unique], id) != id]
        for id in clashes:
            value = self.plan.new.pop(id)[self.unique]
            params = {"field": self.plan.columns.get(self.unique, self.unique), "value": value, "id": kept[value]}
            self.plan.bad.append(Problem(self.line_of[id], id, "taken", params))
            self.plan.keys = {key: other for key, other in self.plan.keys.items() if other != id}
        return bool(clashes)

    def _number_grids(self) -> None:
        shapes = {str(i): Polygon(columns["outline"]) for i, (_, columns) in enumerate(self.pending)}
        villages = {str(i): columns["village"] for i, (_, columns) in enumerate(self.pending)}
        special = {str(i) for i, (_, columns) in enumerate(self.pending) if columns.get("kind") == "special"}
        for place, code in page_numbers(shapes, villages, special).items():
            cells, columns = self.pending[int(place)]
            try:
                self._check_scope(code, columns)
                self._record(cells, code, columns)
            except BadRow as problem:
                self.refuse(cells, problem)
                continue
            old = cells.texts.get("code", "")
            if old and old != code:
                self.plan.renumbered[old] = code

    def _number_cameras(self) -> None:
        """A place in the list and a number for every new camera, after those that are there."""
        last = max((row["seq"] for row in self.known.stored.values()), default=0)
        new = [columns for id, columns in self.plan.new.items() if id not in self.known.stored]
        stored = self._holders(())
        for columns in new:
            last += 1
            columns["seq"] = last
            if "number" not in columns:
                number = last
                while f"{number:04d}" in self.holder or f"{number:04d}" in stored:
                    number += 1
                columns["number"] = f"{number:04d}"
                self.holder[columns["number"]] = columns["id"]


def _compare(plan: Plan, known: Known, *, replace: bool, scope: str) -> None:
    """Part what the file has into new, changed and unchanged, and what it has not into left and removed."""
    found, plan.new = plan.new, {}
    for id, columns in found.items():
        before = known.stored.get(id)
        if before is None:
            plan.new[id] = columns
            continue
        changes = {name: (before[name], value) for name, value in columns.items() if not same(before[name], value)}
        if changes:
            plan.changed[id] = changes
        else:
            plan.unchanged.append(id)
    named = set(found) | _named_by_bad_rows(plan, known)
    rest = [id for id, row in known.stored.items() if id not in named and _area_of(row, scope).startswith(scope)]
    plan.removed = rest if replace and plan.kind.name != "center" and found else []
    gone = set(plan.removed)
    plan.left = [id for id in known.stored if id not in found and id not in gone]


def _area_of(row: Mapping[str, Any], otherwise: str) -> str:
    return str(row.get("area", row.get("code", otherwise)))


def _named_by_bad_rows(plan: Plan, known: Known) -> set[str]:
    """A row that is bad today is no reason to remove what it names."""
    keys = {problem.key for problem in plan.bad}
    return {id for id in known.stored if id in keys} | {known.keys[key] for key in keys if key in known.keys}


def _spare(plan: Plan, in_use: Mapping[str, str]) -> None:
    """Keep what somebody still holds on to."""
    plan.held = [Problem(0, id, "in_use", {"id": id, "why": why}) for id, why in in_use.items()]
    plan.removed = [id for id in plan.removed if id not in in_use]
    plan.left += list(in_use)


def result_of(plan: Plan, stored: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The rows of the kind as they will be."""
    gone = set(plan.removed)
    rows = {id: dict(row) for id, row in stored.items() if id not in gone}
    for id, changes in plan.changed.items():
        rows[id] |= {name: after for name, (_, after) in changes.items()}
    return {**rows, **plan.new}


def _look_at_areas(plan: Plan, session: Session, known: Known) -> None:
    """How the grids would tile the town."""
    rows = result_of(plan, known.stored)
    if plan.kind.name == "center":
        known.outline = next((Polygon(row["outline"]) for row in rows.values()), known.outline)
    elif plan.kind.name == "villages":
        known.villages = {code: Polygon(row["outline"]) for code, row in rows.items()}
    else:
        known.grids = {code: Polygon(row["outline"]) for code, row in rows.items()}
    plan.faults = faults_of(known)


def faults_of(known: Known) -> list[Fault]:
    """What is wrong with the grids of a town."""
    if known.outline is None or not known.grids:
        return []
    sound: dict[str, Polygon] = {code: _sound(shape) for code, shape in known.grids.items()}
    villages = {code: _sound(shape) for code, shape in known.villages.items()}
    return grid_faults(sound, _sound(known.outline), villages, village_of={code: code[:12] for code in sound})


def _sound(shape: Polygon) -> Any:
    return shape if shape.is_valid else shape.buffer(0)


class BadView(TypedDict):
    """A row that is refused, and why."""

    line: int
    key: str
    reason: str
    text: str


def texts(problems: Iterable[Problem], language: str) -> list[BadView]:
    """Problems as pages and lines of JSON get them."""
    return [{"line": one.line, "key": one.key, "reason": one.reason, "text": one.text(language)} for one in problems]
