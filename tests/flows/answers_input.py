"""What is asked, moved nearer to what the hall holds: ids of things there are, places in the town, words of steps."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from command_center.registry.imports.kinds import KINDS
from command_center.response.steps.forms import FORMS_OF

from .answers_hall import JPEG, DayHall

# How often a value is made a real one.
OFTEN = 0.7
# Things by the first part of a path that fits; of a pair the second follows the first.
PATHS = (
    ("/users/{id}", "user"), ("/devices/{id}", "device"), ("/closures/{id}", "closure"), ("/uploads/{id}", "upload"),
    ("/points/{id}", "point"), ("/duties/{id}", "duty"), ("/video/plans/{id}", "video_plan"),
    ("/video/rounds/{id}", "video_round"), ("/lines/{id}", "line"), ("/teams/{id}", "team"),
    ("/patrol/plans/{id}", "plan"), ("/proposals/{id}", "proposal"), ("/alerts/{id}", "alert"),
    ("/safety/{id}", "safety"), ("/orders/{id}", "order"), ("/cases/{id}", "case"), ("/kept/{id}", "kept"),
    ("/profiles/{id}", "way"), ("/ways/{id}", "way"), ("/clips/{id}", "clip"), ("/photos/{id}", "photo"),
)  # fmt: skip
PAIRS = {"party_id": "party", "approval": "approval", "photo_id": "case_photo"}
NAMES = {
    "camera_id": "camera", "cameras": "camera", "person_id": "person", "person_ids": "person", "persons": "person",
    "unit_id": "unit", "unit": "unit", "category": "category", "area": "area", "point_id": "point", "teams": "team",
    "team_id": "team", "way": "way", "profile": "way", "query_code": "query_code", "lonlat": "lonlat",
    "start": "lonlat", "end": "lonlat",
}  # fmt: skip
CLOCKS = ("00:00:00", "08:30:00", "17:00:00", "24:00:00", "23:59:59")
ODD_MOMENTS = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")
ODD_DAYS = ("0001-01-01", "0001-01-02", "9999-12-30", "9999-12-31", "1900-02-28", "2000-02-29")
ODD_NUMBERS = (0, 1, 2, 3, -1, 2**31, 2**31 - 1, 2**63 - 1, 2**63, -(2**63), 10**30, 0.5, 1e308)
RANGES = ("bytes=0-5", "bytes=-5", "bytes=5-2", "bytes=999999-", "bytes=0-1,3-4", "bytes=-", "bytes=x-")
ODD_WORDS = ("", " ", "\x00", "a\x00b", "%", "_", "'", '"', "\u202e路灯", "😀", "'; --", "..x", "{x}", "路灯")
# Of JSON only: half a surrogate pair has no place in an address.
ODDER_WORDS = (*ODD_WORDS, "\ud800", "x\udfff")


def refill(case: Any, day: DayHall, dice: random.Random) -> None:
    """Make some of a case's values real ones, and some odd in a way that the document allows but nobody expects."""
    things = day.things()
    _path(case, things, dice)
    for name in list(case.query or {}):
        if dice.random() < OFTEN:
            case.query[name] = _value(name, case.query[name], things, dice)
    if case.path.endswith("/media") and dice.random() < OFTEN:
        case.headers["range"] = dice.choice(RANGES)
    if isinstance(case.body, (dict, list)) and dice.random() < OFTEN:
        case.body = _body(case, things, day, dice)


def _path(case: Any, things: dict[str, list[Any]], dice: random.Random) -> None:
    values = case.path_parameters
    if values and dice.random() < 0.9:
        _real_path(case.path, values, things, dice)
    for name, value in (values or {}).items():
        if isinstance(value, str) and not value.strip("."):
            values[name] = "…"  # nothing, or dots alone, lead to another address before they are sent


def _real_path(path: str, values: dict[str, Any], things: dict[str, list[Any]], dice: random.Random) -> None:
    for name, pairs in PAIRS.items():
        if name in values and things[pairs]:
            values["id"], values[name] = dice.choice(things[pairs])
            return
    for part, thing in PATHS:
        if part in path and things[thing]:
            values["id"] = dice.choice(things[thing])
    for name in values:
        if name != "id":
            values[name] = _value(name, values[name], things, dice)


def _body(case: Any, things: dict[str, list[Any]], day: DayHall, dice: random.Random) -> Any:
    if case.path.endswith("/steps"):
        return _step(things, dice)
    if case.path.endswith(("/profiles/check", "/ways/look", "/ways/{id}")):
        table = _bent(day.table, dice)
        return table if case.path.endswith("check") else {"table": table, "version": dice.choice((0, 1, 2))}
    if case.path.endswith(("/look", "/try", "/apply")):
        wish = {"kind": dice.choice(list(KINDS)), "token": "x", "issue_ids": True}
        return {name: one for name, one in wish.items() if name != "token" or case.path.endswith("/apply")}
    return _deep(case.body, things, dice)


def _deep(body: Any, things: dict[str, list[Any]], dice: random.Random) -> Any:
    if not isinstance(body, dict):
        return body
    return {name: _value(name, value, things, dice) if dice.random() < OFTEN else value for name, value in body.items()}


def _value(name: str, old: Any, things: dict[str, list[Any]], dice: random.Random) -> Any:
    """A likely value under this name; else one of the kind of the old one that is odd; else the old one."""
    known = things.get(NAMES.get(name, ""))
    if known and dice.random() < 0.9:
        one = dice.choice(known)
        return [one] if isinstance(old, list) and name != "lonlat" and name not in ("start", "end") else one
    if name in ("line", "corners"):
        return [dice.choice(things["lonlat"]) for _ in range(dice.choice((2, 3, 4)))]
    if name in ("lon", "lat"):
        return dice.choice(things["lonlat"])[name == "lat"]
    if name == "version":
        return dice.choice((*ODD_NUMBERS, 1, 1, 2, 2))
    if name == "positions":
        return [_position(dice, things) for _ in range(3)]
    if name == "windows":
        return [{"start": dice.choice(CLOCKS), "end": dice.choice(CLOCKS)}]
    if name in ("shift_start", "shift_end"):
        return dice.choice(CLOCKS)
    if name in ("photo",):
        return JPEG
    if name in ("day", "date", "since", "until", "from", "at", "ends_at"):
        return _moment(name, old, dice)
    if isinstance(old, dict):
        return _deep(old, things, dice)
    if isinstance(old, bool) or dice.random() < 0.5:
        return old
    if isinstance(old, (int, float)):
        return dice.choice(ODD_NUMBERS)
    return dice.choice(ODD_WORDS) if isinstance(old, str) else old


def _moment(name: str, old: Any, dice: random.Random) -> Any:
    now = datetime.now(UTC)
    if (isinstance(old, str) and "T" in old) or name in ("from", "at", "ends_at"):
        return dice.choice((*ODD_MOMENTS, now.isoformat(), (now - timedelta(hours=2)).isoformat(), old))
    return dice.choice((*ODD_DAYS, now.date().isoformat(), (now - timedelta(days=1)).date().isoformat(), old))


def _position(dice: random.Random, things: dict[str, list[Any]]) -> Any:
    position = {"at": _moment("at", "", dice), "lon": 119.35, "lat": 34.1, "person_id": dice.choice(things["person"])}
    position[dice.choice(("lon", "lat", "speed_mps", "accuracy_m", "battery"))] = dice.choice(ODD_NUMBERS)
    position[dice.choice(("mock", "alarm", "person_id", "x"))] = dice.choice((*ODD_WORDS, None, [], True))
    return position


def _step(things: dict[str, list[Any]], dice: random.Random) -> Any:
    """A step with the words of its form, some of them missing or odd."""
    action = dice.choice(list(FORMS_OF))
    said: dict[str, Any] = {}
    for field in FORMS_OF[action]:
        if dice.random() < 0.1:
            continue
        words: dict[str, Any] = {
            "unit": dice.choice(things["unit"]), "units": [dice.choice(things["unit"])], "flag": True, "grade": 3,
            "case": dice.choice(things["code"]), "moment": _moment("at", "", dice), "many": ["身份证"],
            "span": dice.choice(("3wd", "5d", "24h", "99999999999d", "-1d", "d")),
            "photos": [pair[1] for pair in things["case_photo"][:1]],
        }  # fmt: skip
        usual = words.get(field.kind, "好")
        said[field.name] = usual if dice.random() < 0.8 else dice.choice((*ODD_WORDS, *ODD_NUMBERS, [], ["x"], None))
    return {"action": action, "said": said}


def _bent(table: Any, dice: random.Random) -> Any:
    """A description with something in it replaced by what does not belong there."""
    if not isinstance(table, (dict, list)) or not table or dice.random() < 0.15:
        return dice.choice(
            (
                None,
                [],
                {},
                "",
                "x",
                1,
                -1,
                2**70,
                True,
                "\ud800",
                float("nan"),
                {"x": {}},
                [[]],
                "9999999999999d",
                {"*": 1},
            )
        )
    key = dice.choice(list(table)) if isinstance(table, dict) else dice.randrange(len(table))
    bent: Any = dict(table) if isinstance(table, dict) else list(table)
    bent[key] = _bent(table[key], dice)
    return bent
