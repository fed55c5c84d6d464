"""By which words a text is found, and which a question asks for. Pure.

Chinese is written without spaces, so it is cut into pairs of neighbouring characters, 路灯不亮 into 路灯 灯不 不亮, and
the last character alone: what stands in a text is found by its pairs, whatever a dictionary knows, and one character as
the beginning of a pair. Runs of Latin letters are found by their beginning, those with digits from the fourth character
on: who looks for 12号 does not mean 1200号.

What a case is (its state, its area) is a word as well, with a sign before it that no text can bring in.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import add

HAN = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df"
# A run of Han characters, or one of other letters and digits.
RUNS = re.compile(rf"([{HAN}]+)|[^\W_{HAN}]+")
USUAL = re.compile(r"[\x00-\x7f\u3000-\u303f\u4e00-\u9fa5\uff00-\uff5e]*")
DIGIT = re.compile(r"\d")
LEAST_BEGINNING = 4
SIGN = ":"
# What stands for itself in a sign.
PLAIN = re.compile(r"[^0-9a-z]")
MOST_ASKED = 40


@dataclass(frozen=True, slots=True)
class Term:
    """A word that is asked for; `begins` if it is enough that a word begins with it."""

    word: str
    begins: bool = False


def words_of(texts: Iterable[str]) -> set[str]:
    """All words by which texts are found."""
    found = set[str]()
    for text in texts:
        for han, run in _runs(text):
            if han:
                found.update(map(add, run, run[1:]))
                found.add(run[-1])
            else:
                found.add(run)
    return found


def asked(text: str) -> list[Term]:
    """What a question asks for; a text that is found holds all of it. Empty if it has neither letter nor digit."""
    terms = dict[Term, None]()
    for han, run in _runs(text):
        if han and len(run) > 1:
            terms |= dict.fromkeys(map(Term, _pairs(run)))
        else:
            terms[Term(run, begins=len(run) >= LEAST_BEGINNING or not DIGIT.search(run))] = None
    return list(terms)[:MOST_ASKED]


@lru_cache(maxsize=4096)
def sign(kind: str, value: object) -> str:
    """The word that says what a case is: a letter for the kind, and the value.

    Different values have different words, in which nothing has to be escaped and which no engine folds or cuts: who may
    see what a unit is at work on is asked by such a word.
    """
    return f"{SIGN}{kind}{PLAIN.sub(_spelt, str(value))}"


def _spelt(found: re.Match[str]) -> str:
    one = found.group()
    return f"_{one.lower()}" if one.isascii() and one.isupper() else f"_{ord(one):07}"


def _pairs(run: str) -> Iterable[str]:
    return map(add, run, run[1:])


def _runs(text: str) -> Iterator[tuple[bool, str]]:
    """Runs of Han characters and of others; full-width and capital letters are as good as others."""
    for found in RUNS.finditer(_known(unicodedata.normalize("NFKC", text).casefold())):
        yield found.lastindex is not None, found.group()


def _known(text: str) -> str:
    """The text without the letters that came late to Unicode: not every engine knows them as letters."""
    if USUAL.fullmatch(text):
        return text
    return "".join(one if unicodedata.ucd_3_2_0.category(one)[0] in "LN" else " " for one in text)
