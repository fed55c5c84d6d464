"""`yiping bench addresses`: addresses a second, and how often the place is found, against texts whose place is known.

The model town's names are written in twelve ways; real names of villages and of mapped places come from the public
data where it lies beside the project, and English and Korean addresses from elsewhere must find nothing.
"""

import csv
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bench.addresses_pairs import Pair, of_town, real_places, real_towns
from bench.report import Figure, Report, quantile
from gis.addresses import AddressBook, Answer, Ground, Spot, find
from gis.metric import distance_m
from gis.town import generate_town
from gis.town_model import Town

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
# An importer takes a place unasked only from here on.
SURE = 0.6
# Ways in which the text is whole; in the others a character is wrong or missing.
SPOILED = frozenset({"one like-sounding", "one wrong", "one missing"})


def run(seed: int = 1, real: int = 12) -> Report:
    """All figures.

    Args:
        seed: of the characters that are made wrong.
        real: most towns of real names.
    """
    town = generate_town()
    started = time.thread_time()
    book = AddressBook(ground_of(town))
    built_s = time.thread_time() - started
    pairs = list(of_town(town, random.Random(seed)))
    figures = [
        Figure("names in the model town", len(book.names.of) + len(book.camera_names.of), "names", better="higher"),
        Figure("book made", built_s, "s"),
        *_speed(book, [pair.text for pair in pairs]),
        *_found("model town", [(book, pairs)]),
        *_real(book, real),
    ]
    return Report("addresses", figures)


def ground_of(town: Town) -> Ground:
    """The model town as an address book needs it."""
    spots = [Spot("place", one.id, one.name, one.lonlat, one.area, 50.0, sort=one.kind) for one in town.places]
    spots += [Spot("unit", one.id, one.name, one.lonlat, one.area, 50.0) for one in town.units]
    for one in town.cameras:
        near = one.place if one.kind == "hamlet" else ""
        spots.append(Spot("camera", one.id, one.name, one.lonlat, one.area, 15.0, one.number, one.kind, near))
    name = town.center.name.removesuffix("综治中心")
    lonlat, outline = town.center.lonlat, town.outline
    return Ground(
        town.center.code, name, town.center.county, lonlat, outline, town.villages, town.grids, town.roads, spots
    )


def _speed(book: AddressBook, texts: Sequence[str]) -> Iterator[Figure]:
    """One thread, its own processor time: every text once, after a first round that warms it up."""
    for text in texts[:200]:
        find(book, text)
    spans: list[float] = []
    for text in texts:
        started = time.thread_time()
        find(book, text)
        spans.append(time.thread_time() - started)
    rate, counting = len(spans) / sum(spans), _counted_a_second()
    yield Figure("addresses a second on one core", rate, "/s", 2000, "higher", "sum(range(10000)) a second", counting)
    yield Figure("one address, p50", quantile(spans, 0.5) * 1000, "ms")
    yield Figure("one address, p99", quantile(spans, 0.99) * 1000, "ms")


def _counted_a_second() -> float:
    """How fast this machine's Python is at this moment: to read the other figures by."""
    started = time.thread_time()
    for _ in range(200):
        sum(range(10_000))
    return 200 / (time.thread_time() - started)


def _found(what: str, sets: Iterable[tuple[AddressBook, Sequence[Pair]]]) -> Iterator[Figure]:
    """Shares of texts whose place is the first candidate, or among the five, by kind and by way of writing."""
    first: dict[str, list[bool]] = defaultdict(list)
    five: dict[str, list[bool]] = defaultdict(list)
    for book, pairs in sets:
        for pair in pairs:
            hits = [_is(pair, one.id, one.lonlat, one.kind) for one in find(book, pair.text, limit=5).candidates]
            whole = "misspelt" if pair.way in SPOILED else "whole"
            for key in (f"{pair.kind}, {whole}", f"· {pair.way}"):
                first[key].append(bool(hits) and hits[0])
                five[key].append(any(hits))
    for key in [*(key for key in first if not key.startswith("·")), *(key for key in first if key.startswith("·"))]:
        note = f"{what}: {key} ({len(first[key])})"
        yield Figure(
            f"{note}, first", _share(first[key]), "%", better="higher", peer="among five", peer_value=_share(five[key])
        )


def _is(pair: Pair, id: str, lonlat: tuple[float, float], kind: str) -> bool:
    if pair.id and pair.kind in ("village", "grid"):
        return id == pair.id
    return kind not in ("town", "village") and distance_m(pair.lonlat, lonlat) <= pair.within_m


def _share(hits: Sequence[bool]) -> float:
    return 100.0 * sum(hits) / len(hits)


def _real(book: AddressBook, most: int) -> Iterator[Figure]:
    """Figures from public data; none where it is missing."""
    boundaries, roads = DATA / "boundaries", DATA / "roads"
    if boundaries.is_dir():
        towns = [(AddressBook(ground), pairs, others) for ground, pairs, others in real_towns(boundaries, most)]
        yield from _found("real villages", [(own, pairs) for own, pairs, _ in towns])
        wrong = [find(own, f"{name}三组").candidates for own, _, others in towns for name in others[:60]]
        yield _taken("real villages of other towns", wrong)
    maps = sorted(roads.glob("cn-*.osm")) if roads.is_dir() else []
    grounds = [found for found in map(real_places, maps) if found is not None]
    yield from _found("mapped places", [(AddressBook(ground), pairs) for ground, pairs in grounds])
    foreign = list(_foreign())
    if foreign:
        yield _taken("English and Korean addresses", [find(book, text).candidates for text in foreign])


def _taken(what: str, answers: Sequence[Sequence[object]] | Sequence[Answer]) -> Figure:
    """Share of texts of elsewhere that an importer would take for a place of this town."""
    sure = sum(any(getattr(one, "score", 0.0) >= SURE for one in candidates) for candidates in answers)  # type: ignore[union-attr]
    return Figure(f"{what} ({len(answers)}), taken for here", 100.0 * sure / len(answers), "%", 0.5)


def _foreign() -> Iterator[str]:
    for path, column in (
        (DATA / "hotline" / "baltimore_311_sample.csv", "Address"),
        (DATA / "incidents" / "berkeley_pd_calls_2019.csv", "BLKADDR"),
        (DATA / "cameras" / "gyeonggi" / "police_stations.csv", ""),
    ):
        if path.is_file():
            with path.open(encoding="utf-8", errors="replace", newline="") as file:
                rows = list(csv.DictReader(file))[:500]
            yield from (row.get(column) or " ".join(str(value) for value in row.values()) for row in rows)
