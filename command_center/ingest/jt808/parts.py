"""Puts messages together that a terminal sends in parts. Pure; a terminal can fill its own small room only."""

from collections import OrderedDict
from dataclasses import dataclass, replace

from command_center.ingest.jt808.frame import Message

MOST_OPEN = 2
MOST_PARTS = 128


@dataclass(slots=True)
class _Open:
    first_serial: int
    total: int
    parts: dict[int, bytes]


class Parts:
    """Of one line."""

    def __init__(self) -> None:
        self._open: OrderedDict[int, _Open] = OrderedDict()

    def add(self, message: Message) -> Message | None:
        """Take in one message; gives it as a whole once all parts are there, at once if it has none.

        A message that begins anew, or one too many at a time, pushes out what was not finished.
        """
        if message.total == 1:
            return message
        if message.total > MOST_PARTS:
            return None
        # Parts carry serials in a row, so the first one tells messages of one kind apart.
        first_serial = (message.serial - message.index + 1) & 0xFFFF
        found = self._open.get(message.id)
        if found is None or (found.first_serial, found.total) != (first_serial, message.total):
            found = self._open[message.id] = _Open(first_serial, message.total, {})
            self._open.move_to_end(message.id)
            while len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)
        found.parts[message.index] = message.body
        if len(found.parts) < found.total:
            return None
        del self._open[message.id]
        body = b"".join(found.parts[index] for index in range(1, found.total + 1))
        return replace(message, body=body, total=1, index=1)
