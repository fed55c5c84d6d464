"""A matter from the counter to the archive as its people play it: clerk, dispatcher, department, head of shift."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import RunningHall
from tests.browser.seats import PATIENCE_MS, Seat

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

DESK = (1600, 900)


@contextmanager
def seated(chromium: Browser, hall: RunningHall, *names: str) -> Iterator[list[Seat]]:
    seats = [Seat(chromium, hall, name, size=DESK) for name in names]
    yield seats
    for seat in seats:
        seat.leave()


def test_wages_are_asked_for_at_the_window_and_paid(chromium: Browser, hall: RunningHall) -> None:
    with seated(chromium, hall, "intake", "dispatch", "labour", "head") as (clerk, dispatcher, labour, head):
        case_id = _take_down(clerk, hall)
        _press(clerk, case_id, "accept")
        for seat in (dispatcher, head):
            seat.page.goto(f"{hall.url}/work")
        _open(dispatcher, case_id)
        dispatcher.of("offer-dispatch").click()
        expect(dispatcher.of("field-lead").locator("option:checked")).to_contain_text("人社所")
        dispatcher.of("field-helpers").get_by_text("司法所").click()
        dispatcher.picture("work-dispatch")
        dispatcher.of("offer-send").click()
        dispatcher.sees("work-case", state="ASSIGNED")

        _open(labour, case_id)
        labour.of("offer-return").click()
        labour.of("field-reason").fill("发包方欠的是工程款，不是工资")
        labour.of("field-basis").fill("权责清单 12 条")
        labour.of("field-proposed_unit").select_option(label="村镇建设办")
        labour.of("offer-send").click()
        labour.sees("take-back")
        _open(dispatcher, case_id)
        dispatcher.sees("approval")
        dispatcher.picture("work-approval")
        dispatcher.of("decision-note").fill("工资表已核对，属拖欠工资")
        dispatcher.of("decision-no").click()
        expect(dispatcher.of("approval")).to_have_count(0, timeout=PATIENCE_MS)

        _press(labour, case_id, "receive")
        _press(labour, case_id, "start")
        labour.of("offer-report").click()
        labour.of("field-text").fill("已约谈项目部，承诺十五日前付清")
        labour.of("field-photos").set_input_files({"name": "现场.png", "mimeType": "image/png", "buffer": PHOTO})
        expect(labour.of("offer-form")).to_contain_text("已传 1 张", timeout=PATIENCE_MS)
        labour.of("offer-send").click()
        expect(labour.of("story")).to_contain_text("承诺十五日前付清", timeout=PATIENCE_MS)
        labour.of("offer-request_close").click()
        labour.of("field-result").fill("已付清")
        labour.of("field-answer").fill("七名工人工资已全部付清")
        labour.picture("work-department")
        labour.of("offer-send").click()
        labour.sees("work-case", state="REVIEW")

        _open(head, case_id)
        head.of("offer-approve").click()
        head.of("offer-send").click()
        head.sees("work-case", state="CALLBACK")
        code = head.of("work-case").locator(".case-line span").inner_text().split()[-1]
        _rate_as_a_citizen(chromium, hall, code)
        _press(clerk, case_id, "archive")
        clerk.sees("work-case", state="ARCHIVED")
        clerk.picture("work-archived")
        _find(head, labour, case_id)


def _find(head: Seat, labour: Seat, case_id: str) -> None:
    """The head of shift looks for it among all, keeps the search; the department finds its own."""
    head.of("cases-open").click()
    head.sees("cases-page", state="told")
    head.of("found-words").fill("工人工资 付清")
    head.of("found-state").select_option("ARCHIVED")
    row = head.of("found-row", id=case_id)
    expect(row).to_be_visible(timeout=PATIENCE_MS)
    expect(head.of("found-count")).to_contain_text("共 1 件")
    head.of("found-naming").click()
    head.of("found-name").fill("付清的工资")
    head.of("found-keep").click()
    head.sees("found-kept")
    head.picture("cases-found")
    with head.page.expect_download() as taken:
        head.of("found-sheet").click()
    assert taken.value.suggested_filename == "cases.xlsx"
    head.of("found-clear").click()
    head.of("found-words").fill("没有这样的话")
    head.sees("found-none")
    head.of("found-kept").get_by_text("付清的工资").click()
    row.get_by_role("link").click()
    head.sees("work-case", id=case_id)
    labour.page.goto(labour.page.url.replace("/work", "/cases"))
    labour.sees("found-row", id=case_id)


def _rate_as_a_citizen(chromium: Browser, hall: RunningHall, code: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{hall.url}/citizen?code={code}")
    expect(page.get_by_test_id("citizen-result")).to_contain_text("七名工人工资已全部付清", timeout=PATIENCE_MS)
    page.get_by_text("非常满意", exact=True).click()
    page.get_by_test_id("citizen-rate").click()
    expect(page.get_by_test_id("citizen-thanks")).to_be_visible(timeout=PATIENCE_MS)
    context.close()


def _take_down(clerk: Seat, hall: RunningHall) -> str:
    clerk.of("take-down").click()
    clerk.of("intake-text").fill("砚河工地拖欠我们七个人三个月工资，年前说好给的")
    clerk.of("intake-categories").get_by_role("button").first.click()
    expect(clerk.of("intake-category").locator("option:checked")).to_contain_text("劳动报酬")
    clerk.of("address-input").fill(hall.town.places[3].name)
    clerk.of("address-row").first.click()
    clerk.sees("intake-hints")
    expect(clerk.of("intake-hints")).to_contain_text("人社所", timeout=PATIENCE_MS)
    clerk.picture("work-intake")
    clerk.of("intake-send").click()
    case_id = clerk.sees("work-case", state="SUBMITTED").get_attribute("data-id")
    assert case_id
    return case_id


def _open(seat: Seat, case_id: str) -> None:
    seat.of("queue-todo").click()
    seat.sees("work-row", id=case_id).click()
    seat.sees("work-case", id=case_id)


def _press(seat: Seat, case_id: str, action: str) -> None:
    """Take a step; one that has a form is sent as it stands."""
    if seat.of("work-case", id=case_id).count() == 0:
        _open(seat, case_id)
    seat.of(f"offer-{action}").click()
    if seat.of("offer-form").count() > 0:
        seat.of("offer-send").click()
    expect(seat.of(f"offer-{action}")).to_have_count(0, timeout=PATIENCE_MS)


PHOTO = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000014000000140800000000a8e242d1000000114944415478da63e8c10218"
    "4605079320007da1dac118ed854e0000000049454e44ae426082"
)
