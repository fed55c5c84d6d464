"""The one door behind all drivers: puts reports into WGS84, weighs them, and hands them to the intake."""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from command_center.ingest.device_states import DeviceState, DeviceStates, save
from command_center.ingest.facts import SosView, position_view, sos_fact
from command_center.ingest.position import NO_FLAGS, NO_SIGNS, Flag, Position, Report, Signs
from command_center.ingest.positions import PositionIntake, Taken
from command_center.ingest.senders import Sender
from command_center.ingest.trust import Peer, Trust
from command_center.timeline import Timeline
from command_center.timeline.facts import iso
from command_center.timeline.ids import new_id
from gis.datum import to_wgs84

# An alarm that goes on is one alarm; after so long without it, it is another.
SOS_AGAIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Reports of one device that came together; a report that is none is the reason why."""

    sender: Sender
    reports: Sequence[Report | str]
    peer: Peer


@dataclass(frozen=True, slots=True)
class _Item:
    """One report of a batch of deliveries, and what is known of who sent it."""

    delivery: Delivery
    state: DeviceState
    signs: Signs
    position: Position | None


class Reception:
    """One per process, used from many threads.

    Args:
        timeline: where alarms and states of devices are written.
        intake: of positions.
        persons: area code by id of every person.
    """

    def __init__(self, timeline: Timeline, intake: PositionIntake, *, persons: Mapping[str, str]) -> None:
        self._timeline = timeline
        self._intake = intake
        self._persons = persons
        self._trust = Trust()
        self._sounding = threading.Lock()
        self.states = DeviceStates()

    def move(self, persons: Mapping[str, str]) -> None:
        """Know other people from now on."""
        self._persons = persons

    def receive(self, deliveries: Sequence[Delivery]) -> list[Taken]:
        """Take in what several devices sent, and say of each what became of it. May write an alarm, so not in a loop.

        Raises:
            Unavailable: too much waits to be stored; nothing was taken.
        """
        now = self._timeline.now()
        items: list[_Item] = []
        reports: list[Position | str] = []
        for delivery in deliveries:
            for report in _in_wgs84(delivery):
                signs = NO_SIGNS if isinstance(report, str) else report.signs
                position = None if isinstance(report, str) else report.position
                state = self.states.hear(delivery.sender, signs, now)
                items.append(_Item(delivery, state, signs, position))
                reports.append(report if isinstance(report, str) else position or "no_fix")

        def look(index: int, position: Position) -> Flag:
            return self._weigh(items[index], position)

        taken = self._intake.take(reports, look, [item.delivery.sender.id for item in items])
        for index, reason in taken.rejected:
            if reason == Flag.impossible_speed.name and (position := items[index].position) is not None:
                self.states.judge(items[index].state, position, Flag.impossible_speed)
        refused = dict(taken.rejected)
        self._sound([(item, index not in refused) for index, item in enumerate(items) if item.signs.sos], now)
        return _shares(deliveries, taken)

    def hear(self, sender: Sender, signs: Signs = NO_SIGNS) -> None:
        """A sign of life without a report."""
        self.states.hear(sender, signs, self._timeline.now())

    def store(self) -> None:
        """Write the positions that wait, now; whoever waits for them is told."""
        self._intake.flush()

    def write(self) -> None:
        """Write down how devices are; to be called every few seconds."""
        # A stretch that turned out to be frozen can only be flagged once it is stored.
        self._intake.flush()
        self.states.write(self._timeline)

    def _weigh(self, item: _Item, position: Position) -> Flag:
        device_id = item.delivery.sender.id
        flags = self._trust.look(device_id, position, item.signs, item.delivery.peer)
        if flags is not NO_FLAGS and flags & Flag.frozen and "frozen" not in item.state.suspicions.standing():
            since = self._trust.frozen_since(device_id)
            self.states.frozen(position.person_id, since or position.at, position.at)
        self.states.judge(item.state, position, flags)
        return flags

    def _sound(self, items: Sequence[tuple[_Item, bool]], now: datetime) -> None:
        """Tell alarms, each once, before the device is answered. With each item whether its place was taken in."""
        if not items:
            return
        with self._sounding:
            before = {item.state.sender.id: item.state.sos_at for item, _ in items}
            try:
                with self._timeline.transaction() as tx:
                    for item, located in items:
                        at = min(item.position.at, now) if item.position is not None else now
                        if _is_new(item.state, at):
                            tx.emit(sos_fact(self._sos(item, located, at, now), at=at, received_at=now))
                    save(tx, list({item.state.sender.id: item.state for item, _ in items}.values()))
            except Exception:
                # Not told: the device gets no answer, sends again, and must not find its alarm told already.
                for item, _ in items:
                    item.state.sos_at = before[item.state.sender.id]
                raise

    def _sos(self, item: _Item, located: bool, at: datetime, now: datetime) -> SosView:
        sender = item.delivery.sender
        person_id = item.position.person_id if item.position is not None else sender.person_id
        last = self._intake.last_heard(person_id) if person_id else None
        known = item.position if located else last
        return SosView(
            id=new_id(),
            device_id=sender.id,
            device_name=sender.name,
            device_kind=sender.kind,
            person_id=person_id,
            area=self._persons.get(person_id or "", sender.area),
            at=iso(at),
            received_at=iso(now),
            late_s=round(max(0.0, (now - at).total_seconds()), 1),
            located=located,
            position=position_view(known) if known is not None else None,
        )


def _is_new(state: DeviceState, at: datetime) -> bool:
    """Whether this is another alarm than the last one, and not the same going on or sent again."""
    last = state.sos_at
    if last is None or at > last:
        state.sos_at = at
    return last is None or abs(at - last) > SOS_AGAIN


def _shares(deliveries: Sequence[Delivery], taken: Taken) -> list[Taken]:
    """What became of each delivery, from what became of all."""
    rejected, shares, start = dict(taken.rejected), [], 0
    for delivery in deliveries:
        count = len(delivery.reports)
        own = [(index, rejected[start + index]) for index in range(count) if start + index in rejected]
        shares.append(Taken(count - len(own), own, taken.stored))
        start += count
    return shares


def _in_wgs84(delivery: Delivery) -> Sequence[Report | str]:
    if delivery.sender.datum in ("wgs84", "cgcs2000"):
        return delivery.reports
    places = [_place(report) for report in delivery.reports]
    known = [place for place in places if place is not None]
    shifted = iter(to_wgs84(known, delivery.sender.datum).tolist() if known else [])
    return [
        _moved(report, next(shifted)) if place is not None and isinstance(report, Report) else report
        for report, place in zip(delivery.reports, places, strict=True)
    ]


def _place(report: Report | str) -> tuple[float, float] | None:
    """Where to shift from; None where there is nothing that could be shifted."""
    position = None if isinstance(report, str) else report.position
    if position is None or not (math.isfinite(position.lon) and math.isfinite(position.lat)):
        return None
    return position.lon, position.lat


def _moved(report: Report, lonlat: Sequence[float]) -> Report:
    assert report.position is not None
    return replace(report, position=replace(report.position, lon=lonlat[0], lat=lonlat[1]))
