"""Simulated people of a town: where each is at a time, and what each does next. No clock and no network of its own."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from command_center.registry.town_index import TRAVEL_MPS, road_graph
from gis.metric import destination, distance_m, distances_m
from gis.town_model import Person, Town
from gis.walk import Walker, patrol

# Those who wait at their base until they are called.
WAITING_FORCES = frozenset({"FIR", "MED", "EMR", "MDT", "DEP"})
DRIVING_ROUND_MPS = 6.0
ROUND_STOPS = 4
ROUND_REACH_M = 2_500.0
# One duty in so many is left undone, so that a demonstration has missed points to show.
LEFT_UNDONE = 10
ON_THE_WAY = frozenset({"accepted", "departed", "arrived", "reported"})
RECEIVER_NOISE_M = 2.0

# What an obedient responder does next, and after how many seconds.
NEXT = {
    "sent": ("accept", 8.0, 15.0),
    "accepted": ("depart", 3.0, 6.0),
    "departed": ("arrive", 2.0, 5.0),
    "arrived": ("feedback", 10.0, 20.0),
    "reported": ("done", 15.0, 30.0),
}
VERB_OF_FACT = {
    "response.order_accepted": "accept",
    "response.order_departed": "depart",
    "response.order_arrived": "arrive",
    "response.order_reported": "feedback",
    "response.order_done": "done",
    "response.order_declined": "decline",
}
AGAIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Act:
    """A verb that a simulated person carries out on an order."""

    person_id: str
    order_id: str
    verb: str


@dataclass(slots=True)
class World:
    """What the hall tells: entities by name and id, folded from the live stream."""

    entities: dict[str, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: {name: {} for name in ("order", "case", "point", "duty")}
    )
    by_hand: set[str] = field(default_factory=set)

    def start(self, state: Mapping[str, list[dict[str, Any]]]) -> None:
        """Begin from a snapshot."""
        plurals = {"order": "orders", "case": "cases", "point": "points", "duty": "duties"}
        for name, plural in plurals.items():
            self.entities[name] = {entity["id"]: entity for entity in state.get(plural, [])}

    def fold(self, fact: Mapping[str, Any], own: set[tuple[str, str]]) -> None:
        """Take in a fact. An order on which a person of flesh acted (not one of `own` acts) is his from then on."""
        for name, entity in fact["data"].items():
            if name in self.entities:
                self.entities[name][entity["id"]] = entity
        verb = VERB_OF_FACT.get(fact["kind"])
        if verb is not None and fact["by"] is not None:
            order_id = fact["data"]["order"]["id"]
            if (order_id, verb) not in own:
                self.by_hand.add(order_id)


class Crowd:
    """All people of a town. The same seed gives the same rounds.

    Args:
        town: who lives where, and the roads.
        seed: of rounds, pauses and of what is left undone.
        begins_s: seconds since 1970.
    """

    def __init__(self, town: Town, *, seed: int, begins_s: float) -> None:
        self._seed = seed
        self._rng = np.random.default_rng(seed)
        self._graph = road_graph(town.network)
        self._persons = {person.id: person for person in town.persons}
        self._walkers = {person.id: self._walker(town, person, begins_s) for person in town.persons}
        self._tasks: dict[str, str] = {}
        self._due_s: dict[tuple[str, str], float] = {}
        self.own: set[tuple[str, str]] = set()

    def decide(self, world: World, now_s: float) -> None:
        """Send everybody where an order or a duty wants them, and back to their rounds when it is over."""
        wanted = self._duties(world, now_s) | self._orders(world)
        for person_id, (task, lonlat) in wanted.items():
            if self._tasks.get(person_id) != task:
                walker = self._walkers[person_id]
                self._walkers[person_id] = walker.sent_to(self._graph, lonlat, at_s=now_s).forget_before(now_s)
                self._tasks[person_id] = task
        for person_id in self._tasks.keys() - wanted.keys():
            walker = self._walkers[person_id]
            self._walkers[person_id] = walker.back(self._graph, at_s=now_s).forget_before(now_s)
            del self._tasks[person_id]

    def obey(self, world: World, now_s: float) -> list[Act]:
        """What obedient responders do now, at a human pace; orders that a person of flesh handles are left to him."""
        acts = []
        for order in world.entities["order"].values():
            if order["state"] not in NEXT or order["id"] in world.by_hand or order["person_id"] not in self._persons:
                continue
            if order["state"] == "departed" and not order["arrival_proposed_at"]:
                continue
            verb, least_s, most_s = NEXT[order["state"]]
            key = (order["id"], verb)
            if key not in self._due_s:
                self._due_s[key] = now_s + float(self._rng.uniform(least_s, most_s))
            if now_s >= self._due_s[key]:
                # Should it be refused, it is tried again while the order stays as it is.
                self._due_s[key] = now_s + AGAIN_S
                self.own.add(key)
                acts.append(Act(order["person_id"], order["id"], verb))
        return acts

    def report(self, now_s: float, at: str) -> list[dict[str, Any]]:
        """Everybody's position as a device would send it, with the noise of a receiver."""
        noise_m = np.abs(self._rng.normal(0.0, RECEIVER_NOISE_M, len(self._walkers)))
        bearing_deg = self._rng.uniform(0.0, 360.0, len(self._walkers))
        reports = []
        for i, (person_id, walker) in enumerate(self._walkers.items()):
            movement = walker.position_at(now_s)
            lon, lat = destination(movement.lonlat, float(bearing_deg[i]), float(noise_m[i]))
            reports.append(
                {
                    "person_id": person_id,
                    "at": at,
                    "lon": round(lon, 6),
                    "lat": round(lat, 6),
                    "speed_mps": round(movement.speed_mps, 1),
                    "heading_deg": None if movement.heading_deg is None else round(movement.heading_deg),
                    "accuracy_m": 5.0,
                }
            )
        return reports

    def _orders(self, world: World) -> dict[str, tuple[str, tuple[float, float]]]:
        wanted = {}
        for order in world.entities["order"].values():
            case = world.entities["case"].get(order["case_id"])
            if order["state"] in ON_THE_WAY and case is not None and order["person_id"] in self._walkers:
                wanted[order["person_id"]] = (order["id"], _lonlat(case))
        return wanted

    def _duties(self, world: World, now_s: float) -> dict[str, tuple[str, tuple[float, float]]]:
        """The duty of each person that ends first, once it is time to set out."""
        wanted: dict[str, tuple[str, tuple[float, float]]] = {}
        for duty in sorted(world.entities["duty"].values(), key=lambda duty: str(duty["window_end"])):
            point = world.entities["point"].get(duty["point_id"])
            person_id = duty["person_id"]
            if duty["state"] != "open" or point is None or person_id not in self._walkers or person_id in wanted:
                continue
            starts_s, ends_s = _seconds(duty["window_start"]), _seconds(duty["window_end"])
            sets_out_s = starts_s - self._way_s(person_id, _lonlat(point), now_s)
            if sets_out_s <= now_s < ends_s and not self._left_undone(duty):
                wanted[person_id] = (duty["id"], _lonlat(point))
        return wanted

    def _way_s(self, person_id: str, lonlat: tuple[float, float], now_s: float) -> float:
        """A generous guess of how long the way takes."""
        speed_mps = self._walkers[person_id].speed_mps or DRIVING_ROUND_MPS
        return 1.5 * distance_m(self._walkers[person_id].position_at(now_s).lonlat, lonlat) / speed_mps

    def _left_undone(self, duty: Mapping[str, Any]) -> bool:
        name = f"{self._seed} {duty['point_id']} {duty['window_start']}"
        return zlib.crc32(name.encode()) % LEFT_UNDONE == 0

    def _walker(self, town: Town, person: Person, begins_s: float) -> Walker:
        seed = self._seed + zlib.crc32(person.id.encode())
        rng = np.random.default_rng(seed)
        speed_mps = TRAVEL_MPS.get(person.travel)
        track = patrol(
            self._graph, _stops(town, person, rng), seed=seed, speed_mps=speed_mps or DRIVING_ROUND_MPS, dwell_s=45.0
        )
        # So that people of one station do not walk in step.
        begins_s -= float(rng.uniform(0.0, max(track.length_s, 1.0)))
        return Walker.on_round(track, begins_s=begins_s, speed_mps=speed_mps)


def _stops(town: Town, person: Person, rng: np.random.Generator) -> list[tuple[float, float]]:
    """The base, and for those who go round a few places not far from it."""
    places = [place.lonlat for place in town.places]
    if person.force in WAITING_FORCES or not places:
        return [person.base]
    away_m = distances_m(np.array(places), person.base)
    near = np.flatnonzero((away_m > 50.0) & (away_m < ROUND_REACH_M))
    chosen = rng.choice(near, size=min(ROUND_STOPS, len(near)), replace=False)
    return [person.base, *(places[int(i)] for i in chosen)]


def _lonlat(entity: Mapping[str, Any]) -> tuple[float, float]:
    lon, lat = entity["lonlat"]
    return float(lon), float(lat)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
