"""巡组 of the model town: its people put into about thirty teams on four shifts."""

from dataclasses import dataclass

from gis.town_model import Person, Town

# force, name, members, shifts that take turns, minutes of rest
CREWS: tuple[tuple[str, str, int, tuple[tuple[str, str], ...], int], ...] = (
    ("POL", "警巡", 2, (("06:00:00", "14:00:00"), ("14:00:00", "22:00:00"), ("20:00:00", "04:00:00")), 30),
    ("AUX", "辅巡", 2, (("06:00:00", "14:00:00"), ("14:00:00", "22:00:00")), 30),
    ("GRD", "网巡", 4, (("08:00:00", "20:00:00"),), 60),
    ("ENF", "执巡", 2, (("06:00:00", "14:00:00"), ("14:00:00", "22:00:00")), 30),
    ("VOL", "志巡", 4, (("17:00:00", "22:00:00"),), 0),
)


@dataclass(frozen=True, slots=True)
class PatrolTeam:
    """People who go together, from the base of the first of them, in one shift (local times of day)."""

    id: str
    name: str
    force: str
    travel: str
    area: str
    base: tuple[float, float]
    shift: tuple[str, str]
    rest_s: int
    persons: tuple[str, ...]


def make_teams(town: Town) -> list[PatrolTeam]:
    """The teams, force by force; grid workers of a village go together."""
    found: list[PatrolTeam] = []
    for force, name, size, shifts, rest_min in CREWS:
        people = [person for person in town.persons if person.force == force]
        for number, crew in enumerate(_crews(people, size)):
            first = crew[0]
            found.append(
                PatrolTeam(
                    id=f"G{len(found) + 1:02}",
                    name=f"{name}{number + 1:02}",
                    force=force,
                    travel=first.travel,
                    area=first.area,
                    base=first.base,
                    shift=shifts[number % len(shifts)],
                    rest_s=rest_min * 60,
                    persons=tuple(person.id for person in crew),
                )
            )
    return found


def _crews(people: list[Person], size: int) -> list[tuple[Person, ...]]:
    return [tuple(people[start : start + size]) for start in range(0, len(people), size)]
