"""The real county in which the model town lies: its published GCJ-02 outline, converted to WGS84."""

from functools import cache
from pathlib import Path

import numpy as np
import orjson
import shapely
from shapely.geometry import Polygon

from gis.datum import to_wgs84

GUANNAN = Path(__file__).parent / "data" / "guannan.geojson"


@cache
def county_outline(path: Path = GUANNAN) -> Polygon:
    """The outline in WGS84 lon/lat.

    The publisher's rounding makes the ring touch itself; what it cuts off there (under 0.01 % of the area) is dropped.
    """
    collection = orjson.loads(path.read_bytes())
    ring = collection["features"][0]["geometry"]["coordinates"][0]
    polygon = Polygon(to_wgs84(np.array(ring), collection["datum"]))
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(polygon)))
    largest: Polygon = max((part for part in parts if part.geom_type == "Polygon"), key=lambda part: part.area)
    return largest
