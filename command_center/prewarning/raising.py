"""Follows signals, duties and findings in the log and raises, repeats and clears alerts."""

from collections.abc import Mapping
from typing import Any, Protocol

from command_center.prewarning.fleet import Fleet
from command_center.prewarning.held import HeldSignals
from command_center.prewarning.opening import Sighting, Spot, clear, raise_or_repeat
from command_center.prewarning.rules import (
    RULES,
    Rules,
    subject_of_duty,
    subject_of_finding,
    subject_of_person,
    subject_of_signal,
)
from command_center.timeline import StoredFact, Transaction
from video.model import QUALITY_KINDS

FOLLOWED_KINDS = (
    "ingest.sos",
    "ingest.signal_started",
    "ingest.signal_ended",
    "patrol.missed",
    "patrol.visited",
    "patrol.excused",
    "patrol.video_found",
)


class Spots(Protocol):
    """Where cameras, points and lines are, and who calls for help."""

    def camera(self, tx: Transaction, camera_id: str) -> Spot | None: ...
    def point(self, tx: Transaction, point_id: str) -> Spot | None: ...
    def line(self, tx: Transaction, line_id: str) -> Spot | None: ...
    def caller(self, person_id: str | None, device: str, lonlat: tuple[float, float] | None) -> Spot: ...


class AlertRaiser:
    """Handler of a follower: one open alert per camera and kind, or per duty, however often it is seen.

    Faults of pictures go through `held`, which must be stepped by a worker: some wait there before they are told.

    Args:
        spots: where cameras, points and lines are.
        rules: what becomes what.
        fleet: which cameras belong together. Without one nothing waits: each signal is an alert at once.
        hold_s: other times to wait than those of the rules, by signal kind.
    """

    def __init__(
        self,
        spots: Spots,
        rules: Rules = RULES,
        *,
        fleet: Fleet | None = None,
        hold_s: Mapping[str, float] | None = None,
    ) -> None:
        self._spots = spots
        self._rules = rules
        at_once: dict[str, float] = {kind: 0.0 for kind in QUALITY_KINDS}
        self.held = HeldSignals(spots.camera, rules, fleet, at_once if fleet is None else hold_s)

    def on_fact(self, tx: Transaction, fact: StoredFact) -> None:
        """Act on one fact of FOLLOWED_KINDS."""
        data = fact.data
        if fact.kind == "ingest.sos":
            self._see_sos(tx, fact, data["sos"])
        elif fact.kind.startswith("ingest."):
            self._follow_signal(tx, fact, data["signal"])
        elif fact.kind == "patrol.missed":
            self._see_duty(tx, fact, data["duty"])
        elif fact.kind == "patrol.video_found":
            self._see_finding(tx, fact, data["video_mark"])
        else:
            clear(tx, subject_of_duty(data["duty"]["id"]), None, fact.happened_at)

    def _follow_signal(self, tx: Transaction, fact: StoredFact, signal: dict[str, Any]) -> None:
        kind, started = signal["kind"], fact.kind == "ingest.signal_started"
        if kind not in self._rules.signals:
            return
        if kind in QUALITY_KINDS:
            follow = self.held.start if started else self.held.end
            follow(tx, fact, signal)
        elif started:
            self._see_scene(tx, fact, signal)
        else:
            clear(tx, subject_of_signal(signal["camera_id"], kind), signal["id"], fact.happened_at)

    def _see_scene(self, tx: Transaction, fact: StoredFact, signal: dict[str, Any]) -> None:
        rule, spot = self._rules.signals[signal["kind"]], self._spots.camera(tx, signal["camera_id"])
        if spot is None:
            return
        sighting = Sighting(
            rule,
            subject_of_signal(signal["camera_id"], signal["kind"]),
            spot,
            {**(signal.get("detail") or {}), **rule.detail()},
            fact.happened_at,
            fact.received_at,
            camera_id=signal["camera_id"],
            signal_id=signal["id"],
            score=signal.get("score"),
            box=signal.get("box"),
        )
        raise_or_repeat(tx, sighting, self._rules)

    def _see_sos(self, tx: Transaction, fact: StoredFact, call: dict[str, Any]) -> None:
        """A call for help is told at once; pressing again counts up the same alert."""
        rule, place = self._rules.persons["sos"], call["position"]
        spot = self._spots.caller(
            call["person_id"], call["device_name"], (place["lon"], place["lat"]) if place else None
        )
        kept = ("person_id", "device_id", "device_name", "located", "late_s")
        detail = {**{name: call[name] for name in kept}, **rule.detail()}
        subject = subject_of_person(call["person_id"] or call["device_id"], "sos")
        raise_or_repeat(tx, Sighting(rule, subject, spot, detail, fact.happened_at, fact.received_at), self._rules)

    def _see_duty(self, tx: Transaction, fact: StoredFact, duty: dict[str, Any]) -> None:
        line_id = duty.get("line_id")
        rule = self._rules.duties.get(f"{duty['state']}_line" if line_id else duty["state"])
        if rule is None:
            return
        spot = self._spots.line(tx, line_id) if line_id else self._spots.point(tx, duty["point_id"])
        if spot is None:
            return
        kept = ("cause", "window_start", "window_end", "person_id", "line_id", "share")
        sighting = Sighting(
            rule,
            subject_of_duty(duty["id"]),
            spot,
            {**{name: duty.get(name) for name in kept}, **rule.detail()},
            fact.happened_at,
            fact.received_at,
            point_id=duty["point_id"],
            duty_id=duty["id"],
        )
        raise_or_repeat(tx, sighting, self._rules)

    def _see_finding(self, tx: Transaction, fact: StoredFact, mark: dict[str, Any]) -> None:
        """What an eye found is an alert like any other: whoever verifies it sees the camera and the seconds before."""
        rule, spot = self._rules.findings[mark["finding"]], self._spots.camera(tx, mark["camera_id"])
        if spot is None:
            return
        sighting = Sighting(
            rule,
            subject_of_finding(mark["id"]),
            spot,
            {"note": mark["note"], "found_by": mark["by"], "round_id": mark["round_id"], **rule.detail()},
            fact.happened_at,
            fact.received_at,
            camera_id=mark["camera_id"],
        )
        raise_or_repeat(tx, sighting, self._rules)
