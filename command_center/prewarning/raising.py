"""Follows signals and duties in the log and raises, repeats and clears alerts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from command_center.prewarning.codes import new_alert_code
from command_center.prewarning.facts import tell
from command_center.prewarning.queries import open_of_subject, uncleared_of_signal
from command_center.prewarning.rules import RULES, Rule, Rules, subject_of_duty, subject_of_signal
from command_center.prewarning.tables import AlertRow
from command_center.timeline import StoredFact, Transaction
from command_center.timeline.ids import new_id

FOLLOWED_KINDS = (
    "ingest.signal_started",
    "ingest.signal_ended",
    "patrol.missed",
    "patrol.visited",
    "patrol.excused",
)


class Spot(Protocol):
    """What an alert needs to know of a camera or a mandatory point."""

    @property
    def name(self) -> str: ...
    @property
    def area(self) -> str: ...
    @property
    def lonlat(self) -> tuple[float, float]: ...


class Spots(Protocol):
    """Where cameras and points are."""

    def camera(self, tx: Transaction, camera_id: str) -> Spot | None: ...
    def point(self, tx: Transaction, point_id: str) -> Spot | None: ...


@dataclass(frozen=True, slots=True)
class Sighting:
    """What happened, whichever kind of source said so."""

    rule: Rule
    subject: str
    spot: Spot
    detail: Mapping[str, Any]
    happened_at: datetime
    received_at: datetime
    camera_id: str | None = None
    point_id: str | None = None
    duty_id: str | None = None
    signal_id: str | None = None
    score: float | None = None
    box: Any = None


class AlertRaiser:
    """Handler of a follower: one open alert per camera and kind, or per duty, however often it is seen."""

    def __init__(self, spots: Spots, rules: Rules = RULES) -> None:
        self._spots = spots
        self._rules = rules

    def on_fact(self, tx: Transaction, fact: StoredFact) -> None:
        """Act on one fact of FOLLOWED_KINDS."""
        data = fact.data
        if fact.kind == "ingest.signal_started":
            self._see_signal(tx, fact, data["signal"])
        elif fact.kind == "ingest.signal_ended":
            signal = data["signal"]
            _clear(tx, subject_of_signal(signal["camera_id"], signal["kind"]), signal["id"], fact.happened_at)
        elif fact.kind == "patrol.missed":
            self._see_duty(tx, fact, data["duty"])
        else:
            _clear(tx, subject_of_duty(data["duty"]["id"]), None, fact.happened_at)

    def _see_signal(self, tx: Transaction, fact: StoredFact, signal: dict[str, Any]) -> None:
        rule = self._rules.signals.get(signal["kind"])
        spot = self._spots.camera(tx, signal["camera_id"]) if rule else None
        if rule is None or spot is None:
            return
        sighting = Sighting(
            rule,
            subject_of_signal(signal["camera_id"], signal["kind"]),
            spot,
            {**(signal.get("detail") or {}), "category": rule.category},
            fact.happened_at,
            fact.received_at,
            camera_id=signal["camera_id"],
            signal_id=signal["id"],
            score=signal.get("score"),
            box=signal.get("box"),
        )
        self._raise_or_repeat(tx, sighting)

    def _see_duty(self, tx: Transaction, fact: StoredFact, duty: dict[str, Any]) -> None:
        rule = self._rules.duties.get(duty["state"])
        spot = self._spots.point(tx, duty["point_id"]) if rule else None
        if rule is None or spot is None:
            return
        kept = ("cause", "window_start", "window_end", "person_id")
        sighting = Sighting(
            rule,
            subject_of_duty(duty["id"]),
            spot,
            {**{name: duty.get(name) for name in kept}, "category": rule.category},
            fact.happened_at,
            fact.received_at,
            point_id=duty["point_id"],
            duty_id=duty["id"],
        )
        self._raise_or_repeat(tx, sighting)

    def _raise_or_repeat(self, tx: Transaction, sighting: Sighting) -> None:
        alert = open_of_subject(tx.session, sighting.subject)
        if alert is None:
            tx.session.add(alert := self._new(tx, sighting))
            tell(tx, "prewarning.raised", alert)
            return
        alert.count += 1
        alert.last_at = max(alert.last_at, sighting.happened_at)
        alert.cleared_at = None
        alert.signal_id = sighting.signal_id
        alert.score, alert.box = sighting.score, sighting.box
        tell(tx, "prewarning.repeated", alert)

    def _new(self, tx: Transaction, sighting: Sighting) -> AlertRow:
        rule, spot = sighting.rule, sighting.spot
        return AlertRow(
            id=new_id(),
            code=new_alert_code(tx, area=spot.area, industry=self._rules.industry, at=tx.now),
            kind=rule.kind,
            level=rule.level,
            state="raised",
            subject=sighting.subject,
            open_subject=sighting.subject,
            signal_id=sighting.signal_id,
            place=spot.name,
            area=spot.area,
            lon=spot.lonlat[0],
            lat=spot.lonlat[1],
            camera_id=sighting.camera_id,
            point_id=sighting.point_id,
            duty_id=sighting.duty_id,
            happened_at=sighting.happened_at,
            received_at=sighting.received_at,
            raised_at=tx.now,
            verify_by=self._rules.verify_by(rule.level, tx.now),
            count=1,
            last_at=sighting.happened_at,
            score=sighting.score,
            box=sighting.box,
            detail=dict(sighting.detail),
            version=0,
        )


def _clear(tx: Transaction, subject: str, signal_id: str | None, at: datetime) -> None:
    """The cause is over; the alert stays for the officer, who sees that it recovered by itself."""
    alert = uncleared_of_signal(tx.session, subject, signal_id)
    if alert is not None:
        alert.cleared_at = at
        tell(tx, "prewarning.cleared", alert)
