"""A looker: the child process that decodes and detects, for any mix of feeds, one job after the other.

Run by a keeper as `python -m video.looker FD`. It may be killed at any time; it keeps nothing that matters for longer
than the baselines of its feeds.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import cv2

from video.child import inherited_socket
from video.decode import Decoder, bgr, luma
from video.detect.eyes import Eyes
from video.detect.look import Look, small_luma
from video.model import FeedSpec
from video.picture import jpeg
from video.wire import Head, Message, packed, receive_blocking, signal_to_json, spec_from_json

MEMORY_LIMIT_BYTES = 4_000_000_000


class Looker:
    """Answers jobs: `watch`, `forget`, `lost`, `look`, `stills`."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._specs: dict[str, FeedSpec] = {}
        self._eyes: dict[str, Eyes] = {}
        self._jobs: dict[str, Callable[[Head, list[bytes]], Message | None]] = {
            "watch": self._watch,
            "forget": self._forget,
            "lost": self._lost,
            "look": self._look,
            "stills": self._stills,
        }

    def answer(self, head: Head, blobs: list[bytes]) -> Message | None:
        return self._jobs[head["do"]](head, blobs)

    def _watch(self, head: Head, blobs: list[bytes]) -> Message | None:
        """Take a feed, or its changed settings; baselines stay when only its address changed."""
        spec = spec_from_json(head["feed"])
        known = self._specs.get(spec.id)
        if known is not None and replace(known, url=spec.url) == spec:
            return None
        ended = self._eyes[spec.id].close(head["at"]) if spec.id in self._eyes else []
        self._specs[spec.id], self._eyes[spec.id] = spec, Eyes(spec)
        return ({"say": "signals", "signals": [signal_to_json(signal) for signal in ended]}, []) if ended else None

    def _forget(self, head: Head, blobs: list[bytes]) -> Message | None:
        answer = self._lost(head, blobs)
        self._specs.pop(head["id"], None)
        self._eyes.pop(head["id"], None)
        return answer

    def _lost(self, head: Head, blobs: list[bytes]) -> Message | None:
        eyes = self._eyes.get(head["id"])
        ended = eyes.close(head["at"]) if eyes is not None else []
        return {"say": "signals", "signals": [signal_to_json(signal) for signal in ended]}, []

    def _look(self, head: Head, blobs: list[bytes]) -> Message | None:
        """Decode a run of units and let the feed's detectors look at its last picture."""
        eyes = self._eyes.get(head["id"])
        frame = self._decoder.last(blobs)
        answer: Head = {"say": "looked", "job": head["job"], "decoded": frame is not None, "suspect": False}
        if frame is not None and eyes is not None:
            look = Look(small_luma(luma(frame)), head["at"], "hot" if head["hot"] else "patrol")
            answer["signals"] = [signal_to_json(signal) for signal in eyes.look(look)]
            answer["suspect"] = eyes.suspicious
        return answer, []

    def _stills(self, head: Head, blobs: list[bytes]) -> Message | None:
        """One JPEG per run of units; a run that cannot be decoded gives an empty one."""
        pictures, at = [], 0
        for count in head["runs"]:
            frame = self._decoder.last(blobs[at : at + count])
            pictures.append(jpeg(bgr(frame)) if frame is not None else b"")
            at += count
        return {"say": "stills", "job": head["job"]}, pictures


def main(fileno: str) -> None:
    """Serve until the keeper closes the socket."""
    cv2.setNumThreads(1)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    looker = Looker()
    with inherited_socket(fileno) as socket, socket.makefile("rb") as incoming:
        # Imports take their time on a busy machine: no job is held against us before this.
        with suppress(ConnectionError):  # the keeper is gone, and so are we
            socket.sendall(packed({"say": "ready"}))
            while (message := receive_blocking(incoming)) is not None:
                answer = looker.answer(*message)
                if answer is not None:
                    socket.sendall(packed(*answer))


if __name__ == "__main__":
    main(sys.argv[1])
