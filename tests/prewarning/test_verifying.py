import pytest

from command_center.errors import BadInput, Conflict, NotFound
from tests.response.hall import HEAD, LI, WANG, Hall, officer
from tests.response.small_town import OTHER_VILLAGE, VILLAGE


def test_who_takes_an_alert_first_has_it_and_the_other_is_told_who(hall: Hall) -> None:
    hall.see()
    id = hall.alert()["id"]
    hall.take(id, WANG)
    with pytest.raises(Conflict) as refused:
        hall.take(id, LI)
    assert "wang先生" in refused.value.text("zh")
    assert "wang先生" in refused.value.text("en")
    version = hall.alert()["version"]
    hall.take(id, WANG)
    assert hall.alert()["version"] == version


def test_only_the_taker_or_the_head_of_shift_closes_an_alert(hall: Hall) -> None:
    hall.see()
    id = hall.alert()["id"]
    with pytest.raises(Conflict, match="alert_take_first"):
        hall.dismiss(id, WANG)
    hall.take(id, WANG)
    for refused in (hall.dismiss, hall.confirm):
        with pytest.raises(Conflict, match="alert_taken"):
            refused(id, LI)
    alert = hall.dismiss(id, HEAD, "leaves_shadow")
    assert (alert["state"], alert["reason"], alert["closed_by"]) == (
        "dismissed",
        "leaves_shadow",
        {"id": "head", "name": "head先生"},
    )


def test_a_head_of_shift_who_closes_what_nobody_took_is_named_as_taker(hall: Hall) -> None:
    hall.see()
    alert = hall.dismiss(hall.alert()["id"], HEAD)
    assert alert["taken_by"] == alert["closed_by"] == HEAD.json()


def test_a_closed_alert_refuses_everything_and_says_what_it_is(hall: Hall) -> None:
    hall.see()
    id = hall.alert()["id"]
    hall.take(id)
    hall.dismiss(id)
    for verb in (hall.take, hall.dismiss, hall.confirm):
        with pytest.raises(Conflict, match="alert_dismissed"):
            verb(id, WANG)


def test_a_false_alarm_needs_a_reason_of_the_list_and_other_needs_words(hall: Hall) -> None:
    hall.see()
    id = hall.alert()["id"]
    hall.take(id)
    with pytest.raises(BadInput, match="no_such_reason"):
        hall.dismiss(id, reason="because")
    with pytest.raises(BadInput, match="reason_needs_note"):
        hall.dismiss(id, reason="other", note="  ")
    assert hall.alert()["state"] == "taken"
    assert hall.dismiss(id, reason="other", note="演练")["note"] == "演练"


def test_an_alert_outside_the_area_does_not_exist(hall: Hall) -> None:
    hall.see()
    id = hall.alert()["id"]
    stranger = officer("stranger", area=OTHER_VILLAGE)
    with pytest.raises(NotFound):
        hall.take(id, stranger)
    assert hall.alerts(stranger) == []
    assert len(hall.alerts(officer("villager", area=VILLAGE))) == 1


def test_a_refused_confirmation_opens_no_case(hall: Hall) -> None:
    hall.see()
    id = hall.alert()["id"]
    hall.take(id)
    with pytest.raises(NotFound, match="category_not_found"):
        hall.confirm(id, category="99999")
    with pytest.raises(BadInput, match="no_such_level"):
        hall.confirm(id, level=9)
    assert hall.alert()["state"] == "taken"
    assert "response.opened" not in hall.kinds()
