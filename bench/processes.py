"""What processes cost on this machine, as the kernel counts it."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """Processor seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def memory_mb(pid: int) -> float:
    """Resident memory of a process, pages it shares with others counted only in part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1e3
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES / 1e6


class Meter:
    """Processor seconds of some processes since it was made."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._before = {pid: cpu_s(pid) for pid in pids}

    def used_s(self, *pids: int) -> float:
        return sum(cpu_s(pid) - self._before[pid] for pid in pids)


def descendants(pid: int) -> dict[int, str]:
    """The children of a process and theirs, with their command lines; those that end meanwhile are left out."""
    parents: dict[int, list[int]] = {}
    lines: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdecimal():
                status = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                parents.setdefault(int(status[1]), []).append(int(folder.name))
                lines[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
    found, waiting = dict[int, str](), [pid]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            found[child] = lines[child]
            waiting.append(child)
    return found
