"""The kinds of trouble a simulated camera knows."""

from __future__ import annotations

from typing import Literal, get_args

TroubleKind = Literal[
    "lost",
    "frozen",
    "covered",
    "defocus",
    "moved",
    "dark",
    "bright",
    "colour_cast",
    "noise",
    "stripe",
    "shake",
    "person",
    "dusk",
]
# `recorder_down` happens to recorders, everything else to a camera.
RecorderKind = Literal["recorder_down"]
TROUBLES: tuple[TroubleKind, ...] = get_args(TroubleKind)
# The ones that need pictures of their own.
FILMED: tuple[TroubleKind, ...] = tuple(kind for kind in TROUBLES if kind != "lost")


class NoSuchTrouble(ValueError):
    """The camera, the recorder or the kind of trouble does not exist."""


def kind_named(name: str) -> TroubleKind:
    """The kind of this name.

    Raises:
        NoSuchTrouble: there is none.
    """
    for kind in TROUBLES:
        if kind == name:
            return kind
    raise NoSuchTrouble(f"no trouble is called {name}")
