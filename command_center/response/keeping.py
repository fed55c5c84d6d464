"""Which cameras belong to cases that are not archived yet: their clips are kept."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.evidence.tables import CameraLinkRow
from command_center.response.tables import CaseRow

# What led to a case was often seen well before somebody opened it.
BEFORE_OPENING = timedelta(hours=1)


def cameras_of_open_cases(session: Session) -> dict[str, datetime]:
    """Cameras linked to a case that has not come to its end, and from when on what they saw belongs to it."""
    query = (
        select(CameraLinkRow.camera_id, CaseRow.opened_at)
        .join(CaseRow, CaseRow.id == CameraLinkRow.case_id)
        .where(CaseRow.ended_at.is_(None))
    )
    found: dict[str, datetime] = {}
    for camera_id, opened_at in session.execute(query):
        since = opened_at - BEFORE_OPENING
        found[camera_id] = min(since, found.get(camera_id, since))
    return found
