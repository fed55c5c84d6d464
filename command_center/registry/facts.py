"""What the registry tells: that a town was loaded."""

from command_center.timeline.facts import Fact


def town_loaded(*, code: str, name: str, digest: str, counts: dict[str, int]) -> Fact:
    """`registry.town_loaded`: the hall now looks after this town; pages fetch it again when its digest changes."""
    return Fact("registry.town_loaded", code, {"town": {"id": code, "name": name, "digest": digest, **counts}}, code)
