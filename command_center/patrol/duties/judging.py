"""One look at a watched duty: read who was near, weigh the tracks, and say why nobody was there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.ingest.position import from_ms
from command_center.patrol.duties.evidence import spans_within
from command_center.patrol.duties.tables import DutyRow
from command_center.patrol.duties.tracks import Tracks
from command_center.patrol.proof.causes import Absence, absence_of
from command_center.patrol.proof.fixes import LONGEST_GAP_S
from command_center.patrol.proof.judge import Requirement, Verdict, credit, stays
from command_center.patrol.proof.street import Passes, Street, StreetRequirement, conclude, passes
from command_center.patrol.proof.watch import Span, Watch, Weighed
from command_center.registry.tables import PersonRow

# A glance reads so far back; slower moves and later positions are seen when the window closes.
GLANCE_BACK_S = 180.0
# The case that called a person away between two instants, None if none did.
CalledAway = Callable[[Session, str, datetime, datetime], str | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look found; `absence` only where nobody was there and it is final; `received_ms` is
    when the latest position that was weighed had reached us."""

    verdict: Verdict
    absence: Absence | None
    received_ms: int


def watch_of(db: Session, row: DutyRow) -> Watch:
    """The watch on a duty, knowing nothing yet of who was near."""
    return Watch(
        duty_id=row.id,
        requirement=_need(row),
        person_id=row.person_id,
        only=_only(db, row),
        settled=row.settled_at is not None,
        visited=row.state == "visited",
        version=row.version,
        filled=False,
    )


def look(
    db: Session, tracks: Tracks, watch: Watch, spans: Mapping[str, Span], *, final: bool, called_away: CalledAway
) -> Finding:
    """Judge on the whole tracks of some persons.

    Args:
        db: to read.
        tracks: what is stored of persons.
        watch: the duty.
        spans: who may count, and when he was near.
        final: whether the window is over, so that an absence needs its cause.
        called_away: asked for the cause.
    """
    verdict, received_ms = weigh(tracks, watch, spans)
    if verdict.visited_by is not None or not final:
        return Finding(verdict, None, received_ms)
    absence, seen_ms = _absence(db, tracks, watch, called_away)
    return Finding(verdict, absence, max(seen_ms, received_ms))


def weigh(tracks: Tracks, watch: Watch, spans: Mapping[str, Span]) -> tuple[Verdict, int]:
    """The verdict on whole tracks, and when the latest position that was weighed had reached us (ms; 0: none).

    What a person's track proves is kept as long as nothing of it changes: of many who passed by mostly one comes late.
    """
    need = watch.requirement
    weighed, received_ms = dict[str, Weighed](), 0
    for person_id, span in spans.items():
        since_s, until_s = _within(span, watch)
        stretch = tracks.read(person_id, since_s - LONGEST_GAP_S, until_s + LONGEST_GAP_S)
        received_ms = max(received_ms, stretch.received_ms)
        key = (since_s, until_s, stretch.edition)
        known = watch.weighed.get(person_id)
        if known is None or known[0] != key:
            rows = stretch.rows
            known = key, passes(rows, need) if isinstance(need, StreetRequirement) else stays(rows, need)
        weighed[person_id] = known
    watch.weighed = weighed
    if isinstance(need, StreetRequirement):
        return conclude({id: own for id, (_, own) in weighed.items() if isinstance(own, Passes)}, need), received_ms
    return credit({id: own for id, (_, own) in weighed.items() if isinstance(own, list)}, need), received_ms


def glance(tracks: Tracks, watch: Watch, now_s: float) -> Verdict:
    """How far a street is walked while its window is open: only what is new is read and added.

    It may say a little more than is true where late positions contradict, and less of somebody who is very slow; so
    what it finds done is looked at whole, and so is everything at the end of the window.
    """
    need = watch.requirement
    assert isinstance(need, StreetRequirement)
    since_s = max(need.start_s, watch.read_to_s - GLANCE_BACK_S)
    spans = {person_id: span for person_id, span in watch.inside.items() if span[1] >= watch.read_to_s - LONGEST_GAP_S}
    for person_id, span in spans.items():
        until_s = min(span[1], need.end_s)
        stretch = tracks.read(person_id, since_s - LONGEST_GAP_S, until_s + LONGEST_GAP_S)
        known = watch.passes.get(person_id, Passes.none(need.street.count))
        watch.passes[person_id] = known.add(passes(stretch.rows, need))
    watch.read_to_s = min(now_s, need.end_s)
    return conclude(watch.passes, need)


def who_was_near(db: Session, watch: Watch) -> tuple[dict[str, Span], dict[str, Span]]:
    """Read from the store who was near and who perhaps inside: for duties met in mid-window, or after a start."""
    need = watch.requirement
    persons = watch.only if watch.only is not None else db.scalars(select(PersonRow.id)).all()
    since_s, until_s = need.start_s - LONGEST_GAP_S, need.end_s + LONGEST_GAP_S
    near = spans_within(db, persons, watch.reach.box(False), since_s, until_s)
    return near, spans_within(db, near, watch.reach.box(True), since_s, until_s)


def _absence(db: Session, tracks: Tracks, watch: Watch, called_away: CalledAway) -> tuple[Absence, int]:
    """Why nobody was there, and when the latest position that says so had reached us."""
    need, person_id = watch.requirement, watch.person_id
    if person_id is None:
        return Absence("not_visited"), 0
    case_id = called_away(db, person_id, _moment(need.start_s), _moment(need.end_s))
    if case_id is not None:
        return Absence("called_away", case_id), 0
    stretch = tracks.read(person_id, need.start_s, need.end_s)
    return absence_of(person_id, stretch.rows, need), stretch.received_ms


def _within(span: Span, watch: Watch) -> Span:
    need = watch.requirement
    return max(span[0], need.start_s), min(span[1], need.end_s)


def _need(row: DutyRow) -> Requirement | StreetRequirement:
    start_s, end_s = row.window_start.timestamp(), row.window_end.timestamp()
    if row.line is None:
        return Requirement(row.lon, row.lat, row.radius_m, row.need_s, start_s, end_s)
    street = Street(tuple((lon, lat) for lon, lat in row.line))
    return StreetRequirement(street, row.need_share or 0.0, row.both_sides, start_s, end_s)


def _only(db: Session, row: DutyRow) -> frozenset[str] | None:
    if not row.assigned_only:
        return None
    members = db.scalars(select(PersonRow.id).where(PersonRow.unit_id == row.unit_id)).all() if row.unit_id else ()
    return frozenset([*members, *([row.person_id] if row.person_id else [])])


def _moment(at_s: float) -> datetime:
    return from_ms(round(at_s * 1000.0))
