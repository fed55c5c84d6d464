"""From what was read to candidates: what agrees with the rest of the text, what does not, and which comes first."""

from collections import defaultdict
from collections.abc import Iterator
from math import hypot

from gis.addresses.book import VILLAGE_DIGITS, AddressBook
from gis.addresses.coordinates import Typed, typed, without
from gis.addresses.drafts import FINENESS, FINEST, Draft, Drafting
from gis.addresses.model import Answer, Candidate, Part, Reason
from gis.addresses.names import QUALITY
from gis.addresses.reading import read
from gis.addresses.text import plain, widths
from gis.addresses.words import split_village

# What a candidate keeps of its score when something else in the text speaks against it, or is finer.
COARSER, OTHER_VILLAGE, OTHER_VILLAGE_WEAK, OTHER_GRID = 0.62, 0.7, 0.45, 0.85
OTHER_DIVISION, OTHER_TOWN, UNKNOWN_VILLAGE, UNKNOWN_GROUP, FAR_GROUP = 0.35, 0.55, 0.75, 0.85, 0.85
LEFT_OVER, NOT_SAID = 0.95, 0.99
# Below the first nothing is offered; from the second on, coarser candidates stand back.
LEAST_SCORE, LEADS = 0.2, 0.5
SAME_SPOT_M, GROUP_NEAR_M, PLAIN_STEP_M = 40.0, 1200.0, 50.0
WAYS = {"北": 0, "东北": 45, "东": 90, "东南": 135, "南": 180, "西南": 225, "西": 270, "西北": 315}
# Of things that are one and the same, the one of the first kind is offered.
KIND_ORDER = ("coordinates", "place", "unit", "point", "group", "crossing", "post", "grid", "village", "road", "camera")
ONE_SITE = frozenset({"place", "unit", "point"})


def find(
    book: AddressBook,
    text: str,
    *,
    area: str = "",
    hidden: frozenset[str] = frozenset(),
    limit: int = 8,
    typing: bool = False,
) -> Answer:
    """Read an address and find the places it may mean.

    Args:
        text: as written; what follows the first 2,000 characters is not read.
        area: code within which candidates must lie, "" for everywhere.
        hidden: kinds of things that the caller may not know of.
        limit: most candidates.
        typing: the text may be the beginning of something; then names that begin with it are offered too.

    Returns:
        Candidates best first. There is none without a reason, and every one says what speaks against it.
    """
    wide = widths(text)
    pair = typed(wide)
    said = plain(without(wide, pair) if pair else wide)
    if not said and pair is None:
        return Answer((), (), Reason("empty"))
    reading = read(book, said)
    drafting = Drafting(book, reading, area, hidden)
    drafts = [*drafting.typed(pair), *drafting.drafts()]
    if typing and not any(one.quality >= QUALITY["character"] for one in drafts):
        drafts += drafting.completions()
    weighing = _Weighing(book, drafting)
    candidates = weighing.finish(drafts)[:limit]
    parts = ((Part("coordinates", pair.written, True),) if pair else ()) + tuple(reading.parts)
    return Answer(parts, tuple(candidates), None if candidates else weighing.why(pair, bool(drafts)))


class _Weighing:
    """The drafts of one text, held against the text and each other."""

    def __init__(self, book: AddressBook, drafting: Drafting) -> None:
        self.book, self.reading, self.area = book, drafting.reading, drafting.area
        self.villages, self.grids, self.divisions = drafting.villages, drafting.grids, drafting.divisions

    def finish(self, drafts: list[Draft]) -> list[Candidate]:
        """Score the drafts against the text and each other; only what lies in the caller's area."""
        scores = [draft.quality * self._fit(draft) for draft in drafts]
        finest, finer = max(
            ((one.fineness, one.label) for one, score in zip(drafts, scores, strict=True) if self._leads(one, score)),
            default=(0, ""),
        )
        self._say_unplaced(drafts, scores)
        placed: list[tuple[float, Draft]] = []
        for draft, score in zip(drafts, scores, strict=True):
            coarser = draft.fineness < finest
            if coarser:
                draft.say("coarser", finer=finer)
            if score < LEAST_SCORE:
                continue
            self._relate(draft)
            if draft.area.startswith(self.area):
                placed.append((round(min(score * (COARSER if coarser else 1.0), 1.0), 3), draft))
        placed.sort(key=lambda one: (-one[0], _order(one[1]), one[1].radius_m, one[1].label))
        return [self._candidate(score, draft) for score, draft in self._merged(placed)]

    def _say_unplaced(self, drafts: list[Draft], scores: list[float]) -> None:
        """Tell candidates in the village written which of the finer things the text names lie only elsewhere."""
        for other, score in zip(drafts, scores, strict=True):
            differs = any(reason.code == "village_differs" for reason in other.reasons)
            if not differs or score >= LEADS or other.fineness < FINEST or not other.area.startswith(self.area):
                continue
            for draft in drafts:
                if draft.fineness < FINEST and draft.village in self.villages:
                    draft.say("not_placed", text=str(other.reasons[0].params.get("written", other.label)))

    def _leads(self, draft: Draft, score: float) -> bool:
        """Whether coarser candidates stand back behind this one: cameras by their names are only near something."""
        named = draft.entry.kind != "camera" or draft.reasons[0].code == "camera_code"
        return named and score >= LEADS and draft.area.startswith(self.area)

    def _fit(self, draft: Draft) -> float:
        """What the rest of the text leaves of a score."""
        factor = self._fit_divisions(draft) * self._fit_village(draft)
        if self.grids and draft.fineness >= FINENESS["group"]:
            if draft.area in self.grids:
                draft.say("grid_agrees", written=self.book.grid_names[draft.area])
            elif len(draft.area) > VILLAGE_DIGITS:
                written = self.book.grid_names[next(iter(self.grids))]
                draft.say("grid_differs", written=written, actual=self.book.area_name(draft.area))
                factor *= OTHER_GRID
        factor *= self._fit_group(draft)
        if self.reading.number and draft.entry.kind != "coordinates":
            draft.say("number_unplaced", number=self.reading.number)
        if self.reading.left:
            draft.say("left_over", text=self.reading.left)
            factor *= LEFT_OVER
        return factor

    def _fit_divisions(self, draft: Draft) -> float:
        if self.reading.foreign and draft.entry.kind != "coordinates":
            kind, written = self.reading.foreign[0]
            actual = {"province": self.book.province, "county": self.book.county}.get(kind, self.book.town)
            draft.say("division_differs", written=written, actual=actual)
            return OTHER_DIVISION if draft.weak or kind != "town" else OTHER_TOWN
        return 1.0

    def _fit_village(self, draft: Draft) -> float:
        kind = draft.entry.kind
        if kind == "town" or (kind == "village" and draft.village in self.villages):
            return 1.0
        if self.villages:
            if draft.village in self.villages:
                if kind not in ("group", "grid"):
                    draft.say("village_agrees", village=self.book.village_names.get(draft.village, ""))
                return 1.0
            if not draft.village and kind == "road":
                return OTHER_VILLAGE_WEAK
            written = self.book.village_names.get(next(iter(self.villages)), "")
            actual = self.book.village_names.get(draft.village, self.book.town)
            draft.say("village_differs", written=written, actual=actual)
            return OTHER_VILLAGE_WEAK if draft.weak or kind == "road" else OTHER_VILLAGE
        if self.reading.unknown_village:
            stem = split_village(self.reading.unknown_village)[0]
            if any(
                reason.params.get("written", "") and stem in str(reason.params["written"]) for reason in draft.reasons
            ):
                return 1.0
            draft.say("village_unknown", written=self.reading.unknown_village)
            return UNKNOWN_VILLAGE
        return NOT_SAID

    def _fit_group(self, draft: Draft) -> float:
        group = self.reading.group
        if group is None or draft.entry.kind in ("group", "town", "coordinates"):
            return 1.0
        number = self.book.groups.get((draft.village, group[1]))
        if draft.entry.kind == "village":
            if number is None:
                draft.say("group_unknown", group=group[0])
            return UNKNOWN_GROUP if number is None else 1.0
        if number is not None and draft.fineness == FINEST:
            off_m = self.book.metres_between(self.book.entries[number].lonlat, draft.lonlat)
            if off_m > GROUP_NEAR_M:
                draft.say("group_far", group=self.book.entries[number].label, m=round(off_m / 10) * 10)
                return FAR_GROUP
        return 1.0

    def _relate(self, draft: Draft) -> None:
        """Move a candidate by what is said right behind its name: 东边, 以北200米."""
        relation = self.reading.relation(draft.end) if draft.end >= 0 else None
        if relation is None or (relation.word == "路口" and self.reading.crossing and draft.entry.kind == "road"):
            return
        draft.label += relation.written
        if relation.way:
            step_m = relation.metres or (draft.radius_m * 0.5 if draft.fineness < FINEST else PLAIN_STEP_M)
            draft.lonlat = self.book.moved(draft.lonlat, WAYS[relation.way], step_m)
            draft.area = self._area_after(draft)
            draft.say("moved", way=relation.way, m=round(step_m))
        else:
            draft.say("relation", text=relation.written)
        draft.radius_m = round(hypot(draft.radius_m, relation.spread_m))

    def _area_after(self, draft: Draft) -> str:
        area = self.book.areas.find(draft.lonlat)
        return area if area is not None else self.book.code

    def _candidate(self, score: float, draft: Draft) -> Candidate:
        grid = draft.area if draft.area in self.book.grid_names else ""
        if draft.entry.kind not in ("village", "town") and not grid:
            grid = self.book.areas.find(draft.lonlat) or ""
        village = self.book.village_names.get(draft.area[:VILLAGE_DIGITS], "")
        return Candidate(
            draft.label,
            draft.entry.kind,
            draft.entry.id,
            draft.lonlat,
            float(draft.radius_m),
            draft.area,
            grid,
            village,
            score,
            tuple(draft.reasons),
        )

    def why(self, pair: Typed | None, drafted: bool) -> Reason:
        """Why there is no candidate."""
        if self.reading.foreign:
            return Reason("elsewhere", {"written": self.reading.foreign[0][1], "actual": self.book.town})
        if pair is not None:
            return Reason("outside", {"written": pair.written})
        if self.reading.unknown_village:
            return Reason("village_not_here", {"written": self.reading.unknown_village})
        if self.reading.codes:
            return Reason("code_unknown", {"code": self.reading.codes[0]})
        if self.divisions and not drafted:
            return Reason("too_wide", {"written": self.divisions[0]})
        return Reason("nothing")

    def _merged(self, placed: list[tuple[float, Draft]]) -> Iterator[tuple[float, Draft]]:
        """Each thing once, though a place, a unit in it and a point of patrol share name and spot."""
        kept: dict[str, list[Draft]] = defaultdict(list)
        for score, draft in placed:
            key = draft.label if draft.entry.kind not in ONE_SITE or draft.end < 0 else str(draft.end)
            twins = [one for one in kept[key] if self.book.metres_between(one.lonlat, draft.lonlat) < SAME_SPOT_M]
            for one in twins:
                if one.entry.kind != draft.entry.kind and not any(r.code == "also" for r in one.reasons):
                    one.say("also", kind=draft.entry.kind)
            if not twins:
                kept[key].append(draft)
                yield score, draft


def _order(draft: Draft) -> int:
    kind = draft.entry.kind
    return KIND_ORDER.index(kind) if kind in KIND_ORDER else len(KIND_ORDER)
