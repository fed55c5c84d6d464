"""必巡点位 of the model town: where somebody must be, how long, and at what times of day."""

from dataclasses import dataclass

import numpy as np

from gis.town_people import Staff
from gis.town_sites import Site

# kind: radius, dwell, windows, forces that suit, soonest first
RULES: dict[str, tuple[float, int, tuple[str, ...], tuple[str, ...]]] = {
    "school": (80.0, 600, ("07:20-08:10", "16:20-17:20"), ("AUX", "POL")),
    "kindergarten": (60.0, 300, ("07:40-08:30", "16:00-17:00"), ("AUX", "GRD")),
    "market": (90.0, 300, ("06:00-08:00", "16:30-18:30"), ("ENF", "AUX")),
    "night_market": (100.0, 600, ("18:30-20:30", "20:30-23:00"), ("AUX", "ENF")),
    "bus_station": (90.0, 300, ("06:30-09:00", "16:30-19:00"), ("POL", "AUX")),
    "hospital": (80.0, 180, ("08:30-10:30", "14:30-16:30"), ("POL", "AUX")),
    "sluice": (100.0, 180, ("08:00-10:00", "15:00-17:00"), ("GRD", "EMR")),
    "pumping_station": (80.0, 120, ("09:00-11:00",), ("GRD", "EMR")),
    "reservoir": (150.0, 300, ("10:00-12:00", "14:30-17:00"), ("GRD", "EMR")),
    "industrial": (120.0, 180, ("20:00-22:00",), ("POL", "AUX")),
    "petrol_station": (70.0, 120, ("12:30-14:30",), ("POL",)),
    "park": (100.0, 180, ("18:30-20:30",), ("AUX",)),
    "square": (80.0, 180, ("19:00-21:00",), ("AUX", "VOL")),
    "bridge": (90.0, 120, ("22:00-23:59",), ("POL",)),
    "police_box": (60.0, 300, ("00:30-02:30", "21:00-23:00"), ("POL",)),
    "village_office": (100.0, 300, ("09:00-11:00", "18:00-20:00"), ("GRD",)),
    "nursing_home": (60.0, 180, ("15:00-17:00",), ("GRD", "VOL")),
}


@dataclass(frozen=True, slots=True)
class Duty:
    """A mandatory point: site number, rule, and the number of the person it is suggested to."""

    site: int
    radius_m: float
    dwell_s: int
    windows: tuple[tuple[str, str], ...]
    person: int


def make_duties(sites: list[Site], staff: list[Staff]) -> list[Duty]:
    """One duty for every place of a kind that has a rule; the nearest suitable person with the least to do."""
    load = np.zeros(len(staff))
    duties = []
    for number, site in enumerate(sites):
        if site.kind not in RULES:
            continue
        radius_m, dwell_s, spans, forces = RULES[site.kind]
        away = np.array([np.hypot(one.xy[0] - site.xy[0], one.xy[1] - site.xy[1]) for one in staff])
        suits = np.array([forces.index(one.force) if one.force in forces else np.inf for one in staff])
        home = np.array([one.home is not None and one.home != site.village for one in staff])
        person = int(np.argmin(away + load * 1500.0 + suits * 600.0 + home * 5000.0))
        load[person] += 1
        windows = tuple((f"{start}:00", f"{end}:00") for start, end in (span.split("-") for span in spans))
        duties.append(Duty(number, radius_m, dwell_s, windows, person))
    return duties
