"""Draw who imports whom, and fail when an arrow points against the flow.

    python scripts/arrows.py [--modules]

Reads the source with `ast` and imports nothing. Exit code 1, with each offence on a line of its own, when

- modules or packages import each other in a cycle,
- a stage imports one that comes after it in the flow,
- gis or video know of command_center, FastAPI or SQLAlchemy,
- the wall knows more than the timeline, errors and settings,
- an import hides inside a function.
"""

import argparse
import ast
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("command_center", "gis", "video")

# The one place that says in which order a fact passes. A room may import those in lines above its own, never below,
# and its neighbours in the same line not at all.
FLOW: tuple[tuple[str, ...], ...] = (
    ("errors", "settings", "workbook", "workers"),
    ("timeline",),
    ("access",),
    ("registry",),
    ("wall",),
    ("ingest",),
    ("patrol",),
    ("evidence",),  # clips and custody stand beside the flow: alerts and cases show them
    ("prewarning",),
    ("response",),
    ("oversight",),
)
# What a room may know of command_center, where the flow alone would allow more.
ONLY: Mapping[str, frozenset[str]] = {
    "wall": frozenset({"timeline", "errors", "settings"}),
    "timeline": frozenset({"errors", "settings"}),
}
FOREIGN_TO_PURE = ("command_center", "fastapi", "starlette", "sqlalchemy", "alembic")


@dataclass
class Module:
    """A source file, the modules of ours that it imports and everything else that it imports."""

    name: str
    ours: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    hidden: list[int] = field(default_factory=list)

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]

    @property
    def room(self) -> str:
        """`command_center.wall.page` → `wall`; a file at the top of command_center is a room of its own."""
        parts = self.name.split(".")
        return parts[1] if parts[0] == "command_center" and len(parts) > 1 else parts[0]


def read(root: Path) -> dict[str, Module]:
    """Read every module of our packages."""
    paths = {_name(root, path): path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))}
    known = set(paths)
    return {name: _module(name, path, known) for name, path in paths.items()}


def _name(root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _module(name: str, path: Path, known: set[str]) -> Module:
    module = Module(name)
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    in_package = path.name == "__init__.py"
    for node in ast.walk(tree):
        for target in _targets(node, name, in_package):
            _sort_in(module, target, known)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            module.hidden += [
                inner.lineno for inner in ast.walk(node) if isinstance(inner, (ast.Import, ast.ImportFrom))
            ]
    return module


def _targets(node: ast.AST, name: str, in_package: bool) -> Iterator[str]:
    """Dotted names that an import statement may mean; `from a import b` may mean the module a.b or a name in a."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parts = name.split(".")
            parts = parts[: len(parts) - node.level + in_package]
            base = ".".join([*parts, base] if base else parts)
        yield from (f"{base}.{alias.name}" for alias in node.names)


def _sort_in(module: Module, target: str, known: set[str]) -> None:
    top = target.partition(".")[0]
    if top not in PACKAGES:
        module.foreign.add(top)
        return
    while target not in known and "." in target:
        target = target.rpartition(".")[0]
    if target != module.name:
        module.ours.add(target)
    if top != module.package:
        module.foreign.add(top)


def between_rooms(modules: Iterable[Module], rooms: Mapping[str, str]) -> dict[str, set[str]]:
    """Arrows between rooms."""
    arrows: dict[str, set[str]] = defaultdict(set)
    for module in modules:
        arrows[module.room] |= {rooms[target] for target in module.ours if target in rooms} - {module.room}
    return arrows


def cycles(arrows: Mapping[str, set[str]]) -> list[list[str]]:
    """Groups of two or more that reach each other: Tarjan's strongly connected components, without recursion."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []
    for start in arrows:
        if start in index:
            continue
        work = [(start, iter(sorted(arrows[start])))]
        index[start] = low[start] = len(index)
        stack.append(start)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in arrows:
                    continue
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    work.append((target, iter(sorted(arrows[target]))))
                    break
                if target in stack:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    cut = stack.index(node)
                    group, stack[cut:] = stack[cut:], []
                    if len(group) > 1:
                        found.append(sorted(group))
    return found


def offences(modules: Mapping[str, Module]) -> list[str]:
    """Everything that is wrong, a sentence each."""
    found: list[str] = []
    for module in modules.values():
        found += [f"{module.name}: import inside a function, line {line}" for line in sorted(set(module.hidden))]
        if module.package in ("gis", "video"):
            found += [f"{module.name}: must not know {name}" for name in sorted(module.foreign & set(FOREIGN_TO_PURE))]
        else:
            found += _against_the_flow(module, modules)
    imports = {module.name: _without_own_package(module) for module in modules.values()}
    found += [f"modules in a cycle: {' '.join(group)}" for group in cycles(imports)]
    rooms = {name: module.room for name, module in modules.items()}
    found += [f"rooms in a cycle: {' '.join(group)}" for group in cycles(between_rooms(modules.values(), rooms))]
    return found


def _without_own_package(module: Module) -> set[str]:
    """A package's __init__ gathers names of its modules; they do not import it back by importing one another."""
    return {target for target in module.ours if not module.name.startswith(f"{target}.")}


def _against_the_flow(module: Module, modules: Mapping[str, Module]) -> list[str]:
    place = {room: number for number, line in enumerate(FLOW) for room in line}
    room = module.room
    found = []
    for target in sorted(module.ours):
        other = modules[target].room
        if modules[target].package != "command_center" or other in (room, "command_center"):
            continue
        allowed = ONLY.get(room)
        if allowed is not None and other not in allowed:
            found.append(f"{module.name}: {room} may know {', '.join(sorted(allowed))} only, not {target}")
        elif room in place and place.get(other, len(FLOW)) >= place[room]:
            found.append(f"{module.name}: arrow against the flow, {room} → {other} ({target})")
    return found


def draw(modules: Mapping[str, Module]) -> Iterator[str]:
    """The arrows between rooms, in the order of the flow."""
    rooms = {name: module.room for name, module in modules.items()}
    arrows = between_rooms(modules.values(), rooms)
    order = [room for line in FLOW for room in line]
    known = [room for room in order if room in arrows]
    for room in [*known, *sorted(set(arrows) - set(known))]:
        count = sum(module.room == room for module in modules.values())
        yield f"{room:16} {count:3} modules ─► {', '.join(sorted(arrows[room])) or '·'}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--modules", action="store_true", help="also the arrows between modules")
    parser.add_argument("--root", type=Path, default=ROOT)
    options = parser.parse_args()
    modules = read(options.root)
    for line in draw(modules):
        print(line)
    if options.modules:
        for module in modules.values():
            print(f"{module.name} ─► {' '.join(sorted(module.ours)) or '·'}")
    wrong = offences(modules)
    for sentence in wrong:
        print(f"✗ {sentence}")
    print(f"{len(modules)} modules, {sum(len(module.ours) for module in modules.values())} arrows, "
          f"{len(wrong)} against the rules")  # fmt: skip
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
