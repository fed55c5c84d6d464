"""Who may use a road, which way and how fast, from its OpenStreetMap tags.

Sources: default speeds of cars, walking and pushing from OSRM's `profiles/car.lua`, `foot.lua` and `bicycle.lua`
(v5.27); bicycles are electric ones, 25 km/h at most by GB 17761; access keys from the OSM wiki page "Key:access".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

CAR, BICYCLE, FOOT = "car", "bicycle", "foot"
PROFILES = (CAR, BICYCLE, FOOT)

PUSHING_KMH = 4.0
WALKING_KMH = 5.0
# Behind a gate, on somebody's ground: those who are called go in, but nobody saves time by going through.
PRIVATE_KMH = 10.0

# Class: km/h by car, by electric bicycle, on foot; 0: not unless a tag allows it.
CLASS_KMH: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "motorway": (90, 0, 0),
        "motorway_link": (45, 0, 0),
        "trunk": (85, 20, 5),
        "trunk_link": (40, 20, 5),
        "primary": (65, 20, 5),
        "primary_link": (30, 20, 5),
        "secondary": (55, 20, 5),
        "secondary_link": (25, 20, 5),
        "tertiary": (40, 20, 5),
        "tertiary_link": (20, 20, 5),
        "unclassified": (25, 20, 5),
        "residential": (25, 20, 5),
        "road": (25, 20, 5),
        "living_street": (10, 15, 5),
        "service": (15, 15, 5),
        "track": (10, 12, 5),
        "pedestrian": (0, PUSHING_KMH, 5),
        "cycleway": (0, 20, 5),
        "path": (0, 12, 5),
        "bridleway": (0, 10, 5),
        "footway": (0, PUSHING_KMH, 5),
        "crossing": (0, PUSHING_KMH, 5),
        "corridor": (0, 0, 4),
        "steps": (0, 0, 2.5),
    }
)
CLASSES = tuple(CLASS_KMH)
# Where a tag lets in those whom the class keeps out.
LET_IN_KMH: Mapping[str, float] = MappingProxyType({CAR: 10.0, BICYCLE: 12.0, FOOT: WALKING_KMH})

# The last key found decides.
ACCESS_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        CAR: ("access", "vehicle", "motor_vehicle", "motorcar"),
        BICYCLE: ("access", "vehicle", "bicycle"),
        FOOT: ("access", "foot"),
    }
)
# A value of these keys can open a class to those whom it keeps out; "access" speaks of all and opens nothing.
OPENING_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {CAR: ("motor_vehicle", "motorcar"), BICYCLE: ("bicycle",), FOOT: ("foot",)}
)
CLOSED = frozenset({"no", "agricultural", "forestry", "military", "bus", "psv", "use_sidepath", "emergency"})
PRIVATE = frozenset({"private", "customers", "delivery", "permit", "permissive;private", "residents", "employees"})
FORWARD, BACKWARD = frozenset({"yes", "true", "1"}), frozenset({"-1", "reverse"})
ROUND = frozenset({"roundabout", "circular"})

MPH = 1.609344
ZONE_KMH: Mapping[str, float] = MappingProxyType(
    {
        # 道路交通安全法实施条例 art. 45 and 78: one lane each way 50 in towns, 70 outside; motorways 120.
        "CN:urban": 50,
        "CN:rural": 70,
        "CN:motorway": 120,
        "urban": 50,
        "rural": 80,
        "trunk": 100,
        "motorway": 120,
        "living_street": 10,
        "walk": WALKING_KMH,
        "none": 120,
    }
)
_NUMBER = re.compile(r"^(\d+(?:\.\d+)?)\s*(mph|km/?h|kmh|kph)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Use:
    """How one profile may use a road: km/h along its line and against it, 0 where it may not."""

    there_kmh: float
    back_kmh: float

    @property
    def any(self) -> bool:
        return self.there_kmh > 0 or self.back_kmh > 0


def uses(tags: Mapping[str, str]) -> dict[str, Use]:
    """What each profile may do on a way; the class must be one of `CLASSES`."""
    return {profile: _use(tags, profile) for profile in PROFILES}


def maxspeed_kmh(value: str | None) -> float | None:
    """A speed limit in km/h: "50", "30 mph", "CN:urban", "none"; of several the lowest; None if it cannot be read."""
    if not value:
        return None
    speeds = [speed for part in re.split(r"[;|,]", value) if (speed := _one_speed(part.strip())) is not None]
    return min(speeds) if speeds else None


def _one_speed(text: str) -> float | None:
    found = _NUMBER.match(text)
    if found:
        speed = float(found[1]) * (MPH if (found[2] or "").lower() == "mph" else 1.0)
        return speed if speed > 0 else None
    return ZONE_KMH.get(text) or ZONE_KMH.get(text.partition(":")[2])


def _use(tags: Mapping[str, str], profile: str) -> Use:
    speed = _class_kmh(tags, profile)
    if speed == 0.0:
        return Use(0.0, 0.0)
    there, back = _directions(tags, profile)
    return Use(
        _limited(tags, profile, speed, "forward") if there else 0.0,
        _limited(tags, profile, speed, "backward") if back else 0.0,
    )


def _class_kmh(tags: Mapping[str, str], profile: str) -> float:
    """Speed without a limit; 0 where the profile may not go."""
    speed = float(CLASS_KMH[tags["highway"]][PROFILES.index(profile)])
    if tags.get("motorroad") == "yes" and profile != CAR:
        speed = 0.0
    said = _said(tags, profile)
    if said in CLOSED:
        return 0.0
    if profile == BICYCLE and said == "dismount":
        return PUSHING_KMH
    opened = next((tags[key] for key in reversed(OPENING_KEYS[profile]) if key in tags), None)
    if opened is not None and (speed == 0.0 or (profile == BICYCLE and speed == PUSHING_KMH)):
        speed = LET_IN_KMH[profile]
    return min(speed, PRIVATE_KMH) if said in PRIVATE else speed


def _said(tags: Mapping[str, str], profile: str) -> str | None:
    """What the finest tag about access says to a profile."""
    return next((tags[key] for key in reversed(ACCESS_KEYS[profile]) if key in tags), None)


def _directions(tags: Mapping[str, str], profile: str) -> tuple[bool, bool]:
    """Whether the profile may go along the line, and against it."""
    value = _oneway(tags, profile)
    return value not in BACKWARD, value not in FORWARD


def _oneway(tags: Mapping[str, str], profile: str) -> str:
    if profile == FOOT:
        return tags.get("oneway:foot", "no")
    if profile == BICYCLE:
        if "oneway:bicycle" in tags:
            return tags["oneway:bicycle"]
        sides = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
        if any(tags.get(key, "").startswith("opposite") for key in sides):
            return "no"
    for key in ("oneway:motorcar", "oneway:motor_vehicle") if profile == CAR else ():
        if key in tags:
            return tags[key]
    implied = tags.get("junction") in ROUND or tags["highway"] == "motorway"
    return tags.get("oneway", "yes" if implied else "no")


def _limited(tags: Mapping[str, str], profile: str, speed: float, side: str) -> float:
    """The speed under the limit: cars drive at it, others never faster than they can."""
    if profile == FOOT:
        return speed
    limit = maxspeed_kmh(tags.get(f"maxspeed:{side}")) or maxspeed_kmh(tags.get("maxspeed"))
    if limit is None:
        return speed
    return min(speed, limit) if profile == BICYCLE or _said(tags, profile) in PRIVATE else limit
