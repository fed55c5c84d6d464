"""What false alarms teach: a lower sensitivity is proposed for a camera, and a person decides.

Pure part first: how low it would have to be. Then the proposal as a row, made when an officer dismisses an alert.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.access.guard import Who
from command_center.errors import Conflict, NotFound
from command_center.ingest import traces
from command_center.ingest.camera_commands import Choices, set_watch
from command_center.ingest.feeds import feed_of
from command_center.ingest.tables import FeedRow
from command_center.prewarning.rules import RULES
from command_center.prewarning.tables import AlertRow, ProposalRow
from command_center.timeline import Fact, Transaction
from command_center.timeline.facts import iso
from command_center.timeline.ids import new_id

# Reasons that say the picture was misread; an exercise of maintenance or a double says nothing about sensitivity.
FALSE_REASONS = frozenset({"light_change", "animal", "leaves_shadow", "normal_activity", "device"})
# What an eye found has no sensitivity either.
DEAF_KINDS = frozenset(
    {"signal_loss", "fleet_loss", "fleet_quality", "missed_point", *(rule.kind for rule in RULES.findings.values())}
)
LOOKED_BACK = timedelta(days=14)
LEAST_FALSE, FALSE_PER_TRUE = 3, 3
# How far around the moment of an alert its trace is looked for; a trace ends when what it tells is over.
NEAR, LONGEST = timedelta(seconds=5), timedelta(hours=2)
LOWEST, STEP, MARGIN = 0.05, 0.15, 0.01


class ProposalView(TypedDict):
    """A proposed sensitivity; `dismissed` and `confirmed` alerts of two weeks speak against the old one and for it."""

    id: str
    camera_id: str
    area: str
    kind: str
    sensitivity: float
    proposed: float
    dismissed: int
    confirmed: int
    made_at: str
    state: str
    decided_by: dict[str, str] | None
    decided_at: str | None


def lower_sensitivity(sensitivity: float, needs: Sequence[float], *, dismissed: int, confirmed: int) -> float | None:
    """A sensitivity at which two thirds of the false alarms would not have been told; None without a ground for it.

    Args:
        sensitivity: the one that told them.
        needs: least sensitivity that tells each false alarm, as far as known.
        dismissed: how many alerts were false.
        confirmed: how many were true: they speak against being less sensitive.
    """
    if dismissed < LEAST_FALSE or confirmed * FALSE_PER_TRUE >= dismissed:
        return None
    ranked = sorted(needs)
    wanted = ranked[len(ranked) // 3] - MARGIN if ranked else sensitivity - STEP
    proposed = round(max(LOWEST, min(wanted, sensitivity - STEP / 3)), 2)
    return proposed if proposed < sensitivity else None


def learn_from(tx: Transaction, alert: AlertRow) -> ProposalView | None:
    """Look at the alerts of this camera and kind, now that one more was found false; propose what follows."""
    if alert.camera_id is None or alert.kind in DEAF_KINDS or alert.reason not in FALSE_REASONS:
        return None
    feed = tx.session.get(FeedRow, alert.camera_id)
    if feed is None:
        return None
    past = _past(tx.session, alert, tx)
    false = [one for one in past if one.state == "dismissed" and one.reason in FALSE_REASONS]
    confirmed = sum(one.state == "confirmed" for one in past)
    needs = [need for one in false if (need := _need(tx.session, one)) is not None]
    proposed = lower_sensitivity(feed.sensitivity, needs, dismissed=len(false), confirmed=confirmed)
    if proposed is None:
        return None
    row = _proposal(tx, alert)
    row.sensitivity, row.proposed = feed.sensitivity, proposed
    row.dismissed, row.confirmed, row.made_at = len(false), confirmed, tx.now
    return _tell(tx, "prewarning.proposed", row)


def decide(tx: Transaction, *, id: str, who: Who, accepted: bool) -> ProposalView:
    """Take a proposal on, so that the camera is watched less sensitively from now on, or refuse it.

    Raises:
        NotFound: there is no such proposal in the caller's area, or its camera has no feed any more.
        Conflict: somebody decided it already.
    """
    row = tx.session.get(ProposalRow, id, with_for_update=True, populate_existing=True)
    if row is None or not who.sees(row.area):
        raise NotFound("proposal_not_found", id=id)
    if row.state != "open":
        raise Conflict("proposal_decided", name=(row.decided_by or {}).get("name", ""))
    if accepted:
        _apply(tx, row, who)
    row.state, row.open_key = ("accepted" if accepted else "refused"), None
    row.decided_by, row.decided_at = who.json(), tx.now
    return _tell(tx, "prewarning.proposal_decided", row, who)


def proposals(session: Session, who: Who, *, limit: int = 200) -> list[ProposalView]:
    """Open proposals of the caller's area, the newest first."""
    mine = ProposalRow.area.startswith(who.area, autoescape=True)
    query = select(ProposalRow).where(mine, ProposalRow.state == "open").order_by(ProposalRow.made_at.desc())
    return [proposal_view(row) for row in session.scalars(query.limit(limit))]


def proposal_view(row: ProposalRow) -> ProposalView:
    return {
        "id": row.id,
        "camera_id": row.camera_id,
        "area": row.area,
        "kind": row.kind,
        "sensitivity": row.sensitivity,
        "proposed": row.proposed,
        "dismissed": row.dismissed,
        "confirmed": row.confirmed,
        "made_at": iso(row.made_at),
        "state": row.state,
        "decided_by": row.decided_by,
        "decided_at": iso(row.decided_at) if row.decided_at else None,
    }


def _past(session: Session, alert: AlertRow, tx: Transaction) -> Sequence[AlertRow]:
    """Alerts of the same camera and kind that an officer judged; not those from before the last decision."""
    decided = select(ProposalRow.decided_at).where(
        ProposalRow.camera_id == alert.camera_id, ProposalRow.kind == alert.kind, ProposalRow.decided_at.is_not(None)
    )
    last = session.scalar(decided.order_by(ProposalRow.decided_at.desc()).limit(1))
    since = max(tx.now - LOOKED_BACK, last or tx.now - LOOKED_BACK)
    query = select(AlertRow).where(AlertRow.subject == alert.subject, AlertRow.raised_at > since)
    return session.scalars(query.order_by(AlertRow.raised_at)).all()


def _need(session: Session, alert: AlertRow) -> float | None:
    """The least sensitivity that tells this alert, where its trace is still kept."""
    if alert.camera_id is None:
        return None
    at = alert.happened_at
    near = traces.traces(session, alert.camera_id, at - LONGEST, at + NEAR)
    needs = [one.needs for one in near if one.kind == alert.kind and one.ended_at >= at - NEAR]
    return min(needs, default=None)


def _proposal(tx: Transaction, alert: AlertRow) -> ProposalRow:
    """The open proposal for this camera and kind, or a new one."""
    key = f"{alert.camera_id}:{alert.kind}"
    row = tx.session.scalar(select(ProposalRow).where(ProposalRow.open_key == key).with_for_update())
    if row is None:
        row = ProposalRow(id=new_id(), open_key=key, camera_id=alert.camera_id, area=alert.area, kind=alert.kind,
                          state="open", decided_by=None, decided_at=None)  # fmt: skip
        tx.session.add(row)
    return row


def _apply(tx: Transaction, row: ProposalRow, who: Who) -> None:
    feed_row = tx.session.get(FeedRow, row.camera_id)
    if feed_row is None:
        raise NotFound("camera_no_feed", camera=row.camera_id)
    feed = feed_of(feed_row)
    choices: Any = Choices(
        zones=feed.zones,
        sensitivity=row.proposed,
        detectors=feed.detectors,  # type: ignore[arg-type]
        pinned=feed.pinned,
        busy_hours=feed.busy_hours,
        confirm=feed.confirm,
        retention_days=feed_row.retention_days,
    )
    set_watch(tx, camera_id=row.camera_id, area=row.area, choices=choices, by=who.json())


def _tell(tx: Transaction, kind: str, row: ProposalRow, who: Who | None = None) -> ProposalView:
    tx.session.flush()
    view = proposal_view(row)
    tx.emit(Fact(kind, row.id, {"proposal": view}, row.area, actor=who.json() if who else None))
    return view
