"""Devices of a few responders that report where they are twice a second, over HTTP with a fleet's token."""

import json
import threading
import time
from datetime import UTC, datetime
from urllib.request import Request, urlopen

from gis.metric import bearing_deg, destination, distance_m
from gis.town_model import Lonlat, Person

EVERY_S = 0.5
SPEED_MPS = 60.0


class Fleet:
    """People who stand at their base until they are sent somewhere, and then go there as the crow flies.

    Args:
        url: address of the hall.
        token: of the fleet.
        people: who carries a device.
    """

    def __init__(self, url: str, token: str, people: list[Person]) -> None:
        self._url, self._token = url, token
        self._at: dict[str, Lonlat] = {person.id: person.base for person in people}
        self._goal: dict[str, Lonlat] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._report, daemon=True)
        self._thread.start()

    def send(self, person_id: str, goal_lonlat: Lonlat) -> None:
        self._goal[person_id] = goal_lonlat

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _report(self) -> None:
        moved_at = time.monotonic()
        while not self._ended.wait(EVERY_S):
            reach_m = SPEED_MPS * (time.monotonic() - moved_at)
            moved_at = time.monotonic()
            for person_id, goal in list(self._goal.items()):
                self._at[person_id] = _towards(self._at[person_id], goal, reach_m)
            now = datetime.now(UTC).isoformat()
            rows = [{"person_id": id, "at": now, "lon": lon, "lat": lat} for id, (lon, lat) in self._at.items()]
            self._post({"positions": rows})

    def _post(self, body: dict[str, object]) -> None:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = Request(f"{self._url}/api/v1/positions", json.dumps(body).encode(), headers)
        with urlopen(request, timeout=20) as answer:
            answer.read()


def _towards(at: Lonlat, goal: Lonlat, reach_m: float) -> Lonlat:
    if distance_m(at, goal) <= reach_m:
        return goal
    return destination(at, bearing_deg(at, goal), reach_m)
