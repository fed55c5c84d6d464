"""The part of a hall through which positions pass, empty but for a day's points and lines: for benches and tests."""

from collections import defaultdict

from bench.patrol_day import Day
from command_center.ingest.plausible import Bounds
from command_center.ingest.position import Position, Report
from command_center.ingest.positions import PositionIntake
from command_center.ingest.reception import Delivery, Reception
from command_center.ingest.senders import Sender
from command_center.ingest.trust import Peer
from command_center.patrol.duties.keeper import DutyKeeper
from command_center.patrol.lines.commands import add_line
from command_center.patrol.points.commands import add_point
from command_center.registry.tables import PersonRow
from command_center.settings import Settings
from command_center.timeline import Timeline
from command_center.timeline.tables import Base

GRID = "320724199001001"
COUNTY = Bounds(119.0, 33.8, 119.9, 34.6)


def doors(timeline: Timeline, day: Day, keeper: DutyKeeper) -> tuple[Reception, PositionIntake]:
    """What a hall has between its doors and the keeper of duties."""
    persons = dict.fromkeys(day.persons, GRID)
    intake = PositionIntake(timeline, persons=persons, bounds=COUNTY, settings=Settings())
    intake.when_stored(keeper.stored)
    reception = Reception(timeline, intake, persons=persons)
    reception.states.when_flagged(keeper.changed)
    return reception, intake


def deliveries(positions: list[Position]) -> list[Delivery]:
    """One for each person of whom something arrives, from a device of his own."""
    reports: defaultdict[str, list[Report | str]] = defaultdict(list)
    for position in positions:
        reports[position.person_id].append(Report(position))
    return [Delivery(Sender(id, "osmand", id, GRID, id), own, Peer("10.0.0.1")) for id, own in reports.items()]


def plan(timeline: Timeline, day: Day) -> None:
    """Write down people, points and lines, and open what is due now."""
    Base.metadata.create_all(timeline.engine)
    with timeline.transaction() as tx:
        for number, id in enumerate(day.persons):
            tx.session.add(
                PersonRow(
                    id=id,
                    name=id,
                    call_sign=f"辅{number:03}",
                    force="AUX",
                    unit_id="U01",
                    area=GRID,
                    lon=119.4,
                    lat=34.1,
                    travel="foot",
                )
            )
    with timeline.transaction() as tx:
        for point in day.points:
            add_point(
                tx,
                id=point.id,
                name=point.id,
                kind="school",
                area=GRID,
                lonlat=point.lonlat,
                radius_m=50.0,
                dwell_s=point.dwell_s,
                windows=point.windows,
                person_id=point.person_id,
            )
        for line in day.lines:
            add_line(
                tx,
                id=line.id,
                name=line.id,
                area=GRID,
                line=line.corners,
                windows=line.windows,
                person_id=line.person_id,
                both_sides=line.both_sides,
            )
