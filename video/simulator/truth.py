"""The ground truth: a JSON line when trouble begins and, with its end, another under the same id."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any


class Truth:
    """Rows `{"id", "camera", "kind", "started_at", "ended_at"}`: cameras count from 0, times are the real moments.

    `started_at` is the moment at which the first troubled picture was sent (or the first one was not), `ended_at` the
    same of the first good one, null as long as trouble lasts.
    """

    def __init__(self, path: Path | None) -> None:
        self._file: IO[str] | None = path.open("a", encoding="utf-8") if path is not None else None
        self._count = 0

    def begin(self, camera: int, kind: str, **more: Any) -> dict[str, Any]:
        """Trouble begins now; hand the row to `end`."""
        self._count += 1
        row = {"id": self._count, "camera": camera, "kind": kind, "started_at": _now(), "ended_at": None, **more}
        self._write(row)
        return row

    def end(self, row: dict[str, Any]) -> None:
        row["ended_at"] = _now()
        self._write(row)

    def _write(self, row: dict[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(row) + "\n")
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _now() -> str:
    at = datetime.fromtimestamp(time.time(), UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
