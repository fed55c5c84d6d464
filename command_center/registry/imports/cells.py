"""One row under its mapping: texts by field, checked against the room that their column has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from command_center.registry.imports.known import Lonlat
from command_center.registry.imports.layer import BadRow

MASKED = re.compile(r".*\*.*")


@dataclass(frozen=True, slots=True)
class Cells:
    """A row as its kind reads it.

    Attributes:
        texts: by field, blanks left out: a blank cell says nothing and changes nothing.
        shape: WGS84, None where the row has none.
        columns: the column each field was read from.
        table: what limits the length of texts.
    """

    line: int
    texts: Mapping[str, str]
    shape: BaseGeometry | None
    columns: Mapping[str, str]
    table: Any

    def text(self, field: str, column: str = "") -> str:
        """A text that fits into its column, "" where the row has none.

        Raises:
            BadRow: it is too long.
        """
        value = self.texts.get(field, "")
        room = getattr(self.table.__table__.columns[column or field].type, "length", None)
        if room is not None and len(value) > room:
            raise BadRow("too_long", field=self.columns.get(field, field), most=room)
        return value

    def number(self, field: str, low: float, high: float) -> float | None:
        """A number within a range, None where the row has none.

        Raises:
            BadRow: it is something else.
        """
        value = self.texts.get(field, "")
        if not value:
            return None
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            raise BadRow("bad_number", field=self.columns.get(field, field), value=value[:20], low=low, high=high)
        return number

    def point(self) -> Lonlat:
        """Where it is; of a shape that is no point, a point on it.

        Raises:
            BadRow: it has no place.
        """
        if self.shape is None:
            raise BadRow("no_coordinates")
        at = self.shape if self.shape.geom_type == "Point" else shapely.point_on_surface(self.shape)
        return round(at.x, 6), round(at.y, 6)
