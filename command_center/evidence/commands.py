"""Keep clips and photos, link cameras, and write down who touched what."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select, update

from command_center.errors import BadInput, Conflict
from command_center.evidence.media import MediaStore
from command_center.evidence.pictures import SUFFIX_OF_MIME, check_photo
from command_center.evidence.tables import CameraLinkRow, ClipRow, CustodyRow, PhotoRow
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id

VIEWS_ARE_ONE_WITHIN = timedelta(minutes=10)
HALL = "hall"


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """Bytes that already lie in the store, before the row that names them is written."""

    id: str
    mime: str
    sha256: str
    bytes: int


def clip_key(clip_id: str) -> str:
    return f"clips/{clip_id}/clip.mp4"


def clip_folder(clip_id: str) -> str:
    """Everything that belongs to a clip lies below it."""
    return f"clips/{clip_id}"


def still_key(clip_id: str, number: int) -> str:
    return f"clips/{clip_id}/still-{number}.jpg"


def photo_key(sha256: str, mime: str) -> str:
    """Named for its content, so that a photo sent twice lies there once."""
    return f"photos/{sha256[:2]}/{sha256}.{SUFFIX_OF_MIME[mime]}"


def store_photo(media: MediaStore, content: bytes) -> StoredMedia:
    """Check a photo and put it into the store, outside any transaction: a photo without a row harms nobody.

    Raises:
        TooLarge, BadInput: see `check_photo`.
        DiskFull: there is no room; nothing was written.
    """
    mime = check_photo(content)
    stored = StoredMedia(new_id(), mime, sha256(content).hexdigest(), len(content))
    media.put(photo_key(stored.sha256, mime), content)
    return stored


def add_photo(
    tx: Transaction, stored: StoredMedia, *, case_id: str, order_id: str, person_id: str, area: str, who: dict[str, str]
) -> PhotoRow:
    """Hang a stored photo on an order and its case."""
    row = PhotoRow(
        id=stored.id,
        case_id=case_id,
        order_id=order_id,
        person_id=person_id,
        area=area,
        mime=stored.mime,
        sha256=stored.sha256,
        bytes=stored.bytes,
        saved_at=tx.now,
    )
    tx.session.add(row)
    record(tx, stored.id, who=who, action="saved", why="feedback")
    return row


def add_clip(
    tx: Transaction,
    stored: StoredMedia,
    *,
    alert_id: str | None,
    case_id: str | None,
    camera_id: str,
    area: str,
    start_at: datetime,
    end_at: datetime,
    stills: int,
    stored_bytes: int = 0,
) -> ClipRow:
    """Record a clip whose bytes are stored already, `stored_bytes` of them with its stills."""
    row = ClipRow(
        id=stored.id,
        alert_id=alert_id,
        case_id=case_id,
        camera_id=camera_id,
        area=area,
        start_at=start_at,
        end_at=end_at,
        sha256=stored.sha256,
        bytes=stored.bytes,
        stills=stills,
        saved_at=tx.now,
        stored_bytes=max(stored_bytes, stored.bytes),
    )
    tx.session.add(row)
    record(tx, row.id, who=None, action="saved", why="alert" if alert_id else "case")
    tx.session.flush()
    return row


def hang_clips(tx: Transaction, *, alert_id: str, case_id: str) -> None:
    """Let every clip of an alert hang on the case that it became."""
    mine = (ClipRow.alert_id == alert_id) & ClipRow.going_at.is_(None)
    tx.session.execute(update(ClipRow).where(mine).values(case_id=case_id))
    tx.session.flush()


def link_camera(
    tx: Transaction, *, case_id: str, camera_id: str, role: str, why: str, who: dict[str, str] | None
) -> CameraLinkRow:
    """Link a camera to a case; `role` is `source` for the one that saw it first, else `linked`.

    Raises:
        BadInput: no reason was given.
        Conflict: it is linked already.
    """
    reason = why.strip()
    if not reason:
        raise BadInput("link_needs_reason")
    query = select(CameraLinkRow).where(CameraLinkRow.case_id == case_id, CameraLinkRow.camera_id == camera_id)
    if tx.session.scalar(query) is not None:
        raise Conflict("camera_linked_already", camera=camera_id)
    row = CameraLinkRow(
        id=new_id(), case_id=case_id, camera_id=camera_id, role=role, by=who, why=reason[:500], at=tx.now
    )
    tx.session.add(row)
    tx.session.flush()
    return row


def record(tx: Transaction, subject_id: str, *, who: dict[str, str] | None, action: str, why: str) -> None:
    """Write one line of custody; without `who` it was the hall itself."""
    row = CustodyRow(
        id=new_id(),
        subject_id=subject_id,
        who_id=who["id"] if who else HALL,
        who=who,
        action=action,
        why=why[:500],
        at=tx.now,
    )
    tx.session.add(row)


def record_view(tx: Transaction, subject_id: str, *, who: dict[str, str], why: str) -> bool:
    """Write that somebody looked, once in 10 minutes however often a player asks for a range; tell whether written."""
    query = (
        select(CustodyRow.id)
        .where(CustodyRow.subject_id == subject_id, CustodyRow.who_id == who["id"], CustodyRow.action == "viewed")
        .where(CustodyRow.at > tx.now - VIEWS_ARE_ONE_WITHIN)
    )
    if tx.session.scalar(query.limit(1)) is not None:
        return False
    record(tx, subject_id, who=who, action="viewed", why=why)
    return True
