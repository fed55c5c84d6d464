"""What each name, number and code of a text may mean: drafts of candidates, not yet weighed against each other."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from gis.addresses.book import VILLAGE_DIGITS, AddressBook, Entry
from gis.addresses.coordinates import Typed
from gis.addresses.model import Reason
from gis.addresses.names import QUALITY, STRONG, Mention
from gis.addresses.reading import Reading
from gis.town_model import Lonlat

# How near to the thing itself a kind comes: a text that names a village and a shop in it means the shop.
FINENESS = {"town": 0, "village": 1, "road": 2, "grid": 2, "group": 3, "post": 4, "crossing": 4}
FINEST = 4
# How sure something is besides how its name was written.
CAMERA, UNIT, ONE_WORD, UNSAID_CROSSING, BEYOND_POSTS = 0.9, 0.95, 1.3, 0.9, 0.6
COORDINATES, COORDINATES_ASSUMED, COORDINATES_OTHER = 1.0, 0.75, 0.55
DATUM_SPREAD_M, CROSSING_SPREAD_M = 20.0, 30.0
WRITTEN_AS = ("short", "alias", "stem", "kind", "sound", "missing", "character", "doubtful", "begins", "contains")


@dataclass(slots=True)
class Draft:
    """A candidate in the making. `end` is where its name ends in the text, -1 for nowhere."""

    entry: Entry
    quality: float
    label: str
    lonlat: Lonlat
    radius_m: float
    area: str
    end: int
    weak: bool = False
    village: str = ""
    reasons: list[Reason] = field(default_factory=list)

    def say(self, code: str, /, **params: str | int) -> None:
        self.reasons.append(Reason(code, params))

    @property
    def fineness(self) -> int:
        return FINENESS.get(self.entry.kind, FINEST)


class Drafting:
    """One text in one book, for one caller: all it may mean, before anything is weighed."""

    def __init__(self, book: AddressBook, reading: Reading, area: str, hidden: frozenset[str]) -> None:
        self.book, self.reading, self.area = book, reading, area
        self._unsaid = hidden | {"county", "province"}
        self.villages: dict[str, str] = {}
        self.grids: dict[str, str] = {}
        self.divisions: list[str] = []
        for mention in reading.mentions:
            for named in mention.named if mention.strong else ():
                entry = book.entries[named.entry]
                if entry.kind in ("village", "group", "grid"):
                    self.villages.setdefault(entry.village, mention.written)
                if entry.kind == "grid":
                    self.grids[entry.id] = mention.written
                if entry.kind in ("town", "county", "province"):
                    self.divisions.append(mention.written)

    def drafts(self) -> Iterator[Draft]:
        """What every name, number and code in the text may mean."""
        roads: dict[int, Mention] = {}
        for mention in self.reading.mentions:
            for entry, how, others in self._meant(mention):
                if entry.kind == "road":
                    roads[entry.road] = mention
                    yield from self._roads(entry, mention, how)
                else:
                    yield self._named(entry, mention, how, others)
        for mention in self.reading.cameras:
            for named in mention.named:
                draft = self._named(self.book.entries[named.entry], mention, named.how, 1)
                draft.quality *= CAMERA if not self.reading.camera_numbers else 1.0
                yield draft
        yield from self._crossings(roads)
        yield from self._posts(roads)
        yield from self._groups()
        yield from self._grids()
        yield from self._codes()

    def _meant(self, mention: Mention) -> Iterator[tuple[Entry, str, int]]:
        """Entries that a name may mean to this caller: (entry, how, how many)."""
        meant = [(self.book.entries[one.entry], one.how) for one in mention.named]
        meant = [(entry, how) for entry, how in meant if entry.kind not in self._unsaid]
        if len(meant) > 1 and self.villages:
            meant = [one for one in meant if one[0].village in self.villages] or meant
        inside = [one for one in meant if not one[0].area or one[0].area.startswith(self.area)]
        for entry, how in inside:
            alike = {one[0].lonlat for one in inside if (one[0].kind in FINENESS) == (entry.kind in FINENESS)}
            yield entry, how, len(alike)

    def _named(self, entry: Entry, mention: Mention, how: str, others: int) -> Draft:
        draft = Draft(
            entry,
            QUALITY[how],
            entry.label,
            entry.lonlat,
            entry.radius_m,
            entry.area,
            mention.end,
            weak=how not in STRONG,
            village=entry.village,
        )
        self._say_name(draft, mention, how, others)
        if entry.located_by:
            draft.say("located_by", n=entry.located_by)
        draft.quality *= UNIT if entry.kind == "unit" else 1.0
        return draft

    def _say_name(self, draft: Draft, mention: Mention, how: str, others: int) -> None:
        if how == "word":
            draft.quality *= ONE_WORD if others == 1 else 1.0
            draft.say("name_word", written=mention.written, n=others)
        elif how in WRITTEN_AS:
            draft.say(f"name_{how}", written=mention.written, name=draft.entry.label)
        else:
            draft.say("name_full", written=mention.written)
        if others > 1 and how != "word":
            draft.say("several", n=others)

    def _roads(self, entry: Entry, mention: Mention, how: str) -> Iterator[Draft]:
        """A road where the text or the caller's area cuts it, or the whole of it."""
        codes = [code for code in self.villages if (entry.road, code) in self.book.stretches]
        codes = [code for code in codes if code.startswith(self.area)] or ([self.area] if self._narrow else [])
        if not codes:
            draft = self._named(entry, mention, how, 1)
            draft.area = self.book.area_of(draft.lonlat)
            yield draft
        for code in codes:
            stretch = self.book.stretches.get((entry.road, code))
            if stretch is None:
                continue
            draft = self._named(entry, mention, how, 1)
            draft.lonlat, draft.radius_m, draft.village = stretch.lonlat, stretch.radius_m, code[:VILLAGE_DIGITS]
            draft.area = self.book.area_of(stretch.lonlat)
            draft.area = draft.area if draft.area.startswith(code) else code
            draft.label = f"{entry.label}（{self.book.area_name(code)}段）"
            yield draft

    @property
    def _narrow(self) -> bool:
        return len(self.area) >= VILLAGE_DIGITS

    def _crossings(self, roads: dict[int, Mention]) -> Iterator[Draft]:
        """Where two roads of the text meet."""
        for one, other in combinations(sorted(roads), 2):
            names = [self.book.streets.names[road] for road in (one, other)]
            meetings = self.book.streets.crossings.get((one, other), ())
            for lonlat in meetings:
                label = f"{names[0]}与{names[1]}{'交叉口' if self.reading.crossing else '交叉处'}"
                quality = min(self._road_quality(roads[road]) for road in (one, other))
                end = self._end_of_crossing(max(roads[one].end, roads[other].end))
                draft = self._made("crossing", label, lonlat, CROSSING_SPREAD_M, quality, end)
                draft.quality *= 1.0 if self.reading.crossing else UNSAID_CROSSING
                draft.say("crossing", a=names[0], b=names[1])
                if len(meetings) > 1:
                    draft.say("several", n=len(meetings))
                yield draft

    def _road_quality(self, mention: Mention) -> float:
        return max(QUALITY[one.how] for one in mention.named)

    def _end_of_crossing(self, end: int) -> int:
        found = max(
            (self.reading.said.find(word, end, end + 8) + len(word) for word in ("口", "处", "交汇")), default=0
        )
        return max(end, found)

    def _made(self, kind: str, label: str, lonlat: Lonlat, radius_m: float, quality: float, end: int) -> Draft:
        """A candidate that no list has: a crossing, a post, a point typed."""
        area = self.book.area_of(lonlat)
        village = area[:VILLAGE_DIGITS] if len(area) >= VILLAGE_DIGITS else ""
        entry = Entry(kind, "", label, lonlat, radius_m, area, village)
        return Draft(entry, quality, label, lonlat, radius_m, area, end, village=village)

    def _posts(self, roads: dict[int, Mention]) -> Iterator[Draft]:
        """So many kilometres along a road of the text."""
        if self.reading.post is None:
            return
        metres, _, end = self.reading.post
        for road, mention in roads.items():
            name, quality = self.book.streets.names[road], self._road_quality(mention)
            label = f"{name} {metres / 1000:g} 公里处"
            posts = self.book.posts.get(road)
            if posts is None:
                continue
            lonlat, off_m = posts.at(metres)
            lonlat = (round(lonlat[0], 6), round(lonlat[1], 6))
            beyond = not posts.metres[0] <= metres <= posts.metres[-1]
            draft = self._made("post", label, lonlat, round(off_m), quality * (BEYOND_POSTS if beyond else 1.0), end)
            draft.say("post_beyond" if beyond else "post_between", m=round(off_m), last=f"{posts.metres[-1] / 1000:g}")
            yield draft

    def _groups(self) -> Iterator[Draft]:
        """The group whose number stands apart from its village's name."""
        group = self.reading.group
        for mention in self.reading.mentions if group else ():
            for named in mention.named:
                entry = self.book.entries[named.entry]
                number = self.book.groups.get((entry.id, group[1])) if entry.kind == "village" and group else None
                if number is not None and group is not None and entry.area.startswith(self.area[:VILLAGE_DIGITS]):
                    draft = self._named(self.book.entries[number], mention, named.how, 1)
                    draft.end = group.end()
                    yield draft

    def _grids(self) -> Iterator[Draft]:
        grid = self.reading.grid
        for village, written in self.villages.items() if grid else ():
            number = self.book.grid_numbers.get((village, grid[1])) if grid else None
            if number is not None and grid is not None:
                entry = self.book.entries[number]
                self.grids.setdefault(entry.id, grid[0])
                yield self._named(entry, Mention(grid.start(), grid.end(), (), written + grid[0], ""), "alias", 1)

    def _codes(self) -> Iterator[Draft]:
        """Things named by a code: an area, a camera. A code of a micro grid leads to its grid."""
        for code in self.reading.codes:
            known = code if code in self.book.by_code else code[:15] if len(code) == 17 else ""
            if known in self.book.by_code:
                yield self._coded(known, code, "camera_code" if len(code) == 20 else "area_code")
        for code in self.reading.camera_numbers:
            if code in self.book.by_code:
                yield self._coded(code, code.removeprefix("#"), "camera_code")

    def _coded(self, key: str, written: str, reason: str) -> Draft:
        entry = self.book.entries[self.book.by_code[key]]
        end = self.reading.said.find(written)
        end = end + len(written) if end >= 0 else -1
        draft = Draft(entry, 1.0, entry.label, entry.lonlat, entry.radius_m, entry.area, end, village=entry.village)
        draft.say(reason, code=written)
        return draft

    def typed(self, pair: Typed | None) -> Iterator[Draft]:
        """The point typed, in the datum said; where none is said, as WGS84 and, second, as GCJ-02."""
        if pair is None:
            return
        readings = (
            [(pair.datum, COORDINATES)]
            if pair.datum
            else [
                ("wgs84", COORDINATES_ASSUMED),
                ("gcj02", COORDINATES_OTHER),
            ]
        )
        for datum, quality in readings:
            lonlat = pair.wgs84(datum)
            if self.book.areas.find(lonlat) is None:
                continue
            label = f"{lonlat[0]:.5f}, {lonlat[1]:.5f}"
            draft = self._made("coordinates", label, lonlat, DATUM_SPREAD_M, quality, -1)
            draft.say("datum_said" if pair.datum else "datum_assumed", datum=datum)
            yield draft

    def completions(self) -> Iterator[Draft]:
        """Things whose names begin with the text or hold it."""
        said = self.reading.said
        for names in (self.book.names, self.book.camera_names):
            for name, how in names.completing(said):
                mention = Mention(0, len(said), names.of[name], said, name)
                for entry, own, _ in self._meant(mention):
                    if own not in ("full", "short", "alias"):
                        continue
                    draft = self._named(entry, mention, how, 1)
                    if entry.kind == "road":
                        draft.area = self.book.area_of(draft.lonlat)
                    draft.quality *= (1.0 if own == "full" else 0.9) * (CAMERA if entry.kind == "camera" else 1.0)
                    draft.end = -1
                    yield draft
