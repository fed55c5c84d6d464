"""One terminal on its line: what it may say before and after it has shown who it is, and what it is answered."""

import hmac
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from command_center.ingest.jt808 import body, frame
from command_center.ingest.jt808.parts import Parts
from command_center.ingest.position import Report
from command_center.ingest.senders import Sender


@dataclass(slots=True)
class Line:
    """The state of one connection. No socket, no clock: bytes and times come in, answers and questions go out.

    Attributes:
        sender: the device behind the line once it has shown its code; None before.
        bad: frames that were none, by reason.
    """

    sender: Sender | None = None
    bad: Counter[str] = field(default_factory=Counter)
    _splitter: frame.Splitter = field(default_factory=frame.Splitter)
    _parts: Parts = field(default_factory=Parts)
    _serial: int = 0

    def feed(self, data: bytes) -> list[frame.Message]:
        """Messages that are whole now, in order."""
        found = []
        overlong = self._splitter.overlong
        for raw in self._splitter.feed(data):
            try:
                found.append(frame.read(raw))
            except frame.BadFrame as error:
                self.bad[str(error)] += 1
        if self._splitter.overlong > overlong:
            self.bad["overlong"] += self._splitter.overlong - overlong
        return found

    def whole(self, message: frame.Message) -> frame.Message | None:
        """The message, put together where it comes in parts; None while some are missing."""
        return self._parts.add(message)

    def registered(self, message: frame.Message, sender: Sender | None) -> bytes:
        """Answer 0x0100: the code to show from now on. A device that must have its secret is set up by hand."""
        if sender is None or sender.secret_required:
            return self._reply(
                message, body.REGISTER_ANSWER, body.register_answer(message.serial, body.NO_SUCH_TERMINAL)
            )
        answer = body.register_answer(message.serial, body.DONE, sender.auth_code)
        return self._reply(message, body.REGISTER_ANSWER, answer)

    def authenticated(self, message: frame.Message, sender: Sender | None) -> bytes:
        """Answer 0x0102, and remember who it is."""
        shown = body.read_auth_code(message.body, message.version)
        self.sender = sender if sender is not None and _proves(sender, shown) else None
        return self.answer(message, body.DONE if self.sender else body.FAILED)

    def answer(self, message: frame.Message, result: int) -> bytes:
        """The general answer 0x8001."""
        return self._reply(message, body.GENERAL_ANSWER, body.general_answer(message.serial, message.id, result))

    def time(self, message: frame.Message, now: datetime) -> bytes:
        """Answer 0x0004."""
        return self._reply(message, body.TIME_ANSWER, body.time_answer(now))

    def speaks_for_itself(self, message: frame.Message) -> bool:
        """Whether a message is of the device that has shown its code on this line."""
        return self.sender is not None and self.sender.external_id == message.phone

    def _reply(self, message: frame.Message, id: int, content: bytes) -> bytes:
        self._serial = (self._serial + 1) & 0xFFFF
        return frame.write(frame.Message(id, message.phone, self._serial, content, message.version))


def reports(message: frame.Message, *, person_id: str | None, received_at: datetime) -> list[Report | str]:
    """The position reports in 0x0200 or 0x0704."""
    if message.id == body.PLACES:
        places = body.read_places(message.body)
        return ["malformed" if place is None else place.report(person_id, received_at) for place in places]
    try:
        return [body.read_place(message.body).report(person_id, received_at)]
    except ValueError:
        return ["malformed"]


def _proves(sender: Sender, shown: str) -> bool:
    if sender.admits(shown):
        return True
    return not sender.secret_required and hmac.compare_digest(shown.encode(), sender.auth_code.encode())
