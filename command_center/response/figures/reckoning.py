"""Rates from counts: numerator and denominator kept, rounded once, under the name a center gives them. Pure.

The names are those of the field's dictionary; what exactly is counted for each is said in docs/4-response.md and,
as conditions on rows, in `counting`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Counts = Mapping[str, int]
ROUNDING = re.compile(r"(half_up|truncate)([0-4])")
DIGITS = 2
# For all figures of a profile.
ANY = "*"


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of the dictionary: `over` of `of`, both names of counts."""

    name: str
    word: str
    over: str
    of: str


RATES: tuple[Rate, ...] = (
    Rate("response_rate", "响应率", "answered", "answerable"),
    Rate("receipt_rate", "接单率", "received", "dispatched"),
    Rate("return_rate", "退单率", "returns", "sendings"),
    Rate("right_first_rate", "一次派准率", "right_first", "dispatched"),
    Rate("arrival_rate", "到场及时率", "arrived", "arrivable"),
    Rate("on_time_rate", "按时办结率", "on_time", "dated"),
    Rate("original_rate", "按原时限办结率", "on_original", "dated"),
    Rate("closing_rate", "办结率", "closed", "accepted"),
    Rate("solved_rate", "解决率", "solved", "called"),
    Rate("satisfied_rate", "满意率", "satisfied", "called"),
    Rate("agreed_rate", "化解成功率", "agreed", "mediated"),
    Rate("once_rate", "初信初访一次性化解率", "once", "petitions"),
    Rate("rebound_rate", "反弹率", "rebounded", "ever_closed"),
)
SHARE = Rate("share", "占比", "accepted", "accepted")
# 来件 = 待受理 + 未受理 + 重复并案 + 受理; 受理 = 在办 + 办结 + 转出终止; 超期 and 挂起 are parts of 在办.
VOLUMES: Mapping[str, str] = {
    "came": "来件量", "accepted": "受理量", "open": "在办量", "overdue": "超期量", "suspended": "挂起量",
    "closed": "办结量", "left": "转出、终止", "waiting": "待受理", "refused": "未受理", "joined": "重复、并案",
}  # fmt: skip
TIMES: Mapping[str, str] = {
    "accept_s": "受理用时", "receive_s": "接单用时", "arrive_s": "到场用时", "close_s": "办结用时",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """How a center prints: its own words for figures, and its rounding, by the words of the dictionary."""

    labels: Mapping[str, str] = field(default_factory=dict)
    rounding: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, center: Mapping[str, Any]) -> "Style":
        """What a profile says in its `center`: `kpi_labels` and `rounding`."""
        return cls(dict(center.get("kpi_labels") or {}), dict(center.get("rounding") or {}))

    def label(self, word: str) -> str | None:
        """The center's own word, None where it uses the common one."""
        return self.labels.get(word)

    def percent(self, word: str, over: int, of: int) -> str | None:
        """The percentage as this center prints it; None where there is nothing to divide by."""
        match = ROUNDING.fullmatch(str(self.rounding.get(word) or self.rounding.get(ANY) or ""))
        digits = int(match[2]) if match else DIGITS
        return percent(over, of, digits=digits, truncate=match is not None and match[1] == "truncate")


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A rate as it is shown. `percent` is None where `of` is 0."""

    rate: Rate
    over: int
    of: int
    percent: str | None
    label: str | None


@dataclass(frozen=True, slots=True)
class Time:
    """How long it took `count` cases, in seconds: the middle one, and the one that nine of ten did not exceed."""

    count: int
    median_s: float | None
    p90_s: int | None


def percent(over: int, of: int, *, digits: int = DIGITS, truncate: bool = False) -> str | None:
    """`over` of `of` in percent, rounded half up to `digits` decimals (or cut off there); None if `of` is 0.

    Raises:
        ValueError: a count below 0, or decimals below 0.
    """
    if over < 0 or of < 0 or digits < 0:
        raise ValueError(f"not counts: {over}/{of} to {digits} digits")
    if of == 0:
        return None
    whole, rest = divmod(over * 100 * 10**digits, of)
    if not truncate and 2 * rest >= of:
        whole += 1
    if digits == 0:
        return str(whole)
    head, tail = divmod(whole, 10**digits)
    return f"{head}.{tail:0{digits}d}"


def reckon(rate: Rate, counts: Counts, style: Style = PLAIN) -> Reckoned:
    """One rate from counts."""
    return ratio(rate, counts.get(rate.over, 0), counts.get(rate.of, 0), style)


def ratio(rate: Rate, over: int, of: int, style: Style = PLAIN) -> Reckoned:
    """A rate of two numbers that are known already."""
    return Reckoned(rate, over, of, style.percent(rate.word, over, of), style.label(rate.word))


def rates(counts: Counts, style: Style = PLAIN) -> list[Reckoned]:
    """All rates of the dictionary, in its order."""
    return [reckon(rate, counts, style) for rate in RATES]


def shares(parts: Mapping[str, int], style: Style = PLAIN) -> dict[str, Reckoned]:
    """What each part has of the sum of all."""
    whole = sum(parts.values())
    return {key: ratio(SHARE, part, whole, style) for key, part in parts.items()}


def places(count: int) -> tuple[int, int, int]:
    """Which of `count` ordered values, from 1, make the median (two, perhaps the same) and the P90 (nearest rank)."""
    return (count + 1) // 2, (count + 2) // 2, (9 * count + 9) // 10


def time_of(count: int, at: Mapping[int, int]) -> Time:
    """The durations of a part from its ordered values at `places(count)`."""
    if count == 0:
        return Time(0, None, None)
    low, high, ninth = places(count)
    return Time(count, (at[low] + at[high]) / 2, at[ninth])
