"""A hall with two villages, three recorders of 32 cameras behind two switches, and cameras on their own."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from command_center.ingest.commands import take_signal
from command_center.prewarning.fleet import Fleet
from command_center.prewarning.raising import FOLLOWED_KINDS, AlertRaiser
from command_center.timeline import Follower, Transaction
from tests.response.hall import Hall, Seen

TOWN = "320724199"
VILLAGES = (f"{TOWN}001", f"{TOWN}002")


@dataclass(frozen=True)
class Camera:
    id: str
    name: str
    area: str
    lonlat: tuple[float, float]
    recorder: str = ""
    switch: str = ""


def camera(number: int, village: str, recorder: str = "", switch: str = "") -> Camera:
    grid = f"{village}{number % 3 + 1:03d}"
    return Camera(f"C{number:04d}", f"镜头{number}", grid, (119.4 + number / 1000, 34.1), recorder, switch)


def cameras() -> dict[str, Camera]:
    """A and B hang on switch X in the first village, C on Y in the second; 12 cameras of each village on neither."""
    places = [("A", "X", 0)] * 32 + [("B", "X", 0)] * 32 + [("C", "Y", 1)] * 32
    behind = [camera(number, VILLAGES[v], recorder, switch) for number, (recorder, switch, v) in enumerate(places)]
    alone = [camera(100 + number, VILLAGES[number % 2]) for number in range(24)]
    return {one.id: one for one in (*behind, *alone)}


@dataclass(frozen=True)
class Spots:
    cameras: dict[str, Camera]

    def camera(self, _tx: Transaction, camera_id: str) -> Any:
        return self.cameras.get(camera_id)

    def point(self, _tx: Transaction, point_id: str) -> None:
        return None

    def line(self, _tx: Transaction, line_id: str) -> None:
        return None

    def person(self, person_id: str, lonlat: tuple[float, float]) -> None:
        return None


class FleetHall(Hall):
    """A hall in which time passes in small steps, and the judging worker looks after each."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.cameras = cameras()
        self.fleet = Fleet(self.cameras.values(), {VILLAGES[0]: "一村", VILLAGES[1]: "二村", TOWN: "示范镇"})
        self.start()

    def start(self) -> None:
        """The process begins, or begins again after a crash."""
        self.raiser = AlertRaiser(Spots(self.cameras), fleet=self.fleet)
        self.follower = Follower(self.timeline, name="prewarning", handle=self.raiser.on_fact, kinds=FOLLOWED_KINDS)

    def report(self, *seen: Seen) -> None:
        with self.tx() as tx:
            for one in seen:
                take_signal(tx, one, lambda id: self.cameras[id].area)
        self.follow()

    def wait(self, seconds: float) -> None:
        step_s = max(0.25, seconds / 40)
        while seconds > 0:
            self.clock.wait(min(step_s, seconds))
            seconds -= step_s
            self.raiser.held.step(self.timeline)

    def behind(self, recorder: str) -> list[str]:
        return [one.id for one in self.cameras.values() if one.recorder == recorder]

    def lose(self, camera_ids: Iterable[str], *, every_s: float = 0.0, kind: str = "signal_loss") -> list[Seen]:
        """One camera after the other goes wrong, or all at once."""
        if every_s == 0.0:
            seen = [self._next(kind, camera_id) for camera_id in camera_ids]
            self.report(*seen)
            return seen
        seen = []
        for camera_id in camera_ids:
            seen.append(self.see(kind, camera_id))
            self.wait(every_s)
        return seen

    def recover(self, seen: Iterable[Seen], *, every_s: float = 0.0) -> None:
        """They come back, one after the other or all at once."""
        if every_s == 0.0:
            now = self.clock()
            self.report(*(replace(one, ended_at=now) for one in seen))
            return
        for one in seen:
            self.end(one)
            self.wait(every_s)

    def _next(self, kind: str, camera_id: str) -> Seen:
        self._signals += 1
        return Seen(f"signal-{self._signals}", camera_id, kind, self.clock())

    def open_alerts(self) -> list[Any]:
        return [alert for alert in self.alerts() if alert["state"] in ("raised", "taken")]

    def open_alert(self) -> Any:
        (alert,) = self.open_alerts()
        return alert
