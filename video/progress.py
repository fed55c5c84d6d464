"""Where a looker is: what killed it can be named, however it died."""

from __future__ import annotations

import mmap
import os


class Progress:
    """A word of shared memory in which a looker writes the number of the job it is at: what killed it is known."""

    def __init__(self, fileno: int | None = None) -> None:
        self.fileno = os.memfd_create("yiping-progress") if fileno is None else fileno
        if fileno is None:
            os.ftruncate(self.fileno, mmap.PAGESIZE)
        self._page = mmap.mmap(self.fileno, mmap.PAGESIZE)

    @property
    def job(self) -> int:
        return int.from_bytes(self._page[:8], "little")

    @job.setter
    def job(self, number: int) -> None:
        self._page[:8] = number.to_bytes(8, "little")

    def close(self) -> None:
        self._page.close()
        os.close(self.fileno)
