"""A network as plain columns for a database, and back."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from gis.roads.network import Network, ReadReport
from gis.roads.profiles import PROFILES
from gis.roads.stretches import Stretches

COLUMNS = ("node_id", "way_id", "road_class", "name")


def to_columns(network: Network) -> dict[str, Any]:
    """Lists and plain numbers; positions to a centimetre, speeds to a millimetre a second."""
    stretches = network.stretches
    return {
        "node_lonlat": stretches.node_lonlat.round(7).tolist(),
        "start": stretches.start.tolist(),
        "end": stretches.end.tolist(),
        "length_m": stretches.length_m.round(3).tolist(),
        "shape_lonlat": stretches.shape_lonlat.round(7).tolist(),
        "shape_first": stretches.shape_first.tolist(),
        **{name: getattr(network, name).tolist() for name in COLUMNS},
        "names": list(network.names),
        "there_mps": {name: network.there_mps[name].round(3).tolist() for name in PROFILES},
        "back_mps": {name: network.back_mps[name].round(3).tolist() for name in PROFILES},
        "read": network.report.read,
        "used": network.report.used,
        "left_out": dict(network.report.left_out),
        "cut": network.report.cut,
    }


def is_network(columns: Mapping[str, Any]) -> bool:
    """Whether these are the columns of a network, and not of straight arcs."""
    return "shape_lonlat" in columns


def from_columns(columns: Mapping[str, Any]) -> Network:
    """The network again; of what was left out only the numbers are known."""
    stretches = Stretches(
        np.array(columns["node_lonlat"], np.float64).reshape(-1, 2),
        np.array(columns["start"], np.int64),
        np.array(columns["end"], np.int64),
        np.array(columns["length_m"], np.float64),
        np.array(columns["shape_lonlat"], np.float64).reshape(-1, 2),
        np.array(columns["shape_first"], np.int64),
    )
    there, back = (
        {name: np.array(columns[side][name], np.float64) for name in PROFILES} for side in ("there_mps", "back_mps")
    )
    report = ReadReport(columns["read"], columns["used"], columns["left_out"], columns["cut"], {})
    numbers = {name: np.array(columns[name], np.int64) for name in COLUMNS}
    return Network(stretches, names=tuple(columns["names"]), there_mps=there, back_mps=back, report=report, **numbers)
