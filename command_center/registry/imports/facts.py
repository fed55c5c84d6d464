"""What an import tells."""

from collections.abc import Mapping

from command_center.timeline.facts import Fact


def imported(
    *,
    id: str,
    kind: str,
    counts: Mapping[str, int],
    sha256: str,
    actor: Mapping[str, str] | None,
    area: str,
    digest: str,
) -> Fact:
    """`registry.imported`: the town is another now; pages fetch it again, since its digest has changed."""
    body = {"id": id, "kind": kind, "sha256": sha256, "counts": dict(counts), "digest": digest}
    return Fact("registry.imported", id, {"import": body}, area, actor=actor)
