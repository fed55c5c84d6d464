"""Processes beside the server: started with it, ended with it, also when it is killed."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence

PARENT = "YIPING_PARENT_PID"


def spawn(
    arguments: Sequence[str], *, secrets: Mapping[str, str] | None = None, talks: bool = False
) -> subprocess.Popen[bytes]:
    """Start `yiping ARGUMENTS` as a child that ends when this process does.

    Args:
        arguments: of the command.
        secrets: passed in the environment, because arguments can be read by every user of the machine.
        talks: whether its standard output is read here.
    """
    environment = {**os.environ, **(secrets or {}), PARENT: str(os.getpid())}
    command = [sys.executable, "-m", "command_center", *arguments]
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if talks else None
    )


def end(children: Sequence[subprocess.Popen[bytes]], patience_s: float = 5.0) -> None:
    """Ask the children to end, and insist after a while."""
    for child in children:
        child.terminate()
    until = time.monotonic() + patience_s
    for child in children:
        try:
            child.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def end_with_parent() -> None:
    """In a child: leave as soon as the parent is gone. Does nothing in a process that was started by hand."""
    parent = os.environ.pop(PARENT, None)
    if parent:
        threading.Thread(target=_watch, args=(int(parent),), daemon=True, name="end-with-parent").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    # A killed parent can no longer be told anything; whatever this process holds is made to be lost.
    os._exit(0)
