"""Opens rounds when they are due and closes them when their time is over."""

from command_center.patrol.video_patrol.commands import close_rounds, open_rounds
from command_center.timeline import Timeline


class RoundKeeper:
    """One per hall.

    Args:
        timeline: of the hall.
    """

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def step(self) -> bool:
        """Do what the clock asks for; to be called every few seconds."""
        with self._timeline.transaction() as tx:
            close_rounds(tx)
            open_rounds(tx)
        return False
