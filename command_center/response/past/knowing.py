"""What a center knows by which the words of another system are understood: its places, units and catalogue."""

from collections.abc import Mapping
from functools import cached_property, lru_cache

from command_center.registry.town_index import TownIndex
from command_center.response.intake.channels import CHANNELS
from command_center.response.intake.suggesting import categories_for

SHORTEST_NAME = 2
# Answers that are kept; places are written in as many ways as there are people.
MOST_KEPT = 50_000


class Known:
    """A town, asked in the words of others; every answer is kept, for the same words come again and again."""

    def __init__(self, town: TownIndex) -> None:
        self.town = town
        self.category_of = lru_cache(MOST_KEPT)(self._category_of)
        self.unit_of = lru_cache(MOST_KEPT)(self._unit_of)
        self.channel_of = lru_cache(MOST_KEPT)(self._channel_of)
        self.area_named = lru_cache(MOST_KEPT)(self._area_named)

    def _category_of(self, said: str) -> str | None:
        """The category that a code, a name, or a text says; the last part of a/b/c counts most."""
        categories = self.town.categories
        if said in categories:
            return said
        parts = [part.strip() for part in said.replace("-", "/").replace(">", "/").split("/") if part.strip()]
        for part in reversed(parts):
            if part in self._category_names:
                return self._category_names[part]
        for part in (*reversed(parts), said):
            if found := categories_for(part, categories.values(), limit=1):
                return found[0].id
        return None

    @cached_property
    def _category_names(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for category in self.town.categories.values():
            found.setdefault(category.name, category.code)
        return found

    def _unit_of(self, said: str) -> str | None:
        """The unit of that id or name; 县公安局砚河派出所 and 砚河派出所 are one."""
        if said in self.town.units:
            return said
        names = {unit.name: unit.id for unit in self.town.units.values()}
        if said in names:
            return names[said]
        alike = [name for name in names if len(said) >= SHORTEST_NAME and (name.endswith(said) or said.endswith(name))]
        return names[max(alike, key=len)] if alike else None

    def _channel_of(self, said: str) -> str:
        """The door by which it came in; the hotline where the words say none of ours."""
        for channel in CHANNELS.values():
            if said == channel.code or channel.word in said:
                return channel.code
        return "hotline"

    def _area_named(self, said: str) -> str | None:
        """The village or grid of that code or name, or whose name the text holds; the longest name wins."""
        if said in self.town.grids or said in self.town.villages:
            return said
        held = [name for name in self._area_names if name in said]
        return self._area_names[max(held, key=len)] if held else None

    @cached_property
    def _area_names(self) -> Mapping[str, str]:
        villages = [(one.name, one.code) for one in self.town.villages.values()]
        grids = [(one.name, one.code) for one in self.town.grids.values()]
        found: dict[str, str] = {}
        for name, code in (*villages, *grids):
            if len(name) >= SHORTEST_NAME:
                found.setdefault(name, code)
        return found

    def point_of(self, area: str) -> tuple[float, float]:
        """Where the name of the area's village stands, or the center itself."""
        village = self.town.villages.get(area[:12])
        return village.center if village is not None else self.town.center.lonlat
