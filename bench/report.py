"""Figures of a bench: as a table for people, as JSON for scripts."""

import os
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import orjson
from rich.console import Console
from rich.table import Table

Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One published number.

    Attributes:
        target: the number to reach, None where none was set.
        better: which way is good.
        peer: what the number is held against, measured in the same run; None without one.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    better: Better = "lower"
    peer: str | None = None
    peer_value: float | None = None

    @property
    def reached(self) -> bool | None:
        if self.target is None:
            return None
        return self.value <= self.target if self.better == "lower" else self.value >= self.target


@dataclass(frozen=True, slots=True)
class Report:
    """What `yiping bench NAME` prints."""

    bench: str
    figures: Sequence[Figure]

    def json(self) -> str:
        """`{"bench", "machine": {…}, "figures": [{"name", "value", "unit", "target", "better", "peer", …}]}`."""
        body = {"bench": self.bench, "machine": machine(), "figures": [asdict(figure) for figure in self.figures]}
        return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()

    def table(self) -> Table:
        here = machine()
        table = Table(title=f"{self.bench} · {here['cpu']} × {here['cores']} · load {here['load']}")
        for name in ("figure", "value", "unit", "target", "", "peer", "peer's value"):
            table.add_column(name, justify="right" if "value" in name or name == "target" else "left")
        for figure in self.figures:
            mark = {True: "✓", False: "✗", None: ""}[figure.reached]
            sign = "≤" if figure.better == "lower" else "≥"
            target = f"{sign} {number(figure.target)}" if figure.target is not None else ""
            peer_value = number(figure.peer_value) if figure.peer_value is not None else ""
            table.add_row(figure.name, number(figure.value), figure.unit, target, mark, figure.peer or "", peer_value)
        return table

    def show(self, *, as_json: bool = False) -> None:
        """Print it on standard output."""
        if as_json:
            print(self.json())
        else:
            Console(width=None if sys.stdout.isatty() else 160).print(self.table())


def number(value: float) -> str:
    """Three digits that matter."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed; nan for none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Median of repeated measurements, and the distance between the smallest and the largest."""
    return statistics.median(values), max(values) - min(values)


def machine() -> dict[str, Any]:
    """Where the figures come from."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load": round(os.getloadavg()[0], 2),
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
