"""Names under which things are known, and finding them in a text: as written, or with one character wrong or missing.

Everything is a look-up in dictionaries, so a text costs the same in a town of ten thousand names as in a hamlet.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from gis.addresses.sound import alike
from gis.addresses.words import TAILS, TOO_GENERAL

# How well a name fits, by how it was written.
QUALITY: Mapping[str, float] = MappingProxyType(
    {
        "full": 1.0,
        "short": 0.96,  # without the town in front
        "alias": 0.92,  # another word for the same kind of place
        "stem": 0.86,  # without 村 or 社区
        "kind": 0.82,  # 村 for 社区, or the other way round
        "sound": 0.8,
        "missing": 0.74,
        "character": 0.68,
        "begins": 0.62,
        "word": 0.6,  # only the general word: 加油站
        "contains": 0.5,
        "doubtful": 0.42,  # one of two characters is another
    }
)
STRONG = frozenset({"full", "short", "alias", "stem", "kind"})
SHORTEST, LONGEST = 2, 40
SHORTEST_FUZZY = 3


class Named(NamedTuple):
    """Which entry, and how well this name of it fits."""

    entry: int
    how: str


class Mention(NamedTuple):
    """A name found in a text: characters `start` to `end` (half open)."""

    start: int
    end: int
    named: tuple[Named, ...]
    written: str
    name: str

    @property
    def strong(self) -> bool:
        return any(one.how in STRONG for one in self.named)

    @property
    def doubtful(self) -> bool:
        return all(one.how == "doubtful" for one in self.named)


@dataclass(frozen=True)
class Names:
    """Names to entries. Built once, then only read."""

    of: Mapping[str, tuple[Named, ...]]
    forgiving: bool = True  # whether a name with one wrong character is looked for
    _lengths: Mapping[str, tuple[int, ...]] = field(init=False, repr=False)
    _patterns: Mapping[str, tuple[str, ...]] = field(init=False, repr=False)
    _edges: Mapping[int, tuple[frozenset[str], frozenset[str]]] = field(init=False, repr=False)
    _sorted: Sequence[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        lengths: dict[str, set[int]] = defaultdict(set)
        for name in self.of:
            lengths[name[:2]].add(len(name))
        patterns: dict[str, list[str]] = defaultdict(list)
        for name, named in self.of.items() if self.forgiving else ():
            if len(name) >= SHORTEST_FUZZY and any(one.how in ("full", "short") for one in named):
                for pattern in _wrong(name):
                    patterns[pattern].append(name)
        object.__setattr__(self, "_lengths", {pair: tuple(sorted(own, reverse=True)) for pair, own in lengths.items()})
        object.__setattr__(self, "_patterns", {pattern: tuple(own) for pattern, own in patterns.items()})
        object.__setattr__(self, "_edges", _edges(patterns))
        object.__setattr__(self, "_sorted", sorted(self.of))

    def mentions(self, text: str) -> list[Mention]:
        """All names in the text that do not overlap: longer and better ones first."""
        found = []
        for start in range(len(text) - 1):
            for length in self._lengths.get(text[start : start + 2], ()):
                written = text[start : start + length]
                named = self.of.get(written)
                if named is not None and len(written) == length:
                    found.append(Mention(start, start + length, named, written, written))
        # A name in full outweighs a longer one that is only a general word for something.
        return _apart(sorted(found, key=lambda one: (not one.strong, one.start - one.end, one.start)))

    def nearly(self, text: str, start: int, end: int, within: Sequence[Mention] = ()) -> list[Mention]:
        """Names that characters `start` to `end` of the text hold but for one that is wrong, sounds alike or lacks.

        Args:
            within: names already found there; only what holds one of them and two characters more is looked at.
        """
        found: list[tuple[float, Mention]] = []
        for length, (firsts, lasts) in self._edges.items():
            for first in range(start, end - length + 1):
                if text[first] in firsts or text[first + length - 1] in lasts:
                    found += self._near(text[first : first + length], first)
        found = [(rank, one) for rank, one in found if _beyond(one, within)]
        return _apart(one for _, one in sorted(found, key=lambda pair: (-pair[0], pair[1].start)))

    def _near(self, written: str, first: int) -> Iterator[tuple[float, Mention]]:
        keys = [written] if len(written) >= SHORTEST_FUZZY else []
        keys += [f"{written[:i]}?{written[i + 1 :]}" for i in range(len(written))] if len(written) > 2 else []
        for key in keys:
            for name in self._patterns.get(key, ()):
                how = _likeness(name, written)
                if how and name != written:
                    named = tuple(Named(one.entry, how) for one in self.of[name] if one.how in ("full", "short"))
                    mention = Mention(first, first + len(written), named, written, name)
                    yield QUALITY[how] * len(written), mention

    def completing(self, text: str, most: int = 40) -> list[tuple[str, str]]:
        """Names that begin with a text that is still being typed, then those that hold it: (name, how)."""
        if len(text) < SHORTEST:
            return []
        first = bisect_left(self._sorted, text)
        begins = [name for name in self._sorted[first : first + most] if name.startswith(text)]
        holds = [name for name in self._sorted if text in name[1:]][: most - len(begins)]
        return [*((name, "begins") for name in begins), *((name, "contains") for name in holds)]


def _apart(mentions: Iterable[Mention]) -> list[Mention]:
    """The mentions that overlap none before them, in the order of the text."""
    kept: list[Mention] = []
    for one in mentions:
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return sorted(kept)


def _beyond(one: Mention, known: Sequence[Mention]) -> bool:
    """Whether a name cuts through no known one and holds two characters more than those it holds."""
    touched = [other for other in known if one.start < other.end and other.start < one.end]
    whole = all(one.start <= other.start and other.end <= one.end for other in touched)
    return whole and one.end - one.start - sum(other.end - other.start for other in touched) > 1


def _edges(patterns: Iterable[str]) -> dict[int, tuple[frozenset[str], frozenset[str]]]:
    """By length, the characters that patterns begin and end with: most of a text is passed over by them."""
    firsts: dict[int, set[str]] = defaultdict(set)
    lasts: dict[int, set[str]] = defaultdict(set)
    for pattern in patterns:
        firsts[len(pattern)].add(pattern[0])
        lasts[len(pattern)].add(pattern[-1])
    return {length: (frozenset(firsts[length]), frozenset(lasts[length])) for length in sorted(firsts)}


def _wrong(name: str) -> Iterator[str]:
    """The name with each character replaced by `?`, and from four characters on with each left out."""
    for i in range(len(name)):
        yield f"{name[:i]}?{name[i + 1 :]}"
        if len(name) > SHORTEST_FUZZY:
            yield name[:i] + name[i + 1 :]


def _likeness(name: str, written: str) -> str:
    """How like a name what was written is, "" for not enough: digits never stand for one another."""
    if len(name) != len(written):
        return "missing" if len(core(name)) > 2 or len(name) > 4 else ""
    i = next((i for i, (a, b) in enumerate(zip(name, written, strict=True)) if a != b), None)
    if i is None or not (_is_han(name[i]) and _is_han(written[i])):
        return ""
    own = core(name)
    if alike(name[i], written[i]):
        return "sound" if len(own) > 1 else ""
    if i >= len(own):
        return "character" if len(own) > 1 and len(name) - len(own) > 1 else ""
    return "character" if len(own) > 2 else "doubtful" if name.endswith(("村", "社区")) else ""


def core(name: str) -> str:
    """What is the name's own: without the words it shares with others of its kind."""
    for end in (*TAILS, "村委", "居委", "村", "路", "街", "巷", "道", "线", "站", "厂", "店", "桥"):
        if name.endswith(end) and len(name) > len(end):
            return name.removesuffix(end)
    return name


def place_names(name: str, town: str) -> Iterator[tuple[str, str]]:
    """(name, how) of a place or unit, from the registry's name in plain spelling; `town` as 示范镇."""
    yield name, "full"
    whole = {name}
    stem = town.rstrip("镇乡")
    for front in (town, stem):
        rest = name.removeprefix(front)
        if rest != name and len(rest) >= SHORTEST:
            whole |= {rest, f"{town[-1]}{rest}"}
    if name[0] == town[-1]:
        whole.add(name[1:])
    # 示范镇客运站警务站 is the police box of that name, not the bus station and something more.
    for one in (whole - {name}) | {f"{town}{name}"}:
        yield one, "short"
    for one in whole:
        for end, others in TAILS.items():
            if one.endswith(end):
                yield from ((one.removesuffix(end) + other, "alias") for other in others if one != end)
                yield from ((word, "word") for word in (end, *others) if word and word not in TOO_GENERAL)
                break


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"
