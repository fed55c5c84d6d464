"""Roads: read them from a file, and ask how long everybody takes to a place, which way they go, and what is closed."""

from gis.roads.closures import BadClosure, Closure, Shut
from gis.roads.columns import from_columns, is_network, to_columns
from gis.roads.drawn import Drawn, read_lines, whole_lines
from gis.roads.graph import NoWay, Reach, RoadGraph, Route
from gis.roads.matching import Match, Noise, match
from gis.roads.network import BadRoadFile, Network, ReadReport
from gis.roads.osm_file import read_osm
from gis.roads.reach import Reached, reached
from gis.roads.snapping import Snaps
from gis.roads.standing import Standing
from gis.roads.stretches import BadRoads, Stretches
from gis.roads.travel import Detour, Travel

__all__ = [
    "BadClosure",
    "BadRoadFile",
    "BadRoads",
    "Closure",
    "Detour",
    "Drawn",
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
    "from_columns",
    "is_network",
    "match",
    "reached",
    "read_lines",
    "read_osm",
    "to_columns",
    "whole_lines",
]
