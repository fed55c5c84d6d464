"""What the cameras of the model town hang on: a village's recorders, and the switch in front of up to four of them."""

from collections import defaultdict
from collections.abc import Sequence

from gis.town_model import Lonlat

CAMERAS_PER_RECORDER = 32
RECORDERS_PER_SWITCH = 4
_VILLAGE_DIGITS = 12


def hang(places: Sequence[tuple[Lonlat, str]]) -> list[tuple[str, str]]:
    """Recorder and switch for cameras at (lon/lat, area code): neighbours of one village share them.

    Names are `320724199201-NVR02` and `320724199201-SW01`: the village's code and a number within it.
    """
    villages: dict[str, list[int]] = defaultdict(list)
    for index, (_, area) in enumerate(places):
        villages[area[:_VILLAGE_DIGITS]].append(index)
    hung: dict[int, tuple[str, str]] = {}
    for village, members in sorted(villages.items()):
        for number, group in enumerate(_neighbours(members, places)):
            recorder, switch = f"{village}-NVR{number + 1:02d}", f"{village}-SW{number // RECORDERS_PER_SWITCH + 1:02d}"
            hung |= {index: (recorder, switch) for index in group}
    return [hung[index] for index in range(len(places))]


def _neighbours(members: list[int], places: Sequence[tuple[Lonlat, str]]) -> list[list[int]]:
    """Groups of at most 32 that lie together: halves across the longer side, and halves of those."""
    if len(members) <= CAMERAS_PER_RECORDER:
        return [members]
    sides = [[places[index][0][axis] for index in members] for axis in (0, 1)]
    # A degree of latitude is longer than one of longitude at 34° north by a fifth.
    axis = 0 if max(sides[0]) - min(sides[0]) > 1.2 * (max(sides[1]) - min(sides[1])) else 1
    ordered = sorted(members, key=lambda index: (places[index][0][axis], index))
    middle = len(ordered) // 2
    return [*_neighbours(ordered[:middle], places), *_neighbours(ordered[middle:], places)]
