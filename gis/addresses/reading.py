"""What stands in an address text: names the book knows, and what is recognised by its form alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gis.addresses.book import GRID, GROUP, AddressBook
from gis.addresses.model import Part
from gis.addresses.names import Mention
from gis.addresses.words import CROSSING, PROVINCES, short_province

# Of what is left over, so many characters are looked through for names with a wrong character.
MOST_FUZZY = 160
# A sentence is no address: only of a short text is it worth saying what was not understood.
MOST_LEFT, LONGEST_ADDRESS = 14, 60

_NUMBER = re.compile(r"(?<![月\d.+-])(\d{1,5}(?:-\d{1,4})?)号(?!杆|线|网格|摄|监控|探头|相机|镜头|楼|栋|幢|院)")
_BUILDING = re.compile(r"(?:\d+(?:号楼|号院|栋|幢|单元|室|层|楼|弄))+")
_POST = re.compile(
    r"k(\d{1,4})\+(\d{1,3})|(?<![\d.])(\d{1,4}(?:\.\d{1,3})?)(?:公里|千米|km)(半|(?:\+?(\d{1,3})(?:米|m)?))?"
)
_TURNED = re.compile(r"[东南西北前后]{1,2}[边面侧方向走约]*$|约$")
_CAMERA = re.compile(
    r"(?:摄像头|摄像机|监控|探头|相机|镜头)(?:编?号码?|no)?#?(\d{1,8})(?:号)?|(?<!\d)#?(\d{1,8})号?(?:摄像头|摄像机|监控|探头|相机|镜头)"
)
_CODE = re.compile(r"(?<!\d)\d{9,20}(?!\d)")
_RELATION = re.compile(
    r"(?:大门口?|正门口?|门口|门前|大门外|门外)?的?"
    r"(?:(?P<side>以|往|向|朝|偏)?正?(?P<way>东北|东南|西北|西南|东|南|西|北)(?P<end>边|面|侧|头|方向|方|部|约)?(?:大?约|大概)?"
    r"(?:(?P<m>\d{1,4})(?:米|m)|(?P<km>\d{1,2}(?:\.\d+)?)(?:公里|千米|km))?"
    r"|(?P<word>斜对面|对面|对过|隔壁|旁边|旁|附近|周边|周围|后面|后边|背后|前面|前边|前方|里面|院内|楼下|桥下|桥头|路口|村口|入口|出口|拐角)"
    r"(?:大?约)?(?:(?P<near>\d{1,4})(?:米|m))?)?"
)
_VILLAGE = re.compile(r"([\u4e00-\u9fff]{2,5}?)(村委|居委|社区|村)")
_TOWN = re.compile(r"([\u4e00-\u9fff]{1,5}?)(街道|镇|乡)")
_COUNTY = re.compile(r"([\u4e00-\u9fff]{1,9}?)(自治县|县|(?<![社小园景校库])区|旗|市)")
_CITY = re.compile(r"([\u4e00-\u9fff]{2,7}?)(市|自治州|地区|盟)")
_NO_TOWN = frozenset("城 乡 集 小城 本 全 各 我 该 在 到 本地 山 古 县 区 市 重 下 进 村 名 老家".split())
_IDLE = re.compile(
    r"[的在位于处地址点所是了有人和与及,.\s+\-\d]|[东西南北]{1,2}[边侧面头]|地点|地址|位置|附近|这里|那里|一带|本镇|我镇|镇上|家"
)
DIVISIONS = ("province", "city", "county", "town")
COARSE = frozenset({"province", "county", "town", "village", "road"})
# How far off a place is that is only said in relation to another.
RELATION_M = {"附近": 200, "周边": 200, "周围": 200, "隔壁": 50, "旁边": 50, "旁": 50, "里面": 60, "院内": 60}
DOOR = re.compile(r"大门|正门|门口|门前|门外")


@dataclass(frozen=True, slots=True)
class Relation:
    """What follows the name of something: 东边, 以北200米, 对面.

    Attributes:
        way: a direction of the compass in Chinese, "" for none.
        metres: how far, 0 where the text does not say.
    """

    written: str
    way: str
    metres: float
    word: str

    @property
    def spread_m(self) -> float:
        """How far off the place may be by this relation alone."""
        if self.metres:
            return 30.0 + 0.25 * self.metres
        return float(RELATION_M.get(self.word, 80 if self.way or self.word else 30))


@dataclass(slots=True)
class Reading:
    """All that was read; positions are characters of `said`."""

    said: str
    mentions: list[Mention]
    cameras: list[Mention]
    group: re.Match[str] | None = None
    grid: re.Match[str] | None = None
    number: str = ""
    post: tuple[float, int, int] | None = None
    camera_numbers: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    crossing: bool = False
    foreign: list[tuple[str, str]] = field(default_factory=list)
    unknown_village: str = ""
    left: str = ""
    parts: list[Part] = field(default_factory=list)

    def relation(self, end: int) -> Relation | None:
        """What is said right behind a name that ends at `end`."""
        found = _RELATION.match(self.said, end)
        if found is None or not found[0]:
            return None
        metres = float(found["m"] or found["near"] or 0) or float(found["km"] or 0) * 1000
        way, word = found["way"] or "", found["word"] or ""
        if way and not (found["side"] or found["end"] or metres):
            way = ""  # 东风路 begins like a direction
        if not (way or word or DOOR.search(found[0])):
            return None
        written = found[0] if way or word else DOOR.split(found[0])[0] + "门口"
        return Relation(written.lstrip("的"), way, metres, word)


def read(book: AddressBook, said: str) -> Reading:
    """Read a text in plain spelling."""
    reading = Reading(said, _bounded(book, said), book.camera_names.mentions(said))
    _forgive(book, reading)
    known = [one for one in reading.mentions if one.strong or not one.doubtful]
    taken = [(one.start, one.end) for one in (*known, *reading.cameras)]
    taken += _forms(book, reading)
    taken += _divisions(book, reading, list(_free(said, taken)))
    taken += [(one.start, one.end) for one in reading.mentions]
    for one in reading.mentions:
        relation = reading.relation(one.end)
        if relation:
            taken.append((one.end, one.end + len(relation.written)))
            reading.parts.append(Part("relation", relation.written, True))
    reading.left = _left(said, taken)
    reading.parts += [
        Part(book.entries[one.named[0].entry].kind, one.written, True) for one in (*reading.mentions, *reading.cameras)
    ]
    return reading


def _bounded(book: AddressBook, said: str) -> list[Mention]:
    """Names in the text. A village's name without 村 counts only where something new begins behind it: the stem of
    砚河社区 is no village in 砚河农贸市场."""
    found = book.names.mentions(said)
    begins = {one.start for one in found} | {len(said)}
    return [
        one
        for one in found
        if one.end in begins
        or said[one.end] == ","
        or said[one.end].isdecimal()
        or not all(how == "stem" and book.entries[entry].kind == "village" for entry, how in one.named)
    ]


def _forms(book: AddressBook, reading: Reading) -> list[tuple[int, int]]:
    """What is recognised by its form: groups, grids, numbers, posts, codes; returns the stretches it takes."""
    said, taken = reading.said, []

    inside = [(one.start, one.end) for one in reading.mentions]

    def note(kind: str, found: re.Match[str], known: bool = True) -> None:
        taken.append((found.start(), found.end()))
        if not any(start <= found.start() and found.end() <= end for start, end in inside):
            reading.parts.append(Part(kind, found[0], known))

    for name, pattern in (("group", GROUP), ("grid", GRID)):
        counted = pattern.search(said)
        if counted is not None:
            setattr(reading, name, counted)
            note(name, counted)
    for found in _CODE.finditer(said):
        reading.codes.append(found[0])
        note("code", found, found[0] in book.by_code)
    for found in _CAMERA.finditer(said):
        reading.camera_numbers.append(f"#{int(found[1] or found[2])}")
        note("camera", found, reading.camera_numbers[-1] in book.by_code)
    if said.isdecimal() and len(said) <= 8:
        reading.camera_numbers.append(f"#{int(said)}")
    for found in _POST.finditer(said):
        if _TURNED.search(said, 0, found.start()) is None:
            reading.post = (_metres(found), found.start(), found.end())
            note("post", found)
            break
    number = _NUMBER.search(said)
    if number is not None:
        reading.number = number[1]
        note("number", number, known=False)
    for found in _BUILDING.finditer(said):
        note("building", found, known=False)
    reading.crossing = any(word in said for word in CROSSING)
    if reading.crossing:
        taken += [(found.start(), found.end()) for word in CROSSING for found in re.finditer(word, said)]
    return taken


def _metres(found: re.Match[str]) -> float:
    if found[1] is not None:
        return int(found[1]) * 1000.0 + int(found[2])
    return float(found[3]) * 1000.0 + (500.0 if found[4] == "半" else float(found[5] or 0))


def _divisions(book: AddressBook, reading: Reading, free: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Provinces, cities, counties, towns and villages that are not this town's, read by the words they end in.

    Only where one is expected: at the beginning of a text that can be an address, or behind a larger one.
    """
    if len(reading.said) > LONGEST_ADDRESS:
        return []
    after = {0} | {one.end for one in reading.mentions if book.entries[one.named[0].entry].kind in DIVISIONS}
    taken = []
    for start, end in free:
        place = start
        for kind in (*DIVISIONS, "village"):
            found = _division(kind, reading.said, place, end) if kind == "village" or place in after else None
            if found is None:
                continue
            text = reading.said[found[0] : found[1]]
            taken.append(found)
            place = found[1]
            after.add(place)
            reading.parts.append(Part(kind, text, False))
            if kind == "village":
                reading.unknown_village = reading.unknown_village or text
            elif kind != "city":
                reading.foreign.append((kind, text))
    return taken


def _division(kind: str, said: str, start: int, end: int) -> tuple[int, int] | None:
    if kind == "province":
        name = next((name for name in _PROVINCES if said.startswith(name, start, end)), None)
        return (start, start + len(name)) if name else None
    found = _FORMS[kind].match(said, start, end)
    if found is None or found[1] in _NO_TOWN or _PROSE.search(found[1]):
        return None
    return found.span()


_FORMS = {"city": _CITY, "county": _COUNTY, "town": _TOWN, "village": _VILLAGE}
_PROSE = re.compile(r"[我你他她们的在有是反映说请到把被这那某该本全各]")
_PROVINCES = sorted({*PROVINCES.values(), *map(short_province, PROVINCES.values())}, key=len, reverse=True)


def _forgive(book: AddressBook, reading: Reading) -> None:
    """Look for names with one wrong character where none was found, or more than a village, a town or a road in front:
    砚河社区卫绅室. They replace mere general words."""
    room, found = MOST_FUZZY, []
    strong = [one for one in reading.mentions if one.strong]
    coarse = [one for one in strong if book.entries[one.named[0].entry].kind in COARSE]
    fine = [one for one in strong if one not in coarse]
    for start, end in _free(reading.said, [(one.start, one.end) for one in (*fine, *reading.cameras)]):
        if end - start > 1 and room > 0:
            found += book.names.nearly(reading.said, start, min(end, start + room), coarse)
            room -= end - start
    if found:
        kept = [one for one in reading.mentions if one.strong or all(_apart(one, other) for other in found)]
        reading.mentions = sorted(kept + found)


def _apart(one: Mention, other: Mention) -> bool:
    return one.end <= other.start or one.start >= other.end


def _free(said: str, taken: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The stretches between commas that nothing has taken."""
    start = 0
    for first, last in sorted([*taken, *((i, i + 1) for i, one in enumerate(said) if one == ","), (len(said),) * 2]):
        if first > start:
            yield start, first
        start = max(start, last)


def _left(said: str, taken: list[tuple[int, int]]) -> str:
    """What of a short text nothing was made of."""
    if len(said) > LONGEST_ADDRESS:
        return ""
    rest = [_IDLE.sub("", said[start:end]) for start, end in _free(said, taken)]
    left = " ".join(one for one in rest if len(one) > 1)
    return left if len(left) <= MOST_LEFT else f"{left[:MOST_LEFT]}…"
