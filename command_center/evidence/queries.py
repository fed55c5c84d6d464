"""Read what is kept: clips of alerts and cases, links, custody, cameras near a place."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.evidence.tables import CameraLinkRow, ClipRow, CustodyRow, PhotoRow


def clips_of_alerts(session: Session, alert_ids: Collection[str]) -> dict[str, ClipRow]:
    """The newest clip of each alert that has one."""
    if not alert_ids:
        return {}
    query = select(ClipRow).where(ClipRow.alert_id.in_(alert_ids), ClipRow.going_at.is_(None)).order_by(ClipRow.id)
    return {row.alert_id: row for row in session.scalars(query) if row.alert_id}


def clips_of_cases(session: Session, case_ids: Collection[str]) -> dict[str, list[ClipRow]]:
    """All clips that hang on each case, oldest first."""
    found: dict[str, list[ClipRow]] = {case_id: [] for case_id in case_ids}
    if found:
        query = select(ClipRow).where(ClipRow.case_id.in_(case_ids), ClipRow.going_at.is_(None)).order_by(ClipRow.id)
        for row in session.scalars(query):
            if row.case_id:
                found[row.case_id].append(row)
    return found


def links_of_cases(session: Session, case_ids: Collection[str]) -> dict[str, list[CameraLinkRow]]:
    """All cameras linked to each case, in the order of linking."""
    found: dict[str, list[CameraLinkRow]] = {case_id: [] for case_id in case_ids}
    if found:
        query = select(CameraLinkRow).where(CameraLinkRow.case_id.in_(case_ids)).order_by(CameraLinkRow.id)
        for row in session.scalars(query):
            found[row.case_id].append(row)
    return found


def photo(session: Session, photo_id: str) -> PhotoRow | None:
    return session.get(PhotoRow, photo_id)


def has_any(session: Session, case_id: str) -> bool:
    """Whether a clip or a photo hangs on the case."""
    subjects = (
        select(ClipRow.id).where(ClipRow.case_id == case_id),
        select(PhotoRow.id).where(PhotoRow.case_id == case_id),
    )
    return any(session.scalar(query.limit(1)) is not None for query in subjects)


def custody(session: Session, subject_ids: Collection[str]) -> Sequence[CustodyRow]:
    """Every recorded touch of clips or photos, oldest first."""
    query = select(CustodyRow).where(CustodyRow.subject_id.in_(subject_ids)).order_by(CustodyRow.id)
    return session.scalars(query).all()
