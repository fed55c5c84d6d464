"""单人值守: who stays without movement alone is asked; no answer is a red alert; an answer or a move ends it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from command_center.access.guard import Who
from command_center.access.tables import UserRow
from command_center.errors import Conflict, NotFound
from command_center.patrol.plans.needs import plan_day, second_of
from command_center.patrol.plans.packing import needs_json
from command_center.patrol.plans.tables import PlanRow
from command_center.prewarning.rounds import Rounds
from command_center.prewarning.rules import RULES
from command_center.prewarning.safety.commands import answer
from command_center.prewarning.safety.queries import own_questions
from gis.metric import destination
from gis.planning.needs import Needs, PointNeed, Team, visits_of
from tests.patrol.conftest import GRID, PLACE, patrolling

from .test_rounds import WINDOW, Watched

ASK_MIN = RULES.lone.ask_s / 60
ANSWER_MIN = RULES.lone.answer_s / 60
P1 = Who("u9", "p1", "李强", "responder", "320724199", person_id="p1")
P2 = Who("u8", "p2", "王芳", "responder", "320724199", person_id="p2")


class Alone(Watched):
    def stand(self, rounds: Rounds, start: float, end: float, away_m: float = 2_000.0) -> None:
        self.walk(rounds, [(minute, away_m) for minute in range(round(start), round(end) + 1)])

    def asked(self) -> list[str]:
        with self.timeline.reading() as db:
            return [view["id"] for view in own_questions(db, P1)]

    def says_safe(self, id: str, who: Who = P1) -> str:
        with self.timeline.transaction() as tx:
            return answer(tx, id=id, who=who).state

    def told(self) -> list[str]:
        return [kind.removeprefix("prewarning.") for kind in self.kinds() if kind.startswith("prewarning.")]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Alone]:
    with patrolling(tmp_path) as patrol:
        patrol.__class__ = Alone
        assert isinstance(patrol, Alone)
        with patrol.timeline.transaction() as tx:
            tx.session.add(
                UserRow(
                    id="u9", name="p1", display_name="李强", role="responder", area="320724199", person_id="p1",
                    password_hash="", active=True, created_at=tx.now, changed_at=tx.now,
                )
            )  # fmt: skip
        yield patrol


def test_no_answer_is_a_red_alert_and_an_answer_later_ends_it(hall: Alone) -> None:
    hall.point(windows=WINDOW)
    rounds = hall.watch()
    hall.stand(rounds, 12, 12 + ASK_MIN - 1)
    assert hall.asked() == []
    hall.stand(rounds, 12 + ASK_MIN, 12 + ASK_MIN)
    (id,) = hall.asked()
    assert hall.timeline.since(0)[-1].parties == ("p1",)
    # A restart forgets nothing, and silence of the device is no answer.
    rounds = hall.watch()
    hall.clock.moment += timedelta(minutes=ANSWER_MIN)
    rounds.step()
    assert hall.alerts() == [("no_answer", 1, 1, False)]
    assert hall.says_safe(id) == "answered"
    assert hall.alerts() == [("no_answer", 1, 1, True)]
    assert hall.told() == ["safety_asked", "safety_unanswered", "raised", "safety_answered", "cleared"]


def test_who_answers_in_time_raises_nothing_and_is_asked_again_only_after_the_whole_time(hall: Alone) -> None:
    hall.point(windows=WINDOW)
    rounds = hall.watch()
    hall.stand(rounds, 12, 12 + ASK_MIN)
    (id,) = hall.asked()
    with pytest.raises(NotFound):
        hall.says_safe(id, P2)
    assert hall.says_safe(id) == hall.says_safe(id) == "answered"
    start = 13 + ASK_MIN
    hall.stand(rounds, start, start + ASK_MIN - 1)
    assert hall.asked() == []
    hall.stand(rounds, start + ASK_MIN, start + ASK_MIN)
    assert len(hall.asked()) == 1
    assert "no_answer" not in {kind for kind, *_ in hall.alerts()}


def test_a_move_or_the_end_of_the_duty_closes_the_question(hall: Alone) -> None:
    hall.point(windows=[{"start": "08:10:00", "end": "09:00:00"}])
    rounds = hall.watch()
    hall.stand(rounds, 12, 12 + ASK_MIN)
    (id,) = hall.asked()
    hall.stand(rounds, 13 + ASK_MIN, 13 + ASK_MIN, away_m=1_850.0)
    assert hall.asked() == []
    with pytest.raises(Conflict):
        hall.says_safe(id)
    hall.stand(rounds, 14 + ASK_MIN, 14 + 2 * ASK_MIN, away_m=1_850.0)
    assert len(hall.asked()) == 1
    hall.clock.moment = hall.at(61)
    rounds.step()
    assert hall.told() == ["safety_asked", "safety_moved", "safety_asked", "safety_ended"]


def test_nobody_is_asked_in_company_nor_without_a_page_and_later_at_his_post(hall: Alone) -> None:
    hall.point(windows=WINDOW)
    hall.point(windows=WINDOW, person_id="p2")
    rounds = hall.watch()
    for minute in range(12, round(12 + 2 * ASK_MIN)):
        hall.walk(rounds, [(minute, 3_000.0)], person_id="p2")
        hall.walk(rounds, [(minute, 3_000.0)])
    hall.walk(rounds, [(40 + i, 3_000.0) for i in range(round(ASK_MIN) + 2)], person_id="p2")
    hall.stand(rounds, 60, 60 + ASK_MIN + 1, away_m=20.0)
    assert "safety_asked" not in hall.told()
    hall.stand(rounds, 62 + ASK_MIN, 61 + RULES.lone.post_s / 60, away_m=20.0)
    assert hall.told().count("safety_asked") == 1


def test_one_who_leaves_his_published_round_is_told_and_one_on_his_way_to_the_next_stop_is_not(hall: Alone) -> None:
    far = destination(PLACE, 90.0, 4_000.0)
    day = plan_day(hall.at(0))
    begin, end = second_of(day, hall.at(0)), second_of(day, hall.at(120))
    points = tuple(
        PointNeed(id, id, lonlat, ((begin, end),), dwell_s=60) for id, lonlat in (("near", PLACE), ("far", far))
    )
    team = Team("t1", "一组", "AUX", 1.4, destination(PLACE, 90.0, 4_100.0), begin, end, 0)
    needs = Needs((team,), points, (), (), 1.0)
    stops = [
        {"visit_id": visit.id, "forward": True, "arrive_s": begin, "leave_s": begin + 60} for visit in visits_of(needs)
    ]
    body = {
        "needs": needs_json(needs),
        "crews": {"t1": {"persons": ["p1"], "travel": "foot"}},
        "rounds": [{"team_id": "t1", "depart_s": begin, "back_s": end, "travel_s": 0, "stops": stops}],
    }
    with hall.timeline.transaction() as tx:
        tx.session.add(
            PlanRow(
                id="plan1", day=day, area=GRID, state="published", wanted=1.0, body=body, made_by={}, made_at=tx.now,
                version=1,
            )
        )  # fmt: skip
    rounds = hall.watch()
    hall.walk(rounds, [(5 + i, 80.0 * i) for i in range(50)])
    assert hall.alerts() == []
    hall.walk(rounds, [(60 + i, 4_000.0 + 100.0 * i) for i in range(12)])
    assert hall.alerts() == [("off_route", 4, 1, False)]
