"""Signals of bad pictures are judged before they are told: alone, together with others, or nobody's fault.

A signal waits as long as its rule says. Then it becomes an alert of its own, or a part of an incident of many cameras
that went wrong together, or nothing, because the light of a whole area changed.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, exists, or_, select, text

from command_center.prewarning.fleet import Fleet, Trouble, explanation, natural_cohort
from command_center.prewarning.incidents import JOINED, NATURAL, RAISED, Incidents, pace
from command_center.prewarning.opening import Sighting, Spot, clear, raise_or_repeat, withdraw
from command_center.prewarning.probing import want_probe
from command_center.prewarning.rules import Rule, Rules, subject_of_signal
from command_center.prewarning.tables import AlertRow, HeldRow
from command_center.timeline import StoredFact, Timeline, Transaction

# Whoever judges holds this row until his transaction ends: the follower and the ticking worker never judge at once.
_HOLD = text(
    "INSERT INTO prewarning_number (name, value) VALUES ('held', 0) "
    "ON CONFLICT (name) DO UPDATE SET value = prewarning_number.value"
)
WAITING = ""
SWEPT_AFTER = timedelta(hours=1)

SpotOf = Callable[[Transaction, str], Spot | None]


class HeldSignals:
    """Takes signals of picture faults from a follower, and judges them when they are due.

    Args:
        spot_of: where a camera is.
        rules: how long each kind waits, and what makes an incident.
        fleet: which cameras belong together; may be replaced while running.
        hold_s: other times to wait than those of the rules, by kind.
    """

    def __init__(
        self, spot_of: SpotOf, rules: Rules, fleet: Fleet | None = None, hold_s: Mapping[str, float] | None = None
    ) -> None:
        self._spot_of = spot_of
        self._rules = rules
        self.fleet = fleet or Fleet()
        self._hold_s = hold_s or {}

    def start(self, tx: Transaction, fact: StoredFact, signal: Mapping[str, Any]) -> None:
        """A signal began: let it wait, or judge it at once where its kind does not wait."""
        tx.session.execute(_HOLD)
        hold_s = self._hold_s.get(signal["kind"], self._rules.signals[signal["kind"]].hold_s)
        row = HeldRow(
            signal_id=signal["id"],
            camera_id=signal["camera_id"],
            kind=signal["kind"],
            happened_at=fact.happened_at,
            received_at=fact.received_at,
            due_at=fact.received_at + timedelta(seconds=hold_s),
            verdict=WAITING,
            alert_id=None,
            ended_at=None,
            score=signal.get("score"),
            box=signal.get("box"),
            detail=signal.get("detail") or {},
        )
        tx.session.add(row)
        tx.session.flush()
        if hold_s <= 0:
            self._judge_all(tx, [row])

    def end(self, tx: Transaction, fact: StoredFact, signal: Mapping[str, Any]) -> None:
        """A signal is over: its alert is cleared, its incident told, and what still waited is forgotten."""
        tx.session.execute(_HOLD)
        row = tx.session.get(HeldRow, signal["id"], with_for_update=True)
        if row is not None and row.verdict == WAITING and row.due_at and row.due_at <= fact.received_at:
            # Nobody judged it while it lasted, because the hall stood still: it lasted long enough all the same.
            self._judge_all(tx, [row])
        clear(tx, subject_of_signal(signal["camera_id"], signal["kind"]), signal["id"], fact.happened_at)
        if row is None:
            return
        row.ended_at = fact.happened_at
        if row.verdict == JOINED:
            row.due_at = tx.now + pace(1)
        elif row.kind in self._rules.fleet.natural.kinds:
            row.due_at = None
        else:
            tx.session.delete(row)

    def step(self, timeline: Timeline) -> bool:
        """Judge what is due now; for a worker that does so several times a second."""
        now = timeline.now()
        is_due = HeldRow.due_at <= now
        with timeline.reading() as session:
            if not session.scalar(select(exists().where(is_due))):
                return False
        with timeline.transaction() as tx:
            tx.session.execute(_HOLD)
            query = select(HeldRow).where(is_due).order_by(HeldRow.due_at, HeldRow.signal_id)
            self._judge_all(tx, list(tx.session.scalars(query)))
        return False

    def sweep(self, tx: Transaction) -> None:
        """Forget signals that ended long ago and were kept to compare others with."""
        old = HeldRow.ended_at < tx.now - SWEPT_AFTER
        tx.session.execute(delete(HeldRow).where(old, or_(HeldRow.verdict != JOINED, HeldRow.alert_id.is_(None))))

    def _judge_all(self, tx: Transaction, due: list[HeldRow]) -> None:
        incidents = Incidents(tx, self.fleet, self._rules)
        rows = {kind: self._rows_of(tx, kind) for kind in {row.kind for row in due}}
        for row in due:
            if row.due_at is None:
                continue
            if row.verdict == JOINED and row.alert_id is not None:
                row.due_at = None
                incidents.look_again(row.alert_id)
            elif row.kind in self._rules.fleet.natural.kinds:
                self._judge_light(tx, row, rows[row.kind])
            else:
                self._judge_fault(tx, row, rows[row.kind], incidents)
        incidents.finish()

    def _judge_fault(self, tx: Transaction, row: HeldRow, rows: list[HeldRow], incidents: Incidents) -> None:
        """A fault of one camera, or of what many cameras hang on."""
        open_rows = [one for one in rows if one.ended_at is None]
        shown = open_rows + self._just_back(tx, rows, {one.camera_id for one in open_rows})
        found = explanation(row.camera_id, _troubles(shown), self.fleet, self._rules.fleet)
        if found is not None:
            incidents.gather(found, [one for one in shown if one.camera_id in found.camera_ids])
        elif not incidents.straggler(row, open_rows):
            self._raise(tx, row)

    def _just_back(self, tx: Transaction, rows: list[HeldRow], lost: Collection[str]) -> list[HeldRow]:
        """Signals of an incident that ended a moment ago: they still show what the cause is."""
        since = tx.now - timedelta(seconds=self._rules.fleet.together_s)
        joined = [one for one in rows if one.verdict == JOINED and one.camera_id not in lost]
        return [one for one in joined if one.ended_at is not None and one.ended_at > since]

    def _judge_light(self, tx: Transaction, row: HeldRow, rows: list[HeldRow]) -> None:
        """Dusk, dawn or weather if its area went the same way; asked again later, the others must still be so too."""
        natural = self._rules.fleet.natural
        again = row.verdict == NATURAL
        cohort = [one for one in rows if one.ended_at is None] if again else rows
        same = natural_cohort(Trouble(row.camera_id, row.happened_at), _troubles(cohort), self.fleet, natural)
        if not same:
            self._raise(tx, row)
            return
        reach = timedelta(seconds=natural.together_s)
        for one in rows:
            if one.camera_id in same and one.ended_at is None and abs(one.happened_at - row.happened_at) <= reach:
                self._let_be(tx, one)

    def _let_be(self, tx: Transaction, row: HeldRow) -> None:
        """The light of its area changed: nobody is told, and what was told is withdrawn."""
        if row.verdict == RAISED and row.alert_id is not None:
            withdraw(
                tx, row.alert_id, reason="light_change", note="同一片区镜头同时明暗变化，判为自然光线", natural=True
            )
        row.verdict, row.alert_id = NATURAL, None
        row.due_at = tx.now + timedelta(seconds=self._rules.fleet.natural.again_s)

    def _raise(self, tx: Transaction, row: HeldRow) -> None:
        row.due_at = None
        alert = self.raise_alone(tx, row)
        row.verdict, row.alert_id = RAISED, alert.id if alert is not None else None

    def raise_alone(self, tx: Transaction, row: HeldRow) -> AlertRow | None:
        """An alert of one camera; None for a camera that the town does not have."""
        rule, spot = self._rules.signals[row.kind], self._spot_of(tx, row.camera_id)
        if spot is None:
            return None
        alert = raise_or_repeat(tx, sighting_of(rule, spot, row), self._rules)
        want_probe(tx, alert)
        return alert

    @staticmethod
    def _rows_of(tx: Transaction, kind: str) -> list[HeldRow]:
        return list(tx.session.scalars(select(HeldRow).where(HeldRow.kind == kind).order_by(HeldRow.happened_at)))


def sighting_of(rule: Rule, spot: Spot, row: HeldRow) -> Sighting:
    """What one camera suffered, as an alert wants it."""
    return Sighting(
        rule,
        subject_of_signal(row.camera_id, row.kind),
        spot,
        {**row.detail, **rule.detail()},
        row.happened_at,
        row.received_at,
        camera_id=row.camera_id,
        signal_id=row.signal_id,
        score=row.score,
        box=row.box,
    )


def _troubles(rows: Collection[HeldRow]) -> list[Trouble]:
    return [Trouble(row.camera_id, row.happened_at) for row in rows]
