from datetime import timedelta

from command_center.ingest.position import Position
from command_center.response.advice import Adviser
from command_center.response.candidates import rank
from command_center.response.queries import case_row
from gis.metric import destination
from tests.response.hall import WANG, Hall
from tests.response.small_town import CORNERS


class Phones:
    """Everybody's phone, each a little further along the street."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall

    def latest(self) -> list[tuple[Position, str]]:
        at = self._hall.clock() - timedelta(seconds=5)
        return [
            (Position(person.id, at, at, *destination(CORNERS[0], 90.0, 400.0 * (5 - i))), person.area)
            for i, person in enumerate(self._hall.town.persons.values())
        ]


def test_a_short_look_finds_the_same_best_as_a_look_at_everybody(hall: Hall) -> None:
    id = hall.open_case()["id"]
    adviser = Adviser(hall.town, Phones(hall))
    with hall.timeline.reading() as session:
        case = case_row(session, id=id, who=WANG)
        short = adviser.ranking(session, case, who=WANG, now=hall.clock(), limit=1)
        forces = adviser._roll(session, WANG, hall.clock()).forces
        travels = adviser.chooser.travels(forces, (case.lon, case.lat))
    full = rank(forces, travels, category=case.category, area=case.area, now=hall.clock())
    assert short.offered[0] == full.offered[0]
    assert [one.force.person_id for one in short.not_offered] == [one.force.person_id for one in full.not_offered]
    assert full.offered[0].force.force in ("POL", "AUX")
