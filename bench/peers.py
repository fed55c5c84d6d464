"""The same streams given to others: Debian's `motion`, and ffmpeg that decodes key frames and does nothing else."""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

from bench.fleet import Fleet, simulated
from bench.processes import Meter
from bench.report import Figure

WARM_UP_S = 8.0
_CAMERA = """camera_id {number}
netcam_url {url}
width 384
height 288
framerate 15
"""
_MOTION = """daemon off
log_level 3
webcontrol_port 0
stream_port 0
movie_output off
picture_output off
emulate_motion off
target_dir {folder}
"""


def feeds_per_core(ours: float, seconds: float, cache: Path, *, count: int = 20) -> list[Figure]:
    """Our feeds per core beside `motion`'s, on the same kind of streams; nothing where `motion` is not installed."""
    if shutil.which("motion") is None:
        return []
    theirs = asyncio.run(_motion(count, seconds, cache))
    return [
        Figure("feeds per core", ours, "feeds", 10 * theirs, "higher", f"motion, {count} feeds", theirs),
        Figure("feeds per core, times motion's", ours / theirs, "×", 10.0, "higher"),
    ]


async def _motion(count: int, seconds: float, cache: Path) -> float:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with simulated(count, cache, "--plain") as fleet:
            process = await asyncio.create_subprocess_exec(
                "motion", "-n", "-c", str(_configured(folder, fleet)), stdout=-3, stderr=-3
            )
            try:
                await asyncio.sleep(WARM_UP_S)
                meter, started = Meter([process.pid]), time.monotonic()
                await asyncio.sleep(seconds)
                return count / (meter.used_s(process.pid) / (time.monotonic() - started))
            finally:
                process.terminate()
                await process.wait()


def _configured(folder: Path, fleet: Fleet) -> Path:
    main = _MOTION.format(folder=folder)
    for number, camera in enumerate(fleet.cameras, start=1):
        path = folder / f"camera{number}.conf"
        path.write_text(_CAMERA.format(number=number, url=camera["url"]))
        main += f"camera {path}\n"
    path = folder / "motion.conf"
    path.write_text(main)
    return path


def decoding(look_ms: float, cache: Path) -> list[Figure]:
    """What a whole look costs us beside what ffmpeg needs to decode one key frame; nothing without ffmpeg."""
    if shutil.which("ffmpeg") is None:
        return []
    theirs = asyncio.run(_ffmpeg(cache))
    return [
        Figure("one look, decoding included", look_ms, "ms", peer="ffmpeg -skip_frame nokey alone", peer_value=theirs),
        Figure("decoding's share of a look, as ffmpeg decodes", theirs / look_ms, ""),
    ]  # fmt: skip


async def _ffmpeg(cache: Path) -> float:
    """Milliseconds of processor per key frame: a recording of one camera, decoded again and again."""
    with tempfile.TemporaryDirectory() as name:
        clip = Path(name) / "camera.mp4"
        async with simulated(1, cache, "--plain") as fleet:
            await _run(
                "-rtsp_transport", "tcp", "-i", fleet.cameras[0]["url"], "-t", "20", "-c", "copy", "-an", str(clip)
            )
        short, long = [
            await cpu_s("-stream_loop", str(loops), "-skip_frame", "nokey", "-i", str(clip)) for loops in (9, 109)
        ]
        keys = 100 * 20 / 2
        return 1000 * (long - short) / keys


async def _run(*arguments: str) -> int:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "1", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stderr=-3)
    return await process.wait()


async def cpu_s(*arguments: str) -> float:
    """Processor seconds of one run that throws its pictures away."""
    command = ["ffmpeg", "-v", "info", "-benchmark", "-nostdin", "-threads", "1", *arguments, "-f", "null", "-"]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    line = next(line for line in said.decode().splitlines() if "utime=" in line)
    return sum(float(part.split("=")[1].rstrip("s")) for part in line.split() if part.startswith(("utime=", "stime=")))
