"""Which column means what: guessed from the names that Chinese, Korean and English lists give their columns."""

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

# By field, what lists call it; compared without case, blanks and punctuation. The more usual name comes first.
NAMES: Mapping[str, Sequence[str]] = orjson.loads((Path(__file__).parent / "column_names.json").read_bytes())


def plain(name: str) -> str:
    """A column name as it is compared: full width folded, without case, blanks and punctuation."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", name).lower() if sign.isalnum())


KNOWN_WORDS = frozenset(word for words in NAMES.values() for word in words if not word.isascii())


def guess_columns(
    columns: Sequence[str], fields: Sequence[str], names: Mapping[str, Sequence[str]] = NAMES
) -> dict[str, str]:
    """The column of each field, as far as the names say; a column serves one field only, and the first field first.

    A name that is the very word wins over one that merely contains it. `names` as `NAMES`, for other kinds of lists.
    """
    by_plain: dict[str, str] = {}
    for column in columns:
        by_plain.setdefault(plain(column), column)
    found: dict[str, str] = {}
    taken: set[str] = set()
    for exact in (True, False):
        for field in fields:
            if field in found:
                continue
            first = _first(names.get(field, [field]), by_plain, taken, exact=exact)
            if first is not None:
                found[field] = first
                taken.add(first)
    return found


def _first(words: Sequence[str], by_plain: Mapping[str, str], taken: set[str], *, exact: bool) -> str | None:
    for word in map(plain, words):
        for name, column in by_plain.items():
            # A part of a name decides only where it cannot be a part by chance.
            fits = name == word if exact else len(word) >= (4 if word.isascii() else 2) and word in name
            if fits and column not in taken:
                return column
    return None
