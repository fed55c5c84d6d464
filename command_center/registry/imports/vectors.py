"""Map layers through GDAL: GeoPackage, GeoJSON, Shapefile (zipped, or beside its parts)."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import shapely

from command_center.errors import BadInput
from command_center.registry.imports.encoding import find_encoding
from command_center.registry.imports.layer import Layer, RawRow


def read_vector(path: Path, *, layer: str = "", encoding: str = "") -> Layer:
    """The features of a layer; a row's line is the number of its feature, the first is 1.

    Raises:
        BadInput: GDAL cannot read it, or it has no such layer.
    """
    try:
        names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
        if layer and layer not in names:
            raise BadInput("import_no_layer", name=layer, layers="、".join(names))
        doubt, codepage = _codepage(path, encoding)
        chosen = layer or names[0]
        options = {"encoding": codepage} if codepage else {}
        meta, fids, shapes, columns = pyogrio.raw.read(path, layer=chosen, return_fids=True, force_2d=True, **options)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, IndexError, UnicodeDecodeError) as problem:
        raise BadInput("import_not_readable", why=str(problem)[:200]) from problem
    names_of = [str(name) for name in meta["fields"]]
    count = len(fids) if fids is not None else len(columns[0]) if columns else 0
    geometry = shapely.from_wkb(shapes, on_invalid="ignore") if shapes is not None else np.full(count, None)
    texts = [[_text(value) for value in column] for column in columns]
    rows = [
        RawRow(i + 1, {name: texts[j][i] for j, name in enumerate(names_of)}, _shape(geometry[i])) for i in range(count)
    ]
    return Layer(
        columns=names_of,
        rows=rows,
        encoding=codepage,
        doubt=doubt,
        crs=str(meta["crs"] or ""),
        layers=[chosen, *(name for name in names if name != chosen)],
        has_shapes=shapes is not None and any(row.shape is not None for row in rows),
    )


def _shape(geometry: Any) -> Any:
    return geometry if geometry is not None and not geometry.is_empty else None


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _codepage(path: Path, encoding: str) -> tuple[tuple[str, Mapping[str, Any]] | None, str]:
    """The encoding of a Shapefile's texts: what its .cpg says where that fits, else what the texts look like."""
    if path.suffix.lower() != ".shp":
        return None, encoding
    table = _beside(path, ".dbf")
    if encoding or table is None:
        return None, encoding
    texts = _dbf_texts(table.read_bytes())
    note = _beside(path, ".cpg")
    said = note.read_text("ascii", "ignore").strip() if note is not None else ""
    found = find_encoding(texts) if texts and not texts.isascii() else "utf-8"
    if not said:
        return (("import_cpg_missing", {"found": found}) if not texts.isascii() else None), found
    try:
        # Everything is valid Latin-1, which is what writes a .cpg without knowing better.
        fits = _codec(said) not in ("iso8859-1", "cp1252") and bool(texts.decode(_codec(said)) or True)
    except (LookupError, UnicodeDecodeError):
        fits = False
    if fits or texts.isascii():
        return None, _codec(said) if fits else found
    return ("import_cpg_doubted", {"said": said, "found": found}), found


def _codec(name: str) -> str:
    """The name Python has for what a .cpg says (UTF-8, GBK, 936, CP949, ANSI 1252)."""
    plain = name.lower().replace("ansi ", "").strip()
    alias = {"936": "gb18030", "cp936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "949": "cp949",
             "1252": "cp1252", "88591": "iso8859-1", "iso-8859-1": "iso8859-1", "iso 88591": "iso8859-1"}  # fmt: skip
    return alias.get(plain, plain)


def _beside(path: Path, suffix: str) -> Path | None:
    """The part of a Shapefile with this suffix, in any case of letters."""
    for one in path.parent.iterdir():
        if one.stem == path.stem and one.suffix.lower() == suffix:
            return one
    return None


def _dbf_texts(data: bytes, most: int = 200_000) -> bytes:
    """The raw bytes of a dBASE table's records, without the padding between them."""
    if len(data) < 32:
        return b""
    header = struct.unpack("<H", data[8:10])[0]
    return b"\n".join(part for part in data[header : header + most].split(b"  ") if part.strip())
