"""Read tiles from a PMTiles file that may be replaced at any moment by a new one.

Source: PMTiles version 3 specification.
"""

import functools
import os
import weakref
from pathlib import Path

from pmtiles.tile import Entry, deserialize_directory, deserialize_header, find_tile, zxy_to_tileid

HEADER_BYTES = 127
LEVELS = 4


class Archive:
    """An open PMTiles file; safe for many threads. Whoever has it open keeps reading the file it opened."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)
        self.header = deserialize_header(self._read(0, HEADER_BYTES))
        self._root = deserialize_directory(self._read(self.header["root_offset"], self.header["root_length"]))
        self._leaf = functools.lru_cache(maxsize=64)(self._read_leaf)

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """A tile as it is stored (gzip), None where the ground is empty or the numbers name no tile."""
        if not (self.header["min_zoom"] <= z <= self.header["max_zoom"] and 0 <= x < 1 << z and 0 <= y < 1 << z):
            return None
        wanted, directory = zxy_to_tileid(z, x, y), self._root
        for _ in range(LEVELS):
            entry = find_tile(directory, wanted)
            if entry is None:
                return None
            if entry.run_length > 0:
                return self._read(self.header["tile_data_offset"] + entry.offset, entry.length)
            directory = self._leaf(entry.offset, entry.length)
        return None

    def _read_leaf(self, offset: int, length: int) -> list[Entry]:
        return deserialize_directory(self._read(self.header["leaf_directory_offset"] + offset, length))

    def _read(self, offset: int, length: int) -> bytes:
        return os.pread(self._file, length, offset)
