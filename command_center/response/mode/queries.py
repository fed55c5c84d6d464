"""In which mode a center is."""

from sqlalchemy.orm import Session

from command_center.registry.queries import setting
from command_center.response.mode.facts import ModeView

CALM: ModeView = {"war": False, "reason": "", "since": None, "by": None}


def key_of(center: str) -> str:
    return f"response.mode.{center}"


def mode_of(session: Session, center: str) -> ModeView:
    """The mode of a center; calm as long as nobody said otherwise."""
    mode: ModeView = setting(session, key_of(center), CALM)
    return mode
