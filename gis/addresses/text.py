"""One spelling for the many ways of writing an address: width, case, numerals, spaces, synonyms of fixed words.

What is looked for and what is looked in go through the same function, so no rule here has to be right about language,
only the same for both.
"""

import re
import unicodedata
from functools import lru_cache

# What comes after that belongs to a letter, not to an address.
MOST_CHARACTERS = 2000

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
# Traditional forms of the words addresses are made of: phones of older people write them.
_TRADITIONAL = str.maketrans(
    "縣鎮鄉號村區巷組隊橋廠門衛學園場與東邊對頭際車線檔灣龍", "县镇乡号村区巷组队桥厂门卫学园场与东边对头际车线档湾龙"
)
_COUNTED = r"组|队|屯|号|网格|公里|千米|米|栋|幢|单元|室|楼|层|弄"
_NUMERAL = re.compile(rf"(?<![\d.])第?([零〇一二两三四五六七八九十百]+|\d+)(?={_COUNTED})")
_BREAK = re.compile(r"[,;:、。!?|/\\\n]+")
_FIXED = (
    (re.compile(r"(?:村民|居民|生产)?小组"), "组"),
    (re.compile(r"生产队"), "队"),
    (re.compile(r"村民委员会|村委会|村部"), "村委"),
    (re.compile(r"居民委员会|居委会"), "居委"),
    (re.compile(r"村村委"), "村委"),
    (re.compile(r"街道办事处|街道办"), "街道"),
)
_JOINED = re.compile(r"(?<=[a-z0-9]) +(?=[a-z0-9])")
_KEPT = re.compile(r"[^\w,+.\- ]|_")
_LONE = re.compile(r"(?<![a-z0-9])[+.\-]|[+.\-](?![a-z0-9])")


def widths(text: str) -> str:
    """Half width, lower case, traditional address words simplified; nothing is taken away."""
    return unicodedata.normalize("NFKC", text[:MOST_CHARACTERS])[:MOST_CHARACTERS].lower().translate(_TRADITIONAL)


def plain(text: str) -> str:
    """The one spelling of a name or an address.

    Spaces go, except between two Latin words or numbers; punctuation that parts one thing from the next becomes a
    comma, all other punctuation goes; numerals in front of a counted word become digits: 第三组 and 03组 are 3组.
    """
    text = _KEPT.sub(" ", _BREAK.sub(",", widths(text)))
    text = _LONE.sub(" ", _JOINED.sub("\0", text)).replace(" ", "").replace("\0", " ")
    for pattern, word in _FIXED:
        text = pattern.sub(word, text)
    return _NUMERAL.sub(lambda found: str(number_of(found[1])), text).strip(",")


@lru_cache(maxsize=4096)
def number_of(numeral: str) -> int:
    """二十三 or 23 as a number; characters one after the other are digits (一二 is 12).

    Args:
        numeral: of the characters 零〇一二两三四五六七八九十百, or ASCII digits.
    """
    if numeral.isdecimal():
        return int(numeral)
    if not set(numeral) & {"十", "百"}:
        return int("".join(str(_DIGITS[one]) for one in numeral))
    total, last = 0, None
    for one in numeral:
        if one in _DIGITS:
            last = _DIGITS[one]
        else:
            total += (1 if last is None else last) * (10 if one == "十" else 100)
            last = None
    return total + (last or 0)
