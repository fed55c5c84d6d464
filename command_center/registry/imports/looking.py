"""The first look at a file: its columns with what they seem to mean, its text, its datum, its first rows."""

from pathlib import Path

from typing_extensions import TypedDict

from command_center.errors import TEXTS
from command_center.registry.imports.files import is_osm, read_file
from command_center.registry.imports.kinds import kind_of
from command_center.registry.imports.layer import Layer
from command_center.registry.imports.plan import Wish, columns_for
from command_center.registry.imports.where import frame_of

FIRST_ROWS = 8
LONLAT = ("lon", "lat")


class LookView(TypedDict):
    """What a file seems to be.

    `fields` are those the kind knows; `columns` the file's; `mapped` the column of each field; `doubt` a remark about
    its text; `osm` an OpenStreetMap extract, of which nothing has to be matched.
    """

    kind: str
    osm: bool
    rows: int
    bad: int
    encoding: str
    doubt: str
    crs: str
    datum: str
    has_shapes: bool
    layers: list[str]
    fields: list[str]
    columns: list[str]
    mapped: dict[str, str]
    sample: list[list[str]]


def look(path: Path, wish: Wish, language: str) -> LookView:
    """Read a file and say what it seems to be.

    Raises:
        BadInput: it cannot be read so.
    """
    kind = kind_of(wish.kind)
    if is_osm(path):
        layer = Layer((), (), encoding="utf-8", crs="EPSG:4326", has_shapes=True)
    else:
        layer = read_file(path, layer=wish.layer, encoding=wish.encoding)
    columns = list(layer.columns)
    doubt = TEXTS[language][layer.doubt[0]].format(**layer.doubt[1]) if layer.doubt else ""
    return {
        "kind": kind.name,
        "osm": is_osm(path),
        "rows": len(layer.rows) + len(layer.bad),
        "bad": len(layer.bad),
        "encoding": layer.encoding,
        "doubt": doubt,
        "crs": layer.crs[:120],
        "datum": frame_of(layer, wish.crs).datum,
        "has_shapes": layer.has_shapes,
        "layers": list(layer.layers),
        "fields": [name for name in kind.fields if layer.columns and not (layer.has_shapes and name in LONLAT)],
        "columns": columns,
        "mapped": columns_for(kind, layer, wish),
        "sample": [[row.cells.get(name, "")[:80] for name in columns] for row in layer.rows[:FIRST_ROWS]],
    }
