"""The figures as a page reads them. Counts are whole; percentages are printed texts, None where nothing was divided."""

from collections.abc import Iterable, Mapping

from typing_extensions import TypedDict

from command_center.response.figures.reckoning import Reckoned, Time


class RateView(TypedDict):
    """`over` of `of`. `label`: what the center calls it where that is not the common name."""

    name: str
    over: int
    of: int
    percent: str | None
    label: str | None


class TimeView(TypedDict):
    """Elapsed seconds of `count` cases."""

    name: str
    count: int
    median_s: float | None
    p90_s: int | None


class PartView(TypedDict):
    """One line of a breakdown. `name`: None where the key is nothing, or a word of the page. `share`: of what was
    accepted in all."""

    key: str
    name: str | None
    volumes: dict[str, int]
    share: RateView
    rates: list[RateView]
    closing: TimeView


class NowView(TypedDict):
    """All that is open now, whenever it came in."""

    open_now: int
    overdue_now: int
    suspended_now: int


class FiguresView(TypedDict):
    """The figures of the cases that came in on the days from `since` to `until`, as they stand at `as_of`.

    `closed_within`: what was closed on these days, whenever it had come in.
    """

    since: str
    until: str
    area: str
    way: str | None
    unit: str | None
    as_of: str
    now: NowView
    closed_within: int
    volumes: dict[str, int]
    rates: list[RateView]
    times: list[TimeView]
    parts: dict[str, list[PartView]]


class BehindLine(TypedDict):
    """A case behind a number. `times`: how often it counts; `took_s`: for a duration, how long it took."""

    id: str
    code: str
    title: str
    state: str
    place: str
    category: str
    opened_at: str
    resolved_at: str | None
    times: int
    took_s: int | None


class BehindView(TypedDict):
    """`count`: the number itself; `cases`: how many cases it comes from; `lines`: a page of them."""

    name: str
    count: int
    cases: int
    lines: list[BehindLine]


def rate_view(one: Reckoned) -> RateView:
    return {"name": one.rate.name, "over": one.over, "of": one.of, "percent": one.percent, "label": one.label}


def rate_views(many: Iterable[Reckoned]) -> list[RateView]:
    return [rate_view(one) for one in many]


def time_view(name: str, time: Time) -> TimeView:
    return {"name": name, "count": time.count, "median_s": time.median_s, "p90_s": time.p90_s}


def time_views(times: Mapping[str, Time]) -> list[TimeView]:
    return [time_view(name, time) for name, time in times.items()]
