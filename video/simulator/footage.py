"""Where simulated cameras take their pictures from: given clips, else Debian's `vtest.avi`, else nothing (drawn)."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

Say = Callable[[str], None]
PACKAGE = "opencv-doc"
INSIDE = Path("usr/share/doc/opencv-doc/examples/data")
CLIP_ENDINGS = frozenset({".avi", ".mp4", ".mkv", ".mov"})
DOWNLOAD_TIMEOUT_S = 300.0


def find_clips(folder: Path) -> list[Path]:
    """Clips of a folder and the folders in it, in the order of their names.

    Raises:
        ValueError: the folder holds none.
    """
    clips = sorted(path for path in folder.rglob("*") if path.suffix.lower() in CLIP_ENDINGS)
    if not clips:
        raise ValueError(f"no clip ({', '.join(sorted(CLIP_ENDINGS))}) in {folder}")
    return clips


def find_vtest(cache: Path, say: Say) -> Path | None:
    """The PETS 2009 clip of Debian's `opencv-doc`: kept, installed, or fetched once; None when it cannot be had."""
    kept = cache / "vtest.avi"
    if kept.exists():
        return kept
    cache.mkdir(parents=True, exist_ok=True)
    if _take(Path("/") / INSIDE, kept):
        return kept
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return None
    say(f"footage: fetching Debian's {PACKAGE} (96 MB, once)")
    work = cache / "fetch"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        package = _download(work, say)
        if package is None:
            say("footage: not to be had, a street is drawn instead")
            return None
        subprocess.run(["dpkg-deb", "-x", package.name, "out"], cwd=work, check=True, capture_output=True)
        return kept if _take(work / "out" / INSIDE, kept) else None
    except (OSError, subprocess.SubprocessError) as error:
        say(f"footage: {error}; a street is drawn instead")
        return None
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _take(folder: Path, kept: Path) -> bool:
    """Copy the clip out of a folder, unpacked; written aside first, so that a half copy is never taken for the clip."""
    plain, packed = folder / "vtest.avi", folder / "vtest.avi.gz"
    source = plain if plain.exists() else packed
    if not source.exists():
        return False
    aside = kept.with_suffix(".part")
    with gzip.open(source, "rb") if source is packed else source.open("rb") as read, aside.open("wb") as write:
        shutil.copyfileobj(read, write)
    aside.replace(kept)
    return True


def _download(work: Path, say: Say) -> Path | None:
    """Fetch with the lists the machine has; else with private lists, which needs no root."""
    _run_apt(work, [], ["download", PACKAGE], say)
    found = next(iter(work.glob(f"{PACKAGE}_*.deb")), None)
    if found is not None:
        return found
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    private = ["-o", f"Dir::State={work / 'state'}", "-o", f"Dir::Cache={work / 'cache'}"]
    private += ["-o", "Dir::State::status=/dev/null", "-o", "Debug::NoLocking=1", "-o", "Acquire::Languages=none"]
    private += ["-o", "APT::Sandbox::User=", "-o", "APT::Update::Post-Invoke-Success::="]
    _run_apt(work, private, ["update"], say)
    _run_apt(work, private, ["download", PACKAGE], say)
    return next(iter(work.glob(f"{PACKAGE}_*.deb")), None)


def _run_apt(work: Path, options: list[str], command: list[str], say: Say) -> None:
    arguments = ["apt-get", "-q", *options, *command]
    with subprocess.Popen(arguments, cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        started, told = time.monotonic(), 0
        while process.poll() is None:
            time.sleep(0.2)
            done = sum(path.stat().st_size for path in work.rglob("*.deb*") if path.is_file()) // 1_000_000
            if done >= told + 16:
                told = done
                say(f"footage: {done} MB of 96 MB")
            if time.monotonic() - started > DOWNLOAD_TIMEOUT_S:
                process.terminate()
