"""Which encoding a text has: by its mark, by trying, and where several fit, by the words that headings use."""

from collections.abc import Sequence

from charset_normalizer import from_bytes

from command_center.errors import BadInput
from command_center.registry.imports.columns import KNOWN_WORDS

MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Enough text to tell a language by, little enough to be quick.
LOOK_AT = 60_000


def find_encoding(data: bytes) -> str:
    """The name of the encoding of a whole text.

    Raises:
        BadInput: no encoding we know fits.
    """
    for mark, name in MARKS:
        if data.startswith(mark):
            return name
    if _decodes(data, "utf-8"):
        return "utf-8"
    if data[:200].count(0) > 20:
        return "utf-16-le" if data[1:200:2].count(0) > data[0:200:2].count(0) else "utf-16-be"
    fitting = [name for name in ("gb18030", "cp949") if _decodes(data, name)]
    if not fitting:
        raise BadInput("import_encoding_unknown")
    return _most_likely(data, fitting)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _most_likely(data: bytes, fitting: Sequence[str]) -> str:
    """By words that headings use in the first lines; else by what the text looks like to charset-normalizer.

    Nearly every Korean text is a valid GB18030 text, so that decoding proves nothing and language decides.
    """
    if len(fitting) == 1:
        return fitting[0]
    head = data[:4000]
    known = {name: sum(word in head.decode(name, "ignore") for word in KNOWN_WORDS) for name in fitting}
    first = max(fitting, key=lambda name: known[name])
    if known[first] and list(known.values()).count(known[first]) == 1:
        return first
    best = from_bytes(_non_ascii_lines(data), cp_isolation=list(fitting)).best()
    return best.encoding if best is not None and best.encoding in fitting else _commonest(data, fitting)


def _non_ascii_lines(data: bytes) -> bytes:
    lines = [line for line in data[:LOOK_AT].split(b"\n") if not line.isascii()]
    return b"\n".join(lines[:400])


def _commonest(data: bytes, fitting: Sequence[str]) -> str:
    """Where most of what is not ASCII is either common Chinese or Hangul."""

    def sense(name: str) -> float:
        text = [sign for sign in data[:LOOK_AT].decode(name, "ignore") if ord(sign) > 127]
        usual = sum(
            "\u4e00" <= sign <= "\u9fa5" or "\uac00" <= sign <= "\ud7a3" or sign in "，。、（）" for sign in text
        )
        return usual / max(len(text), 1)

    return max(fitting, key=sense)


def decode(data: bytes, encoding: str) -> str:
    """The text.

    Raises:
        BadInput: the encoding is unknown or does not fit; the text says at which byte.
    """
    try:
        return data.decode(encoding)
    except LookupError as problem:
        raise BadInput("import_encoding_no_such", name=encoding) from problem
    except UnicodeDecodeError as problem:
        raise BadInput("import_encoding_wrong", name=encoding, at=problem.start) from problem
