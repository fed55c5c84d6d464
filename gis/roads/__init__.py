"""Roads: read them from a file, and ask how long everybody takes to a place, which way they go, and what is closed."""

from gis.roads.closures import BadClosure, Closure, Shut
from gis.roads.graph import Arrivals, NoWay, Reach, RoadGraph, Route
from gis.roads.matching import Match, Noise, match
from gis.roads.network import BadRoadFile, Network, ReadReport
from gis.roads.osm_file import read_osm
from gis.roads.reach import Reached, reached
from gis.roads.snapping import Snaps
from gis.roads.standing import Standing
from gis.roads.stretches import BadRoads, Stretches
from gis.roads.travel import Detour, Travel

__all__ = [
    "Arrivals",
    "BadClosure",
    "BadRoadFile",
    "BadRoads",
    "Closure",
    "Detour",
    "Match",
    "Network",
    "NoWay",
    "Noise",
    "Reach",
    "Reached",
    "ReadReport",
    "RoadGraph",
    "Route",
    "Shut",
    "Snaps",
    "Standing",
    "Stretches",
    "Travel",
    "match",
    "reached",
    "read_osm",
]
