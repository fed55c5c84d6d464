"""转入战时、转回平时, by whoever answers for the shift or for the center."""

from command_center.access.guard import Who
from command_center.errors import BadInput
from command_center.registry.commands import keep_setting
from command_center.response.mode.facts import ModeView
from command_center.response.mode.queries import key_of
from command_center.timeline import Fact, Transaction
from command_center.timeline.facts import iso


def set_mode(tx: Transaction, *, war: bool, reason: str, who: Who) -> ModeView:
    """Turn all screens of the center to the other mode, and tell why.

    Raises:
        BadInput: no reason.
    """
    if not reason.strip():
        raise BadInput("mode_reason")
    center = who.area[:9]
    mode: ModeView = {"war": war, "reason": reason.strip()[:200], "since": iso(tx.now), "by": who.json()["name"]}
    keep_setting(tx.session, key_of(center), dict(mode))
    tx.emit(Fact("response.mode_set", center, {"mode": dict(mode)}, center, actor=who.json()))
    return mode
