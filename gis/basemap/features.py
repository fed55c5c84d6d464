"""What goes into tiles, one thing at a time."""

from dataclasses import dataclass
from typing import Any

import orjson

from gis.basemap.layers import Look


@dataclass(frozen=True, slots=True)
class Bounds:
    """A box in degrees, WGS84, closed."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def meets(self, other: "Bounds") -> bool:
        across = self.west <= other.east and other.west <= self.east
        return across and self.south <= other.north and other.south <= self.north

    def widened(self, share: float, least_deg: float) -> "Bounds":
        """The box with a margin of so much of its size, at least so many degrees, on every side."""
        across = max(least_deg, (self.east - self.west) * share)
        down = max(least_deg, (self.north - self.south) * share)
        return Bounds(self.west - across, self.south - down, self.east + across, self.north + down)

    def text(self) -> str:
        return f"{self.west:.6f},{self.south:.6f},{self.east:.6f},{self.north:.6f}"


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing to draw: how, and its GeoJSON geometry in WGS84."""

    look: Look
    geometry: bytes

    def line(self) -> bytes:
        """As a line of GeoJSON text sequences with what tippecanoe wants to know."""
        wish: dict[str, Any] = {"layer": self.look.layer, "minzoom": self.look.min_zoom}
        properties = {name: value for name, value in self.look.properties.items() if value != ""}
        head = orjson.dumps({"type": "Feature", "tippecanoe": wish, "properties": properties})
        return head[:-1] + b',"geometry":' + self.geometry + b"}\n"
