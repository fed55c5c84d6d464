"""Ends closures whose time is over: by the rows, not by a timer, so that a restart forgets none."""

from sqlalchemy import select

from command_center.registry.closures.commands import end_closures
from command_center.registry.closures.tables import ClosureRow
from command_center.timeline import Timeline


class ClosureKeeper:
    """One per hall.

    Args:
        timeline: of the hall.
    """

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def step(self) -> bool:
        """Do what the clock asks for; to be called every second or so. Writes nothing while nothing is due."""
        due = select(ClosureRow.id).where(ClosureRow.state == "in_force", ClosureRow.ends_at <= self._timeline.now())
        with self._timeline.reading() as session:
            if session.scalar(due.limit(1)) is None:
                return False
        with self._timeline.transaction() as tx:
            end_closures(tx)
        return False
