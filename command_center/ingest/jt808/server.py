"""Listens for JT/T 808 terminals. A slow or hostile one costs its own line only: room and patience are bounded."""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterable

import structlog

from command_center.errors import Unavailable
from command_center.ingest.funnel import Funnel
from command_center.ingest.jt808 import body, frame
from command_center.ingest.jt808.line import Line, reports
from command_center.ingest.jt808.parts import MOST_PARTS
from command_center.ingest.position import Report
from command_center.ingest.reception import Delivery, Reception
from command_center.ingest.senders import Sender, Senders
from command_center.ingest.trust import Peer
from command_center.timeline import Timeline

log = structlog.get_logger()

KIND = "jt808"
CHUNK = 16_384
SHOW_CODE_WITHIN_S = 30.0
# A line whose frames are damaged more often than not is no terminal.
MOST_BAD_IN_A_ROW = 20
MOST_UNSTORED = 32
MOST_UNSENT_BYTES = 65_536


class Terminals:
    """All lines; belongs to the event loop of its funnel.

    Args:
        timeline: for the time.
        reception: told of heartbeats.
        senders: who may come in.
        funnel: stores what they send.
        most_lines: connected at once; one more is turned away.
        idle_s: a line silent for so long is cut.
    """

    def __init__(
        self,
        timeline: Timeline,
        reception: Reception,
        senders: Senders,
        funnel: Funnel,
        *,
        most_lines: int,
        idle_s: float,
    ) -> None:
        self._timeline = timeline
        self._reception = reception
        self._senders = senders
        self._funnel = funnel
        self._most_lines = most_lines
        self._idle_s = idle_s
        self._numbers = itertools.count(1)
        self._held: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self.lines = 0
        self.bad: Counter[str] = Counter()
        self.cut: Counter[str] = Counter()

    async def hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Keep one line until it ends, whoever ends it."""
        if self.lines >= self._most_lines:
            self.cut["too_many"] += 1
            writer.close()
            return
        self.lines += 1
        task = asyncio.current_task()
        assert task is not None
        self._held[task] = writer
        try:
            why = await _Session(self, reader, writer, next(self._numbers)).run()
            if why is not None:
                self.cut[why] += 1
        except (ConnectionError, TimeoutError):
            pass
        except Exception:
            # One line must not end the others, whatever it brought; it is seen in the log and counted.
            log.exception("jt808_line_failed")
            self.cut["failed"] += 1
        finally:
            self.lines -= 1
            del self._held[task]
            writer.close()

    async def end(self) -> None:
        """Cut every line."""
        for writer in self._held.values():
            writer.transport.abort()
        await asyncio.gather(*self._held, return_exceptions=True)

    async def find(self, phone: str) -> Sender | None:
        return self._senders.known(KIND, phone) or await asyncio.to_thread(self._senders.find, KIND, phone)

    def reports(self, sender: Sender, messages: Iterable[frame.Message]) -> list[list[Report | str]]:
        person_id, now = self._senders.person(sender, None), self._timeline.now()
        return [reports(message, person_id=person_id, received_at=now) for message in messages]

    def hear(self, sender: Sender) -> None:
        self._reception.hear(sender)


class _Session:
    """One line with its socket."""

    def __init__(
        self, terminals: Terminals, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        self._terminals = terminals
        self._reader = reader
        self._writer = writer
        self._line = Line()
        self._peer = Peer(str((writer.get_extra_info("peername") or ("",))[0]), number)
        self._unstored = asyncio.Semaphore(MOST_UNSTORED)
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> str | None:
        """Read until the line ends; why it was cut, None where the terminal ended it."""
        bad_in_a_row = 0
        loop = asyncio.get_running_loop()
        shown_by = loop.time() + SHOW_CODE_WITHIN_S
        try:
            while True:
                left = self._terminals._idle_s if self._line.sender else shown_by - loop.time()
                try:
                    async with asyncio.timeout(max(0.0, left)):
                        data = await self._reader.read(CHUNK)
                except TimeoutError:
                    return "silent" if self._line.sender else "no_code"
                if not data:
                    return None
                before = self._line.bad.total()
                messages = self._line.feed(data)
                bad = self._line.bad.total() - before
                bad_in_a_row = bad if messages else bad_in_a_row + bad
                if bad_in_a_row > MOST_BAD_IN_A_ROW:
                    return "damaged"
                sender = self._line.sender
                if sender is not None and await self._terminals.find(sender.external_id) != sender:
                    return "changed"
                await self._handle(messages)
                if self._writer.transport.get_write_buffer_size() > MOST_UNSENT_BYTES:
                    return "not_reading"
        finally:
            self._terminals.bad.update(self._line.bad)
            # What was taken in is stored all the same; only the answers have nowhere to go.
            for task in self._tasks:
                task.cancel()

    async def _handle(self, messages: Iterable[frame.Message]) -> None:
        places: list[frame.Message] = []
        for message in messages:
            if self._line.speaks_for_itself(message) and message.id in (body.PLACE, body.PLACES):
                whole = self._line.whole(message)
                if whole is None:
                    self._writer.write(self._line.answer(message, _of_part(message)))
                else:
                    places.append(whole)
            else:
                await self._answer(message)
        if places:
            await self._unstored.acquire()
            task = asyncio.create_task(self._store(places))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _store(self, messages: list[frame.Message]) -> None:
        """Answer each message when what it brought is on disk; a terminal that is told "failed" sends it again."""
        sender = self._line.sender
        assert sender is not None
        result = body.DONE
        found = self._terminals.reports(sender, messages)
        try:
            delivery = Delivery(sender, [report for each in found for report in each], self._peer)
            if delivery.reports:
                await self._terminals._funnel.store(delivery)
        except Unavailable:
            result = body.FAILED
        finally:
            self._unstored.release()
        for message, each in zip(messages, found, strict=True):
            wrong = not each or all(report == "malformed" for report in each)
            self._writer.write(self._line.answer(message, body.WRONG if wrong else result))

    async def _answer(self, message: frame.Message) -> None:
        line, terminals = self._line, self._terminals
        if message.id == body.REGISTER:
            answer = line.registered(message, await terminals.find(message.phone))
        elif message.id == body.AUTHENTICATE:
            answer = line.authenticated(message, await terminals.find(message.phone))
        elif message.id == body.TIME:
            answer = line.time(message, terminals._timeline.now())
        elif message.id == body.ANSWER:
            return
        elif not line.speaks_for_itself(message):
            answer = line.answer(message, body.FAILED)
        elif message.id == body.HEARTBEAT:
            assert line.sender is not None
            terminals.hear(line.sender)
            answer = line.answer(message, body.DONE)
        elif message.id == body.GOODBYE:
            line.sender = None
            answer = line.answer(message, body.DONE)
        else:
            answer = line.answer(message, body.UNSUPPORTED)
        self._writer.write(answer)


def _of_part(message: frame.Message) -> int:
    return body.DONE if message.total <= MOST_PARTS else body.WRONG


@contextlib.asynccontextmanager
async def listening(terminals: Terminals, host: str, port: int) -> AsyncIterator[int]:
    """Listen as long as the block lasts; gives the port.

    Raises:
        OSError: the port is taken.
    """
    server = await asyncio.start_server(terminals.hold, host, port, limit=CHUNK, backlog=1024)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await terminals.end()
