"""Coordinates typed into an address: 119.38,34.12 · 东经119°22′48″ 北纬34°7′19″ · 高德 119.385,34.120."""

import re
from dataclasses import dataclass

from gis.datum import to_wgs84
from gis.town_model import Lonlat

_MINUTES = r"""(\d{1,2}(?:\.\d+)?)\s*['′分]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:["″秒]|''|′′))?"""
_NUMBER = rf"(\d{{1,3}}(?:\.\d+)?)(?:\s*[°度]\s*{_MINUTES}|\s*[°度])?"
_SIDE = r"(?:东经|北纬|经度|纬度|lon|lng|lat|longitude|latitude|x|y|[en])?\s*[:=]?\s*"
_PAIR = re.compile(
    rf"(?<![\d.a-z]){_SIDE}{_NUMBER}\s*[en]?\s*(?:[,;/、 ]|(?=东经|北纬|经度|纬度|[en]\d))"
    rf"\s*{_SIDE}{_NUMBER}\s*[en]?(?![\d.])"
)
_DATUMS = (
    ("bd09", re.compile(r"bd-?0?9|百度")),
    ("gcj02", re.compile(r"gcj-?0?2|高德|腾讯|火星")),
    ("cgcs2000", re.compile(r"cgcs-?2000|国家2000|天地图")),
    ("wgs84", re.compile(r"wgs-?84|gps|北斗")),
)
_NOISE = re.compile(r"(?:坐标|经纬度|定位|位置)[:为是]?")
# China with a margin: a pair outside is not a place we could mean, and the order of the two is told by it.
_LON, _LAT = (72.0, 138.0), (3.0, 54.5)


@dataclass(frozen=True, slots=True)
class Typed:
    """Coordinates in a text.

    Attributes:
        lonlat: as typed, longitude first.
        datum: wgs84, cgcs2000, gcj02 or bd09; "" if the text does not say.
    """

    start: int
    end: int
    written: str
    lonlat: Lonlat
    datum: str

    def wgs84(self, datum: str) -> Lonlat:
        """The point, read in a datum."""
        lon, lat = to_wgs84(self.lonlat, datum)
        return round(float(lon), 6), round(float(lat), 6)


def typed(text: str) -> Typed | None:
    """The first pair of coordinates in a text of half width and lower case, None if there is none in China."""
    for found in _PAIR.finditer(text) if "." in text or "°" in text or "度" in text else ():
        first, second = _degrees(found[1], found[2], found[3]), _degrees(found[4], found[5], found[6])
        precise = all(any(mark in part for mark in ".°度") for part in _halves(found))
        for lon, lat in ((first, second), (second, first)):
            if precise and _LON[0] <= lon <= _LON[1] and _LAT[0] <= lat <= _LAT[1]:
                datum = next((name for name, pattern in _DATUMS if pattern.search(text)), "")
                return Typed(found.start(), found.end(), found[0].strip(), (lon, lat), datum)
    return None


def without(text: str, pair: Typed) -> str:
    """The text without the pair and the words that only introduce it."""
    rest = f"{text[: pair.start]} {text[pair.end :]}"
    for _, pattern in _DATUMS:
        rest = pattern.sub(" ", rest)
    return _NOISE.sub(" ", rest)


def _halves(found: re.Match[str]) -> tuple[str, str]:
    whole, middle = found[0], found.start(4) - found.start()
    return whole[:middle], whole[middle:]


def _degrees(degrees: str, minutes: str | None, seconds: str | None) -> float:
    return round(float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600, 9)
