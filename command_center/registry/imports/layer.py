"""A file as it was read, before anything is made of it: columns, rows with their line numbers, shapes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry

from command_center.errors import TEXTS


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about one row: `reason` names its text (`import_row_…`), `params` fill it in.

    Attributes:
        line: of the file, 1 for the first, where a row of several lines begins; a feature's number in a map layer.
        key: the row's own key or name, as far as it has one.
    """

    line: int
    key: str
    reason: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        return TEXTS[language][f"import_row_{self.reason}"].format(**self.params)


class BadRow(ValueError):
    """A row that cannot become a record; carries the reason of a Problem."""

    def __init__(self, reason: str, **params: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.params = params


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as read: text by column, and its shape if the file has shapes."""

    line: int
    cells: Mapping[str, str]
    shape: BaseGeometry | None = None


@dataclass(frozen=True)
class Layer:
    """A file as it was read.

    Attributes:
        columns: names in the order of the file.
        rows: those that could be split into cells.
        bad: those that could not.
        encoding: of its text, "" where the format says so itself.
        doubt: key and parameters of a remark about the encoding, or None.
        crs: as the file names it (EPSG:4549, or a WKT), "" where it does not.
        layers: names of the map layers in the file, the one read first.
        has_shapes: whether positions come as shapes and not as columns.
    """

    columns: Sequence[str]
    rows: Sequence[RawRow]
    bad: Sequence[Problem] = ()
    encoding: str = ""
    doubt: tuple[str, Mapping[str, Any]] | None = None
    crs: str = ""
    layers: Sequence[str] = ()
    has_shapes: bool = False
