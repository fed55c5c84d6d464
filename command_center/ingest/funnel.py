"""Gathers what many connections of an event loop bring at the same moment: a thousand reports cost one hand-over."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Future as DiskFuture

import structlog

from command_center.errors import Unavailable, YipingError
from command_center.ingest.positions import Taken
from command_center.ingest.reception import Delivery, Reception

log = structlog.get_logger()

GATHER_S = 0.02
MOST_WAITING = 20_000
STORED_WITHIN_S = 10.0


class Funnel:
    """Belongs to one event loop; give it deliveries while `running()` is entered."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._waiting: list[tuple[Delivery, asyncio.Future[Taken]]] = []
        self._bell = asyncio.Event()

    async def store(self, delivery: Delivery) -> Taken:
        """Hand a delivery over; returns when what is good of it is on disk, so that the device may forget it.

        Raises:
            Unavailable: too much waits, or it could not be stored in time; the device should send it again.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise Unavailable("positions_behind")
        answer: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._waiting.append((delivery, answer))
        self._bell.set()
        try:
            async with asyncio.timeout(STORED_WITHIN_S):
                return await answer
        except TimeoutError as error:
            raise Unavailable("positions_not_stored") from error

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work as long as the block lasts."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            await self._bell.wait()
            await asyncio.sleep(GATHER_S)
            self._bell.clear()
            batch, self._waiting = self._waiting, []
            try:
                taken = await asyncio.to_thread(self._reception.receive, [delivery for delivery, _ in batch])
            except YipingError as error:
                _settle([answer for _, answer in batch], error)
            except Exception as error:
                # Whatever the database raised: these devices send again, and the others go on.
                log.exception("positions_not_taken", deliveries=len(batch))
                _settle([answer for _, answer in batch], _not_stored(error))
            else:
                self._when_stored(batch, taken)

    def _when_stored(self, batch: Sequence[tuple[Delivery, "asyncio.Future[Taken]"]], taken: Sequence[Taken]) -> None:
        """Answer all of a batch with one callback: they wait for the same write."""
        loop = asyncio.get_running_loop()

        def done(stored: "DiskFuture[None]") -> None:
            error = stored.exception()
            with contextlib.suppress(RuntimeError):  # the loop may have ended while the last batch was written
                loop.call_soon_threadsafe(tell, None if error is None else _not_stored(error))

        def tell(error: Exception | None) -> None:
            for (_, answer), share in zip(batch, taken, strict=True):
                _settle([answer], error or share)

        taken[0].stored.add_done_callback(done)


def _settle(answers: "Sequence[asyncio.Future[Taken]]", with_: Taken | Exception) -> None:
    for answer in answers:
        if answer.done():
            continue
        if isinstance(with_, Taken):
            answer.set_result(with_)
        else:
            answer.set_exception(with_)


def _not_stored(error: BaseException) -> Unavailable:
    unavailable = Unavailable("positions_not_stored")
    unavailable.__cause__ = error
    return unavailable
