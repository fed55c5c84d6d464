"""What the outside sees of clips and camera links."""

from typing import Any

from typing_extensions import TypedDict

from command_center.evidence.tables import CameraLinkRow, ClipRow, CustodyRow
from command_center.timeline.facts import iso


class ClipView(TypedDict):
    id: str
    camera_id: str
    start_at: str
    end_at: str
    sha256: str
    bytes: int
    saved_at: str


class CameraLinkView(TypedDict):
    camera_id: str
    role: str
    by: dict[str, str] | None
    at: str
    why: str


class CustodyView(TypedDict):
    who: dict[str, Any] | None
    action: str
    why: str
    at: str


def clip_view(row: ClipRow) -> ClipView:
    return {
        "id": row.id,
        "camera_id": row.camera_id,
        "start_at": iso(row.start_at),
        "end_at": iso(row.end_at),
        "sha256": row.sha256,
        "bytes": row.bytes,
        "saved_at": iso(row.saved_at),
    }


def link_view(row: CameraLinkRow) -> CameraLinkView:
    return {"camera_id": row.camera_id, "role": row.role, "by": row.by, "at": iso(row.at), "why": row.why}


def custody_view(row: CustodyRow) -> CustodyView:
    return {"who": row.who, "action": row.action, "why": row.why, "at": iso(row.at)}
