"""What the detectors of a camera have learned, in figures that a person can read. Pure."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import TypedDict

from video.detect.baseline import CHINA_UTC_OFFSET_S, HOURS, Baseline

# The measured value behind each kind: its name, its unit, and the end of its scale.
MEASURES: dict[str, tuple[str, str, float]] = {
    "dark": ("brightness", "level", 255.0),
    "bright": ("white", "share", 1.0),
    "defocus": ("fineness", "level", 6.0),
    "noise": ("grain", "level", 40.0),
    "stripe": ("ripple", "level", 40.0),
}
COLOURS = ("blue", "red")
_EPOCH_OFFSET_H = 72


class LearnedHours(TypedDict):
    """One value over the week: usual value of each hour (Monday 0 o'clock first), None where it is not known yet."""

    kind: str
    name: str
    unit: str
    usual: list[float | None]
    spread: list[float | None]
    known: int


class LearnedFigure(TypedDict):
    """One figure that is no matter of the hour."""

    kind: str
    name: str
    value: float


class Learned(TypedDict):
    hours: list[LearnedHours]
    figures: list[LearnedFigure]
    blind: dict[str, str]


def learned(memory: Mapping[str, Any]) -> Learned:
    """Read a memory; kinds that a newer engine may keep otherwise are left out.

    Returns:
        `blind` says of each kind that cannot be judged right now why: `learning`, `night`, `no_texture`, `covered`.
    """
    blind = memory.get("blind")
    return Learned(
        hours=[hours for kind, value in memory.items() for hours in _hours_of(kind, value)],
        figures=[figure for kind, value in memory.items() if kind != "blind" for figure in _figures_of(kind, value)],
        blind={kind: str(why) for kind, why in blind.items()} if isinstance(blind, dict) else {},
    )


def _hours_of(kind: str, value: Any) -> list[LearnedHours]:
    if kind == "colour_cast" and isinstance(value, list) and len(value) == len(COLOURS):
        return [_week(kind, name, "level", 255.0, part) for name, part in zip(COLOURS, value, strict=True) if part]
    if kind in MEASURES and isinstance(value, str):
        name, unit, highest = MEASURES[kind]
        return [_week(kind, name, unit, highest, value)]
    return []


def _figures_of(kind: str, value: Any) -> list[LearnedFigure]:
    if not isinstance(value, dict):
        return []
    return [
        LearnedFigure(kind=kind, name=str(name), value=float(number))
        for name, number in value.items()
        if isinstance(number, int | float) and not isinstance(number, bool)
    ]


def _week(kind: str, name: str, unit: str, highest: float, memory: Any) -> LearnedHours:
    baseline = Baseline(memory, highest=highest, least_spread=0.0)
    hours = [baseline.hourly(_moment_of(hour)) for hour in range(HOURS)]
    return LearnedHours(
        kind=kind,
        name=name,
        unit=unit,
        usual=[None if one is None else round(one.centre, 3) for one in hours],
        spread=[None if one is None else round(one.spread, 3) for one in hours],
        known=sum(one is not None for one in hours),
    )


def _moment_of(hour: int) -> float:
    """Epoch seconds within an hour of some week; the first of 1970 was a Thursday."""
    return (hour + HOURS - _EPOCH_OFFSET_H) * 3600.0 - CHINA_UTC_OFFSET_S + 1
