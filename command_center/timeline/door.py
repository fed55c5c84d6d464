"""How a route reaches the log: a timeline to read, and a command that is carried out once however often it is sent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, cast

import orjson
from fastapi import Depends, Header, Request
from sqlalchemy import CursorResult, delete
from sqlalchemy.exc import IntegrityError
from starlette.requests import HTTPConnection

from command_center.errors import Conflict
from command_center.timeline.store import Timeline, Transaction
from command_center.timeline.tables import DoneRow


def get_timeline(connection: HTTPConnection) -> Timeline:
    timeline: Timeline = connection.app.state.timeline
    return timeline


class Command:
    """One request that changes state, under the key that its sender gave it."""

    def __init__(self, timeline: Timeline, *, route: str, key: str | None) -> None:
        self._timeline = timeline
        self._route = route
        self._key = key

    def run(self, verb: Callable[[Transaction], Any]) -> Any:
        """Carry out `verb` in one transaction and return its answer (anything JSON).

        A repeat with the same key does nothing and gets the first answer again, also after a crash in between.

        Raises:
            Conflict: the key was used for another request before.
        """
        if self._key is None:
            with self._timeline.transaction() as tx:
                return verb(tx)
        try:
            return self._run_once(verb, self._key)
        except IntegrityError:
            # On PostgreSQL a twin that was sent at the same moment may win between our look and our insert.
            with self._timeline.reading() as session:
                done = session.get(DoneRow, self._key)
            if done is None:
                raise
            return self._replay(done)

    def _run_once(self, verb: Callable[[Transaction], Any], key: str) -> Any:
        with self._timeline.transaction() as tx:
            done = tx.session.get(DoneRow, key)
            if done is not None:
                return self._replay(done)
            done = DoneRow(key=key, route=self._route, answer_json="null", at=tx.now)
            tx.session.add(done)
            tx.session.flush()
            answer = verb(tx)
            done.answer_json = orjson.dumps(answer).decode()
            return answer

    def _replay(self, done: DoneRow) -> Any:
        if done.route != self._route:
            raise Conflict("key_reused", key=done.key)
        return orjson.loads(done.answer_json)


def forget_answers(timeline: Timeline, *, older_than: timedelta = timedelta(days=7)) -> int:
    """Drop answers that no sender will ask for again; return how many. A daily job of the composition root."""
    with timeline.transaction() as tx:
        result = tx.session.execute(delete(DoneRow).where(DoneRow.at < tx.now - older_than))
        return cast(CursorResult[Any], result).rowcount


def _nothing_in_the_way() -> None:
    """Where no composition root says otherwise, commands are always taken."""


def get_command(
    request: Request,
    timeline: Annotated[Timeline, Depends(get_timeline)],
    idempotency_key: Annotated[str | None, Header(min_length=8, max_length=200)] = None,
) -> Command:
    """The command of a request.

    Raises:
        DiskFull: the composition root's `check_room` says that nothing more may be written.
    """
    getattr(request.app.state, "check_room", _nothing_in_the_way)()
    return Command(timeline, route=f"{request.method} {request.url.path}", key=idempotency_key)


TimelineDep = Annotated[Timeline, Depends(get_timeline)]
CommandDep = Annotated[Command, Depends(get_command)]
