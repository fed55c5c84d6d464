"""All ways in which devices reach the hall beside its own HTTP, started and ended together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping

from command_center.ingest import jt808
from command_center.ingest.funnel import Funnel
from command_center.ingest.jt808 import Terminals
from command_center.ingest.mqtt import Broker
from command_center.ingest.osmand_routes import OsmAndDoor, listening
from command_center.ingest.reception import Reception
from command_center.ingest.senders import Senders
from command_center.settings import Settings
from command_center.timeline import Timeline
from command_center.workers import Worker


class Doors:
    """Those that the settings open.

    Args:
        timeline: of the hall.
        settings: ports and brokers.
        reception: behind all of them.
        senders: who may come in.

    Raises:
        ValueError: the address of the broker is none.
    """

    def __init__(self, timeline: Timeline, settings: Settings, reception: Reception, senders: Senders) -> None:
        self._settings = settings
        self._funnel = Funnel(reception)
        self.osmand = OsmAndDoor(timeline, senders, self._funnel)
        self.broker = self._broker(timeline, reception, senders) if settings.mqtt_url else None
        self.terminals = Terminals(
            timeline,
            reception,
            senders,
            self._funnel,
            most_lines=settings.jt808_lines,
            idle_s=settings.jt808_idle_s,
        )

    @property
    def workers(self) -> list[Worker]:
        """Threads that the doors start and end themselves, for the health report."""
        return [self.broker.worker] if self.broker is not None else []

    def counts(self) -> Iterator[tuple[str, str, Mapping[str, float]]]:
        """What was turned away and why, for the metrics: name, text, and counts by label."""
        yield "yiping_osmand_unknown", "requests of phones that are not registered", {"device": self.osmand.unknown}
        yield "yiping_osmand_unused", "keys in requests that the hall does not use", self.osmand.unused
        yield "yiping_jt808_bad", "frames of terminals that were none", self.terminals.bad
        yield "yiping_jt808_cut", "lines of terminals that the hall ended", self.terminals.cut
        if self.broker is not None:
            yield "yiping_mqtt_refused", "messages and positions from the broker not taken", self.broker.refused

    def _broker(self, timeline: Timeline, reception: Reception, senders: Senders) -> Broker:
        topics = [topic.strip() for topic in self._settings.mqtt_topics.split(",") if topic.strip()]
        return Broker(self._settings.mqtt_url, topics, timeline=timeline, reception=reception, senders=senders)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open them as long as the block lasts.

        Raises:
            OSError: a port is taken.
        """
        settings = self._settings
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self._funnel.running())
            if settings.osmand_port:
                await stack.enter_async_context(listening(self.osmand, settings.host, settings.osmand_port))
            if settings.jt808_port:
                await stack.enter_async_context(jt808.listening(self.terminals, settings.host, settings.jt808_port))
            if self.broker is not None:
                self.broker.start()
                stack.push_async_callback(asyncio.to_thread, self.broker.end)
            yield
