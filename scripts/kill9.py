"""Kill a server under load at random moments, again and again, and look whether it kept every promise.

    python scripts/kill9.py --times 1000 [--postgres | --url postgresql+psycopg://…]

Clients send commands under Idempotency-Keys and repeat them until they are acknowledged. Afterwards every acknowledged
command must be in the log and in the tables exactly once, with the answer that its client got; a follower must have
acted exactly once on each; numbers must have no gap and the chain of digests must hold.
"""

import argparse
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from command_center.timeline import StoredFact  # noqa: E402
from tests.contracts.timeline_contract import verify  # noqa: E402
from tests.postgres import private_cluster  # noqa: E402
from tests.timeline.ledger import CopyRow, EntryRow, follower, names, open_ledger  # noqa: E402

UP_FOR_S = (0.02, 0.4)
LOST_ANSWERS = 0.05


@dataclass
class Client(threading.Thread):
    """Sends one command after another; each until it is acknowledged."""

    name_: str
    port: int
    stop: threading.Event
    answers: dict[str, Any] = field(default_factory=dict)
    repeats: int = 0
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self._dice = random.Random(self.name_)
        self._connection: http.client.HTTPConnection | None = None

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        number = 0
        while not self.stop.is_set():
            name = f"{self.name_}-{number}"
            self.answers[name] = self._until_acknowledged(name, amount=number % 7)
            if self._dice.random() < LOST_ANSWERS and self._until_acknowledged(name, number % 7) != self.answers[name]:
                self.wrong.append(name)
            number += 1
        self._hang_up()

    def _hang_up(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _until_acknowledged(self, name: str, amount: int) -> Any:
        while True:
            try:
                return self._send(name, amount)
            except (OSError, http.client.HTTPException):
                self.repeats += 1
                self._hang_up()
                time.sleep(0.005)

    def _send(self, name: str, amount: int) -> Any:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"key-{name}"}
        self._connection.request("POST", "/entries", json.dumps({"name": name, "amount": amount}), headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise http.client.HTTPException(f"{response.status} {body[:200]!r}")
        return json.loads(body)


class Nursery:
    """Starts servers quickly and kills them."""

    def __init__(self, url: str, port: int) -> None:
        command = [sys.executable, "-m", "tests.timeline.ledger_server", url, str(port), "--nursery"]
        self._parent = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._port = port

    def start(self) -> int:
        """Start a server and return its process id when it listens."""
        self._tell("start")
        child = int(self._hear())
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), 0.2).close()
                return child
            except OSError:
                time.sleep(0.005)

    def kill(self, child: int) -> None:
        os.kill(child, signal.SIGKILL)
        if self._hear() != "gone":
            raise RuntimeError("the server did not end")

    def close(self) -> None:
        if self._parent.stdin:
            self._parent.stdin.close()
        self._parent.wait(10)
        if self._parent.stdout:
            self._parent.stdout.close()

    def _tell(self, word: str) -> None:
        assert self._parent.stdin
        print(word, file=self._parent.stdin, flush=True)

    def _hear(self) -> str:
        assert self._parent.stdout
        return self._parent.stdout.readline().strip()


@dataclass(frozen=True)
class Outcome:
    """What was left after all kills; every list must be empty."""

    kills: int
    seconds: float
    acknowledged: int
    repeats: int
    facts: int
    lost: list[str]
    twice: list[str]
    unasked: list[str]
    other_answer: list[str]
    copied_wrong: list[str]

    @property
    def kept(self) -> bool:
        return not (self.lost or self.twice or self.unasked or self.other_answer or self.copied_wrong)


def torment(
    url: str, *, times: int, clients: int = 4, seed: int = 1, say: Callable[[str], None] = lambda _: None
) -> Outcome:
    """Kill a server on the database of `url` so many times, under load, and compare what is left with what was told."""
    open_ledger(url).close()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    stop = threading.Event()
    senders = [Client(f"client{index}", port, stop) for index in range(clients)]
    nursery, dice, began = Nursery(url, port), random.Random(seed), time.monotonic()
    for sender in senders:
        sender.start()
    for kill in range(times):
        child = nursery.start()
        time.sleep(dice.uniform(*UP_FOR_S))
        nursery.kill(child)
        if kill % 10 == 9:
            done = sum(len(sender.answers) for sender in senders)
            say(f"{kill + 1}/{times} kills, {done} acknowledged, {time.monotonic() - began:.0f} s")
    stop.set()
    child = nursery.start()
    for sender in senders:
        sender.join(30)
    nursery.kill(child)
    nursery.close()
    return _compare(url, senders, times, time.monotonic() - began)


def _compare(url: str, senders: list[Client], kills: int, seconds: float) -> Outcome:
    timeline = open_ledger(url)
    copier = follower(timeline)
    while copier.step():
        pass
    facts: list[StoredFact] = []
    while chunk := timeline.since(facts[-1].seq if facts else 0):
        facts.extend(chunk)
    if verify(facts) != timeline.head().digest:
        raise RuntimeError("the chain does not hold")
    told = {name: answer for sender in senders for name, answer in sender.answers.items()}
    entered = [fact for fact in facts if fact.kind == "ledger.entered"]
    stored = Counter(names(timeline, EntryRow)) + Counter(fact.id for fact in entered)
    copies = Counter(names(timeline, CopyRow)) + Counter(fact.id for fact in facts if fact.kind == "ledger.copied")
    timeline.close()
    by_name = {fact.id: fact.data["entry"] for fact in entered}
    return Outcome(
        kills=kills,
        seconds=seconds,
        acknowledged=len(told),
        repeats=sum(sender.repeats for sender in senders),
        facts=len(facts),
        lost=[name for name in told if stored[name] < 2],
        twice=[name for name, count in stored.items() if count > 2],
        unasked=[name for name in stored if name not in told],
        other_answer=[name for sender in senders for name in sender.wrong]
        + [name for name, answer in told.items() if by_name.get(name) != answer],
        copied_wrong=[name for name in stored if copies[name] != 2],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="a private PostgreSQL from Debian's package")
    parser.add_argument("--url", help="database; default: SQLite in a temporary folder")
    options = parser.parse_args()

    def say(text: str) -> None:
        print(f"\r{text}   ", end="", file=sys.stderr, flush=True)

    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="yiping-kill9-"))
        url = options.url or f"sqlite:///{folder}/hall.db"
        if options.postgres:
            url = stack.enter_context(private_cluster())
        outcome = torment(url, times=options.times, clients=options.clients, seed=options.seed, say=say)
    print(file=sys.stderr)
    for name, value in vars(outcome).items():
        print(f"{name:14} {len(value) if isinstance(value, list) else value}")
    print("every promise kept" if outcome.kept else "PROMISES BROKEN")
    sys.exit(0 if outcome.kept else 1)


if __name__ == "__main__":
    main()
