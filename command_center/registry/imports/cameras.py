"""Cameras: under their GB/T 28181 ids, from any list and from a platform's catalogue (34 fields)."""

import re
import unicodedata
from typing import Any

from command_center.registry.codes import BadCode, parse_device_code
from command_center.registry.imports.cells import Cells
from command_center.registry.imports.columns import plain
from command_center.registry.imports.known import Known
from command_center.registry.imports.layer import BadRow
from command_center.registry.imports.points import own_key, within_town

# 类型编码 of what takes pictures: 视频卡口, 多目设备, 摄像机, 网络摄像机, 移动传输设备, 在线视频图像信息采集系统.
CAMERA_TYPES = frozenset({"120", "121", "122", "131", "132", "138", "139"})
# … and of what cameras hang on.
RECORDER_TYPES = frozenset({"111", "112", "113", "118", "130"})
# DirectionType of the catalogue: where the camera looks, as degrees from north.
DIRECTION_TYPE = {"1": 90.0, "2": 270.0, "3": 180.0, "4": 0.0, "5": 135.0, "6": 45.0, "7": 225.0, "8": 315.0}
DIRECTIONS = {
    "东": 90.0,
    "西": 270.0,
    "南": 180.0,
    "北": 0.0,
    "东南": 135.0,
    "东北": 45.0,
    "西南": 225.0,
    "西北": 315.0,
}
CLASSES = {"一": 1, "二": 2, "三": 3, "1": 1, "2": 2, "3": 3}
# Where the list does not say which way it looks, a camera is taken to see all around, but not far.
UNKNOWN = {"heading_deg": 0.0, "fov_deg": 360.0, "range_m": 50.0}
KNOWN_HEADING = {"fov_deg": 90.0, "range_m": 60.0}
# What we issue: 社会治安社区, IPC, on the e-government network, as a town's own hall files its cameras.
INDUSTRY, TYPE, NETWORK = "01", "132", "6"


def identify(cells: Cells, known: Known, issue: bool) -> tuple[str | None, str | None]:
    """The id, or the list's own key where ids are to be issued.

    Raises:
        BadRow: there is no valid id and none is to be issued; it says what is wrong with the one there is.
    """
    text = unicodedata.normalize("NFKC", cells.texts.get("id", "")).strip()
    try:
        if not text:
            raise BadRow("no_id", field="id")
        check_id(text)
    except BadRow:
        if not issue:
            raise
        return None, text[:200] or own_key(cells, known)
    return text, None


def check_id(text: str) -> None:
    """Refuse what is no camera's id in either edition of GB/T 28181.

    Raises:
        BadRow: it says why.
    """
    if re.fullmatch(r"\d{18}|\d{16}", text):
        raise BadRow("legacy_id", id=text, n=len(text))
    if re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", text):
        raise BadRow("excel_id", id=text)
    try:
        code = parse_device_code(text)
    except BadCode as problem:
        raise BadRow("bad_id", id=text[:24]) from problem
    if code.kind not in CAMERA_TYPES:
        raise BadRow("not_a_camera", id=text, type=code.kind)


def issue(known: Known) -> str:
    """The next id of this county that is free; the network digit is one that both editions can read."""
    prefix = f"{known.code[:6]}00{INDUSTRY}{TYPE}{NETWORK}"
    return known.issue(lambda number: f"{prefix}{number:06d}")


def camera(cells: Cells, known: Known) -> dict[str, Any]:
    """A camera as it stands."""
    lon, lat = within_town(cells, known)
    columns: dict[str, Any] = {"lon": lon, "lat": lat, "area": known.area_at((lon, lat))}
    columns |= {name: cells.text(name) for name in ("number", "kind", "switch")}
    # Where something is may be said at any length; what does not fit is cut, for it is not what a camera is known by.
    columns |= {"name": cells.texts.get("name", "")[:128], "place": cells.texts.get("place", "")[:64]}
    columns["recorder"] = _recorder(cells.text("recorder"))
    columns["heading_deg"] = _heading(cells)
    columns["fov_deg"] = cells.number("fov_deg", 1, 360)
    columns["range_m"] = cells.number("range_m", 1, 5000)
    columns["point_class"] = _point_class(cells)
    return {name: value for name, value in columns.items() if value not in ("", None)}


def complete(columns: dict[str, Any], line: int, known: Known) -> dict[str, Any]:
    seen = {**UNKNOWN, **(KNOWN_HEADING if "heading_deg" in columns else {})}
    name = columns.get("name") or columns.get("place") or columns["id"]
    return {
        "place": "",
        "kind": "other",
        "point_class": 3,
        "recorder": "",
        "switch": "",
        **seen,
        **columns,
        "name": name,
    }


def _recorder(text: str) -> str:
    """What it hangs on; a platform or a group that a catalogue names as parent is not that."""
    if re.fullmatch(r"\d{20}", text) and text[10:13] not in RECORDER_TYPES:
        return ""
    return text if not re.fullmatch(r"\d{2,12}", text) else ""


def _heading(cells: Cells) -> float | None:
    text = cells.texts.get("heading_deg", "")
    if plain(cells.columns.get("heading_deg", "")) == "directiontype":
        return DIRECTION_TYPE.get(text)
    if text.removesuffix("向").removeprefix("朝") in DIRECTIONS:
        return DIRECTIONS[text.removesuffix("向").removeprefix("朝")]
    number = cells.number("heading_deg", -360, 360)
    return number % 360.0 if number is not None else None


def _point_class(cells: Cells) -> int | None:
    text = cells.texts.get("point_class", "")
    if not text:
        return None
    if text[0] not in CLASSES:
        raise BadRow(
            "bad_number", field=cells.columns.get("point_class", "point_class"), value=text[:20], low=1, high=3
        )
    return CLASSES[text[0]]
