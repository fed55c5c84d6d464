"""What a person chooses for one camera: where to watch, how sensitively, how long clips are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from command_center.errors import BadInput, NotFound
from command_center.ingest.camera_views import watch_view
from command_center.ingest.feeds import feed_of, write_choices
from command_center.ingest.tables import FeedRow
from command_center.ingest.zones import check_spans, check_zones
from command_center.timeline import Fact, Transaction
from video.model import FeedSpec, SignalKind, Zone

RETENTION_DAYS = (1, 3650)


@dataclass(frozen=True, slots=True)
class Choices:
    """All that may be chosen of a camera; `retention_days` None takes the hall's usual number."""

    zones: tuple[Zone, ...]
    sensitivity: float
    detectors: frozenset[SignalKind] | None
    pinned: bool
    busy_hours: tuple[tuple[str, str], ...]
    confirm: bool
    retention_days: int | None


def set_watch(tx: Transaction, *, camera_id: str, area: str, choices: Choices, by: Mapping[str, str]) -> FeedRow:
    """Let a camera be watched like this from now on and record `ingest.watch_set`.

    Raises:
        NotFound: the camera has no feed.
        BadInput: a zone, an hour or a number of days that cannot be.
    """
    row = tx.session.get(FeedRow, camera_id, with_for_update=True)
    if row is None:
        raise NotFound("camera_no_feed", camera=camera_id)
    check_choices(choices)
    before = watch_view(row)
    write_choices(row, spec_with(row, choices))
    row.retention_days = choices.retention_days
    row.edited = True
    view = watch_view(row)
    if {**view, "edited": True} != {**before, "edited": True} or not before["edited"]:
        changed: dict[str, Any] = {"camera_id": camera_id, "before": before, "after": view}
        tx.emit(Fact("ingest.watch_set", camera_id, {"watch": changed}, area, actor=by))
    return row


def check_choices(choices: Choices) -> None:
    """Raises BadInput: see `set_watch`."""
    check_zones(choices.zones)
    check_spans(choices.busy_hours)
    low, high = RETENTION_DAYS
    if choices.retention_days is not None and not low <= choices.retention_days <= high:
        raise BadInput("retention_bad", low=low, high=high)


def spec_with(row: FeedRow, choices: Choices) -> FeedSpec:
    """The feed of a row with other choices."""
    return FeedSpec(
        id=row.camera_id,
        url=feed_of(row).url,
        zones=choices.zones,
        sensitivity=choices.sensitivity,
        detectors=choices.detectors,
        pinned=choices.pinned,
        busy_hours=choices.busy_hours,
        confirm=choices.confirm,
    )
