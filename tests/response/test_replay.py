from command_center.errors import YipingError
from tests.response.hall import CAMERA, LI, SECOND_CAMERA, WANG, Hall


def compare(hall: Hall) -> None:
    folded, shown = hall.folded(), hall.snapshot()
    for name, views in shown.items():
        assert folded[name] == {view["id"]: _plain(view) for view in views}, name


def _plain(view: dict[str, object]) -> dict[str, object]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in view.items()}


def test_folding_the_facts_gives_what_is_stored(hall: Hall) -> None:
    case = hall.open_case()
    order = hall.handle(case["id"], "R002")
    hall.manage("link_camera", case["id"], camera_id=SECOND_CAMERA, why="看得到")
    hall.act("done", order)
    hall.see("freeze")
    hall.end(hall.see("covered", CAMERA))
    hall.duty("patrol.missed")
    hall.take(hall.alerts()[0]["id"])
    hall.dismiss(hall.alerts()[0]["id"])
    other = hall.open_case(SECOND_CAMERA)
    declined, kept = hall.dispatch(other["id"], "R000", "R001")
    hall.act("decline", declined, reason="远")
    compare(hall)
    hall.manage("resolve", case["id"], answer="好")
    hall.act("accept", kept)
    compare(hall)
    hall.manage("call_back", case["id"], rating=5, solved=True)
    hall.manage("archive", case["id"])
    compare(hall)


def test_a_refused_command_leaves_neither_state_nor_fact(hall: Hall) -> None:
    case = hall.open_case()
    before = hall.timeline.head()
    for attempt in (
        lambda: hall.manage("resolve", case["id"], answer="好"),
        lambda: hall.dispatch(case["id"], "R000", "R999"),
        lambda: hall.take(hall.alert()["id"], LI),
        lambda: hall.confirm(hall.alert()["id"], WANG),
    ):
        try:
            attempt()
        except YipingError:
            continue
        raise AssertionError("it should have been refused")
    assert hall.timeline.head() == before
    compare(hall)


def test_case_codes_of_a_day_are_numbered_without_gaps(hall: Hall) -> None:
    for number in range(5):
        hall.duty("patrol.missed", id=f"duty-{number}")
        hall.take(hall.alerts()[0]["id"])
        hall.confirm(hall.alerts()[0]["id"], category="02999")
    codes = sorted(case["code"][19:23] for case in hall.snapshot()["cases"])
    assert codes == ["0001", "0002", "0003", "0004", "0005"]
