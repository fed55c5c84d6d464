"""Whether two characters sound alike: who dictates or types by sound writes 白露村 for 白鹭村.

The readings are pypinyin's table of single characters, read as data: importing that package also loads its 47,000
phrases, which takes two seconds and 45 MB.
"""

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.metadata import distribution

import orjson

# Sounds that people of many provinces do not tell apart.
_FOLDED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


@cache
def _readings() -> Mapping[str, str]:
    path = distribution("pypinyin").locate_file("pypinyin/pinyin_dict.json")
    with open(str(path), "rb") as file:
        table: Mapping[str, str] = orjson.loads(file.read())
    return table


@lru_cache(maxsize=8192)
def sounds(character: str) -> frozenset[str]:
    """Readings of a character without tones, sounds that are often confused made one; empty if it has none."""
    return frozenset(_fold(one) for one in _readings().get(str(ord(character)), "").split(",") if one)


def alike(one: str, other: str) -> bool:
    """Whether two characters share a reading."""
    return one == other or not sounds(one).isdisjoint(sounds(other))


def _fold(syllable: str) -> str:
    bare = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    bare = "".join(one for one in bare if not unicodedata.combining(one))
    for sound, folded in _FOLDED:
        bare = bare.replace(sound, folded)
    return "l" + bare[1:] if bare.startswith("n") else bare
