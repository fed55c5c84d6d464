"""The forces as columns: a thousand are looked through at once, and who has not changed is not read again."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from command_center.response.candidates import (
    FREE_STATUSES,
    OWN_VILLAGE_S,
    STALE_AFTER,
    VILLAGE_DIGITS,
    Force,
    burden_s,
    unfit_s,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ROW = np.dtype(
    [
        ("lonlat", "f8", (2,)),
        ("seen_us", "i8"),
        ("free", "?"),
        ("burden_s", "f8"),
        ("kind", "i2"),
        ("village", f"U{VILLAGE_DIGITS}"),
    ]
)


@dataclass(frozen=True, slots=True)
class Roll:
    """Forces and what a question asks of them; immutable.

    Attributes:
        columns: (n,) of `ROW`: place (nan if not known) and when it was taken (microseconds since 1970), whether the
            person has no order and a status to be sent from, what speaks for others whatever the need.
        kinds: all kinds of forces in it, perhaps some more; the columns have their numbers.
    """

    forces: tuple[Force, ...]
    ids: tuple[str, ...]
    columns: NDArray[np.void]
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, forces: Sequence[Force]) -> "Roll":
        """Read everybody."""
        kinds = tuple(dict.fromkeys(force.force for force in forces))
        return cls(tuple(forces), tuple(force.person_id for force in forces), _columns(forces, kinds), kinds)

    def now(self, forces: Sequence[Force]) -> "Roll":
        """The roll of these forces, for which only those are read that are not the same objects as in this one."""
        if len(forces) != len(self.forces):
            return Roll.of(forces)
        changed = list(compress(range(len(forces)), map(operator.is_not, forces, self.forces)))
        if not changed:
            return self
        if any(forces[i].person_id != self.ids[i] for i in changed):
            return Roll.of(forces)
        columns = self.columns.copy()
        news = [forces[i] for i in changed]
        kinds = tuple(dict.fromkeys((*self.kinds, *(force.force for force in news))))
        columns[changed] = _columns(news, kinds)
        return Roll(tuple(forces), self.ids, columns, kinds)

    @property
    def lonlat(self) -> Floats:
        """(n, 2) where they are, nan where that is not known."""
        places: Floats = self.columns["lonlat"]
        return places

    def unopposed(self, category: str, now: datetime) -> Bools:
        """(n,) whether nothing speaks against sending each: `not objections(...)`."""
        fresh = self.columns["seen_us"] >= _us(now - STALE_AFTER)
        free: Bools = self.columns["free"] & fresh & np.isfinite(self._unfit_s(category))
        return free

    def handicap_s(self, category: str, area: str) -> Floats:
        """(n,) as `candidates.handicap_s`; inf for those who are not meant for the category."""
        handicap: Floats = self._unfit_s(category) + self.columns["burden_s"]
        if len(area) >= VILLAGE_DIGITS:
            handicap[self.columns["village"] == area[:VILLAGE_DIGITS]] += OWN_VILLAGE_S
        return handicap

    def _unfit_s(self, category: str) -> Floats:
        unfit: Floats = np.array([unfit_s(category, kind) for kind in self.kinds])[self.columns["kind"]]
        return unfit


def _columns(forces: Sequence[Force], kinds: Sequence[str]) -> NDArray[np.void]:
    number = {kind: i for i, kind in enumerate(kinds)}
    return np.array([_row(force, number[force.force]) for force in forces], ROW)


def _row(force: Force, kind: int) -> tuple[object, ...]:
    return (
        force.lonlat or (np.nan, np.nan),
        -1 if force.position_at is None else _us(force.position_at),
        force.order_code is None and force.status in FREE_STATUSES,
        burden_s(force),
        kind,
        force.area[:VILLAGE_DIGITS] if len(force.area) >= VILLAGE_DIGITS else "",
    )


def _us(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6)
