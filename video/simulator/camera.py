"""One simulated camera: where it is in its track, and the film that takes the track's place while it is in trouble."""

from __future__ import annotations

from typing import Literal

from video.simulator.kinds import TROUBLES, NoSuchTrouble, TroubleKind
from video.simulator.tracks import Film, Ticks, Track

__all__ = ["TROUBLES", "Manner", "NoSuchTrouble", "SimulatedCamera", "TroubleKind"]
Manner = Literal["steady", "flaky", "jumping", "backward", "constant"]


class SimulatedCamera:
    """Shows `units[tick - start]` at each tick; the film or the loop is at its end when `stop` is reached.

    A camera that is `lost` or whose recorder is `down` answers nothing but 503.

    `manner` says how well it behaves on the wire: `flaky` drops connections and packets, the last three lie about
    the time.
    """

    __slots__ = ("down", "film", "index", "lost", "manner", "slot", "start", "stop", "track", "trouble", "units")

    def __init__(self, index: int, track: Track, *, slot: int = 0, phase: int = 0, manner: Manner = "steady") -> None:
        """Begin at tick 0, `phase` ticks into the loop."""
        self.index, self.track, self.slot, self.manner = index, track, slot, manner
        self.units: Ticks = track.loop
        self.start = -(phase % len(track.loop))
        self.stop = self.start + len(track.loop)
        self.film: Film | None = None
        self.trouble: object | None = None
        self.lost = self.down = False

    def turn(self, tick: int) -> None:
        """Go on after the end of the loop or the film; many ends may have passed while nobody watched."""
        again = len(self.units) - (self.film.repeat if self.film is not None else 0)
        rounds = (tick - self.stop) // again + 1
        self.start += rounds * again
        self.stop += rounds * again

    def next_at(self, place: int, tick: int) -> int:
        """The first tick at or after `tick` at which the quiet loop is at `place`."""
        at = (tick - self.quiet_start()) % len(self.track.loop)
        return tick + (place - at) % len(self.track.loop)

    def quiet_start(self) -> int:
        """The tick at which the loop began, or would have begun if there were no film."""
        return self.start if self.film is None else self.start - self.film.place

    def play(self, film: Film, tick: int) -> None:
        """Let the film begin at this tick."""
        self.film, self.units = film, film.units
        self.start, self.stop = tick, tick + len(film.units)

    def resume(self, tick: int) -> None:
        """Go back to the quiet loop, where it is when the film's place and length are taken into account."""
        if self.film is None:
            return
        if tick >= self.stop:
            self.turn(tick)
        many = len(self.track.loop)
        place = (tick - self.quiet_start()) % many
        self.film, self.units = None, self.track.loop
        self.start = tick - place
        self.stop = self.start + many
