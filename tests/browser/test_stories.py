"""Six stories of centers, played by their people on the pages. Where days have to pass, tests/response/test_stories.py
plays them; here every story is one sitting, under the way of working of its center."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from command_center.registry.clocks import LOCAL
from tests.browser.conftest import RunningHall
from tests.browser.seats import PATIENCE_MS, Seat
from tests.browser.sittings import DESK, Sitting, photo, seat_of_unit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
FOREST, NEIGHBOURS, LEASE, LOAN, FREIGHT, WAGES, DEATH = (
    "01004", "01002", "01005", "01006", "01007", "01008", "01009",
)  # fmt: skip


class Center:
    """Everybody at work, and which way each door is worked."""

    def __init__(self, chromium: Browser, hall: RunningHall) -> None:
        self._chromium, self._hall = chromium, hall
        self._seats: dict[str, Sitting] = {}
        self.places = [place.name for place in hall.town.places]

    def __getattr__(self, name: str) -> Sitting:
        if name not in self._seats:
            self._seats[name] = Sitting(self._chromium, self._hall, name, size=DESK)
            self._seats[name].page.goto(f"{self._hall.url}/work")
        return self._seats[name]

    def unit(self, name: str, unit: str) -> Sitting:
        if name not in self._seats:
            self._seats[name] = seat_of_unit(self._chromium, self._hall, name, unit)
        return self._seats[name]

    def works(self, **ways: str) -> None:
        """The leader says which way each door is worked."""
        self.leader.page.goto(f"{self._hall.url}/ways")
        self.leader.sees("way-doors")
        doors = [(self.leader.of(f"door-{door}"), way) for door, way in ways.items()]
        if any(door.input_value() != way for door, way in doors):
            for door, way in doors:
                door.select_option(way)
            self.leader.of("doors-save").click()
            expect(self.leader.of("doors-save")).to_have_count(0, timeout=PATIENCE_MS)
        self.leader.page.goto(f"{self._hall.url}/work")

    def leave(self) -> None:
        for seat in self._seats.values():
            seat.leave()


@pytest.fixture(scope="module")
def center(chromium: Browser, hall: RunningHall) -> Iterator[Center]:
    center = Center(chromium, hall)
    center.works(window="gn", grid="gn", phone="xpy", police="tp", petition="ha")
    yield center
    center.leave()


def test_two_households_get_their_boundary_stone(center: Center) -> None:
    """灌南·镇中社区, whole: window, joint dispatch, archive, agreement, the picture of the stone on the map."""
    clerk, justice, police = center.intake, center.justice, center.police
    case = clerk.takes_down("两户交界处栽的树苗过了地界", channel="window", category=NEIGHBOURS, place=center.places[4])
    clerk.does("accept", case)
    center.dispatch.does("dispatch", case, lead="司法所", helpers=["示范镇综治中心", "示范镇派出所"])
    justice.does("receive", case)
    police.does("receive", case)
    village = center.unit("station", "示范镇综治中心")
    village.does("receive", case)
    village.does("report", case, text="查阅村地界档案第 17 页", photos=photo("archive"))
    justice.does(
        "mediate", case, kind="现场", result="成功", present=["申请人", "被申请人"], mediators="司法所、村调委会",
        place="三组地头", lasted="2h", form="书面", minutes="按档案重立界桩，树苗移回",
    )  # fmt: skip
    justice.sees("agreed")
    justice.does("request_close", case, result="已立界桩", answer="按档案重新设立水泥界桩", photos=photo("stone"))
    justice.is_in("REVIEW")
    center.head.does("approve", case)
    center.head.sees("result-photo")
    center.head.of("result-photo").scroll_into_view_if_needed()
    center.head.picture("story-stone")
    clerk.does("rate", case, rating="非常满意", solved=True)
    justice.does("add_papers", case, papers=["申请书", "权利义务告知书", "身份证明", "封底"])
    clerk.does("archive", case)
    clerk.is_in("ARCHIVED")


def test_the_rent_is_promised_for_a_day(center: Center) -> None:
    """灌南·江先生: three hours of talk and a promise for a day, with its clock. That the case comes back three days
    before, and what follows on the day, the other test plays."""
    clerk, justice = center.intake, center.justice
    day = (datetime.now(LOCAL) + timedelta(days=200)).strftime("%Y-%m-%dT23:59")
    case = clerk.takes_down("承包人付不出承包地租金", channel="grid", category=LEASE, place=center.places[6])
    clerk.does("accept", case)
    center.dispatch.does("dispatch", case, lead="司法所")
    justice.does("receive", case)
    justice.does("start", case)
    justice.does(
        "mediate", case, kind="现场", result="成功", present=["申请人", "被申请人"], lasted="3h", form="书面",
        perform_by=day, minutes="约定日前付清租金",
    )  # fmt: skip
    expect(justice.of("agreed")).to_contain_text("履行期限")
    justice.does("request_close", case, result="达成协议", answer="约定日前付清租金")
    center.head.does("approve", case)
    clerk.does("rate", case, rating="非常满意", solved=True)
    expect(clerk.of("offer-archive")).to_be_disabled(timeout=PATIENCE_MS)
    clerk.of("queue-todo").click()
    expect(clerk.of("work-row", id=case)).to_have_count(0, timeout=PATIENCE_MS)
    clerk.does("perform", case, note="提前付清，已电话核实")
    expect(clerk.of("agreed")).to_contain_text("已履行")


def test_a_forest_dispute_climbs_when_its_attempts_are_used(center: Center) -> None:
    """来宾·小平阳: three vain sessions at each of three levels lead up to the county, which talks apart and together.
    That a window which ends leads up as well, with a mark against the level, the other test plays."""
    clerk, justice = center.intake, center.justice
    case = clerk.takes_down("林地归属从 2010 年争到现在", channel="phone", category=FOREST, place=center.places[8])
    clerk.does("accept", case)
    center.dispatch.does("dispatch", case, lead="司法所")
    justice.does("receive", case)
    justice.does("start", case)
    for level in ("村委", "乡镇", "县级联合"):
        for _ in range(3):
            justice.does("mediate", case, kind="现场", result="未成", minutes="互不让步")
        expect(justice.of("levels").locator('[data-state="now"]')).to_contain_text(level, timeout=PATIENCE_MS)
    center.head.does("collaborate", case, kind="会办", units=["示范镇综治中心"], required=True, reason="县镇联合到现场")
    county = center.unit("station", "示范镇综治中心")
    county.does("mediate", case, kind="背对背", result="未成", present=["申请人"], minutes="解读法律、政策")
    county.does(
        "mediate", case, kind="现场", result="成功", present=["申请人", "被申请人"], mediators="县综治中心、镇综治中心",
        lasted="6h", form="书面", minutes="双方达成调解协议",
    )  # fmt: skip
    county.does("join", case, collaboration="会办 · 县镇联合到现场", text="已到现场调解成功")
    center.head.sees("agreed")
    center.head.of("mediation").scroll_into_view_if_needed()
    center.head.picture("story-levels")
    justice.does("request_close", case, result="达成协议", answer="林地按协议划分")
    center.head.does("approve", case)
    center.head.is_in("CALLBACK")


def test_eight_truckers_are_paid_the_same_night(center: Center) -> None:
    """来宾·头排, whole: the station hands over and follows receipt and feedback, one key calls, the judge mediates."""
    court = center.unit("judge", "示范人民法庭")
    _hand_over(center, "JJ202409102315", "八名货车司机的运费没有人付", FREIGHT, center.places[10])
    case = center.duty.finds("八名货车司机")
    expect(center.duty.of("handover")).to_contain_text("已到场控制")
    center.duty.does("accept", case)
    center.police.sees("handover-row", id="JJ202409102315", state="taken")
    center.duty.does("dispatch", case, lead="司法所")
    center.head.does("call_joint", case)
    expect(center.head.of("call")).to_contain_text("示范人民法庭")
    court.does("join", case, collaboration="联调", text="法官已在路上")
    center.justice.does("receive", case)
    center.justice.does("start", case)
    court.does(
        "mediate", case, kind="面对面", result="成功", present=["申请人", "被申请人"], mediators="法庭法官",
        lasted="30m", form="书面", minutes="运费由货主支付",
    )  # fmt: skip
    center.justice.does("request_close", case, result="握手言和", answer="运费已当场付清")
    center.head.does("approve", case)
    row = center.police.sees("handover-row", id="JJ202409102315", state="answered")
    expect(row).to_contain_text("运费已当场付清")
    center.police.picture("story-handover")


def test_thirty_relatives_are_received(center: Center, chromium: Browser, hall: RunningHall) -> None:
    """海安·滨海新区: a crowd on its way, war mode on the wall, a task force with tasks, reports up to the last. The two
    days and nights between them, the other test plays."""
    center.works(police="ha")
    head, leader = center.head, center.leader
    arrives = (datetime.now(LOCAL) + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")
    _hand_over(
        center, "JJ202207281950", "一名外地职工因病死亡，家属近三十人已出发", DEATH, center.places[12],
        crowd_is=True, crowd_people="30", crowd_origin="河南商丘", crowd_arrives=arrives,
    )  # fmt: skip
    case = head.finds("家属近三十人")
    expect(head.of("crowd")).to_contain_text("30 人，来自河南商丘")
    head.does("accept", case)
    leader.of("mode-turn").click()
    leader.of("mode-reason").fill("近三十名家属将到")
    leader.of("mode-send").click()
    wall = Seat(chromium, hall, "wall", size=(3840, 1080))
    wall.sees("mode", state="war")
    expect(wall.of("war-why")).to_have_text("近三十名家属将到")
    wall.sees("case-item", id=case)
    wall.picture("wall-war")
    head.does("dispatch", case, lead="示范镇综治中心", helpers=["人社所", "司法所"])
    expect(head.of("call").first).to_contain_text("专班")
    head.does("brief", case, kind="初报", text="专班已成立，家属明早到")
    receive, after = "接待：安排食宿，两人一组陪同", "善后：核定抚恤"
    for unit, task in (("示范镇综治中心", receive), ("人社所", after)):
        head.does("collaborate", case, kind="专班", units=[unit], required=True, reason=task)
    lead = center.unit("station", "示范镇综治中心")
    lead.does("receive", case)
    lead.does("report", case, text="家属 28 人到达，已接待")
    head.does("brief", case, kind="续报", text="家属到达，情绪稳定")
    lead.does("mediate", case, kind="背对背", result="未成", lasted="3h")
    lead.does("mediate", case, kind="面对面", result="成功", form="书面", minutes="家属次日返乡")
    head.of("calls").scroll_into_view_if_needed()
    head.picture("story-taskforce")
    for seat, tasks in ((lead, ("", receive)), (center.labour, ("", after)), (center.justice, ("",))):
        for task in tasks:
            seat.does("join", case, collaboration=f"专班 · {task}" if task else "专班", text="已完成")
    lead.does("request_close", case, result="妥善处置", answer="已达成协议，家属返乡")
    head.does("brief", case, kind="终报", text="处置完毕")
    expect(head.of("brief")).to_have_count(3, timeout=PATIENCE_MS)
    expect(head.of("offer-brief")).to_be_disabled(timeout=PATIENCE_MS)
    head.does("approve", case)
    leader.of("mode-turn").click()
    leader.of("mode-reason").fill("家属已返乡")
    leader.of("mode-send").click()
    wall.sees("mode", state="peace")
    wall.leave()


def test_a_wage_is_paid_at_the_gate_and_a_loan_goes_to_legal_aid(center: Center) -> None:
    """海安·雅周、白甸: from the police and back with 15000 paid; a loan whose talks are ended and sent to legal aid.
    The fourteen months of talks over the loan that was settled, the other test plays."""
    center.works(police="ha")
    clerk, labour, justice = center.intake, center.labour, center.justice
    _hand_over(center, "JJ202111030921", "月工资说好涨到五千，一直不兑现", WAGES, center.places[14])
    case = clerk.finds("月工资说好涨到五千")
    clerk.does("accept", case)
    center.dispatch.does("dispatch", case, lead="人社所")
    labour.does("receive", case)
    labour.does("start", case)
    labour.does("mediate", case, kind="面对面", result="未成")
    soon = (datetime.now(LOCAL) + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")
    labour.does("mediate", case, kind="面对面", result="成功", form="书面", perform_by=soon, minutes="补一万五千元")
    labour.does("perform", case, note="一次性付清 15000 元")
    labour.does("request_close", case, result="已付清", answer="工资差额 15000 元当场付清")
    center.head.does("approve", case)
    expect(center.police.sees("handover-row", id="JJ202111030921", state="answered")).to_contain_text("15000")

    clerk.takes_in("借条丢了，对方不认", channel="petition", category=LOAN, place=center.places[16])
    clerk.of("intake-send").click()
    loan = str(clerk.sees("work-case", state="SUBMITTED").get_attribute("data-id"))
    clerk.does("accept", loan)
    center.dispatch.does("dispatch", loan, lead="司法所")
    justice.does("receive", loan)
    justice.does("start", loan)
    justice.opens(loan)
    expect(justice.of("offer-end_mediation")).to_be_disabled()
    for kind in ("面对面", "背对背", "远程"):
        justice.does("mediate", loan, kind=kind, result="未成", mediators="孙正芝")
    justice.does("end_mediation", loan, advice="法律援助", reason="对方否认，证据不足")
    justice.is_in("REVIEW")
    expect(justice.of("guided")).to_contain_text("法律援助")
    center.head.does("approve", loan)
    center.head.is_in("CALLBACK")


def _hand_over(center: Center, number: str, text: str, category: str, place: str, **more: object) -> None:
    """The station's page: 接警单 and matter; then it waits for its receipt."""
    now = (datetime.now(LOCAL) - timedelta(minutes=15)).strftime("%Y-%m-%dT%H:%M")
    center.police.takes_in(
        text, channel="police", category=category, place=place, incident_number=number, incident_reported=now,
        incident_dealt="已到场控制，双方未动手", incident_reason="需要调解", incident_contact="值班民警", **more,
    )  # fmt: skip
    center.police.of("intake-send").click()
    center.police.sees("handover-row", id=number, state="sent")
