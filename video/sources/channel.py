"""What a GB/T 28181 platform knows of a camera: one row of its catalogue.

Source: GB/T 28181-2016 annex A.2 (itemType) and annex D (20-digit numbers), as WVP and LiveGBS write them in JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Channel:
    """One channel. Numbers are those of the standard, None where the platform does not say.

    Attributes:
        id: 20 digits, 国标编号.
        key: how the platform calls it when it is to be played: its own number (WVP), or `device/channel`.
        device_id: 20 digits of the recorder or camera it hangs on; empty when the platform does not say.
        position_lonlat: degrees, WGS 84, longitude first.
        ptz_type: 1 dome, 2 half dome, 3 fixed, 4 fixed with remote control.
        room_type: 1 outdoors, 2 indoors.
        light_type: 1 none, 2 infrared, 3 white.
        direction_type: 1 east, 2 west, 3 south, 4 north, 5 south-east, 6 north-east, 7 south-west, 8 north-west.
        use_type: 1 public security, 2 traffic, 3 key place.
        live: somebody plays it now.
    """

    id: str
    key: str
    name: str
    online: bool
    device_id: str = ""
    civil_code: str = ""
    parent_id: str = ""
    address: str = ""
    manufacturer: str = ""
    model: str = ""
    position_lonlat: tuple[float, float] | None = None
    ptz_type: int | None = None
    position_type: int | None = None
    room_type: int | None = None
    light_type: int | None = None
    direction_type: int | None = None
    use_type: int | None = None
    resolution: str = ""
    business_group_id: str = ""
    live: bool = False


def from_wvp(row: Row) -> Channel | None:
    """A `CommonGBChannel` of `/api/common/channel/list`; None for a row without a number to play it by."""
    row = _stripped(row)
    key = _text(row, "gbId")
    if not key:
        return None
    return Channel(
        **_common({name.removeprefix("gb").lower(): value for name, value in row.items() if name.startswith("gb")}),
        id=_text(row, "gbDeviceId"),
        key=key,
        live=bool(_text(row, "streamId")),
    )


def from_livegbs(row: Row) -> Channel | None:
    """An item of `ChannelList`; None for a row without device or channel number."""
    row = _stripped(row)
    device, channel = _text(row, "DeviceID"), _text(row, "ID")
    if not device or not channel:
        return None
    return Channel(
        **_common({name.lower(): value for name, value in row.items()}),
        id=channel,
        key=f"{device}/{channel}",
        device_id=device,
        live=bool(_text(row, "StreamID")),
    )


def _common(row: Row) -> dict[str, Any]:
    """What both write, under lower-case names."""
    return {
        "name": _text(row, "name"),
        "online": _text(row, "status").upper() in ("ON", "ONLINE", "1", "TRUE"),
        "civil_code": _text(row, "civilcode"),
        "parent_id": _text(row, "parentid"),
        "address": _text(row, "address"),
        "manufacturer": _text(row, "manufacturer"),
        "model": _text(row, "model"),
        "position_lonlat": _position(row),
        "ptz_type": _number(row, "ptztype"),
        "position_type": _number(row, "positiontype"),
        "room_type": _number(row, "roomtype"),
        "light_type": _number(row, "supplylighttype"),
        "direction_type": _number(row, "directiontype"),
        "use_type": _number(row, "usetype"),
        "resolution": _text(row, "resolution"),
        "business_group_id": _text(row, "businessgroupid"),
    }


def _stripped(row: Row) -> Row:
    # WVP writes some names with a blank behind them.
    return {name.strip(): value for name, value in row.items()}


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return str(value).strip() if value is not None else ""


def _number(row: Row, name: str) -> int | None:
    """A number above 0; 0 and nothing both mean that it was never filled in."""
    text = _text(row, name)
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 4 and int(text) > 0 else None


def _position(row: Row) -> tuple[float, float] | None:
    try:
        lon, lat = float(_text(row, "longitude")), float(_text(row, "latitude"))
    except ValueError:
        return None
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 and (lon, lat) != (0, 0) else None
