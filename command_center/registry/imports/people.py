"""People: who belongs to which force and unit, where the day begins, and under which number to be reached."""

import re
from typing import Any

from command_center.registry.catalogue import forces
from command_center.registry.imports.cells import Cells
from command_center.registry.imports.known import Known
from command_center.registry.imports.layer import BadRow
from command_center.registry.imports.points import within_town

# A mobile number, or a landline with its area code (GB/T 33480 lists both).
PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|1\d{2}")
TRAVEL = {"car": "car", "汽车": "car", "机动车": "car", "警车": "car", "scooter": "scooter",
          "电动车": "scooter", "摩托车": "scooter", "自行车": "scooter", "foot": "foot", "步行": "foot"}  # fmt: skip
WITH_CAR = frozenset({"POL", "FIR", "MED", "ENF", "EMR", "DEP"})
OF_A_GRID = frozenset({"GRD", "VOL"})


def identify(cells: Cells, known: Known, _issue: bool) -> tuple[str | None, str | None]:
    """An id of the list's own, else the call sign, which nobody else has.

    Raises:
        BadRow: there is neither.
    """
    text = cells.text("id")
    if text:
        return text, None
    sign = cells.text("call_sign")
    if not sign:
        raise BadRow("missing", field="call_sign")
    same = [id for id, row in known.stored.items() if row["call_sign"] == sign]
    return (same[0], None) if same else (None, sign)


def issue(known: Known) -> str:
    return known.issue(lambda number: f"R{number:03d}")


def person(cells: Cells, known: Known) -> dict[str, Any]:
    """One of the forces.

    Raises:
        BadRow: an unknown force or unit, an area that is not of this town, a number that cannot be dialled.
    """
    columns: dict[str, Any] = {"name": cells.text("name"), "call_sign": cells.text("call_sign")}
    columns["force"] = _force(cells.texts.get("force", ""))
    columns["unit_id"] = _unit(cells.texts.get("unit_id", ""), known)
    columns["travel"] = _travel(cells.texts.get("travel", ""))
    columns["area"] = _area(cells.texts.get("area", ""), known)
    columns["phone"] = _phone(cells.texts.get("phone", ""))
    if cells.shape is not None:
        columns["lon"], columns["lat"] = within_town(cells, known)
    return {name: value for name, value in columns.items() if value != ""}


def complete(columns: dict[str, Any], line: int, known: Known) -> dict[str, Any]:
    """Without a position of their own people begin at their unit; a grid worker's area is the grid there."""
    for field in ("name", "call_sign", "force", "unit_id"):
        if not columns.get(field):
            raise BadRow("missing", field=field)
    unit = known.units[columns["unit_id"]]
    at = {"lon": columns.get("lon", unit.lon), "lat": columns.get("lat", unit.lat)}
    force = columns["force"]
    area = known.area_at((at["lon"], at["lat"])) if force in OF_A_GRID else known.code
    travel = "car" if force in WITH_CAR else "scooter"
    return {"area": area, "travel": travel, "phone": "", **at, **columns}


def _force(text: str) -> str:
    if not text:
        return ""
    for force in forces():
        if text.upper() == force.code or text == force.name or (len(text) > 1 and text in force.name):
            return force.code
    raise BadRow("unknown_force", force=text[:20], known="、".join(f"{force.code} {force.name}" for force in forces()))


def _unit(text: str, known: Known) -> str:
    if not text or text in known.units:
        return text
    named = [id for id, row in known.units.items() if row.name == text]
    if len(named) != 1:
        raise BadRow("unknown_unit", unit=text[:30])
    return named[0]


def _area(text: str, known: Known) -> str:
    if not text:
        return ""
    code = known.village_codes.get(text, text)
    if not known.has_area(code):
        raise BadRow("unknown_area", area=text[:24])
    return code


def _travel(text: str) -> str:
    if text and text not in TRAVEL:
        raise BadRow("unknown_travel", travel=text[:20])
    return TRAVEL.get(text, "")


def _phone(text: str) -> str:
    """The number without its blanks; a masked one, as an export shows it, says nothing."""
    digits = text.replace(" ", "").removeprefix("+86")
    if "*" in digits or not digits:
        return ""
    if not PHONE.fullmatch(digits):
        raise BadRow("bad_phone", phone=f"{text[:3]}…{text[-2:]}", n=len(text))
    return digits
