"""What a new basemap tells."""

from collections.abc import Mapping

from command_center.timeline.facts import Fact


def basemap_built(*, id: str, version: str, actor: Mapping[str, str] | None, area: str) -> Fact:
    """`registry.basemap_built`: the ground is another now; pages fetch the town again, which says which."""
    return Fact("registry.basemap_built", id, {"basemap": {"id": id, "version": version}}, area, actor=actor)
