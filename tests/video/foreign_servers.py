"""RTSP servers that we did not write, each on a free port of 127.0.0.1 for as long as a test needs it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np

from bench.corpus import gradient, h264_pieces

PYTHON = "/usr/bin/python3"
_CHECK = """
import gi
gi.require_version('Gst', '1.0'); gi.require_version('GstRtspServer', '1.0')
from gi.repository import Gst
Gst.init(None)
print(*[name for name in ('x264enc', 'x265enc', 'jpegenc', 'rtph264pay') if Gst.ElementFactory.find(name)])
"""
_ENCODERS = {"h264": "x264enc", "h265": "x265enc", "jpeg": "jpegenc"}


@cache
def _gstreamer_has() -> frozenset[str]:
    if not Path(PYTHON).exists():
        return frozenset()
    found = subprocess.run([PYTHON, "-c", _CHECK], capture_output=True, check=False, text=True)
    return frozenset(found.stdout.split()) if found.returncode == 0 else frozenset()


def without_gstreamer(coding: str = "h264") -> str:
    """Why GStreamer's server cannot be played here; empty when it can."""
    if _ENCODERS[coding] in _gstreamer_has():
        return ""
    return f"needs Debian's gir1.2-gst-rtsp-server-1.0, python3-gi and the GStreamer plugin with {_ENCODERS[coding]}"


def without_vlc() -> str:
    """Why VLC's server cannot be played here; empty when it can."""
    return "" if shutil.which("cvlc") else "needs Debian's vlc-bin and vlc-plugin-base"


def without_toolkit() -> str:
    """Why aio-rtsp-toolkit's server cannot be played here; empty when it can."""
    return "" if find_spec("aio_rtsp_toolkit") is not None else "needs aio-rtsp-toolkit from PyPI"


@contextmanager
def gstreamer(scheme: str = "open", coding: str = "h264", transport: str = "any") -> Iterator[str]:
    """GStreamer's server; its host and port, the stream is `/cam`."""
    command = [PYTHON, str(Path(__file__).with_name("gst_server.py")), scheme, coding, transport]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield f"127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    stop = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            assert time.monotonic() < stop, "the server never listened"
            time.sleep(0.1)


@contextmanager
def vlc() -> Iterator[str]:
    """VLC's server, which offers UDP only; its host and port, the stream is `/cam`."""
    with tempfile.TemporaryDirectory() as home:
        clip = Path(home, "clip.ts")
        with av.open(str(clip), "w", format="mpegts") as container:
            stream = container.add_stream("libx264", rate=15)
            stream.width, stream.height, stream.pix_fmt = 352, 288, "yuv420p"
            for index, piece in enumerate(h264_pieces(90)):
                packet = av.Packet(piece)
                packet.stream, packet.time_base = stream, Fraction(1, 15)
                packet.pts = packet.dts = index
                packet.is_keyframe = index % 10 == 0
                container.mux(packet)
        os.chmod(home, 0o755)
        port = _free_port()
        command = ["cvlc", "-I", "dummy", "--no-audio", "--loop", "--sout-keep", str(clip)]
        command += ["--sout", f"#rtp{{sdp=rtsp://127.0.0.1:{port}/cam}}"]
        # VLC refuses to be run by root.
        user = "nobody" if os.geteuid() == 0 else None
        environment = {"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C"}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, user=user, env=environment, cwd="/", **quiet) as process:  # type: ignore[call-overload]
            try:
                _wait_for(port)
                yield f"127.0.0.1:{port}"
            finally:
                process.kill()


@contextmanager
def toolkit() -> Iterator[str]:
    """The file server of aio-rtsp-toolkit, which offers TCP only; its host and port, the stream is `/clip.mp4`.

    The clip is H.265 and has a sound track that nobody sets up.
    """
    with tempfile.TemporaryDirectory() as folder:
        _h265_with_sound(Path(folder, "clip.mp4"))
        port = _free_port()
        script = "import asyncio, sys; from aio_rtsp_toolkit import server; "
        script += "asyncio.run(server.serve(sys.argv[1], host='127.0.0.1', port=int(sys.argv[2])))"
        command = [sys.executable, "-c", script, folder, str(port)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                _wait_for(port)
                yield f"127.0.0.1:{port}"
            finally:
                process.kill()


def _h265_with_sound(path: Path) -> None:
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx265", rate=15)
        video.width, video.height, video.pix_fmt = 352, 288, "yuv420p"
        video.options = {"x265-params": "keyint=15:bframes=0:log-level=none:pools=none", "preset": "ultrafast"}
        sound = container.add_stream("aac", rate=16_000, layout="mono")
        for index in range(60):
            frame = av.VideoFrame.from_ndarray(gradient(352, 288, index), format="gray").reformat(format="yuv420p")
            frame.pts = index
            container.mux(video.encode(frame))
        for index in range(62):
            quiet = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            quiet.sample_rate, quiet.pts = 16_000, index * 1024
            container.mux(sound.encode(quiet))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
