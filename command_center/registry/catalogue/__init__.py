"""Catalogues that come with the product as files: categories of cases with their clocks, and the kinds of forces."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
OWN_MARK = "(自定义)"


@dataclass(frozen=True, slots=True)
class Category:
    """事项小类: `accept`, `arrive`, `resolve` are terms as `clocks.parse_term` reads them, "-" for none."""

    code: str
    field: str
    name: str
    priority: str
    accept: str
    arrive: str
    resolve: str
    lead: str
    support: str
    profile: str
    basis: str
    own: bool


@dataclass(frozen=True, slots=True)
class Force:
    """力量类型: code of three letters, name, an example of a call sign, what they may be sent to."""

    code: str
    name: str
    call_sign: str
    may_be_sent_to: str


@cache
def categories() -> tuple[Category, ...]:
    """All categories in the order of the file; `own` marks those that are not in the standard taxonomy."""
    return tuple(_category(*row) for row in _rows("categories.csv"))


@cache
def forces() -> tuple[Force, ...]:
    """The ten kinds of forces."""
    return tuple(Force(*row) for row in _rows("forces.csv"))


def _category(
    code: str,
    field: str,
    name: str,
    priority: str,
    accept: str,
    arrive: str,
    resolve: str,
    lead: str,
    support: str,
    profile: str,
    basis: str,
) -> Category:
    own = OWN_MARK in name
    return Category(code, field, name, priority, accept, arrive, resolve, lead, support, profile, basis, own)


def _rows(name: str) -> list[list[str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]
