"""Six stories of centers, as their people live them over HTTP, each under its center's way of working."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.response.storytelling import (
    BUILDING,
    CENTER,
    COURT,
    DISTRICT,
    JUSTICE,
    LABOUR,
    POLICE,
    VILLAGE,
    Story,
    at,
    story,
    told,
)

Begin = Callable[[str], Story]
WINDOW, DEATH, LOAN, FREIGHT, WAGES, LEASE, FOREST = "01002", "01009", "01006", "01007", "01008", "01005", "01004"


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    with ExitStack() as stack:
        yield lambda moment: stack.enter_context(story(tmp_path, moment))


def test_two_households_get_their_boundary_stone(begin: Begin) -> None:
    """灌南·镇中社区: trees over a boundary; village, police and grid worker on the spot, the archive, a new stone."""
    tale = begin("2024-05-06T09:00")
    clerk, dispatcher, head = (
        tale.person("clerk", "intake"), tale.person("disp", "dispatcher"), tale.person("head", "shift_head")
    )  # fmt: skip
    justice, village, police = tale.of(JUSTICE, "justice"), tale.of(VILLAGE, "village"), tale.of(POLICE, "police")
    officer = tale.person("jing", "responder", person_id="R000")
    grid = tale.person("wang", "responder", person_id="R002")

    case = clerk.takes_in("两户交界处栽的树苗过了地界，调解过几次都没成", way="gn", category=WINDOW)
    clerk.does("accept", case)
    dispatcher.sends(case, JUSTICE, VILLAGE, POLICE)
    justice.does("receive", case)
    for person, place in (("R000", 0), ("R002", 2)):
        tale.stands(person, place)
    sent = dispatcher.asks("POST", f"/cases/{case}/dispatch", json={"person_ids": ["R000", "R002"]})
    for seat, order in zip((officer, grid), sent["orders"], strict=True):
        seat.asks("POST", f"/orders/{order['id']}/accept")
        seat.asks("POST", f"/orders/{order['id']}/depart")
        seat.asks("POST", f"/orders/{order['id']}/arrive", json={"note": "地头"})
        seat.asks("POST", f"/orders/{order['id']}/feedback", data={"text": "双方在场，地界标记已看不清"})
        seat.asks("POST", f"/orders/{order['id']}/done")
    for unit in (village, police):
        assert unit.has_to_do(case)
        unit.does("receive", case)
    archive = village.photographs(case)
    village.does("report", case, text="地界档案第 17 页，四至清楚", photos=[archive])

    tale.passes(hours=4)
    justice.mediates(
        case, "现场", "成功", mediators="司法所老周、村调委会", place="三组地头", lasted="2h", form="书面",
        minutes="双方按档案重立界桩，树苗移回",
    )  # fmt: skip
    tale.passes(days=1)
    stone = justice.photographs(case)
    justice.does("request_close", case, result="已立界桩", answer="按档案重新设立水泥界桩", photos=[stone])
    assert head.does("approve", case)["state"] == "CALLBACK"
    clerk.does("rate", case, rating=5, solved=True)
    justice.files_the_rest(case)
    assert clerk.does("archive", case)["state"] == "ARCHIVED"

    shown = head.sees(case)
    assert shown["case"]["lonlat"] and [(one["id"], one["result"]) for one in shown["photos"]] == [
        (archive, False), (stone, True)
    ]  # fmt: skip
    (session,) = shown["work"]["mediation"]["sessions"]
    assert (session["kind"], session["number"], session["lasted"]) == ("现场", 1, "2h")
    assert session["mediators"] == ["司法所老周", "村调委会"] and session["present"] == ["申请人", "被申请人"]
    assert shown["work"]["mediation"]["agreed_at"] and shown["sealed"] is True
    assert told(shown)[-5:] == ["request_close", "approve", "rate", "add_papers", "archive"]
    assert [one["name"] for one in shown["work"]["steps"]] == ["受理", "交办", "办理", "督办", "反馈", "回访"]


def test_the_rent_is_promised_for_a_day_and_the_center_asks_on_that_day(begin: Begin) -> None:
    """灌南·江先生: three hours of talk, payment by 15 March of the next year; the case comes back before that day."""
    tale = begin("2024-02-20T14:00")
    clerk, dispatcher, head = (
        tale.person("clerk", "intake"), tale.person("disp", "dispatcher"), tale.person("head", "shift_head")
    )  # fmt: skip
    justice, village = tale.of(JUSTICE, "justice"), tale.of(VILLAGE, "village")
    case = clerk.takes_in("承包人元宵节前付不出承包地租金", way="gn", category=LEASE, channel="grid")
    clerk.does("accept", case)
    dispatcher.sends(case, JUSTICE, VILLAGE)
    for unit in (justice, village):
        unit.does("receive", case)
    justice.does("start", case)
    tale.passes(hours=3)
    promise = at("2025-03-15T23:59").isoformat()
    words = {"mediators": "司法所、村调委会", "lasted": "3h", "form": "书面", "minutes": "2025 年 3 月 15 日前付清"}
    assert justice.is_refused("mediate", case, kind="现场", result="成功", **{**words, "lasted": "3d"}) == (
        "engine_session_lasted"
    )
    justice.mediates(case, "现场", "成功", perform_by=promise, **words)
    justice.does("request_close", case, result="达成协议", answer="承包人三月十五日前付清租金")
    head.does("approve", case)
    clerk.does("rate", case, rating=5, solved=True)
    assert clerk.is_refused("archive", case) == "engine_performance_open"

    tale.becomes("2025-03-01T09:00")
    assert not clerk.has_to_do(case)
    tale.becomes("2025-03-13T09:00")
    assert clerk.has_to_do(case) and "perform" in clerk.may(case)
    assert not [one for one in tale.expired(case) if one["timer"] == "T-PERFORM"]
    tale.becomes("2025-03-16T09:00")
    (reminder,) = [one for one in tale.expired(case) if one["timer"] == "T-PERFORM"]
    assert {"kind": "flag", "flag": "performance_due", "timer": "T-PERFORM"} in reminder["effects"]
    clerk.does("perform", case, note="电话回访：租金已全部到账")
    justice.files_the_rest(case)
    assert clerk.does("archive", case)["state"] == "ARCHIVED"
    agreed = head.sees(case)["work"]["mediation"]
    assert agreed["perform_by"].startswith("2025-03-15") and agreed["performed_at"].startswith("2025-03-16")


def test_a_forest_dispute_climbs_the_levels_until_the_district_comes(begin: Begin) -> None:
    """来宾·小平阳: attempts used or windows over lead up, to the district, which talks to each side apart."""
    tale = begin("2025-01-02T09:00")
    clerk, dispatcher, head = (
        tale.person("clerk", "intake"), tale.person("grid", "dispatcher"), tale.person("head", "shift_head")
    )  # fmt: skip
    justice, village, building = tale.of(JUSTICE, "justice"), tale.of(VILLAGE, "gumeng"), tale.of(BUILDING, "plan")
    district = tale.of(DISTRICT, "xingbin")
    case = clerk.takes_in("林地归属从 2010 年争到现在", way="xpy", category=FOREST)
    clerk.does("accept", case)
    dispatcher.sends(case, JUSTICE, VILLAGE, BUILDING)
    justice.does("receive", case)
    justice.does("start", case)
    head.does(
        "collaborate", case, kind="专班", units=[JUSTICE, VILLAGE, BUILDING], reason="实地察看、走访、查村调委会资料"
    )
    for unit in (justice, village, building):
        unit.answers(case, "专班", "调查完毕")
    for _ in range(3):
        tale.passes(hours=20)
        village.mediates(case, "面对面", "未成", minutes="互不让步")
    assert justice.sees(case)["work"]["mediation"]["level"] == "村委"
    village.mediates(case, "面对面", "未成")
    village.does("mediate", case, kind="面对面", result="缺席", present=["申请人"])
    tale.becomes("2025-01-20T00:00")
    levels = justice.sees(case)["work"]["mediation"]["levels"]
    assert [(one["name"], one["tried"], one["state"], one["too_few"]) for one in levels] == [
        ("村屯", 3, "done", False), ("村委", 1, "done", True), ("乡镇", 0, "now", False), ("县级联合", 0, "next", False)
    ]  # fmt: skip
    assert justice.is_refused("request_close", case, result="x", answer="y") == "engine_mediation_runs"
    for day in ("2025-01-21T09:00", "2025-01-24T09:00", "2025-01-27T15:00"):
        tale.becomes(day)
        justice.mediates(case, "现场", "未成", mediators="镇专项小组")
    assert justice.sees(case)["work"]["mediation"]["level"] == "县级联合"
    assert district.is_refused("mediate", case, kind="现场", result="未成") == "case_not_found"

    tale.becomes("2025-03-12T09:00")
    head.does("collaborate", case, kind="会办", units=[DISTRICT], reason="区镇联合到现场调解", required=True)
    assert district.has_to_do(case)
    district.mediates(case, "现场", "未成", mediators="区综治中心、镇综治中心", minutes="陷入僵局，会商后分开谈")
    tale.passes(hours=2)
    district.mediates(case, "背对背", "未成", present=["申请人"], minutes="解读法律、政策")
    tale.passes(hours=4)
    district.mediates(case, "现场", "成功", lasted="6h", form="书面", minutes="双方达成调解协议")
    assert justice.is_refused("request_close", case, result="x", answer="y") == "engine_helpers_wait"
    district.answers(case, "会办", "已到现场调解成功")
    justice.does("request_close", case, result="达成协议", answer="林地按协议划分")
    head.does("approve", case)
    clerk.does("rate", case, rating=5, solved=True)

    shown = head.sees(case)["work"]
    assert [(one["level"], one["number"], one["kind"]) for one in shown["mediation"]["sessions"][-4:]] == [
        ("乡镇", 3, "现场"), ("县级联合", 1, "现场"), ("县级联合", 2, "背对背"), ("县级联合", 3, "现场")
    ]  # fmt: skip
    assert len(shown["mediation"]["sessions"]) == 11
    assert [one["name"] for one in shown["steps"]] == ["点单", "派单", "接单", "办理", "验单"]
    over = [one for one in tale.expired(case) if one["timer"] == "T-LEVEL"]
    assert len(over) == 1 and {"flag"} & {one["kind"] for one in over[0]["effects"]} == set()


def test_eight_truckers_are_paid_the_same_night(begin: Begin) -> None:
    """来宾·头排: half past eleven at night, one key calls station and court, a judge needs half an hour."""
    tale = begin("2024-09-10T23:30")
    police, justice, court = tale.of(POLICE, "station"), tale.of(JUSTICE, "justice"), tale.of(COURT, "court")
    duty, head = tale.person("night", "duty_officer"), tale.person("head", "shift_head")
    duty.asks("GET", "/mode")
    head.asks("PUT", "/intake/ways", json={"ways": {"P0": "emergency", "*": "tp"}})
    given = police.hands_over(
        "JJ202409102315", "八名货车司机的运费没有人付，堵在矿厂门口", category=FREIGHT, contact="值班民警 韦警官",
        reported_at=at("2024-09-10T23:15").isoformat(), dealt="已到场控制，双方未动手",
    )  # fmt: skip
    case = given["case_id"]
    assert (given["station"], given["receipt_at"], given["state"]) == ("派出所", None, "SUBMITTED")
    again = police.hands_over(
        "JJ202409102315", "再推一次", category=FREIGHT, reported_at=given["reported_at"], dealt="同上"
    )
    assert again == given

    tale.passes(minutes=4)
    assert duty.has_to_do(case)
    assert duty.sees(case)["handover"]["dealt"] == "已到场控制，双方未动手"
    duty.does("accept", case)
    assert police.asks("GET", "/handovers/JJ202409102315")["receipt_at"].startswith("2024-09-10T15:34")
    duty.sends(case, JUSTICE)
    head.does("call_joint", case)
    (call,) = head.sees(case)["work"]["calls"]
    assert (call["kind"], call["units"]) == ("联调", [COURT, POLICE, JUSTICE])
    assert head.is_refused("call_joint", case) == "engine_joint_already"
    (clock,) = [one for one in head.sees(case)["case"]["clocks"] if one["name"] == "T-WHISTLE"]
    assert clock["due_at"].startswith("2024-09-10T16:04")
    assert court.has_to_do(case)
    court.answers(case, "联调", "法官已在路上")
    police.answers(case, "联调", "双方已带到综治中心")
    justice.does("receive", case)
    justice.does("start", case)
    tale.passes(minutes=40)
    court.mediates(
        case, "面对面", "成功", mediators="头排法庭法官", lasted="30m", form="书面", minutes="运费由货主支付"
    )
    assert duty.is_refused("approve", case) == "case_state"
    justice.does("request_close", case, result="握手言和", answer="运费已当场付清")
    assert duty.is_refused("approve", case) == "engine_dispatcher_may_not_close"
    head.does("approve", case)
    back = police.asks("GET", "/handovers")
    assert [(one["number"], one["feedback"]) for one in back] == [("JJ202409102315", "运费已当场付清")]
    assert [one["name"] for one in head.sees(case)["work"]["steps"]][3] == "督办（督单）"
    other, when = tale.of(LABOUR, "other"), given["reported_at"]
    other.asks("GET", "/handovers/JJ202409102315", 404)
    taken = other.hands_over("JJ202409102315", "同一编号", 409, category=FREIGHT, reported_at=when, dealt="无")
    assert taken["code"] == "handover_known"
    for bad in ("0001-01-01T00:00:00+08:00", "2024-09-11T23:00:00+08:00"):
        late = other.hands_over("JJ1", "时间不对", 400, category=FREIGHT, reported_at=bad, dealt="无")
        assert late["code"] == "handover_time"
    crowd = {"people": 9, "arrives_at": "9999-12-31T23:00:00+08:00"}
    far = other.hands_over("JJ1", "太远", 400, category=FREIGHT, reported_at=when, dealt="无", crowd=crowd)
    assert far["code"] == "crowd_time"


def test_thirty_relatives_are_received_two_days_and_nights(begin: Begin) -> None:
    """海安·滨海新区: a death, thirty on the way: a warning, a task force with tasks, war mode, reports."""
    tale = begin("2022-07-28T20:10")
    police, center, labour, justice = (
        tale.of(POLICE, "station"), tale.of(CENTER, "center"), tale.of(LABOUR, "labour"), tale.of(JUSTICE, "justice")
    )  # fmt: skip
    head, leader = tale.person("head", "shift_head"), tale.person("leader", "leader")
    head.asks("PUT", "/intake/ways", json={"ways": {"*": "ha", "P0": "emergency"}})
    given = police.hands_over(
        "JJ202207281950", "科创园一名职工非正常死亡，家属近三十人从河南出发", category=DEATH, kind="其他",
        reported_at=at("2022-07-28T19:50").isoformat(), dealt="已勘查，排除刑事",
        crowd={"people": 30, "origin": "河南商丘", "arrives_at": at("2022-07-29T06:00").isoformat()},
    )  # fmt: skip
    case = given["case_id"]
    shown = head.sees(case)
    assert (shown["case"]["profile"], shown["case"]["level"]) == ("ha", 2)
    assert shown["work"]["crowd"]["people"] == 30
    assert "T-CROWD" in [one["name"] for one in shown["case"]["clocks"]]
    assert [one["id"] for one in tale.hall.snapshot()["cases"]] == [case] == list(tale.hall.folded()["cases"])

    head.does("accept", case)
    leader.asks("PUT", "/mode", json={"war": True, "reason": "近三十名家属将到"})
    head.asks("PUT", "/mode", 400, json={"war": False, "reason": " "})
    labour.asks("PUT", "/mode", 403, json={"war": False, "reason": "不归我"})
    assert police.asks("GET", "/mode")["war"] is False and head.asks("GET", "/mode")["war"] is True
    head.sends(case, CENTER, LABOUR, JUSTICE)
    (force,) = head.sees(case)["work"]["calls"]
    assert (force["kind"], force["units"], force["required"]) == ("专班", [CENTER, LABOUR, JUSTICE], True)
    assert head.is_refused("brief", case, kind="续报", text="早了") == "engine_brief_kind"
    head.does("brief", case, kind="初报", text="一名外地职工因病死亡，家属明早到，专班已成立")
    for unit, task in (
        (CENTER, "接待：安排食宿，两人一组陪同"),
        (POLICE, "通报：向家属说明死因"),
        (LABOUR, "善后：核定抚恤"),
    ):
        head.does("collaborate", case, kind="专班", units=[unit], reason=task, required=True)
    assert [one["task"][:2] for one in head.sees(case)["work"]["calls"]] == ["", "接待", "通报", "善后"]

    tale.becomes("2022-07-29T06:00")
    assert "T-CROWD" in [one["timer"] for one in tale.expired(case)]
    center.does("receive", case)
    center.does("report", case, text="家属 28 人到达，已接待")
    head.does("brief", case, kind="续报", text="家属到达，情绪稳定")
    center.mediates(case, "面对面", "未成", lasted="5h")
    tale.becomes("2022-07-29T22:00")
    center.mediates(case, "背对背", "未成", lasted="3h")
    head.does("brief", case, kind="续报", text="分歧缩小到抚恤数额")
    tale.becomes("2022-07-30T19:00")
    center.mediates(case, "面对面", "成功", form="书面", minutes="家属次日返乡")
    assert center.is_refused("request_close", case, result="x", answer="y") == "engine_helpers_wait"
    for unit in (center, police, labour, justice):
        unit.answers(case, "专班", "已完成")
    center.does("request_close", case, result="妥善处置", answer="已达成协议，家属返乡")
    head.does("brief", case, kind="终报", text="处置完毕")
    assert "brief" not in head.may(case)
    head.does("approve", case)
    leader.asks("PUT", "/mode", json={"war": False, "reason": "家属已返乡"})
    after = head.sees(case)["work"]
    assert [one["kind"] for one in after["briefs"]] == ["初报", "续报", "续报", "终报"]
    assert all(one["closed_at"] for one in after["calls"])
    assert [one["kind"] for one in after["mediation"]["sessions"]] == ["面对面", "背对背", "面对面"]
    calm = clerk_matter(tale)
    assert calm not in tale.hall.folded()["cases"]
    assert head.is_refused("brief", calm, kind="初报", text="小事") == "engine_brief_not_grave"


def clerk_matter(tale: Story) -> str:
    return tale.person("clerk", "intake").takes_in("邻居装修太吵", way="ha", category=WINDOW)


def test_the_wage_is_paid_at_the_gate_and_the_incident_goes_back_to_the_police(begin: Begin) -> None:
    """海安·雅周: relatives at the factory's gate; the station hands over, village and town mediate, 15000 are paid."""
    tale = begin("2021-11-03T10:00")
    police, village, labour = tale.of(POLICE, "station"), tale.of(VILLAGE, "wangduo"), tale.of(LABOUR, "labour")
    clerk, dispatcher, head = (
        tale.person("clerk", "intake"), tale.person("disp", "dispatcher"), tale.person("head", "shift_head")
    )  # fmt: skip
    head.asks("PUT", "/intake/ways", json={"ways": {"*": "ha"}})
    given = police.hands_over(
        "JJ202111030921", "月工资说好从四千涨到五千，一直不兑现", category=WAGES, dealt="已控制事端",
        reported_at=at("2021-11-03T09:21").isoformat(),
    )  # fmt: skip
    case = given["case_id"]
    clerk.does("accept", case)
    dispatcher.sends(case, LABOUR, VILLAGE)
    for unit in (labour, village):
        unit.does("receive", case)
    labour.does("start", case)
    village.mediates(case, "面对面", "未成", mediators="村调委会")
    tale.passes(hours=5)
    soon = at("2021-11-03T18:00").isoformat()
    labour.mediates(case, "面对面", "成功", mediators="镇调委会", form="书面", perform_by=soon, minutes="补一万五千元")
    labour.does("perform", case, note="一次性付清 15000 元")
    labour.does("request_close", case, result="已付清", answer="工资差额 15000 元当场付清")
    head.does("approve", case)
    fed_back = police.asks("GET", "/handovers/JJ202111030921")
    assert (fed_back["state"], fed_back["feedback"]) == ("CALLBACK", "工资差额 15000 元当场付清")
    clerk.does("rate", case, rating=4, solved=True)
    labour.files_the_rest(case)
    assert clerk.does("archive", case)["state"] == "ARCHIVED"


def test_an_old_loan_takes_dozens_of_talks_or_goes_to_legal_aid(begin: Begin) -> None:
    """海安·白甸: from December 2020 to February 2022; where talk would not have helped, legal aid was there."""
    tale = begin("2020-12-05T09:00")
    clerk, dispatcher, head = (
        tale.person("clerk", "intake"), tale.person("disp", "dispatcher"), tale.person("head", "shift_head")
    )  # fmt: skip
    justice = tale.of(JUSTICE, "sun")
    case, other = (
        clerk.takes_in(text, way="ha", category=LOAN) for text in ("借给邻居的钱十年要不回来", "借条丢了，对方不认")
    )
    for one in (case, other):
        clerk.does("accept", one)
        dispatcher.sends(one, JUSTICE)
        justice.does("receive", one)
        justice.does("start", one)
    assert justice.is_refused("end_mediation", case, advice="法律援助", reason="谈不拢") == "engine_mediation_not_tried"
    for month in range(1, 13):
        tale.becomes(f"2021-{month:02d}-10T09:00")
        justice.mediates(
            case, "背对背" if month % 2 else "远程", "未成", mediators="孙正芝", minutes=f"确认第 {month} 笔"
        )
    assert "over_a_month" in [
        effect.get("flag") for one in tale.expired(case) if one["timer"] == "T-OVERALL" for effect in one["effects"]
    ]
    tale.becomes("2022-02-15T09:00")
    justice.mediates(case, "面对面", "成功", mediators="孙正芝", form="书面", minutes="逐笔确认并计息")
    shown = head.sees(case)["work"]["mediation"]
    assert (len(shown["sessions"]), shown["levels"][0]["attempts"], shown["agreed_at"][:7]) == (13, None, "2022-02")
    assert justice.does("request_close", case, result="握手言和", answer="借款按协议归还")["state"] == "REVIEW"

    justice.mediates(other, "面对面", "未成")
    assert justice.is_refused("end_mediation", other, advice="算了", reason="x") == "engine_mediation_advice"
    ended = justice.does("end_mediation", other, advice="法律援助", reason="对方否认，证据不足")
    assert (ended["state"], ended["answer"]) == ("REVIEW", "未化解，已引导：法律援助")
    assert head.sees(other)["work"]["mediation"]["advice"] == "法律援助"
    assert head.sees(other)["work"]["result"] == "未化解,已引导"
    assert head.does("approve", other)["state"] == "CALLBACK"
