"""What is told when a table was brought in."""

from collections.abc import Mapping
from typing import Any

from command_center.response.past.tables import PastBatchRow
from command_center.timeline.facts import Fact


def brought(batch: PastBatchRow, *, area: str, actor: Mapping[str, Any]) -> Fact:
    """`response.past_brought`: one for the whole table; a hundred thousand of them would tell nobody anything."""
    body = {"id": batch.id, "file": batch.file, "sha256": batch.sha256, "counts": dict(batch.counts)}
    return Fact("response.past_brought", batch.id, {"past": body}, area, actor=actor)
